using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Requests;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Agenda;

/// <summary>
/// A month in which much is confidential. Every state of every post that the server was ever sent, every answer, every line of the log at
/// whatever level, every metric and trace, the calendars: what is confidential stands in the private channel only.
/// </summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class PrivacyTests : RequestTeam
{
    private const string Secret = "walrus";

    private readonly ConcurrentQueue<string> _measured = new();

    protected override DateTimeOffset Start => At("2026-11-27 10:00");

    [Test]
    public async Task What_is_confidential_stays_in_the_private_channel()
    {
        using var metrics = Listen();
        using var traces = Trace();
        await RotateAsync();
        var inner = Team.PmPrivate;

        // It is queued by command and by form, in the private channel and outside of it; changed, moved and put off.
        await TypeAsync(Team.Katie, inner, "/agenda add walrus-one --private --time 2m --doc https://example.com/walrus-doc");
        await TypeAsync(Team.Adam, "/agenda add walrus-two --private");
        await TypeAsync(Team.Jason, "/agenda add");
        await Server.SubmitDialogAsync(Team.Jason, [("text", "walrus-three"), ("private", "yes"), ("doc", "https://example.com/walrus-form")]);
        await TypeAsync(Team.Adam, "/agenda add Something open --time 5m");
        await TypeAsync(Team.Katie, "/agenda edit P1 walrus-changed");
        await TypeAsync(Team.Katie, inner, "/agenda edit P1 walrus-again");
        await TypeAsync(Team.Katie, "/agenda move P2 to 1");
        await TypeAsync(Team.Katie, "/agenda time P1 3m");
        await TypeAsync(Team.Katie, "/agenda defer P3");
        await TypeAsync(Team.Jason, "/agenda add walrus-gone --private");
        await TypeAsync(Team.Katie, "/agenda remove P3");
        foreach (var user in new[] { Team.Sam, Team.Katie })
        {
            await TypeAsync(user, "/agenda");
            await TypeAsync(user, "/agenda list 2026-12-09");
            await TypeAsync(user, $"/agenda edit P1 {(user == Team.Sam ? "not for Sam" : "walrus-renamed")}");
        }

        // The handoff's announcement, the agenda, the meeting.
        await GoToAsync("2026-11-30 09:00");
        await GoToAsync("2026-12-01 09:00");
        await GoToAsync("2026-12-02 08:00");
        await TypeAsync(Team.Katie, "/agenda start");
        await TypeAsync(Team.Katie, "/agenda next");
        await TypeAsync(Team.Katie, "/agenda next");
        Assert.That(Texts(Team.ProductManagement), Has.Some.Contain("#### A confidential item"));
        await GoToAsync("2026-12-02 08:03");
        Assert.That(Texts(inner), Has.Some.StartWith("Time is up for P1. walrus-"));
        await TypeAsync(Team.Katie, "/agenda decided P1 walrus-decision");
        await PressAsync(Team.Katie, inner, "Decision…");
        await Server.SubmitDialogAsync(Team.Katie, [("text", "walrus-dialog")]);
        await TypeAsync(Team.Katie, "/agenda action P1 @adam.c walrus-step --due 2026-12-04");
        await TypeAsync(Team.Katie, inner, "/agenda action P1 @jason.b walrus-other-step --due 2026-12-04");
        await TypeAsync(Team.Adam, "/agenda actions");
        await TypeAsync(Team.Adam, inner, "/agenda actions");
        await TypeAsync(Team.Adam, "/agenda update A1 walrus-update");
        await TypeAsync(Team.Adam, "/agenda next walrus-said");
        await TypeAsync(Team.Katie, "/agenda skip");
        await TypeAsync(Team.Katie, "/agenda end");
        Assert.That(Texts(inner), Has.Some.StartWith("#### Minutes: PM sync"));
        foreach (var user in new[] { Team.Sam, Team.Katie })
        {
            await TypeAsync(user, "/agenda minutes");
            await TypeAsync(user, "/agenda");
        }

        await TypeAsync(Team.Katie, inner, "/agenda minutes");

        // Friday's reminders, the next Monday, a meeting that nobody runs, the calendars.
        await GoToAsync("2026-12-04 09:00");
        await TypeAsync(Team.Adam, "/agenda done A1");
        await TypeAsync(Team.Katie, "/agenda reopen A1");
        await GoToAsync("2026-12-07 09:00");
        await GoToAsync("2026-12-09 08:00");
        await GoToAsync("2026-12-09 09:30");
        await TypeAsync(Team.Katie, "/agenda end");
        await GoToAsync("2026-12-16 09:30");
        var calendars = new List<string>();
        foreach (var user in new[] { Team.Adam, Team.Katie })
        {
            var address = (await TypeAsync(user, "/pm-rotation calendar")).Split('`').First(p => p.EndsWith(".ics", StringComparison.Ordinal));
            using var http = new HttpClient();
            calendars.Add(await http.GetStringAsync(new Uri(address), Patience));
        }

        Assert.Multiple(() =>
        {
            // It is where it belongs; otherwise the rest would prove nothing.
            Assert.That(Texts(inner).Count(t => t.Contains(Secret, StringComparison.Ordinal)), Is.AtLeast(8));
            Assert.That(calendars, Has.All.Contain("BEGIN:VEVENT").And.All.Not.Contain(Secret));
            Assert.That(Sent().Where(s => s.Channel != inner.Id && s.Body.Contains(Secret, StringComparison.OrdinalIgnoreCase)).Select(s => s.Body), Is.Empty, "posts and direct messages");
            Assert.That(Answers().Where(a => a.ChannelId != inner.Id && a.Message.Contains(Secret, StringComparison.OrdinalIgnoreCase)).Select(a => a.Message), Is.Empty, "answers");
            Assert.That(Logs.Lines.Select(l => l.ToString()).Where(l => l.Contains(Secret, StringComparison.OrdinalIgnoreCase)), Is.Empty, "the log");
            Assert.That(_measured, Is.Not.Empty);
            Assert.That(_measured.Where(m => m.Contains(Secret, StringComparison.OrdinalIgnoreCase)), Is.Empty, "metrics and traces");
        });
        var trail = await Store.ReadAsync(t => t.Query<string>("select action || coalesce(before, '') || coalesce(after, '') from audit"), Patience);
        Assert.That(trail.Where(e => e.Contains(Secret, StringComparison.OrdinalIgnoreCase)), Is.Empty, "the audit trail");
        Assert.That(Server.UnexpectedCalls, Is.Empty);
    }

    /// <summary>Presses the newest button of a name in a channel.</summary>
    private async Task PressAsync(ChatUser user, ChatChannel channel, string button)
    {
        var post = Server.Posts(channel).Last(p => p.Actions.Any(a => a.Name == button));
        var result = await Server.PressAsync(user, post.Id, button);
        Assert.That(result.Error, Is.Null);
    }

    /// <summary>Everything that the bot ever sent to be posted or to replace a post, with the channel it went to.</summary>
    private List<(string Channel, string Body)> Sent()
    {
        var channels = Server.Posts().ToDictionary(p => p.Id, p => p.ChannelId, StringComparer.Ordinal);
        return
        [
            .. Server.Calls.Where(c => c.Method is "POST" or "PUT" && c.Path.StartsWith("/api/v4/posts", StringComparison.Ordinal) && c.Body.Length > 0)
                .Select(c => (Channel: channels.GetValueOrDefault(c.Path.Split('/').ElementAtOrDefault(4) ?? "") ?? ChannelOf(c.Body), c.Body)),
        ];

        static string ChannelOf(string body) => System.Text.Json.Nodes.JsonNode.Parse(body)?["channel_id"]?.GetValue<string>() ?? "";
    }

    private List<ChatPost> Answers() => [.. Server.Users.SelectMany(Server.EphemeralsOf)];

    private MeterListener Listen()
    {
        var listener = new MeterListener { InstrumentPublished = (instrument, self) => self.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Keep(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Keep(instrument, tags));
        listener.Start();
        return listener;

        void Keep(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _measured.Enqueue($"{instrument.Meter.Name} {instrument.Name} {string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))}");
    }

    private ActivityListener Trace()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = a => _measured.Enqueue($"{a.OperationName} {a.DisplayName} {string.Join(' ', a.TagObjects.Select(t => $"{t.Key}={t.Value}"))}"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
