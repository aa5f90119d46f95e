using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NUnit.Framework;
using PmBot.Hosting;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Hosting;

/// <summary>What an orchestrator is told: whether to restart the bot, and whether it can do its work.</summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(120_000)]
[Engines]
internal sealed class HealthTests
{
    private static readonly string[] Checks = ["store", "mattermost", "deliveries", "backup"];

    [Test]
    public async Task Ready_tells_of_all_five_parts()
    {
        await using var edge = await Edge.StartAsync();
        var answer = await ReadyAsync(edge);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(200));
            Assert.That(answer.ContentType, Does.StartWith("application/json"));
            Assert.That(answer.Json.GetProperty("status").GetString(), Is.EqualTo("Healthy"));
            var checks = answer.Json.GetProperty("checks").EnumerateObject().ToList();
            Assert.That(checks, Has.Count.EqualTo(5));
            Assert.That(checks.Select(c => c.Name), Is.SupersetOf(Checks).And.Some.Contains("quartz").IgnoreCase);
            Assert.That(checks.Select(c => c.Value.GetProperty("status").GetString()), Has.All.EqualTo("Healthy"));
            Assert.That(Check(answer, "deliveries").GetProperty("data").GetProperty("waiting").GetInt64(), Is.Zero);
        });
        await AssertLiveAsync(edge);
    }

    [TestCase(HealthStatus.Healthy, ExpectedResult = 1)]
    [TestCase(HealthStatus.Degraded, ExpectedResult = 1)]
    [TestCase(HealthStatus.Unhealthy, ExpectedResult = 0)]
    public async Task<int> As_a_metric_it_is_0_only_for_what_keeps_the_bot_from_being_ready(HealthStatus status)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var told = new List<(string Check, int Value)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "pmbot.ready" && instrument.Meter.Scope == meters)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) => told.Add(((string)tags[0].Value!, value)));
        listener.Start();
        await new ReadyGauge(meters).PublishAsync(
            new HealthReport(new Dictionary<string, HealthReportEntry>(StringComparer.Ordinal) { ["store"] = new(status, null, default, null, null) }, default), CancellationToken.None);
        Assert.That(told, Has.Count.EqualTo(1));
        Assert.That(told[0].Check, Is.EqualTo("store"));
        return told[0].Value;
    }

    [Test]
    public async Task Without_mattermost_it_is_not_ready_and_says_why(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        edge.Team.Server.Faults.Down = true;
        var down = await ReadyAsync(edge);
        Assert.That(down.Status, Is.EqualTo(503));
        Assert.That(Check(down, "mattermost").GetProperty("status").GetString(), Is.EqualTo("Unhealthy"));
        Assert.That(Check(down, "mattermost").GetProperty("description").GetString(), Is.Not.Empty);
        Assert.That(Check(down, "store").GetProperty("status").GetString(), Is.EqualTo("Healthy"));
        Assert.That(down.Body, Does.Not.Contain(edge.Team.BotUser.Token).And.Not.Contain("   at "));
        await AssertLiveAsync(edge);

        edge.Team.Server.Faults.Clear();
        var up = await ReadyAsync(edge);
        while (up.Status != 200)
        {
            cancellationToken.ThrowIfCancellationRequested();
            up = await ReadyAsync(edge);
        }

        Assert.That(Check(up, "mattermost").GetProperty("status").GetString(), Is.EqualTo("Healthy"));
    }

    [Test]
    public async Task Without_its_store_it_is_not_ready_and_says_why()
    {
        await using var edge = await Edge.StartAsync();
        await edge.Store.DisposeAsync();
        var answer = await ReadyAsync(edge);
        Assert.That(answer.Status, Is.EqualTo(503));
        foreach (var part in new[] { "store", "deliveries" })
        {
            Assert.That(Check(answer, part).GetProperty("status").GetString(), Is.EqualTo("Unhealthy"));
            Assert.That(Check(answer, part).GetProperty("description").GetString(), Is.Not.Empty);
        }

        Assert.That(answer.Body, Does.Not.Contain("   at "));
        await AssertLiveAsync(edge);
    }

    [Test]
    public async Task An_old_message_that_waits_degrades_it_and_leaves_it_ready(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();

        // A refused token is the operator's to mend: what is to be said waits.
        edge.Team.Server.Faults.Add("POST", "/api/v4/posts", new FaultKind.Status(401), int.MaxValue);
        await edge.MustAsync("cover next monday @jason.b", "jason.b has");
        var fresh = await ReadyAsync(edge);
        Assert.That((fresh.Status, fresh.Json.GetProperty("status").GetString()), Is.EqualTo((200, "Healthy")));
        var waiting = Check(fresh, "deliveries").GetProperty("data").GetProperty("waiting").GetInt64();
        Assert.That(waiting, Is.EqualTo(3));
        Assert.That(Check(fresh, "deliveries").GetProperty("description").GetString(), Is.EqualTo("3 messages on the way."));

        edge.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.That((await ReadyAsync(edge)).Json.GetProperty("status").GetString(), Is.EqualTo("Healthy"), "five minutes are no long time");
        edge.Clock.Advance(TimeSpan.FromMinutes(2));
        var old = await ReadyAsync(edge);
        Assert.Multiple(() =>
        {
            Assert.That(old.Status, Is.EqualTo(200));
            Assert.That(old.Json.GetProperty("status").GetString(), Is.EqualTo("Degraded"));
            Assert.That(Check(old, "deliveries").GetProperty("description").GetString(), Is.EqualTo("The oldest undelivered message has waited 7 minutes."));
            Assert.That(Check(old, "deliveries").GetProperty("data").GetProperty("oldestSeconds").GetInt64(), Is.EqualTo(420));
        });
        await AssertLiveAsync(edge);

        edge.Team.Server.Faults.Clear();
        while ((await ReadyAsync(edge)).Json.GetProperty("status").GetString() != "Healthy")
        {
            cancellationToken.ThrowIfCancellationRequested();
            edge.Clock.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Test]
    public async Task What_is_parked_is_counted_and_leaves_it_healthy()
    {
        await using var edge = await Edge.StartAsync();
        edge.Team.Server.Leave(edge.Team.ProductManagement, edge.Team.BotUser);
        await edge.MustAsync("cover next monday @jason.b", "jason.b has");
        await edge.SettledAsync();
        var answer = await ReadyAsync(edge);
        Assert.That((answer.Status, answer.Json.GetProperty("status").GetString()), Is.EqualTo((200, "Healthy")));
        Assert.That(Check(answer, "deliveries").GetProperty("data").GetProperty("parked").GetInt64(), Is.EqualTo(1));

        edge.Team.Server.Join(edge.Team.ProductManagement, edge.Team.BotUser);
        Assert.That((await edge.PressAsync(edge.Team.Katie, edge.Button("Try again"))).Ephemeral, Does.StartWith("I am trying it again."));
        await edge.SettledAsync();
        Assert.That(Check(await ReadyAsync(edge), "deliveries").GetProperty("data").GetProperty("parked").GetInt64(), Is.Zero);
    }

    private static Task<Answer> ReadyAsync(Edge edge) => edge.SendAsync(HttpMethod.Get, edge.Url("/health/ready"));

    private static JsonElement Check(Answer answer, string name) => answer.Json.GetProperty("checks").GetProperty(name);

    private static async Task AssertLiveAsync(Edge edge)
    {
        var answer = await edge.SendAsync(HttpMethod.Get, edge.Url("/health/live"));
        Assert.That((answer.Status, answer.Body), Is.EqualTo((200, "Healthy")));
    }
}
