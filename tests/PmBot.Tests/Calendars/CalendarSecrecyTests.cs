using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using NUnit.Framework;
using PmBot.Calendars;
using PmBot.Tests.Hosting;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Calendars;

/// <summary>
/// The secret of a calendar's address stands in no log, scope, activity or event, whoever listens and whatever the levels are. Other tests
/// may run meanwhile: what they cause is seen, too, and holds no such secret.
/// </summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class CalendarSecrecyTests
{
    // The server's own log of bad requests names what was asked for; the settings ask for it as plainly as they can.
    private static readonly string[] Categories =
        ["Default", "Microsoft", "Microsoft.AspNetCore", "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Server.Kestrel.BadRequests"];

    private static readonly string[] Kinds = ["log", "scope", "activity", "diagnostics", "event"];

    [TestCase("")]
    [TestCase("/base")]
    [CancelAfter(120_000)]
    public async Task Nothing_that_can_be_listened_to_tells_the_secret(string basePath, CancellationToken cancellationToken)
    {
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", isEnabled: false);
        using var everything = new Everything();
        using var activities = everything.Activities();
        using var diagnostics = DiagnosticListener.AllListeners.Subscribe(everything);
        using var events = new Events(everything);
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = receiver.Settings(("PmBot:BasePath", basePath));
        foreach (var category in Categories)
        {
            settings[$"Logging:LogLevel:{category}"] = "Trace";
            settings[$"Logging:{typeof(Everything).FullName}:LogLevel:{category}"] = "Trace";
        }

        var source = new Faulty();
        await using var edge = await Edge.StartAsync(settings, rotation: false, configure: builder =>
        {
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Services.AddSingleton<ILoggerProvider>(everything);
            builder.Services.AddSingleton<ICalendarSource>(source);
        });
        var old = await SecretAsync("calendar");
        var secret = await SecretAsync("calendar reset");
        Assert.That(secret, Is.Not.EqualTo(old));

        await GetAsync(200, $"/calendar/{secret}.ics");
        await GetAsync(404, $"/calendar/{old}.ics");
        await GetAsync(404, $"/calendar/{secret}");
        await GetAsync(404, $"/calendar/{secret}.ics/more");
        await GetAsync(404, $"/Calendar/x{secret}.ICS");
        await GetAsync(404, $"/%63alendar/{secret}x.ics");
        await GetAsync(404, $"/calender/{secret}.ics");
        await GetAsync(404, $"/other/calendar/{secret}.ics");
        Assert.That((await edge.SendAsync(HttpMethod.Post, edge.Url($"/calendar/{secret}.ics"))).Status, Is.EqualTo(405));
        source.Fails = true;
        await GetAsync(500, $"/calendar/{secret}.ics");

        // By hand: whole addresses, and what is no HTTP.
        var path = $"{basePath}/calendar/{secret}.ics";
        source.Fails = false;
        await RawAsync(200, $"GET http://127.0.0.1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        await RawAsync(400, $"GET {path} HTTP/1.1\r\n\r\n");
        await RawAsync(400, $"GET {path[..^4]}%00.ics HTTP/1.1\r\nHost: a\r\n\r\n");
        await RawAsync(404, $"GET {path[..^4]}\u0001.ics HTTP/1.1\r\nHost: a\r\n\r\n");
        await RawAsync(400, $"GET {path} HTTP/1.1 x\r\nHost: a\r\n\r\n");
        await RawAsync(400, $"GET {path}\u00ff HTTP/1.1\r\nHost: a\r\n\r\n");
        await RawAsync(505, $"GET {path} HTTP/9.9\r\nHost: a\r\n\r\n");
        await RawAsync(400, $"G{{T {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        await edge.Team.StopBotAsync();
        cancellationToken.ThrowIfCancellationRequested();

        var heard = everything.Heard.ToList();
        Assert.Multiple(() =>
        {
            Assert.That(heard.Where(h => h.Contains(secret, StringComparison.OrdinalIgnoreCase) || h.Contains(old, StringComparison.OrdinalIgnoreCase)), Is.Empty);
            Assert.That(edge.Logs.Lines.Select(l => l.ToString()).Where(l => l.Contains(secret, StringComparison.OrdinalIgnoreCase)), Is.Empty);

            Assert.That(receiver.Raw.Where(r => r.Contains(secret, StringComparison.OrdinalIgnoreCase) || r.Contains(old, StringComparison.OrdinalIgnoreCase)), Is.Empty);
            Assert.That(receiver.Logs.Select(l => l.Body), Has.Some.Contains("leads nowhere"));
            Assert.That(receiver.Points.Where(p => p.Tags.ContainsKey("http.route")).Select(p => p.Tags["http.route"]), Does.Contain($"{basePath}/calendar/{{secret}}.ics"));

            // It was all listened to: what came of the request's path is there.
            foreach (var kind in Kinds)
            {
                Assert.That(heard.Where(h => h.StartsWith(kind, StringComparison.Ordinal) && h.Contains($"{basePath}/calendar/hidden.ics", StringComparison.Ordinal)), Is.Not.Empty, kind);
            }

            Assert.That(heard.Where(h => h.Contains("came to nothing in the test", StringComparison.Ordinal)), Is.Not.Empty, "faults are logged");
            Assert.That(heard.Where(h => h.Contains("leads nowhere", StringComparison.Ordinal)), Is.Not.Empty);
        });

        async Task<string> SecretAsync(string command) => (await edge.CommandAsync(command)).Text.Split('`')[1].Split('/')[^1][..^4];

        async Task GetAsync(int status, string path) => Assert.That((await edge.SendAsync(HttpMethod.Get, edge.Url(path))).Status, Is.EqualTo(status), path);

        async Task RawAsync(int status, string request) => Assert.That((await RawHttp.SendAsync(edge.Team.BotUrl, request)).Status, Is.EqualTo(status), request);
    }

    [TestCase("/calendar/abc.ics", "/calendar/hidden.ics", "abc")]
    [TestCase("/pm/calendar/abc.ics", "/pm/calendar/hidden.ics", "abc")]
    [TestCase("/CALENDAR/abc.ICS", "/CALENDAR/hidden.ICS", "abc")]
    [TestCase("/calendar/abc", "/calendar/hidden", "abc")]
    [TestCase("/calendar/abc.ics/x", "/calendar/hidden", "abc.ics/x")]
    [TestCase("/calendar/a/calendar/b.ics", "/calendar/hidden.ics", "a/calendar/b")]
    [TestCase("/abc.ics", "/hidden.ics", "abc")]
    [TestCase("abc.ics", "hidden.ics", "abc")]
    [TestCase("/calendar/", null, null)]
    [TestCase("/calendar/.ics", null, null)]
    [TestCase("/calendar", null, null)]
    [TestCase("/mattermost/actions", null, null)]
    [TestCase("", null, null)]
    [TestCase(".ics", null, null)]
    public void What_may_be_a_secret_is_taken_out_of_a_path(string path, string? left, string? secret)
    {
        var taken = CalendarSecret.In(path);
        Assert.That((taken?.Path, taken?.Secret.Value), Is.EqualTo((left, secret)));
    }

    /// <summary>A feature that can fail.</summary>
    private sealed class Faulty : ICalendarSource
    {
        public bool Fails { get; set; }

        public Task<IReadOnlyList<CalendarEvent>> EventsAsync(string workspaceId, string userId, Instant from, Instant until, CancellationToken cancellationToken) =>
            Fails ? throw new InvalidOperationException("It came to nothing in the test.") : Task.FromResult<IReadOnlyList<CalendarEvent>>([]);
    }

    /// <summary>Writes down all that is logged with its scopes, all activities with their tags, and what diagnostics hand out.</summary>
    private sealed class Everything : ILoggerProvider, ISupportExternalScope, IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        private readonly ConcurrentQueue<string> _heard = new();
        private readonly ConcurrentQueue<IDisposable> _subscriptions = new();
        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public IReadOnlyCollection<string> Heard => _heard;

        public void Hear(string what) => _heard.Enqueue(what);

        public ActivityListener Activities()
        {
            var listener = new ActivityListener
            {
                // The client's are the test's own.
                ShouldListenTo = source => !source.Name.StartsWith("System.Net.Http", StringComparison.Ordinal),
                Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                {
                    Hear($"activity {options.Name} {Joined(options.Tags ?? [])}");
                    return ActivitySamplingResult.AllDataAndRecorded;
                },
                ActivityStarted = Hear,
                ActivityStopped = Hear,
            };
            ActivitySource.AddActivityListener(listener);
            return listener;
        }

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.AspNetCore")
            {
                _subscriptions.Enqueue(value.Subscribe(this));
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is HttpContext http)
            {
                Hear($"diagnostics {value.Key} {http.Request.GetEncodedUrl()} {http.Features.Get<IHttpRequestFeature>()?.RawTarget} {Joined(http.Request.RouteValues)}");
            }
        }

        public void OnCompleted()
        {
            // Nothing to do: it ends with the test.
        }

        public void OnError(Exception error) => Hear($"diagnostics {error}");

        public void Dispose()
        {
            foreach (var subscription in _subscriptions)
            {
                subscription.Dispose();
            }
        }

        private void Hear(Activity activity)
        {
            Hear($"activity {activity.DisplayName} {Joined(activity.TagObjects)} {Joined(activity.Baggage.Select(b => KeyValuePair.Create(b.Key, (object?)b.Value)))}");
            foreach (var one in activity.Events)
            {
                Hear($"activity {activity.DisplayName} {one.Name} {Joined(one.Tags)}");
            }
        }

        private static string Joined(IEnumerable<KeyValuePair<string, object?>> values) => string.Join(", ", values.Select(v => $"{v.Key}={v.Value}"));

        private sealed class Logger(Everything everything, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => everything._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                everything.Hear($"log {category} {formatter(state, exception)} {(state is IEnumerable<KeyValuePair<string, object?>> values ? Joined(values) : "")} {exception}");
                everything._scopes.ForEachScope(
                    (scope, heard) => heard.Hear($"scope {scope} {(scope is IEnumerable<KeyValuePair<string, object?>> values ? Joined(values) : "")}"), everything);
            }
        }
    }

    /// <summary>Writes down the events of the host, which tools outside the process can have, too.</summary>
    private sealed class Events(Everything everything) : EventListener
    {
        private readonly Everything? _everything = everything;

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Microsoft.AspNetCore.Hosting")
            {
                EnableEvents(eventSource, EventLevel.Verbose);
            }
        }

        // The base class calls this while it is made.
        protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
            _everything?.Hear($"event {eventData.EventName} {string.Join(' ', eventData.Payload ?? new([]))}");
    }
}
