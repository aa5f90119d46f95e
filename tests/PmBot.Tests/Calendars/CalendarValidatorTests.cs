using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NUnit.Framework;
using PmBot.Calendars;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.Calendars;

/// <summary>
/// A calendar of the real host, read by libraries that are not ours: Python's icalendar, vobject and dateutil. Where they are missing the
/// tests are skipped, saying so; with <c>CI=true</c> they fail instead.
/// </summary>
[Parallelizable(ParallelScope.Self)]
internal sealed class CalendarValidatorTests
{
    private const string Needed = "Python 3 with icalendar, vobject and dateutil is needed (Debian: python3-icalendar, python3-vobject)";

    private static readonly string Script = FindScript();

    private static readonly string[] Zones = ["Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Etc/UTC"];

    // Summer time begins and ends in the 17 weeks of the first two; in those of the third nothing changes in Palo Alto.
    [TestCase(2027, 2, 3)]
    [TestCase(2027, 9, 15)]
    [TestCase(2027, 5, 12)]
    [CancelAfter(120_000)]
    public async Task Others_read_the_same_events_at_the_same_times(int year, int month, int day, CancellationToken cancellationToken)
    {
        var python = await PythonAsync(cancellationToken);

        // Without a backslash before an n: icalendar takes that for a line end, which vobject and the RFC do not.
        var nasty = "ünïcode; commas, \\back\\slashes \"quotes\": 漢字 😀 " + new string('ß', 100);
        await using var edge = await Edge.StartAsync(configure: builder => builder.Services.AddSingleton<ICalendarSource>(p => new Nasty(nasty, p.GetRequiredService<TimeProvider>())));
        foreach (var zone in Zones)
        {
            await edge.MustAsync($"create \"{zone}; 漢字, ü\" --zone {zone} --handoff \"sunday 01:30\"", "is made");
            await edge.MustAsync($"add @katie.w @jason.b --rotation \"{zone}; 漢字, ü\"", "Added to");
        }

        edge.Clock.MoveTo(new LocalDateTime(year, month, day, 12, 0).InZoneStrictly(DateTimeZoneProviders.Tzdb["America/Los_Angeles"]).ToDateTimeOffset());
        await edge.SettledAsync();
        var address = (await edge.CommandAsync("calendar")).Text.Split('`')[1];
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var calendar = await http.GetStringAsync(new Uri(address), cancellationToken);

        var now = Instant.FromDateTimeOffset(edge.Clock.GetUtcNow());
        var expected = new List<CalendarEvent>();
        foreach (var source in edge.Team.Bot.GetServices<ICalendarSource>())
        {
            expected.AddRange(await source.EventsAsync(edge.Team.Team.Id, edge.Team.Katie.Id, now - Duration.FromDays(28), now + Duration.FromDays(91), cancellationToken));
        }

        // Under a made-up name nobody knows the zone but from the calendar itself.
        var renamed = calendar.Replace("TZID:", "TZID:Made-up/", StringComparison.Ordinal).Replace("TZID=", "TZID=Made-up/", StringComparison.Ordinal);
        foreach (var text in new[] { calendar, renamed })
        {
            var read = await ReadAsync(python, text, cancellationToken);
            Assert.That(read.Events.OrderBy(e => e.Uid, StringComparer.Ordinal), Is.EqualTo(expected.OrderBy(e => e.Uid, StringComparer.Ordinal).Select(e => new Event(
                e.Uid, e.Summary, e.Description ?? "", e.IsTransparent, e.Start.ToUnixTimeSeconds(), e.End.ToUnixTimeSeconds()))));
            Assert.That(read.Zones, Has.Count.EqualTo(Zones.Length + 1));
        }

        var meetings = expected.Where(e => e.Summary is "PM sync" or "Roadmap Q&A" or "Product-Sales call").ToList();
        Assert.That(meetings.Count(e => e.Summary == "PM sync"), Is.AtLeast(13));
        Assert.That(
            meetings.Select(e => e.Start.InZone(DateTimeZoneProviders.Tzdb["America/Los_Angeles"]).TimeOfDay),
            Is.All.EqualTo(new LocalTime(9, 0)).Or.EqualTo(new LocalTime(8, 30)));

        // And what people see: the shifts change hands at nine in Palo Alto, whatever the season.
        var rotation = expected.Where(e => e is { Zone: "America/Los_Angeles", Summary: "PM rotation" }).ToList();
        Assert.That(rotation, Has.Count.AtLeast(4));
        Assert.That(rotation.SelectMany(e => new[] { e.Start, e.End }).Select(i => i.InZone(DateTimeZoneProviders.Tzdb["America/Los_Angeles"]).TimeOfDay), Is.All.EqualTo(new LocalTime(9, 0)));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task An_empty_calendar_is_taken_too(CancellationToken cancellationToken)
    {
        var read = await ReadAsync(await PythonAsync(cancellationToken), CalendarWriter.Write("Nothing; in, it\\", []), cancellationToken);
        Assert.That((read.Name, read.Events.Count), Is.EqualTo(("Nothing; in, it\\", 0)));
    }

    [TestCase("END:VEVENT\r\n", "")]
    [TestCase("UID:", "X-UID:")]
    [TestCase("DTSTART;", "X-START;")]
    [TestCase("T120000", "T12")]
    [TestCase("TZID:America", "TZID:Amerika")]
    [CancelAfter(120_000)]
    public async Task What_is_wrong_is_refused(string part, string instead, CancellationToken cancellationToken)
    {
        var python = await PythonAsync(cancellationToken);
        var start = Instant.FromUtc(2026, 10, 26, 12, 0);
        var calendar = CalendarWriter.Write("x", [new CalendarEvent("a@pmbot", start, start + Duration.FromDays(7), "America/New_York", "x", start) { Description = "y" }])
            .Replace("TZID=America/New_York:20261026T080000", "TZID=America/New_York:20261026T120000", StringComparison.Ordinal);
        await ReadAsync(python, calendar, cancellationToken);
        Assert.That(calendar, Does.Contain(part));
        var (code, _, _) = await RunAsync(python, [Script], calendar.Replace(part, instead, StringComparison.Ordinal), cancellationToken);
        Assert.That(code, Is.EqualTo(1), "or the test of what is right would prove nothing");
    }

    private static async Task<Calendar> ReadAsync(string python, string calendar, CancellationToken cancellationToken)
    {
        var (code, output, error) = await RunAsync(python, [Script], calendar, cancellationToken);
        Assert.That((code, error), Is.EqualTo((0, "")));
        return JsonSerializer.Deserialize<Calendar>(output, JsonSerializerOptions.Web)!;
    }

    /// <summary>A Python that has the libraries; without one the test ends here.</summary>
    private static async Task<string> PythonAsync(CancellationToken cancellationToken)
    {
        foreach (var python in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                if (await RunAsync(python, ["-c", "import icalendar, vobject, dateutil"], "", cancellationToken) is (0, _, _))
                {
                    return python;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is no such program; another one.
            }
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail($"{Needed}; .ci/run installs it.");
        }

        Assert.Ignore($"{Needed}.");
        return "";
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        string program, IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output, await error);
    }

