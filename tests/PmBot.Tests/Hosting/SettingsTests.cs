using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using PmBot.Hosting;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.Hosting;

/// <summary>Wrong settings stop the start before anything is touched, and all that is wrong is said at once.</summary>
internal sealed class SettingsTests
{
    private const string Secret = "s3cr3t";

    private string _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("pmbot-settings-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Right_settings_build()
    {
        await using var app = BotHost.Build(null, b => b.Configuration.AddInMemoryCollection(Right()));
        Assert.That(File.Exists(Path.Combine(_folder, "data", "pmbot.db")), "the store is made with its folder");
    }

    [TestCase("Mattermost:Url", "")]
    [TestCase("Mattermost:Url", "chat.example.com")]
    [TestCase("Mattermost:Url", "localhost:8065")]
    [TestCase("Mattermost:Url", "ftp://chat.example.com")]
    [TestCase("Mattermost:Url", "https://chat.example.com?team=core")]
    [TestCase("Mattermost:Url", "https://")]
    [TestCase("PmBot:PublicUrl", "")]
    [TestCase("PmBot:PublicUrl", "/pmbot")]
    [TestCase("PmBot:PublicUrl", "pmbot.internal:5000")]
    [TestCase("PmBot:BasePath", "pmbot")]
    [TestCase("PmBot:BasePath", "/{team}")]
    [TestCase("PmBot:BasePath", "/team}")]
    [TestCase("PmBot:BasePath", "/a//b")]
    [TestCase("PmBot:BasePath", "//")]
    [TestCase("PmBot:BasePath", "/a?b")]
    [TestCase("PmBot:BasePath", "/a#b")]
    [TestCase("PmBot:BasePath", "/a b")]
    [TestCase("PmBot:Practice", "2022")]
    [TestCase("PmBot:Practice", "")]
    [TestCase("PmBot:Triggers:pm-rotation", "/pm-rotation")]
    [TestCase("PmBot:Triggers:pm-rotation", "PM-Rotation")]
    [TestCase("PmBot:Triggers:pm-rotation", "pm rotation")]
    [TestCase("PmBot:Triggers:pm-rotation", "")]
    [TestCase("PmBot:Admins:0", "katie w")]
    [TestCase("PmBot:Admins:0", " ")]
    [TestCase("Storage:Provider", "Oracle")]
    [TestCase("Storage:Provider", "")]
    [TestCase("Storage:ConnectionString", "")]
    [TestCase("Storage:ConnectionString", "/var/lib/pmbot.db")]
    [TestCase("Storage:ConnectionString", "Data Source=:memory:")]
    [TestCase("Storage:ConnectionString", "Data Source=pmbot.db;Colour=red")]
    [TestCase("Storage:Backup:At", "")]
    [TestCase("Storage:Backup:At", "3:30")]
    [TestCase("Storage:Backup:At", "24:00")]
    [TestCase("Storage:Backup:Zone", "Palo Alto")]
    [TestCase("Storage:Backup:Zone", "")]
    [TestCase("Storage:Backup:Keep", "0")]
    [TestCase("Storage:Backup:Keep", "-1")]
    [TestCase("Storage:Backup:Keep", "all")]
    [TestCase("Storage:Backup:Keep", "1001")]
    public void A_wrong_setting_is_told_with_its_name_its_value_and_a_remedy(string setting, string value)
    {
        var failures = Failures(Changed((setting, value)));
        var told = failures.Single(f => f.StartsWith(setting.TrimEnd('0').TrimEnd(':'), StringComparison.Ordinal));
        Assert.That(failures, Has.Count.EqualTo(1).Or.Some.StartsWith("PmBot:Triggers"), string.Join('\n', failures));
        Assert.That(told, value.Length == 0 ? Does.Contain("is not set.") : Does.Contain($"is \"{value}\"."));
        Assert.That(told[(told.IndexOf(". ", StringComparison.Ordinal) + 2)..], Is.Not.Empty.And.EndsWith("."), "the remedy");
        Assert.That(Directory.EnumerateFileSystemEntries(_folder), Is.Empty, "nothing is touched");
    }

    [TestCase("Mattermost:BotToken", "", "is not set.")]
    [TestCase("Mattermost:BotToken", "   ", "is not set.")]
    [TestCase("Mattermost:BotToken", "two\nlines-of-a-token", "has spaces, line ends or other characters that no token has.")]
    [TestCase("Mattermost:BotToken", "…", "has spaces, line ends or other characters that no token has.")]
    [TestCase("Mattermost:CommandTokens:pm-rotation:0", Secret, "has an empty or very short token.")]
    [TestCase("Mattermost:CommandTokens:pm-rotation:0", "", "has an empty or very short token.")]
    [TestCase("Mattermost:CommandTokens:pm-rotation:1", Secret, "has an empty or very short token.")]
    [TestCase("Mattermost:WebhookTokens:0", Secret, "has an empty or very short token.")]
    [TestCase("Mattermost:WebhookTokens:0", "", "has an empty or very short token.")]
    [TestCase("Mattermost:WebhookTokens:1", " " + Secret + "  ", "has an empty or very short token.")]
    [TestCase("Mattermost:WebhookTokens:#cr:0", Secret + "-long-enough-token", "is no list.")]
    [TestCase("PmBot:SigningKey", Secret, "has 6 characters.")]
    public void A_wrong_secret_is_told_without_its_value(string setting, string value, string fault)
    {
        var told = Failures(Changed((setting, value))).Single();
        Assert.That(told, Does.StartWith(setting.Split(":#cr")[0].Split(":0")[0].Split(":1")[0] + " " + fault).And.Not.Contain(Secret));
    }

    [Test]
    public void A_trigger_without_tokens_is_told_with_the_name_of_the_variable()
    {
        var settings = Changed(("PmBot:Triggers:pm-rotation", "pm-duty"));
        Assert.That(Failures(settings).Single(), Does.StartWith("Mattermost:CommandTokens:pm-duty has no token.").And.Contain("\"pm-duty\": [\"…\"]"));
    }

    [TestCase("Mattermost:CommandTokens:pm-rotation", Secret + "-long-enough-token")]
    [TestCase("PmBot:Admins", "katie.w")]
    [TestCase("Mattermost:CommandTokens", Secret + "-long-enough-token")]
    [TestCase("Mattermost:WebhookTokens", Secret + "-long-enough-token")]
    [TestCase("PmBot:Triggers", "pm-rotation")]
    public void A_list_given_as_one_value_is_told(string setting, string value)
    {
        var settings = Changed();
        foreach (var key in settings.Keys.Where(k => k.StartsWith(setting + ":", StringComparison.Ordinal)).ToList())
        {
            settings.Remove(key);
        }

        settings[setting] = value;
        Assert.That(Failures(settings), Has.Some.StartsWith(setting).And.None.Contains(Secret));
    }

    [Test]
    public void A_list_of_webhook_tokens_that_is_none_is_told_with_a_remedy() =>
        Assert.That(
            Failures(Changed(("Mattermost:WebhookTokens", Secret + "," + Secret))).Single(),
            Is.EqualTo("Mattermost:WebhookTokens is no list. List the tokens, one an entry: Mattermost__WebhookTokens__0, Mattermost__WebhookTokens__1."));

    [Test]
    public async Task A_list_of_webhook_tokens_may_have_several_or_none([Values(0, 1, 3)] int count)
    {
        var tokens = Enumerable.Range(0, count).Select(i => ($"Mattermost:WebhookTokens:{i}", $"token-of-webhook-{i}")).ToArray();
        await using var app = BotHost.Build(null, b => b.Configuration.AddInMemoryCollection(Changed(tokens)));
        Assert.That(app, Is.Not.Null);
    }

    [Test]
    public async Task An_empty_list_of_webhook_tokens_in_the_settings_file_is_none([Values("[]", "null", "\"\"")] string list)
    {
        var file = Path.Combine(_folder, "settings.json");
        await File.WriteAllTextAsync(file, $$"""{ "Mattermost": { "WebhookTokens": {{list}} } }""");
        await using var app = BotHost.Build(file, b => b.Configuration.AddInMemoryCollection(Right()));
        Assert.That(app, Is.Not.Null);
    }

    [Test]
    public async Task An_entry_of_the_webhook_tokens_that_is_null_is_told()
    {
        var file = Path.Combine(_folder, "settings.json");
        await File.WriteAllTextAsync(file, """{ "Mattermost": { "WebhookTokens": ["long-enough-token", null] } }""");
        Assert.That(
            Catch(() => ((IDisposable)BotHost.Build(file, b => b.Configuration.AddInMemoryCollection(Right()))).Dispose()).Single(),
            Does.StartWith("Mattermost:WebhookTokens has an empty or very short token."));
    }

    [Test]
    public void Everything_wrong_is_told_at_once()
    {
        var failures = Failures(Changed(
            ("Mattermost:Url", "x"), ("Mattermost:BotToken", ""), ("Mattermost:CommandTokens:pm-rotation:0", Secret), ("Mattermost:WebhookTokens:0", Secret), ("PmBot:PublicUrl", "y"), ("PmBot:BasePath", "z"),
            ("PmBot:SigningKey", Secret), ("PmBot:Practice", "1"), ("PmBot:Admins:0", "a b"), ("PmBot:Admins:1", "c d"), ("Storage:Provider", "Oracle")));
        Assert.That(failures.Select(f => f.Split(' ')[0]), Is.EquivalentTo(new List<string>
        {
            "Mattermost:Url", "Mattermost:BotToken", "Mattermost:CommandTokens:pm-rotation", "Mattermost:WebhookTokens", "PmBot:PublicUrl", "PmBot:BasePath", "PmBot:SigningKey", "PmBot:Practice",
            "PmBot:Admins", "PmBot:Admins", "Storage:Provider",
        }));
        Assert.That(string.Join('\n', failures), Does.Not.Contain(Secret));
    }

    [Test]
    public void A_wrong_variable_of_OpenTelemetry_stops_the_start_with_all_else_that_is_wrong() =>
        Assert.That(
            Failures(Changed(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "foo"), ("PmBot:Practice", "1"))),
            Is.EquivalentTo(new List<string>
            {
                "OTEL_EXPORTER_OTLP_PROTOCOL is \"foo\". Set it to grpc or http/protobuf, or leave it out.", "PmBot:Practice is \"1\". Set it to 2020 or 2021.",
            }));

