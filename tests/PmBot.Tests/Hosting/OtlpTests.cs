using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NUnit.Framework;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using PmBot.Hosting;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.Hosting;

/// <summary>
/// What a receiver of OTLP gets of a real run of the bot. The bots of other tests run in the same process, and their spans and metrics come along; so what is
/// looked at is picked by the trace that the test itself began.
/// </summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(120_000)]
internal sealed class OtlpTests
{
    private static readonly string[] Answers = ["done", "refused", "incomplete", "unknown"];

    private static readonly string[] BotMetrics =
    [
        "pmbot.command.duration", "pmbot.commands", "pmbot.deliveries", "pmbot.delivery.delay", "pmbot.mattermost.request", "pmbot.outbox.oldest.age", "pmbot.outbox.parked",
        "pmbot.outbox.waiting", "pmbot.ready", "pmbot.schedule.lag", "pmbot.store.batch", "pmbot.store.commit",
    ];

    [Test]
    public async Task A_run_is_told_by_traces_metrics_and_logs(CancellationToken cancellationToken)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = receiver.Settings(("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=testing,service.instance.id=one"), ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=key-of-the-receiver"));
        await using var edge = await Edge.StartAsync(settings, configure: builder => builder.Services.Configure<HealthCheckPublisherOptions>(o => (o.Delay, o.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1))));
        using var asked = new Activity("test").Start();
        asked.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        await edge.MustAsync("cover next monday @jason.b", "jason.b has");
        await edge.CommandAsync("cover");
        await edge.CommandAsync("xyzzy");
        await edge.CommandAsync("remove @sam.sales");
        await edge.CommandAsync("add @sam.sales");
        asked.Stop();
        await edge.SettledAsync();
        var rotation = JsonSerializer.Deserialize<JsonElement[]>((await edge.RowsAsync("rotations"))[0])![1].GetString();
        await edge.Team.PassTimeAsync(new DateTimeOffset(2026, 11, 30, 17, 0, 1, TimeSpan.Zero), null, cancellationToken);
        await edge.SettledAsync();
        var ready = await edge.SendAsync(HttpMethod.Get, edge.Url("/health/ready"));
        Assert.That(ready.Status, Is.EqualTo(200));
        await edge.Team.StopBotAsync();

        var mine = receiver.Spans.Where(s => s.Trace == asked.TraceId.ToHexString()).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(receiver.Paths, Is.EquivalentTo(new List<string> { "/v1/traces", "/v1/metrics", "/v1/logs" }));
            Assert.That(receiver.Headers, Has.All.Contain("api-key: key-of-the-receiver"));
            foreach (var resource in receiver.Resources)
            {
                Assert.That(resource["service.name"], Is.EqualTo("pmbot"));
                Assert.That(resource["service.version"], Is.EqualTo(Telemetry.Version).And.Match(@"^\d+\.\d+\.\d+"));
                Assert.That(resource["service.instance.id"], Is.EqualTo("one"));
                Assert.That(resource["deployment.environment.name"], Is.EqualTo("testing"));
                Assert.That(resource["telemetry.sdk.language"], Is.EqualTo("dotnet"));
            }

            // Spans: the commands in the caller's trace, their steps below them; nothing of the web server or of HTTP clients.
            Assert.That(receiver.Spans.Select(s => s.Scope), Has.All.EqualTo("PmBot"));
            var commands = mine.Where(s => s.Name.StartsWith("command ", StringComparison.Ordinal)).ToList();
            Assert.That(commands.Select(s => $"{s.Name} {s.Tags["pmbot.outcome"]}"), Is.EquivalentTo(new List<string>
            {
                "command pm-rotation cover done", "command pm-rotation cover incomplete", "command pm-rotation unknown unknown", "command pm-rotation remove refused", "command pm-rotation add done",
            }));
            Assert.That(commands.Select(s => (s.Kind, s.Parent.Length, s.Status)), Has.All.EqualTo((2UL, 16, 0UL)), "their parent is the caller's request");
            var cover = commands.Single(s => s.Tags["pmbot.verb"] == "cover" && s.Tags["pmbot.outcome"] == "done");
            Assert.That(cover.Tags["pmbot.trigger"], Is.EqualTo("pm-rotation"));
            Assert.That(mine.Where(s => s.Parent == cover.Id).Select(s => s.Name), Has.Some.EqualTo("store write"));
            var look = mine.First(s => s.Kind == 3);
            Assert.That(commands.Select(s => s.Id), Does.Contain(look.Parent));
            Assert.That(look.Name, Does.Match("^(GET|POST) [a-z]+"));
            Assert.That((look.Tags["url.template"], look.Tags["http.response.status_code"], look.Tags["server.address"]), Is.EqualTo(("/api/v4/" + look.Name.Split(' ')[1], "200", "127.0.0.1")));