    private static string FindScript([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "validate.py");

    private sealed record Calendar(string Name, IReadOnlyList<string> Zones, IReadOnlyList<Event> Events);

    private sealed record Event(string Uid, string Summary, string Description, bool Transparent, long Dtstart, long Dtend);

    /// <summary>Short events with difficult texts, at the times that are skipped and doubled in Palo Alto.</summary>
    private sealed class Nasty(string text, TimeProvider time) : ICalendarSource
    {
        public Task<IReadOnlyList<CalendarEvent>> EventsAsync(string workspaceId, string userId, Instant from, Instant until, CancellationToken cancellationToken)
        {
            var year = time.GetUtcNow().Year;
            Instant[] starts = [.. DateTimeZoneProviders.Tzdb["America/Los_Angeles"].GetZoneIntervals(from, until).Where(i => i.HasStart && i.Start > from).Select(i => i.Start)];
            return Task.FromResult<IReadOnlyList<CalendarEvent>>(
            [
                .. starts.Append(from + Duration.FromDays(40)).SelectMany((start, n) => Enumerable.Range(-3, 6).Select(half => new CalendarEvent(
                    $"{year}-{n}-{half}@pmbot", start + Duration.FromMinutes(30 * half), start + Duration.FromMinutes(30 * (half + 1)), "America/Los_Angeles", text, from)
                {
                    Description = $"{text}\n\n{text}",
                })),
            ]);
        }
    }
}
