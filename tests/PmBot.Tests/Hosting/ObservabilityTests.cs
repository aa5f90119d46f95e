using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Hosting;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Hosting;

/// <summary>What <c>docs/observability.md</c> and <c>deploy/observability</c> say of metrics and spans is what a run of the bot has.</summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(120_000)]
internal sealed partial class ObservabilityTests
{
    private static readonly string[] HistogramSeries = ["_bucket", "_sum", "_count"];

    private static readonly string[] ServerTags = ["pmbot.trigger", "pmbot.verb", "pmbot.outcome"];

    private static string Root { get; } = FindRoot();

    private static string Folder { get; } = Path.Combine(Root, "deploy", "observability");

    [Test]
    public async Task The_docs_list_every_metric_and_span_and_no_other(CancellationToken cancellationToken)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var edge = await Edge.StartAsync(
            receiver.Settings(), configure: builder => builder.Services.Configure<HealthCheckPublisherOptions>(o => (o.Delay, o.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1))));
        using var asked = new Activity("test").Start();
        asked.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        await edge.MustAsync("cover next monday @jason.b", "jason.b has");
        await edge.PostJsonAsync(edge.HookUrl, edge.Hook("#cr a request", edge.Team.WebhookTokens["#cr"]).ToJsonString());
        await edge.PressAsync(edge.Team.Aaron, edge.Signer.Sign(edge.Signer.New("nobody", edge.Team.Team.Id, "")));
        await edge.SubmitAsync(edge.Team.Katie, edge.Signer.SignText(edge.Signer.New("nobody", edge.Team.Team.Id, "", edge.Team.Katie.Id)));
        asked.Stop();
        await edge.Team.PassTimeAsync(new DateTimeOffset(2026, 11, 30, 17, 0, 1, TimeSpan.Zero), null, cancellationToken);

        // And what only the other engine has.
        PostgresServer.Require();
        await using var postgres = PostgresStore.Open(
            PostgresServer.Shared.NewSchema(), edge.Clock, NullLogger<PostgresStore>.Instance, edge.Team.Bot.GetRequiredService<IMeterFactory>());
        var published = new List<Instrument>();
        using (var listener = new MeterListener())
        {
            var meters = edge.Team.Bot.GetRequiredService<IMeterFactory>();
            listener.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == Telemetry.Name && instrument.Meter.Scope == meters)
                {
                    published.Add(instrument);
                }
            };
            listener.Start();
        }

        await edge.Team.StopBotAsync();
        Assert.Multiple(() =>
        {
            var documented = Metrics();
            Assert.That(
                published.Select(i => $"{i.Name} {Kind(i)} {i.Unit} {PrometheusName(i.Name, Kind(i), i.Unit)}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
                Is.EqualTo(documented.Select(m => $"{m.Name} {m.Kind} {m.Unit} {m.InPrometheus}").Order(StringComparer.Ordinal)));
            Assert.That(published.Select(i => i.Description), Has.All.Not.Empty.And.All.EndsWith("."));
            foreach (var point in receiver.Points.Where(p => p.Scope == Telemetry.Name))
            {
                Assert.That(point.Tags.Keys, Is.EquivalentTo(documented.Single(m => m.Name == point.Name).Tags), point.Name);
            }

            var spans = Spans();
            Assert.That(receiver.Spans, Is.Not.Empty);
            foreach (var span in receiver.Spans)
            {
                var (_, kind, tags) = spans.FirstOrDefault(s => s.Name.IsMatch(span.Name));
                Assert.That(kind, Is.EqualTo(span.Kind switch { 1 => "internal", 2 => "server", _ => "client" }), span.Name);
                Assert.That(span.Tags.Keys, Is.SubsetOf(tags.Append("error.type")), span.Name);
            }

            foreach (var (name, _, tags) in spans)
            {
                Assert.That(receiver.Spans.Where(s => name.IsMatch(s.Name)).SelectMany(s => s.Tags.Keys).Distinct(), Is.SupersetOf(tags), name.ToString());
            }
        });
    }

    [Test]
    public void Dashboard_and_alerts_ask_for_metrics_and_tags_that_there_are()
    {
        var metrics = Metrics();
        var series = metrics.SelectMany(m => m.Kind == "histogram" ? HistogramSeries.Select(end => m.InPrometheus + end) : [m.InPrometheus]).ToList();
        var tags = metrics.SelectMany(m => m.Tags).Append("le").Distinct(StringComparer.Ordinal).ToList();
        var expressions = Expressions();
        Assert.Multiple(() =>
        {
            Assert.That(expressions, Has.Count.GreaterThan(25));
            foreach (var expression in expressions)
            {
                Assert.That(Names().Matches(expression).Select(n => n.Value).Distinct(), Is.Not.Empty.And.SubsetOf(series), expression);
                Assert.That(Grouped().Matches(expression).SelectMany(g => g.Groups[1].Value.Split(", ")).Distinct(), Is.SubsetOf(tags), expression);
                Assert.That(Selected().Matches(expression).Select(g => g.Groups[1].Value).Distinct(), Is.SubsetOf(tags), expression);
            }

            // Whatever is worth a metric is worth a look at it.
            Assert.That(metrics.Where(m => !expressions.Any(e => e.Contains(m.InPrometheus, StringComparison.Ordinal))), Is.Empty);
        });
    }

    [Test]
    public async Task Each_alert_is_documented_and_leads_to_a_place_in_the_docs()
    {
        var alerts = await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yaml"));
        var names = Alerts().Matches(alerts).Select(a => a.Groups[1].Value).ToList();
        var runbooks = Runbooks().Matches(alerts).Select(r => (File: r.Groups[1].Value, Place: r.Groups[2].Value)).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(names, Is.Not.Empty);
            Assert.That(runbooks, Has.Count.EqualTo(names.Count));
            Assert.That(DocumentedAlerts().Matches(Docs("observability.md")).Select(a => a.Groups[1].Value), Is.EquivalentTo(names));
            foreach (var (file, place) in runbooks)
            {
                var places = File.ReadLines(Path.Combine(Root, file)).Where(l => l.StartsWith('#')).Select(l => NoPlace().Replace(l.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));
                Assert.That(places, Does.Contain(place), file);
            }
        });
    }

    [Test]
    public async Task Prometheus_takes_the_rules_and_they_do_what_they_say(CancellationToken cancellationToken)
    {
        var (code, said) = await PromtoolAsync("check rules alerts.yaml", cancellationToken);
        Assert.That((code, said), Is.EqualTo((0, said)), said);
        (code, said) = await PromtoolAsync("test rules alerts.test.yaml", cancellationToken);
        Assert.That(code, Is.Zero, said);
        var alerts = await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.yaml"), cancellationToken);
        var tried = await File.ReadAllTextAsync(Path.Combine(Folder, "alerts.test.yaml"), cancellationToken);
        Assert.That(Alerts().Matches(alerts).Select(a => a.Groups[1].Value).Where(a => !tried.Contains($"alertname: {a}\n", StringComparison.Ordinal)), Is.Empty, "each alert is tried");
    }

    /// <summary>How the collector's exporter for Prometheus names a metric.</summary>
    private static string PrometheusName(string name, string kind, string? unit)
    {
        var translated = name.Replace('.', '_');
        translated += unit switch
        {
            null or "" => "",
            "s" => "_seconds",
            "By" => "_bytes",
            _ when unit.StartsWith('{') => "",
            _ => throw new NotSupportedException(unit),
        };
        return kind == "counter" ? translated + "_total" : translated;
    }

    private static string Kind(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" => "counter",
        "Histogram" => "histogram",
        "Gauge" or "ObservableGauge" => "gauge",
        var other => other,
    };

    private static string Docs(string file) => File.ReadAllText(Path.Combine(Root, "docs", file));

    private static List<Documented> Metrics() =>
    [
        .. Rows("Metrics", "metric").Select(r => new Documented(Code(r[0])[0], r[1], Code(r[2]).FirstOrDefault(""), Code(r[3]), Code(r[5])[0])),
    ];

    private static List<(Regex Name, string Kind, string[] Tags)> Spans() =>
    [
        .. Rows("Traces", "span").Select(r => (
            new Regex($"^{Capitals().Replace(Code(r[0])[0], m => m.Value == "METHOD" ? "(GET|POST|PUT)" : "[^ ]+")}$"), r[1], r[2] == "the same" ? ServerTags : Code(r[2]))),
    ];

    /// <summary>The cells of a section's first table whose first column has that heading.</summary>
    private static IEnumerable<string[]> Rows(string section, string heading)
    {
        var lines = Docs("observability.md").Split('\n').SkipWhile(l => l != $"## {section}").SkipWhile(l => !l.StartsWith($"| {heading} |", StringComparison.Ordinal)).Skip(2);
        return lines.TakeWhile(l => l.StartsWith('|')).Select(l => l.Trim('|').Split('|').Select(c => c.Trim()).ToArray());
    }

    private static string[] Code(string cell) => [.. InCode().Matches(cell).Select(m => m.Groups[1].Value)];

    private static List<string> Expressions()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "dashboard.json")));
        var shown = dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!).ToList();

        // An expression stands behind its name, or in the deeper lines below it.
        var alerts = Ruled().Matches(File.ReadAllText(Path.Combine(Folder, "alerts.yaml"))).Select(m => m.Groups[1].Value);
        return [.. shown, .. alerts];
    }

    private static async Task<(int Code, string Said)> PromtoolAsync(string arguments, CancellationToken cancellationToken)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(f => Path.Combine(f, "promtool")).FirstOrDefault(File.Exists);
        if (path is null)
        {
            const string Missing = "promtool, a part of Prometheus, is not installed.";
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail(Missing);
            }

            Assert.Ignore(Missing);
        }

        using var process = Process.Start(new ProcessStartInfo(path, arguments) { UseShellExecute = false, WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, string.Concat(said));
    }

    private static string FindRoot([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InCode();

    [GeneratedRegex("[A-Z]{2,}")]
    private static partial Regex Capitals();

    [GeneratedRegex("[a-z]+_[a-z_]+(?=[\\s){\\[]|$)")]
    private static partial Regex Names();

    [GeneratedRegex("by \\(([^)]+)\\)")]
    private static partial Regex Grouped();

    [GeneratedRegex("[{,]([a-z_]+)=")]
    private static partial Regex Selected();

    [GeneratedRegex("- alert: (\\w+)")]
    private static partial Regex Alerts();

    [GeneratedRegex("`(PmBot[A-Z]\\w+)`")]
    private static partial Regex DocumentedAlerts();

    [GeneratedRegex("runbook: (docs/[a-z]+\\.md)#([a-z-]+)")]
    private static partial Regex Runbooks();

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex NoPlace();

    [GeneratedRegex("expr: ((?:.|\\n {10})+)")]
    private static partial Regex Ruled();

    private sealed record Documented(string Name, string Kind, string Unit, string[] Tags, string InPrometheus);
}
