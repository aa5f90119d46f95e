using System.Net;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NUnit.Framework;
using PmBot.Calendars;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Calendars;

/// <summary>
/// People's calendars as programs read them, from the real host. The rotation's first shift is aaron.r's, from Wednesday on; adam.c,
/// jason.b and katie.w follow on the Mondays.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(120_000)]
[Engines]
internal sealed class CalendarTests : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    public void Dispose() => _http.Dispose();

    [Test]
    public async Task Their_own_shifts_stand_in_it_and_make_nobody_look_busy()
    {
        await using var edge = await Edge.StartAsync();
        var (answer, calendar) = await CalendarAsync(await AddressAsync(edge, edge.Team.Aaron));
        Assert.Multiple(() =>
        {
            Assert.That(answer.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/calendar; charset=utf-8"));
            Assert.That(answer.Headers.CacheControl?.ToString(), Is.EqualTo("no-cache, private").Or.EqualTo("private, no-cache"));
            Assert.That(calendar["X-WR-CALNAME"].Text, Is.EqualTo("PmBot: duty and meetings"));
            Assert.That(Shifts(calendar).Select(e => e["DTSTART"].Value), Is.EqualTo(new List<string> { "20261125T100000", "20261221T090000", "20270118T090000", "20270215T090000" }));
            Assert.That(Shifts(calendar).Select(e => e["DTEND"].Value), Is.EqualTo(new List<string> { "20261130T090000", "20261228T090000", "20270125T090000", "20270222T090000" }));
            Assert.That(Shifts(calendar).Select(e => (e["SUMMARY"].Text, e["TRANSP"].Value, e["STATUS"].Value)), Is.All.EqualTo(("PM rotation", "TRANSPARENT", "CONFIRMED")));
            Assert.That(Shifts(calendar).First()["DESCRIPTION"].Text, Is.EqualTo("It is your turn.\nYou can't? In Mattermost: /pm-rotation help cover"));
        });
        Assert.That((await CalendarAsync(await AddressAsync(edge, edge.Team.Sam))).Calendar.Events, Is.Empty, "who is in no rotation has an empty one");
    }

    [Test]
    public async Task What_changed_hands_is_said_and_stays_the_same_event()
    {
        await using var edge = await Edge.StartAsync();
        var adam = await AddressAsync(edge, edge.Team.Adam);
        var jason = await AddressAsync(edge, edge.Team.Jason);
        var before = Shifts((await CalendarAsync(adam)).Calendar).First();
        await edge.MustAsync("cover 2026-11-30 @jason.b", "jason.b has");
        var covered = Shifts((await CalendarAsync(jason)).Calendar).First();
        Assert.Multiple(() =>
        {
            Assert.That((covered["UID"].Text, covered["DTSTART"].Value), Is.EqualTo((before["UID"].Text, "20261130T090000")));
            Assert.That(covered["UID"].Text, Does.EndWith("-1@pmbot"));
            Assert.That(covered["DESCRIPTION"].Text, Does.StartWith("You cover for adam.c.\n"));
        });
        Assert.That(Shifts((await CalendarAsync(adam)).Calendar).First()["DTSTART"].Value, Is.EqualTo("20261228T090000"), "it is his no more");

        // It begins, adam takes it back in its course, it ends: each has the part that was theirs, of one and the same shift.
        await GoAsync(edge, new LocalDateTime(2026, 12, 2, 12, 0));
        await edge.MustAsync("cover today @adam.c", "adam.c");
        await Check(isOver: false);
        await GoAsync(edge, new LocalDateTime(2026, 12, 9, 12, 0));
        await Check(isOver: true);

        // Moved to another time of the week, it is still known.
        await edge.MustAsync("swap 2026-12-14 2026-12-28", "");
        var swapped = Shifts((await CalendarAsync(adam)).Calendar).Single(e => e["DTSTART"].Value == "20261214T090000");
        Assert.That(swapped["DESCRIPTION"].Text, Does.StartWith("You swapped with katie.w.\n"));
        await edge.MustAsync("set handoff \"tuesday 10:00\"", "");
        var moved = Shifts((await CalendarAsync(adam)).Calendar).Single(e => e["DTSTART"].Value == "20261215T100000");
        Assert.That(moved["UID"].Text, Is.EqualTo(swapped["UID"].Text));
        await edge.MustAsync("away @adam.c 2026-12-15 2026-12-16", "");
        Assert.That(
            Shifts((await CalendarAsync(await AddressAsync(edge, edge.Team.Jason))).Calendar).Single(e => e["UID"].Text == moved["UID"].Text)["DESCRIPTION"].Text,
            Does.StartWith("It is the turn of katie.w, who is away.\n").Or.StartWith("You cover for katie.w.\n"));

        async Task Check(bool isOver)
        {
            var his = Shifts((await CalendarAsync(adam)).Calendar).Single(e => e["UID"].Text == covered["UID"].Text);
            var theirs = Shifts((await CalendarAsync(jason)).Calendar).Single(e => e["UID"].Text == covered["UID"].Text);
            Assert.Multiple(() =>
            {
                Assert.That((theirs["DTSTART"].Value, theirs["DTEND"].Value), Is.EqualTo(("20261130T090000", "20261202T120000")));
                Assert.That(theirs["DESCRIPTION"].Text, Is.EqualTo("You had the beginning of it. After you: adam.c."));
                Assert.That((his["DTSTART"].Value, his["DTEND"].Value), Is.EqualTo(("20261202T120000", "20261207T090000")));
                Assert.That(his["DESCRIPTION"].Text, Is.EqualTo(isOver ? "It is your turn." : "It is your turn.\nYou can't? In Mattermost: /pm-rotation help cover"));
            });
        }
    }

    [Test]
    public async Task The_last_four_weeks_and_the_next_thirteen_stand_in_it()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await edge.MustAsync("create Alone", "is made");
        await edge.MustAsync("add @adam.c", "Added to");
        var address = await AddressAsync(edge, edge.Team.Adam);
        await GoAsync(edge, new LocalDateTime(2027, 3, 3, 12, 0));
        var starts = Shifts((await CalendarAsync(address)).Calendar).Select(e => e["DTSTART"].Value).ToList();
        Assert.That(starts, Has.Count.EqualTo(4 + 1 + 13));
        Assert.That((starts[0], starts[4], starts[^1]), Is.EqualTo(("20270201T090000", "20270301T090000", "20270531T090000")));
    }

    [Test]
    public async Task Nothing_is_sent_again_as_long_as_nothing_changes()
    {
        await using var edge = await Edge.StartAsync();
        var address = await AddressAsync(edge, edge.Team.Jason);
        var (answer, _) = await CalendarAsync(address);
        var tag = answer.Headers.ETag!;
        Assert.That((tag.IsWeak, tag.Tag.Length), Is.EqualTo((false, 45)));

        edge.Clock.Advance(TimeSpan.FromHours(5));
        await edge.SettledAsync();
        foreach (var known in new[] { tag.Tag, $"W/{tag.Tag}", $"\"a\", W/\"b, c\",{tag.Tag}", "*" })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
            {
                using var unchanged = await SendAsync(address, method, known);
                Assert.That((unchanged.StatusCode, await unchanged.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.NotModified, "")), known);
                Assert.That(unchanged.Headers.ETag, Is.EqualTo(tag));
            }
        }

        foreach (var other in new[] { "\"a\"", tag.Tag.Trim('"'), "nonsense", "\"" })
        {
            using var sent = await SendAsync(address, HttpMethod.Get, other);
            Assert.That(sent.StatusCode, Is.EqualTo(HttpStatusCode.OK), other);
        }

        using var head = await SendAsync(address, HttpMethod.Head);
        Assert.That(
            (head.StatusCode, head.Headers.ETag, head.Content.Headers.ContentLength, (await head.Content.ReadAsByteArrayAsync()).Length),
            Is.EqualTo((HttpStatusCode.OK, tag, answer.Content.Headers.ContentLength, 0)));

        await edge.StartAgainAsync();
        using var again = await SendAsync(address, HttpMethod.Get, tag.Tag);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.NotModified), "a restart changes nothing");

        await edge.MustAsync("cover 2026-11-30 @jason.b", "jason.b has");
        using var changed = await SendAsync(address, HttpMethod.Get, tag.Tag);
        Assert.That((changed.StatusCode, changed.Headers.ETag), Is.Not.EqualTo((HttpStatusCode.NotModified, tag)).And.Not.EqualTo((HttpStatusCode.OK, tag)));
        using var posted = await SendAsync(address, HttpMethod.Post);
        Assert.That(posted.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public async Task A_reset_in_one_team_leaves_the_address_of_another_one()
    {
        await using var edge = await Edge.StartAsync();
        var addresses = edge.Team.Bot.GetRequiredService<CalendarAddresses>();
        var (here, there) = (new CalendarOwner(edge.Team.Team.Id, edge.Team.Sam.Id), new CalendarOwner("another-team", edge.Team.Sam.Id));
        var (old, other) = ((await addresses.OfAsync(here, default)).Url, (await addresses.OfAsync(there, default)).Url);
        var reset = await addresses.ResetAsync(here, default);
        Assert.That(reset.Replaces, Is.True);
        Assert.That(reset.Url, Is.Not.EqualTo(old));
        Assert.That((await addresses.OfAsync(there, default)).Url, Is.EqualTo(other));
    }

    [Test]
    public async Task The_address_is_the_callers_own_and_stays_until_it_is_reset()
    {
        await using var edge = await Edge.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:BasePath"] = "/pm" }, rotation: false);
        var first = await AddressAsync(edge, edge.Team.Sam);
        Assert.That(await AddressAsync(edge, edge.Team.Sam), Is.EqualTo(first));
        Assert.That(await AddressAsync(edge, edge.Team.Adam), Is.Not.EqualTo(first));
        Assert.That(first, Does.Match($"^{edge.Team.BotUrl}/pm/calendar/[A-Za-z0-9_-]{{32}}\\.ics$"));
        Assert.That((await SendAsync(first, HttpMethod.Get)).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        var said = (await edge.CommandAsync("calendar reset", edge.Team.Sam)).Text;
        var second = Address(said);
        Assert.That(said, Does.StartWith("Your new calendar address: `").And.Contains("The old address leads nowhere any more"));
        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(await AddressAsync(edge, edge.Team.Sam), Is.EqualTo(second));
        Assert.That((await SendAsync(first, HttpMethod.Get)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await SendAsync(second, HttpMethod.Get)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            (await edge.CommandAsync("calendar reset", edge.Team.Jason)).Text, Does.StartWith("Your calendar address: `").And.Not.Contains("old"), "there was none to replace");

        var trail = await edge.RowsAsync("audit");
        var mine = trail.Where(r => r.Contains($"calendar:{edge.Team.Sam.Id}", StringComparison.Ordinal)).ToList();
        Assert.That(mine, Has.Count.EqualTo(2));
        Assert.That(mine[0], Does.Contain("\"make\"").And.Contains(edge.Team.Sam.Id));
        Assert.That(mine[1], Does.Contain("\"reset\""));
        Assert.That(trail.Where(r => r.Contains(Secret(first), StringComparison.Ordinal) || r.Contains(Secret(second), StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task Two_who_ask_at_once_are_told_the_same()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var addresses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => AddressAsync(edge, edge.Team.Sam)));
        Assert.That(addresses.Distinct(StringComparer.Ordinal).ToList(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Any_other_address_leads_nowhere_and_says_nothing()
    {
        await using var edge = await Edge.StartAsync();
        var address = await AddressAsync(edge, edge.Team.Aaron);
        var secret = Secret(address);
        string[] forged =
        [
            "hidden", "secret", new('A', 32), secret[..^1], secret + "A", secret.ToUpperInvariant(), secret.ToLowerInvariant(), "%00", "' or 1=1 --", "..", "%2e%2e%2f", new('x', 4000), $"{secret}.ics",
            $"{secret}/x", $"x/{secret}", "%25", "\u202e", "*", "%", "_",
        ];
        foreach (var one in forged)
        {
            using var answer = await SendAsync(edge.Url($"/calendar/{one.Replace(" ", "%20", StringComparison.Ordinal)}.ics"), HttpMethod.Get);
            var said = await answer.Content.ReadAsStringAsync();
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound).Or.EqualTo(HttpStatusCode.BadRequest), one);
            Assert.That((said, answer.Headers.ETag), Is.EqualTo(("", (object?)null)), one);
        }

        foreach (var path in new[] { "/calendar", "/calendar/", "/calendar/.ics", $"/calendar/{secret}", $"/calendar/{secret}.ics/", $"/calendar/{secret}.txt", $"/{secret}.ics", $"/calendar/x?secret={secret}" })
        {
            using var answer = await SendAsync(edge.Url(path), HttpMethod.Get);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
        }

        Assert.That((await SendAsync(address, HttpMethod.Get)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Who_is_deactivated_or_has_left_gets_nothing_any_more()
    {
        await using var edge = await Edge.StartAsync();
        var adam = await AddressAsync(edge, edge.Team.Adam);
        var jason = await AddressAsync(edge, edge.Team.Jason);
        Assert.That((await SendAsync(adam, HttpMethod.Get)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await SendAsync(jason, HttpMethod.Get)).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        // What is known of them is forgotten after some minutes.
        edge.Team.Server.Deactivate(edge.Team.Adam);
        edge.Team.Server.LeaveTeam(edge.Team.Team, edge.Team.Jason);
        edge.Clock.Advance(TimeSpan.FromMinutes(11));
        foreach (var address in new[] { adam, jason })
        {
            using var answer = await SendAsync(address, HttpMethod.Get, "*");
            Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.NotFound, "")));
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task When_mattermost_cannot_be_asked_it_is_served_all_the_same(bool restarted)
    {
        await using var edge = await Edge.StartAsync();
        var address = await AddressAsync(edge, edge.Team.Adam);
        var (before, _) = await CalendarAsync(address);
        edge.Team.Server.Faults.Down = true;
        if (restarted)
        {
            await edge.StartAgainAsync();
        }

        edge.Clock.Advance(TimeSpan.FromMinutes(11));
        var (after, _) = await CalendarAsync(address);
        Assert.That(after.Headers.ETag, Is.EqualTo(before.Headers.ETag));
    }

    [Test]
    public async Task When_the_store_cannot_be_read_it_says_to_come_again()
    {
        await using var edge = await Edge.StartAsync();
        var address = await AddressAsync(edge, edge.Team.Adam);
        await edge.Store.DisposeAsync();
        using var answer = await SendAsync(address, HttpMethod.Get);
        Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "")));
    }

    [Test]
    public async Task What_other_features_know_stands_in_it_too()
    {
        var start = Instant.FromUtc(2026, 12, 2, 17, 0);
        var source = new Fixed([new CalendarEvent("meeting@pmbot", start, start + Duration.FromMinutes(30), "America/Los_Angeles", "PM; sync", start)]);
        await using var edge = await Edge.StartAsync(configure: builder => builder.Services.AddSingleton<ICalendarSource>(source));
        var (_, calendar) = await CalendarAsync(await AddressAsync(edge, edge.Team.Aaron));
        var meeting = calendar.Events.Single(e => e["UID"].Text == "meeting@pmbot");
        Assert.Multiple(() =>
        {
            Assert.That((meeting["SUMMARY"].Text, meeting["TRANSP"].Value, meeting["DTSTART"].Value), Is.EqualTo(("PM; sync", "OPAQUE", "20261202T090000")));
            Assert.That(Shifts(calendar), Has.Count.EqualTo(4));
            Assert.That(source.Asked, Is.EqualTo((edge.Team.Team.Id, edge.Team.Aaron.Id)));
        });
    }

    [Test]
    public async Task Meetings_stand_in_the_calendars_of_those_who_take_part()
    {
        await using var edge = await Edge.StartAsync();
        var adam = await AddressAsync(edge, edge.Team.Adam);
        var sam = await AddressAsync(edge, edge.Team.Sam);
        Assert.That((await CalendarAsync(sam)).Calendar.Events, Is.Empty);
        var (answer, calendar) = await CalendarAsync(adam);
        var meetings = Meetings(calendar);
        Assert.Multiple(() =>
        {
            Assert.That(Starts(meetings, "PM sync"), Has.Count.EqualTo(13).And.Contains("20261202T090000").And.Contains("20270217T090000"));
            Assert.That(Starts(meetings, "Roadmap Q&A"), Is.EqualTo(["20261214T083000", "20270111T083000", "20270208T083000"]));
            Assert.That(Starts(meetings, "Product-Sales call"), Is.EqualTo(["20261207T090000", "20270104T090000", "20270201T090000"]));
            Assert.That(meetings.Select(m => m["TRANSP"].Value), Is.All.EqualTo("OPAQUE"));
            Assert.That(meetings[0]["DESCRIPTION"].Text, Is.EqualTo("Its agenda, in Mattermost: /agenda list PM sync"));
        });

        // What is talked about does not stand there, a cancelled date is left out, and a moved one is the same event.
        await TypeAsync(edge, "add Something public");
        await TypeAsync(edge, "add Something secret --private");
        await TypeAsync(edge, "meeting cancel PM sync --date 2026-12-23 --why Secret holidays");
        await TypeAsync(edge, "meeting set PM sync at 08:00");
        await TypeAsync(edge, "meeting set Roadmap chair @sam.sales");
        var (changed, after) = await CalendarAsync(adam);
        var moved = Meetings(after);
        Assert.Multiple(() =>
        {
            Assert.That(changed.Headers.ETag, Is.Not.EqualTo(answer.Headers.ETag));
            Assert.That(Starts(moved, "PM sync"), Has.Count.EqualTo(12).And.None.StartsWith("20261223").And.All.EndsWith("T080000"));
            Assert.That(moved.Select(m => m["UID"].Text), Is.SubsetOf(meetings.Select(m => m["UID"].Text)));
            Assert.That(string.Concat(moved.Select(m => m["SUMMARY"].Text + m["DESCRIPTION"].Text)), Does.Not.Contain("omething").And.Not.Contain("olidays"));
            Assert.That(moved.Select(m => m["UID"].Text), Is.Unique.And.All.EndsWith("@pmbot"));
        });
        Assert.That(Meetings((await CalendarAsync(sam)).Calendar), Has.Count.EqualTo(moved.Count), "who has an office takes part");

        // What was held stays for four weeks.
        await GoAsync(edge, new LocalDateTime(2026, 12, 11, 12, 0));
        Assert.That(
            Starts(Meetings((await CalendarAsync(adam)).Calendar), "PM sync"),
            Does.Contain("20261202T080000").And.Contains("20261209T080000").And.Contains("20261216T080000").And.None.StartsWith("20261223").And.Contains("20270310T080000"));
        await TypeAsync(edge, "meeting cancel PM sync");
        Assert.That(Starts(Meetings((await CalendarAsync(adam)).Calendar), "PM sync"), Is.EqualTo(["20261202T080000", "20261209T080000"]));
    }

    [Test]
    public async Task Meetings_keep_their_time_on_both_sides_of_each_change_of_the_clocks()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var address = await AddressAsync(edge, edge.Team.Sam);
        foreach (var (date, before, after) in new[] { (new LocalDate(2027, 3, 1), "20270310T090000", "20270317T090000"), (new LocalDate(2027, 10, 20), "20271103T090000", "20271110T090000") })
        {
            await GoAsync(edge, date.At(new LocalTime(12, 0)));
            var calendar = (await CalendarAsync(address)).Calendar;
            Assert.That(Starts(Meetings(calendar), "PM sync"), Does.Contain(before).And.Contains(after), "as long as nobody is known as a product manager, they are everybody's");
            Assert.That(Meetings(calendar).Select(m => m["DTSTART"].Value[8..]), Is.All.EqualTo("T090000").Or.EqualTo("T083000"));
        }

        var (first, _) = await CalendarAsync(address);
        edge.Clock.Advance(TimeSpan.FromHours(5));
        await edge.SettledAsync();
        using var again = await SendAsync(address, HttpMethod.Get, first.Headers.ETag!.Tag);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.NotModified), "also in a workspace in which nothing was changed yet");
    }

    private static async Task TypeAsync(Edge edge, string text)
    {
        var said = await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, $"/agenda {text}");
        Assert.That(said.Text, Does.Contain("Undo:"), text);
        await edge.SettledAsync();
    }

    private static List<Ics> Shifts(Ics calendar) => [.. calendar.Events.Where(e => e["TRANSP"].Value == "TRANSPARENT")];

    private static List<Ics> Meetings(Ics calendar) => [.. calendar.Events.Where(e => e["TRANSP"].Value == "OPAQUE")];

    private static List<string> Starts(List<Ics> meetings, string name) => [.. meetings.Where(m => m["SUMMARY"].Text == name).Select(m => m["DTSTART"].Value)];

    private static async Task<string> AddressAsync(Edge edge, ChatUser user) => Address((await edge.CommandAsync("calendar", user)).Text);

    private static string Address(string said) => said.Split('`')[1];

    private static string Secret(string address) => address.Split('/')[^1][..^4];

    private static Task GoAsync(Edge edge, LocalDateTime paloAlto)
    {
        edge.Clock.MoveTo(paloAlto.InZoneStrictly(DateTimeZoneProviders.Tzdb["America/Los_Angeles"]).ToDateTimeOffset());
        return edge.SettledAsync();
    }

    private async Task<(HttpResponseMessage Answer, Ics Calendar)> CalendarAsync(string address)
    {
        var answer = await SendAsync(address, HttpMethod.Get);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return (answer, Ics.Read(await answer.Content.ReadAsByteArrayAsync()));
    }

    private async Task<HttpResponseMessage> SendAsync(string address, HttpMethod method, string? known = null)
    {
        using var request = new HttpRequestMessage(method, address);
        if (known is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        }

        return await _http.SendAsync(request);
    }

    private sealed class Fixed(IReadOnlyList<CalendarEvent> events) : ICalendarSource
    {
        public (string Workspace, string User) Asked { get; private set; }

        public Task<IReadOnlyList<CalendarEvent>> EventsAsync(string workspaceId, string userId, Instant from, Instant until, CancellationToken cancellationToken)
        {
            Asked = (workspaceId, userId);
            return Task.FromResult(events);
        }
    }
}