            // A delivery has a trace of its own, linked to the command that caused it.
            var delivery = receiver.Spans.Where(s => s.LinkedTraces.Contains(asked.TraceId.ToHexString())).ToList();
            Assert.That(delivery, Is.Not.Empty);
            Assert.That(delivery.Select(s => s.Name), Has.All.StartsWith("deliver "));
            Assert.That(delivery.Select(s => s.Tags["pmbot.outcome"]), Has.All.EqualTo("delivered"));
            Assert.That(delivery.Select(s => s.Trace), Has.None.EqualTo(asked.TraceId.ToHexString()));
            Assert.That(receiver.Spans.Where(s => s.Kind == 3).Select(s => s.Parent).Intersect(delivery.Select(s => s.Id)), Is.Not.Empty, "its requests are in its trace");

            // What came due is a trace, too, and what was logged meanwhile has its id.
            var due = receiver.Spans.Where(s => s.Name == "due rotations" && s.Tags["pmbot.subject.id"] == rotation && s.Parent.Length == 0).Select(s => s.Trace).ToList();
            Assert.That(due, Is.Not.Empty);
            var handed = receiver.Logs.Where(l => l.Category == "PmBot.Rotations.RotationClock" && l.Body.Contains("handed over to shift 1", StringComparison.Ordinal)).ToList();
            Assert.That(handed.Select(l => l.Trace), Is.Not.Empty.And.SubsetOf(due));
            Assert.That(handed.Select(l => l.Values["Rotation"]), Has.All.EqualTo(rotation));

