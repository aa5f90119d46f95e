using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Requests;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Agenda;

/// <summary>Several people do the same at once.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class MeetingRaceTests : RequestTeam
{
    private ChatUser[] Everybody => [Team.Adam, Team.Katie, Team.Jason, Team.Aaron];

    protected override DateTimeOffset Start => At("2026-12-01 10:00");

    [SetUp]
    public async Task QueueAsync()
    {
        await RotateAsync();
        foreach (var item in (string[])["One", "Two", "Three"])
        {
            Assert.That(await TypeAsync(Team.Adam, $"/agenda add {item}"), Does.StartWith("Item "));
        }

        await GoToAsync("2026-12-02 08:00");
    }

    [Test]
    public async Task Those_who_press_Next_at_once_move_the_meeting_one_point_on()
    {
        await TypeAsync(Team.Katie, "/agenda start");
        for (var turn = 1; turn <= 4; turn++)
        {
            Assert.That((await MeetingAsync()).Session!.Turn, Is.EqualTo(turn));
            var post = Server.Posts(Team.ProductManagement).Last(p => p.Actions.Any(a => a.Name == "Next"));
            var pressed = await Task.WhenAll(Everybody.Select(u => Server.PressAsync(u, post.Id, "Next")));
            await Team.SettledAsync(Patience);
            Assert.That((await MeetingAsync()).Session!.Turn, Is.EqualTo(turn + 1));

            // The fastest one reads it in the thread; the others, that they were too late.
            Assert.That(pressed.Count(p => p.Text.Length == 0 && p.Error is null), Is.EqualTo(1));
            Assert.That(pressed.Count(p => p.Text.Contains("has moved on at this moment", StringComparison.Ordinal) || p.Error is not null), Is.EqualTo(3));
        }

        Assert.That((await MeetingAsync()).Session!.At.Kind, Is.EqualTo(StopKind.Through));
    }

    [Test]
    public async Task Those_who_type_it_at_once_too()
    {
        await TypeAsync(Team.Katie, "/agenda start");
        await TypeAsync(Team.Katie, "/agenda next");
        Clock.MoveTo(At("2026-12-02 08:01"));
        var typed = await Task.WhenAll(Everybody.Select(u => Server.TypeAsync(u, Team.ProductManagement, "/agenda next")));
        await Team.SettledAsync(Patience);
        Assert.That((await MeetingAsync()).Session!.Turn, Is.EqualTo(3));
        Assert.That(typed.Count(t => t.Text.StartsWith("The PM sync is at item 2", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(typed.Count(t => t.Text.Contains("has moved on at this moment", StringComparison.Ordinal)), Is.EqualTo(3));
    }

    [Test]
    public async Task It_is_started_and_ended_once()
    {
        var agenda = Server.Posts(Team.ProductManagement).Last(p => p.Actions.Any(a => a.Name == "Start the meeting"));
        await Task.WhenAll(Everybody.Select(u => Server.PressAsync(u, agenda.Id, "Start the meeting")));
        await Team.SettledAsync(Patience);
        Assert.That(Texts(Team.ProductManagement).Count(t => t.StartsWith("#### Release updates", StringComparison.Ordinal)), Is.EqualTo(1));

        var point = Server.Posts(Team.ProductManagement).Last(p => p.Actions.Any(a => a.Name == "End the meeting"));
        await Task.WhenAll(Everybody.Select(u => Server.PressAsync(u, point.Id, "End the meeting")));
        await Team.SettledAsync(Patience);
        Assert.That(Texts(Team.ProductManagement).Count(t => t.StartsWith("#### Minutes: PM sync", StringComparison.Ordinal)), Is.EqualTo(1));
        var meeting = await MeetingAsync();
        Assert.That(meeting.Session, Is.Null);
        Assert.That(meeting.Items.Select(i => i.Carried), Is.EqualTo([1, 1, 1]));
    }

    private Task<Meeting> MeetingAsync() => Store.ReadAsync(t => t.MeetingsOf(Team.Team.Id, Now)[0], Patience);
}
