using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Mattermost.Inbound;
using PmBot.Meetings;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Requests;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Agenda;

/// <summary>What is said of meetings on schedule is said once; and what was talked about is settled where it came from.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class AgendaClockTests : RequestTeam
{
    protected override DateTimeOffset Start => At("2026-12-01 10:00");

    [SetUp]
    public Task SetUpRotationAsync() => RotateAsync();

    [Test]
    public async Task The_ledger_has_the_last_word_on_what_was_said()
    {
        await GoToAsync("2026-12-02 08:00");
        Assert.That(Agendas(), Has.Count.EqualTo(1));

        // As another process would have left it that had not heard of it.
        await ChangeAsync(m => m with { Progress = new Progress() });
        await RunAsync();
        Assert.That(Agendas(), Has.Count.EqualTo(1));
        Assert.That((await MeetingAsync()).Progress, Has.Property(nameof(Progress.IsPosted)).True.And.Property(nameof(Progress.IsCalled)).True);

        await GoToAsync("2026-12-02 09:30");
        await ChangeAsync(m => m with { Progress = m.Progress with { IsAfter = false } });
        await RunAsync();
        Assert.That(Texts(Team.ProductManagement).Count(t => t.StartsWith("The time of the PM sync is over", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task It_is_said_once_whatever_goes_wrong_and_says_for_when_it_was()
    {
        await Team.StopBotAsync();
        Clock.MoveTo(At("2026-12-02 08:20"));
        Server.Faults.Add("POST", "/api/v4/posts", new FaultKind.DropAfter(), 1);
        await StartBotAsync();
        await Team.SettledAsync(Patience);
        Clock.MoveTo(At("2026-12-02 08:25"));
        await Team.SettledAsync(Patience);
        Assert.That(Agendas(), Has.Count.EqualTo(1).And.All.Contain("(for Wed, Dec 2, 08:00 PST)"));
    }

    [Test]
    public async Task Weeks_of_not_running_leave_only_what_is_of_use()
    {
        await TypeAsync(Team.Adam, "/agenda add Pricing of guests");
        await Team.StopBotAsync();
        Clock.MoveTo(At("2026-12-23 08:30"));
        await StartBotAsync();
        await Team.SettledAsync(Patience);
        Assert.That(Agendas(), Has.Count.EqualTo(1).And.All.StartWith("#### PM sync: Wed, Dec 23, 09:00 to 09:30 PST"));
        Assert.That(Texts(Team.ProductManagement), Has.None.StartWith("The time of the PM sync is over"));
        var meeting = await MeetingAsync();
        Assert.That(meeting.Items.Single().Carried, Is.EqualTo(3));
        Assert.That(await Store.ReadAsync(t => t.RecordsOf(meeting.Id, 10).Count, Patience), Is.EqualTo(3));
    }

    [Test]
    public async Task Requests_that_were_talked_about_are_queued_no_more_and_others_are()
    {
        await FileAsync(Team.Adam, "Talked about", "Queued too late");
        await TypeAsync(Team.Adam, "/cr-assign discuss 1 what Sales wants");
        await GoToAsync("2026-12-02 08:00");
        await TypeAsync(Team.Katie, "/agenda start");
        await TypeAsync(Team.Katie, "/agenda next");
        Assert.That((await MeetingAsync()).Session!.At.Kind, Is.EqualTo(StopKind.Requests));
        await TypeAsync(Team.Adam, "/cr-assign discuss 2");
        await TypeAsync(Team.Katie, "/agenda next");
        await TypeAsync(Team.Katie, "/agenda end");
        Assert.That(await TypeAsync(Team.Katie, "/agenda minutes"), Does.Contain("Requests that were talked about: CR-1").And.Not.Contain("CR-2"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda"), Does.Contain("CR-2").And.Not.Contain("CR-1"));
        Assert.That(await TypeAsync(Team.Katie, "/cr-assign 1"), Does.Contain("took it off the PM sync"));
    }

    [Test]
    public async Task Requests_that_were_passed_over_stay_queued()
    {
        await FileAsync(Team.Adam, "Passed over");
        await TypeAsync(Team.Adam, "/cr-assign discuss 1");
        await GoToAsync("2026-12-02 08:00");
        await TypeAsync(Team.Katie, "/agenda start");
        await TypeAsync(Team.Katie, "/agenda next");
        await TypeAsync(Team.Katie, "/agenda skip");
        await TypeAsync(Team.Katie, "/agenda end");
        Assert.That(await TypeAsync(Team.Katie, "/agenda"), Does.Contain("CR-1"));
    }

    [Test]
    public async Task What_is_confidential_cannot_be_queued_again_by_a_forged_choice()
    {
        await TypeAsync(Team.Katie, Team.PmPrivate, "/agenda add Two offers --private");
        await TypeAsync(Team.Katie, "/agenda add Pricing of guests");
        await GoToAsync("2026-12-02 08:00");
        foreach (var typed in (string[])["start", "next", "next", "next", "end"])
        {
            await TypeAsync(Team.Katie, $"/agenda {typed}");
        }

        var meeting = await MeetingAsync();
        var record = await Store.ReadAsync(t => t.RecordsOf(meeting.Id, 1)[0], Patience);
        var hidden = record.Items.Single(i => i.Item.IsPrivate).Item;
        Assert.That(hidden.Outcome, Is.EqualTo(ItemOutcome.Discussed));
        var menu = Team.Bot.GetServices<IActionHandler>().Single(h => h.Action == AgendaActions.Again);
        var signed = Team.Bot.GetRequiredService<ActionSigner>().New(AgendaActions.Again, Team.Team.Id, AgendaBoard.Subject(meeting.Id, record.On));
        foreach (var (serial, answer) in new[] { (hidden.Serial, "There is no such item"), (record.Items.Single(i => !i.Item.IsPrivate).Item.Serial, "is queued") })
        {
            var press = new ActionPress(signed, Team.Adam.Id, "", Team.ProductManagement.Id, "", "", FormattableString.Invariant($"{serial}"));
            Assert.That((await menu.HandleAsync(press, Patience)).Text, Does.Contain(answer));
        }

        Assert.That((await MeetingAsync()).Items.Select(i => i.Text), Is.EqualTo(["Pricing of guests"]));
    }

    [Test]
    public async Task Nobody_starts_a_meeting_long_before_its_time_and_strangers_only_if_nobody_comes()
    {
        await GoToAsync("2026-12-02 07:59");
        Assert.That(await TypeAsync(Team.Katie, "/agenda start"), Does.StartWith("The PM sync is on Wed, Dec 2, 09:00 PST; it can be started from 08:00 on that day."));
        await GoToAsync("2026-12-02 09:00");
        Assert.That(await TypeAsync(Team.Sam, "/agenda start"), Does.StartWith("The PM sync is run by product managers and admins; if none of them is there, by anybody from 09:05 on."));
        await GoToAsync("2026-12-02 09:05");
        Assert.That(await TypeAsync(Team.Sam, "/agenda start"), Does.StartWith("The PM sync of Wed, Dec 2 is under way"));
    }

    private List<string> Agendas() => [.. Texts(Team.ProductManagement).Where(t => t.StartsWith("#### PM sync: ", StringComparison.Ordinal))];

    private Task<Meeting> MeetingAsync() => Store.ReadAsync(t => t.MeetingsOf(Team.Team.Id, Now).Single(m => m.Plan.Kind == MeetingKind.Sync), Patience);

    private Task<bool> ChangeAsync(Func<Meeting, Meeting> change) => Store.ExecuteAsync(
        t =>
        {
            t.Save(AgendaStore.Meetings, change(t.MeetingsOf(Team.Team.Id, Now).Single(m => m.Plan.Kind == MeetingKind.Sync)));
            return true;
        },
        Patience);

    private async Task RunAsync()
    {
        await Team.Bot.GetRequiredService<AgendaClock>().RunAsync((await MeetingAsync()).Id, Patience);
        await Team.SettledAsync(Patience);
    }
}