            // Metrics.
            var points = receiver.Points;
            Assert.That(BotMetrics, Is.SubsetOf(points.Where(p => p.Scope == "PmBot").Select(p => p.Name).Distinct()));
            Assert.That(points.Select(p => p.Name), Is.SupersetOf(new List<string> { "http.server.request.duration", "http.client.request.duration", "kestrel.active_connections", "dotnet.gc.collections" }));
            Assert.That(points.Where(p => p.Name == "pmbot.commands").Select(p => p.Tags["outcome"]), Is.SupersetOf(Answers));
            Assert.That(points.Where(p => p is { Name: "pmbot.commands" } && p.Tags["outcome"] == "unknown" && p.Tags["trigger"] == "pm-rotation").Select(p => p.Tags["verb"]), Has.All.EqualTo("unknown"));
            Assert.That(points.First(p => p.Name == "pmbot.command.duration").Bounds, Is.EqualTo(new List<double> { 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20 }));
            Assert.That(points.Where(p => p.Name == "pmbot.ready").Select(p => p.Tags["check"]), Is.SupersetOf(new List<string> { "store", "mattermost", "deliveries", "quartz-scheduler" }));
            Assert.That(points.Where(p => p.Name == "pmbot.deliveries").Select(p => (p.Tags["kind"], p.Tags["outcome"])), Does.Contain(("post", "delivered")));
        });
    }

    [Test]
    public async Task Without_the_variables_nothing_of_it_is_there()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        Assert.Multiple(() =>
        {
            Assert.That(edge.Team.Bot.GetService<TracerProvider>(), Is.Null);
            Assert.That(edge.Team.Bot.GetService<MeterProvider>(), Is.Null);
            Assert.That(edge.Team.Bot.GetService<LoggerProvider>(), Is.Null);
            Assert.That(edge.Team.Bot.GetServices<IHealthCheckPublisher>(), Is.Empty);
        });
    }

    [Test]
    public async Task Each_signal_goes_where_its_own_variables_say()
    {
        await using var traces = await OtlpReceiver.StartAsync();
        await using var others = await OtlpReceiver.StartAsync(grpc: true);
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = others.Url, // by gRPC, which is the exporter's default
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = traces.Url + "/of/its/own",
            ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_TRACES_HEADERS"] = "x-of=traces",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-of=all",
            ["OTEL_LOGS_EXPORTER"] = "none",
            ["OTEL_SERVICE_NAME"] = "another-name",
        };
        await using (var edge = await Edge.StartAsync(settings))
        {
            Assert.That(edge.Team.Bot.GetService<LoggerProvider>(), Is.Null);
            await edge.Team.StopBotAsync();
        }

        Assert.Multiple(() =>
        {
            Assert.That(traces.Paths, Is.EqualTo(new List<string> { "/of/its/own" }));
            Assert.That(traces.Headers, Has.All.Contain("x-of: traces"));
            Assert.That(others.Paths, Is.EqualTo(new List<string> { "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" }));
            Assert.That(others.Headers, Has.All.Contain("x-of: all"));
            Assert.That(others.Points.Select(p => p.Name), Does.Contain("pmbot.commands"));
            Assert.That(others.Resources.Concat(traces.Resources).Select(r => r["service.name"]), Has.All.EqualTo("another-name"));
        });
    }

    [Test]
    public async Task A_fault_is_a_failed_span_and_an_outcome()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var edge = await Edge.StartAsync(receiver.Settings());
        using var asked = new Activity("test").Start();
        asked.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        await edge.Store.DisposeAsync();
        Assert.That((await edge.CommandAsync("cover next monday @jason.b")).Text, Does.Contain("fault `"));
        asked.Stop();
        await edge.Team.StopBotAsync();
        var span = receiver.Spans.Single(s => s.Trace == asked.TraceId.ToHexString() && s.Name == "command pm-rotation cover");
        Assert.That((span.Status, span.Tags["pmbot.outcome"], span.Tags["error.type"]), Is.EqualTo((2UL, "fault", "PmBot.Storage.StoreUnavailableException")));
        Assert.That(receiver.Logs.Where(l => l.Trace == span.Trace).Select(l => l.Body), Has.Some.StartsWith("Fault "), "the log leads to the trace");
    }

    // Not beside others: what their bots record, this one would export, too.
    [Test]
    [NonParallelizable]
    public async Task What_nobody_asked_to_be_traced_begins_its_own_trace_and_the_sampler_is_asked()
    {
        await using var all = await OtlpReceiver.StartAsync();
        await using var none = await OtlpReceiver.StartAsync();
        foreach (var (receiver, sampler) in new[] { (all, "parentbased_always_on"), (none, "always_off") })
        {
            await using var edge = await Edge.StartAsync(receiver.Settings(("OTEL_TRACES_SAMPLER", sampler)));
            await edge.Team.StopBotAsync();
        }

        Assert.That(all.Spans.Where(s => s.Name == "command pm-rotation create" && s.Parent.Length == 0), Is.Not.Empty);
        Assert.That(none.Spans, Is.Empty);
    }

    [TestCase(0)]
    [TestCase(503)]
    public async Task A_receiver_that_is_away_or_refuses_is_told_once_and_disturbs_nothing(int status, CancellationToken cancellationToken)
    {
        var receiver = await OtlpReceiver.StartAsync();
        receiver.Status = status;
        var settings = receiver.Settings(("OTEL_BSP_SCHEDULE_DELAY", "20"), ("OTEL_METRIC_EXPORT_INTERVAL", "20"), ("OTEL_BLRP_SCHEDULE_DELAY", "20"));
        await using var edge = await Edge.StartAsync(settings);
        if (status == 0)
        {
            await receiver.DisposeAsync();
        }

        for (var n = 0; (status == 0 ? n : receiver.Count) < 50; n++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Assert.That((await edge.CommandAsync("who")).Text, Does.Contain("is on duty"));
        }

        while (!Told().Any())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        await edge.Team.StopBotAsync();
        Assert.That(Told().Single().Message, Does.StartWith("Telemetry could not be exported; the bot works on without").And.Contain("127.0.0.1").And.Not.Contain("   at "));
        await receiver.DisposeAsync();

        IEnumerable<LogLine> Told() => edge.Logs.Warnings.Where(l => l.Category == "PmBot.Hosting.TelemetryLifetime");
    }

    [Test]
    public async Task A_receiver_that_never_answers_delays_the_stop_by_seconds_at_most()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Hangs = true;
        await using var edge = await Edge.StartAsync(receiver.Settings());
        var started = Stopwatch.GetTimestamp();
        await edge.Team.StopBotAsync();

        // Five seconds to send, all signals together; the rest is the stop of the bot itself. The exporter alone would wait twice as long.
        Assert.That(Stopwatch.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(9)));
        Assert.That(receiver.Count, Is.Zero);
    }
}