    [TestCase("/pmbot")]
    [TestCase("/pmbot/")]
    [TestCase("/a/b-c_d.e~f")]
    [TestCase("/")]
    public async Task A_base_path_may_have_several_parts(string path)
    {
        await using var app = BotHost.Build(null, b => b.Configuration.AddInMemoryCollection(Changed(("PmBot:BasePath", path))));
        Assert.That(app, Is.Not.Null);
    }

    [Test]
    public void A_database_without_a_file_is_refused() =>
        Assert.That(
            Failures(Changed(("Storage:ConnectionString", $"Data Source={_folder}/x;Mode=Memory"))).Single(),
            Does.StartWith("Storage:ConnectionString is \"Data Source=").And.EndWith("such as Data Source=/var/lib/pmbot/pmbot.db."));

    [Test]
    public async Task The_settings_file_is_weaker_than_what_comes_later()
    {
        var file = Path.Combine(_folder, "settings.json");
        await File.WriteAllTextAsync(file, """{ "PmBot": { "Practice": "from the file" }, "Storage": { "Provider": "from the file" } }""");
        var failures = Catch(() => BotHost.Build(file, b => b.Configuration.AddInMemoryCollection(Changed(("PmBot:Practice", "stronger")))));
        Assert.That(failures, Has.Some.StartsWith("PmBot:Practice is \"stronger\"").And.Some.StartsWith("Storage:Provider is \"from the file\""));
    }

