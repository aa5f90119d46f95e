using Microsoft.Extensions.Configuration;
using NUnit.Framework;
using PmBot.Hosting;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.Hosting;

/// <summary><c>pmbot health</c>, as the health check of a container runs it.</summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(120_000)]
internal sealed class HealthVerbTests
{
    [TestCase("http://127.0.0.1:{0}")]
    [TestCase("http://+:{0}")]
    [TestCase("http://*:{0}/")]
    [TestCase("http://0.0.0.0:{0}")]
    [TestCase("http://[::]:{0}")]
    [TestCase("http://localhost:{0}")]
    [TestCase("http://pmbot.internal:{0}")]
    [TestCase("http://127.0.0.1:1;http://+:{0}")]
    [TestCase(" ;nonsense; http://+:{0} ")]
    public async Task A_bot_that_answers_is_well_however_its_address_is_written(string urls, CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:BasePath"] = "/pm" }, rotation: false);
        var port = new Uri(edge.Team.BotUrl).Port;
        var answer = await OwnHealth.AskAsync(Settings(string.Format(urls, port), "/pm/"), OwnHealth.LivePath, cancellationToken);
        Assert.That(answer, Is.EqualTo(new HealthAnswer.Well(new Uri($"http://127.0.0.1:{port}/pm/health/live"))));
    }

    [TestCase("8081", "http://127.0.0.1:8081", "http://[::1]:8081")]
    [TestCase("8081;8082", "http://127.0.0.1:8081", "http://[::1]:8081", "http://127.0.0.1:8082", "http://[::1]:8082")]
    [TestCase(null, "http://127.0.0.1:5000", "http://[::1]:5000")]
    public void Without_addresses_the_ports_count_and_then_the_usual_one(string? ports, params string[] asked)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("http_ports", ports)]).Build();
        Assert.That(ListenAddresses.Configured(settings).SelectMany(ListenAddresses.Reached), Is.EqualTo(asked.Select(a => new Uri(a))));
    }

    [TestCase("https://10.1.2.3:8443", "https://10.1.2.3:8443")]
    [TestCase("http://[fe80::1]:8080", "http://[fe80::1]:8080")]
    [TestCase("http://127.0.0.1:0")]
    [TestCase("http://unix:/run/pmbot.sock")]
    [TestCase("nonsense")]
    public void One_address_is_asked_itself_and_what_is_none_is_not_asked(string configured, params string[] asked) =>
        Assert.That(ListenAddresses.Reached(configured), Is.EqualTo(asked.Select(a => new Uri(a))));

    [Test]
    public async Task The_program_says_so_by_its_exit_code(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var port = new Uri(edge.Team.BotUrl).Port;
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["ASPNETCORE_URLS"] = $"http://+:{port}" };
        Assert.That(
            await PmBotProgram.RunAsync(environment, edge.Folder, cancellationToken, "health"),
            Is.EqualTo((0, $"The bot is well: http://127.0.0.1:{port}/health/live\n", "")));
        Assert.That((await PmBotProgram.RunAsync(environment, edge.Folder, cancellationToken, "health", "--ready")).Code, Is.Zero);

        edge.Team.Server.Faults.Down = true;
        Assert.That((await PmBotProgram.RunAsync(environment, edge.Folder, cancellationToken, "health")).Code, Is.Zero, "it does answer");
        var (code, output, error) = await PmBotProgram.RunAsync(environment, edge.Folder, cancellationToken, "health", "--ready");
        Assert.That((code, output), Is.EqualTo((1, "")));
        Assert.That(error, Does.StartWith($"The bot is not well:\n- http://127.0.0.1:{port}/health/ready answered 503: mattermost: ").And.Not.Contain("   at "));

        await edge.Team.StopBotAsync();
        (code, output, error) = await PmBotProgram.RunAsync(environment, edge.Folder, cancellationToken, "health");
        Assert.That((code, output), Is.EqualTo((1, "")));
        Assert.That(error, Does.StartWith($"The bot is not well:\n- http://127.0.0.1:{port}/health/live does not answer: ").And.Not.Contain("   at "));

        (code, _, error) = await PmBotProgram.RunAsync(environment, edge.Folder, cancellationToken, "health", "--settings", "none.json");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("none.json: there is no such file."));
    }

    private static IConfigurationRoot Settings(string urls, string basePath) =>
        new ConfigurationBuilder().AddInMemoryCollection([new("urls", urls), new("PmBot:BasePath", basePath)]).Build();
}
