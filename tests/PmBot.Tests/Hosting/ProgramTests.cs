using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Storage;

namespace PmBot.Tests.Hosting;

/// <summary>The program as an operator starts it: what it prints, and how it ends.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pmbot-program-").FullName;

    private string Database => Path.Combine(_folder, "pmbot.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Test]
    [CancelAfter(120_000)]
    public async Task Without_settings_it_lists_what_it_needs(CancellationToken cancellationToken)
    {
        var (code, output, error) = await RunAsync(new() { ["Storage__ConnectionString"] = $"Data Source={Database}" }, cancellationToken);
        var lines = error.TrimEnd().Split('\n');
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(output, Is.Empty);
            Assert.That(lines[0], Is.EqualTo("PmBot cannot start:"));
            Assert.That(lines.Skip(1).Select(l => l.Split(' ')[1]), Is.EquivalentTo(new List<string>
            {
                "Mattermost:Url", "Mattermost:BotToken", "Mattermost:CommandTokens:pm-rotation", "Mattermost:CommandTokens:cr-assign", "Mattermost:CommandTokens:agenda", "PmBot:PublicUrl",
            }));
            AssertReadable(error);
            Assert.That(File.Exists(Database), Is.False);
        });
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Environment_beats_secrets_beat_the_file_beats_the_defaults(CancellationToken cancellationToken)
    {
        var file = Path.Combine(_folder, "settings.json");
        await File.WriteAllTextAsync(
            file,
            """{ "Mattermost": { "Url": "file-url" }, "PmBot": { "Practice": "file-practice", "PublicUrl": "file-public" }, "Storage": { "Provider": "file-provider" } }""",
            cancellationToken);
        var secrets = Directory.CreateDirectory(Path.Combine(_folder, "secrets")).FullName;
        await File.WriteAllTextAsync(Path.Combine(secrets, "PmBot__Practice"), "secret-practice\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(secrets, "PmBot__PublicUrl"), "secret-public\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(secrets, "Mattermost__BotToken"), "token-of-the-bot-in-a-file\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(secrets, "Mattermost__CommandTokens__pm-rotation__0"), "token-of-the-command-in-a-file\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(secrets, "Mattermost__CommandTokens__cr-assign__0"), "token-of-the-other-in-a-file\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(secrets, "Mattermost__CommandTokens__agenda__0"), "token-of-the-third-in-a-file\n", cancellationToken);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PMBOT_SECRETS"] = secrets, ["PmBot__Practice"] = "environment-practice" };
        foreach (var arguments in new[] { new[] { "run", "--settings", file }, ["--settings", file] })
        {
            var (code, _, error) = await RunAsync(environment, cancellationToken, arguments);
            Assert.That(code, Is.EqualTo(1));
            Assert.That(error.TrimEnd().Split('\n').Skip(1).Select(l => l.Split('"')[0] + l.Split('"')[1]), Is.EquivalentTo(new List<string>
            {
                "- Mattermost:Url is file-url", "- PmBot:Practice is environment-practice", "- PmBot:PublicUrl is secret-public", "- Storage:Provider is file-provider",
            }));
            AssertReadable(error);
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_cannot_be_read_is_named(CancellationToken cancellationToken)
    {
        var missing = Path.Combine(_folder, "none", "settings.json");
        await AssertStopsAsync(Right(), missing, cancellationToken, "--settings", missing);

        var broken = Path.Combine(_folder, "broken.json");
        await File.WriteAllTextAsync(broken, "{ \"PmBot\": ", cancellationToken);
        await AssertStopsAsync(Right(), broken, cancellationToken, "--settings", broken);

        await AssertStopsAsync(Right(), _folder, cancellationToken, "--settings", _folder);

        var secrets = Path.Combine(_folder, "no-secrets");
        await AssertStopsAsync(new(Right(), StringComparer.Ordinal) { ["PMBOT_SECRETS"] = secrets }, secrets, cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_hidden_settings_file_is_read_like_any_other(CancellationToken cancellationToken)
    {
        var hidden = Path.Combine(_folder, ".pmbot.json");
        await File.WriteAllTextAsync(hidden, """{ "PmBot": { "Practice": "hidden" } }""", cancellationToken);
        await AssertStopsAsync(Right(), "PmBot:Practice is \"hidden\"", cancellationToken, "--settings", hidden);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_database_that_another_bot_has_is_left_alone(CancellationToken cancellationToken)
    {
        await using var other = SqliteStore.Open($"Data Source={Database}", TimeProvider.System, NullLogger<SqliteStore>.Instance);
        await AssertStopsAsync(Right(), $"Another PmBot is using {Database}.", cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_newer_or_foreign_or_broken_database_is_left_alone(CancellationToken cancellationToken)
    {
        await SqliteStore.Open($"Data Source={Database}", TimeProvider.System, NullLogger<SqliteStore>.Instance).DisposeAsync();
        Sql("pragma user_version = 9999");
        var bytes = await File.ReadAllBytesAsync(Database, cancellationToken);
        await AssertStopsAsync(Right(), $"{Database} was written by a newer PmBot", cancellationToken);
        Assert.That(await File.ReadAllBytesAsync(Database, cancellationToken), Is.EqualTo(bytes));

        File.Delete(Database);
        Sql("create table theirs (x text)");
        await AssertStopsAsync(Right(), $"{Database} is a database of another program.", cancellationToken);

        await File.WriteAllTextAsync(Database, new string('x', 5000), cancellationToken);
        await AssertStopsAsync(Right(), $"{Database} is no SQLite database", cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_port_in_use_is_named(CancellationToken cancellationToken)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        await AssertStopsAsync(new(Right(), StringComparer.Ordinal) { ["ASPNETCORE_URLS"] = url }, url, cancellationToken);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_word_that_is_no_verb_is_refused(CancellationToken cancellationToken)
    {
        var (code, _, error) = await RunAsync(Right(), cancellationToken, "rum");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("rum"));
        Assert.That(File.Exists(Database), Is.False);
    }

    private async Task AssertStopsAsync(Dictionary<string, string?> environment, string says, CancellationToken cancellationToken, params string[] arguments)
    {
        var (code, _, error) = await RunAsync(environment, cancellationToken, arguments);
        Assert.That(code, Is.EqualTo(1), error);
        Assert.That(error, Does.StartWith("PmBot cannot start:\n- ").And.Contain(says));
        Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(2), error);
        AssertReadable(error);
    }

    private static void AssertReadable(string error)
    {
        Assert.That(error, Does.Not.Contain("   at ").And.Not.Contain("Exception"));
        Assert.That(error, Does.Not.Contain("token-of-the-"));
    }

    private Dictionary<string, string?> Right() => new(StringComparer.Ordinal)
    {
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
        ["Mattermost__Url"] = "http://127.0.0.1:1",
        ["Mattermost__BotToken"] = "token-of-the-bot-account",
        ["Mattermost__CommandTokens__pm-rotation__0"] = "token-of-the-command",
        ["Mattermost__CommandTokens__cr-assign__0"] = "token-of-the-other-command",
        ["Mattermost__CommandTokens__agenda__0"] = "token-of-the-third-command",
        ["PmBot__PublicUrl"] = "http://127.0.0.1:2",
        ["Storage__ConnectionString"] = $"Data Source={Database}",
    };

    private void Sql(string statement)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the test's own statements
        command.CommandText = statement;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private Task<(int Code, string Output, string Error)> RunAsync(
        Dictionary<string, string?> environment, CancellationToken cancellationToken, params string[] arguments) =>
        PmBotProgram.RunAsync(environment, _folder, cancellationToken, arguments);
}