    [Test]
    public async Task A_renamed_trigger_is_named_wherever_a_command_is()
    {
        const string token = "token-of-the-renamed-command";
        await using var edge = await Edge.StartAsync(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:Triggers:pm-rotation"] = "pm-duty", ["Mattermost:CommandTokens:pm-duty:0"] = token }, rotation: false);
        var texts = new List<string>();
        foreach (var text in new[]
            {
                "", "help", "help cover", "help set", "create \"PM duty\"", "add @adam.c @katie.w", "handoff --now", "handoff", "schedule", "cover", "histry", "xyzzy", "duties",
                "duties remove 99", "duties add watch", "settings", "set every 2w", "set", "away 2026-12-21", "back", "take 2026-12-21", "swap @adam.c @katie.w", "history", "stats",
                "ack", "remove @adam.c", "delete \"PM duty\"", "create", "who --rotation nothing",
            })
        {
            var answer = await edge.PostFormAsync(edge.Url("/mattermost/commands/pm-duty"), edge.Form(text, token: token));
            Assert.That(answer.Status, Is.EqualTo(200));
            texts.Add(answer.Body);
        }

        await edge.SettledAsync();
        texts.AddRange(edge.Team.Server.Posts().Select(p => p.Message + string.Concat(p.Attachments.Select(a => a.Text))));
        Assert.That(texts, Has.None.Contains("pm-rotation"));
        Assert.That(texts.Count(t => t.Contains("/pm-duty", StringComparison.Ordinal)), Is.GreaterThan(15));

        // The old word has a token still, but no command.
        Assert.That((await edge.CommandAsync("who")).Text, Does.StartWith("I have no command `/pm-rotation`."));
    }

    private Dictionary<string, string?> Right() => new(StringComparer.Ordinal)
    {
        ["Urls"] = "http://127.0.0.1:0",
        ["Mattermost:Url"] = "http://127.0.0.1:1",
        ["Mattermost:BotToken"] = "token-of-the-bot-account-26",
        ["Mattermost:CommandTokens:pm-rotation:0"] = "token-of-the-command-26-cha",
        ["Mattermost:CommandTokens:cr-assign:0"] = "token-of-the-command-26-chb",
        ["Mattermost:CommandTokens:agenda:0"] = "token-of-the-command-26-chc",
        ["PmBot:PublicUrl"] = "http://127.0.0.1:2",
        ["Storage:ConnectionString"] = $"Data Source={Path.Combine(_folder, "data", "pmbot.db")}",
    };

    private Dictionary<string, string?> Changed(params (string Key, string Value)[] changes)
    {
        var settings = Right();
        foreach (var (key, value) in changes)
        {
            settings[key] = value;
        }

        return settings;
    }

    private static void Build(Dictionary<string, string?> settings) =>
        ((IDisposable)BotHost.Build(null, b => b.Configuration.AddInMemoryCollection(settings))).Dispose();

    private static List<string> Failures(Dictionary<string, string?> settings) => Catch(() => Build(settings));

    private static List<string> Catch(Action build)
    {
        try
        {
            build();
        }
        catch (OptionsValidationException one)
        {
            return [.. one.Failures];
        }
        catch (AggregateException several) when (several.InnerExceptions.All(e => e is OptionsValidationException))
        {
            return [.. several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(e => e.Failures)];
        }

        throw new AssertionException("The bot was built, in spite of its settings.");
    }
}
