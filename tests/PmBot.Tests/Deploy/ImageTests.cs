using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.Sandbox;

namespace PmBot.Tests.Deploy;

/// <summary>
/// What the Dockerfile makes, run without Docker: <c>deploy/image</c> publishes by its own lines and starts its entry point as user 1654 on a
/// read-only root; and the systemd unit, started by a systemd of its own. Where a tool is missing, or may not be used, the tests are skipped,
/// saying so; with <c>CI=true</c> they fail instead.
/// </summary>
[Parallelizable(ParallelScope.Self)]
[Platform("Linux")]
[SupportedOSPlatform("linux")]
internal sealed class ImageTests
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    private readonly string _folder = Directory.CreateTempSubdirectory("pmbot-image-").FullName;

    private string App => Path.Combine(_folder, "app");

    private string State => Path.Combine(_folder, "state");

    [OneTimeSetUp]
    public async Task BuildAsync()
    {
        var (can, why) = await RunAsync(new("bwrap", ["--ro-bind", "/", "/", "--unshare-user", "true"]), CancellationToken.None);
        if (can != 0)
        {
            Skip($"bubblewrap is needed (Debian: bubblewrap), and leave to make user namespaces: {why}");
        }

        var (code, output) = await ImageAsync(CancellationToken.None, "build", App);
        Assert.That(code, Is.Zero, output);

        // User 1654 must get there; what is secret lies deeper.
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_published_folder_holds_the_program_and_one_native_library()
    {
        var files = Directory.GetFiles(App, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(App, f)).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(files, Is.SupersetOf(new List<string> { "pmbot", "pmbot.dll", "pmbot.pdb", "appsettings.json", "libe_sqlite3.so" }));
            Assert.That(files.Where(f => f.EndsWith(".so", StringComparison.Ordinal)), Is.EqualTo(new List<string> { "libe_sqlite3.so" }));
            Assert.That(files.Where(f => f.EndsWith(".xml", StringComparison.Ordinal)), Is.Empty, "documentation is for who compiles against it");
            Assert.That(JsonNode.Parse(File.ReadAllText(Path.Combine(App, "pmbot.runtimeconfig.json")))!["runtimeOptions"]!["configProperties"]!["System.Globalization.Invariant"]!.GetValue<bool>(), Is.False);
        });
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task It_serves_a_team_as_nobodys_root_on_a_read_only_root(CancellationToken cancellationToken)
    {
        using var clock = SandboxClock.Running();
        await using var team = await SandboxTeam.StartAsync(clock, _folder);
        WriteSettings(team);
        var environment = $"ASPNETCORE_HTTP_PORTS=\nASPNETCORE_URLS={team.BotUrl}";
        var image = Start(new ProcessStartInfo(Script(), ["run", App, State, "run", "--settings", "/config/settings.json"]) { Environment = { ["IMAGE_ENV"] = environment } });
        using var process = image.Process;
        try
        {
            await UntilReadyAsync(team.BotUrl, image, cancellationToken);
            var bot = await InsideAsync(process, cancellationToken);

            Assert.That(await ImageAsync(environment, cancellationToken, "health", App, State), Is.EqualTo((0, $"The bot is well: {team.BotUrl}/health/live")));

            // It serves commands, and it posts: the store is written, the server is reached.
            await team.Server.TypeAsync(team.Katie, team.ProductManagement, "/pm-rotation create \"PM rotation\"");
            var answer = await team.Server.TypeAsync(team.Katie, team.ProductManagement, "/pm-rotation");
            Assert.That(answer.Error, Is.Null, image.Output());

            AssertConfined(bot);
            Assert.That(Directory.GetFiles($"/proc/{bot}/root/tmp"), Is.Empty, "nothing is left in /tmp");

            // As Docker and Kubernetes end it: the signal goes to process 1, which is the bot.
            using (var kill = Process.Start("kill", ["-TERM", bot.ToString(CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync(cancellationToken);
            }

            await process.WaitForExitAsync(cancellationToken);
            Assert.That(process.ExitCode, Is.Zero, image.Output());
            Assert.That(Directory.GetFiles(Path.Combine(State, "data")).Select(Path.GetFileName), Is.EquivalentTo(new List<string> { "pmbot.db", "pmbot.db.lock" }));
            Assert.That((await ImageAsync(environment, cancellationToken, "health", App, State)).Code, Is.EqualTo(1), "nobody answers any more");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [Test]
    [CancelAfter(360_000)]
    public async Task Its_unit_starts_and_stops_under_all_its_restrictions(CancellationToken cancellationToken)
    {
        var (can, why) = await RunAsync(new("systemd-nspawn", ["--version"]), cancellationToken);
        if (can != 0 || Environment.UserName != "root")
        {
            Skip($"systemd-nspawn is needed (Debian: systemd-container), and root: {why}");
        }

        var (code, output) = await RunAsync(new(Path.Combine(Path.GetDirectoryName(Script())!, "systemd", "try"), [App]), cancellationToken);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("CapEff:\t0000000000000000").And.Contain("Seccomp:\t2").And.Contain("pmbot 600 /var/lib/pmbot/pmbot.db"));
    }

    private static void Skip(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(reason);
        }

        Assert.Ignore(reason);
    }

    /// <summary>The settings file as Kubernetes mounts one: behind two links, so that it can be exchanged at once.</summary>
    private void WriteSettings(SandboxTeam team)
    {
        var config = Directory.CreateDirectory(Path.Combine(State, "config")).FullName;
        var settings = new JsonObject
        {
            ["Mattermost"] = new JsonObject
            {
                ["Url"] = team.Server.Url.ToString(),
                ["BotToken"] = team.BotUser.Token,
                ["CommandTokens"] = new JsonObject(team.CommandTokens.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)new JsonArray(t.Value)))),
            },
            ["PmBot"] = new JsonObject { ["PublicUrl"] = team.BotUrl },
        };
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(config, "..v1")).FullName, "settings.json");
        File.WriteAllText(file, settings.ToJsonString());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(Path.Combine(config, "..data"), "..v1");
        File.CreateSymbolicLink(Path.Combine(config, "settings.json"), "..data/settings.json");
    }

    /// <summary>What the kernel says of the bot: its user, its rights, and which of its file systems can be written.</summary>
    private static void AssertConfined(int bot)
    {
        var status = File.ReadAllLines($"/proc/{bot}/status").Select(l => l.Split(':', 2)).ToDictionary(l => l[0], l => l[1].Trim(), StringComparer.Ordinal);

        // The fifth word is the place, the sixth its options: "42 35 0:31 / /data rw,nosuid - ext4 …".
        var writable = File.ReadAllLines($"/proc/{bot}/mountinfo").Select(l => l.Split(' '))
            .Where(m => m[5].Split(',').Contains("rw", StringComparer.Ordinal)).Select(m => m[4])
            .Where(place => place != "/proc" && place != "/dev" && !place.StartsWith("/dev/", StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(writable, Is.EquivalentTo(new List<string> { "/data", "/tmp" }));
            Assert.That(status["CapEff"].Trim('0'), Is.Empty);
            Assert.That(status["NoNewPrivs"], Is.EqualTo("1"));
            if (Environment.UserName == "root")
            {
                Assert.That(status["Uid"].Split('\t').Distinct(), Is.EqualTo(new List<string> { "1654" }));
            }
        });
    }

    private static async Task UntilReadyAsync(string url, Started image, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var response = await Http.GetAsync(new Uri($"{url}/health/ready"), cancellationToken);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                Assert.That(image.Process.HasExited, Is.False, image.Output());
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>The bot's own process: the one that bubblewrap started.</summary>
    private static async Task<int> InsideAsync(Process outside, CancellationToken cancellationToken)
    {
        var children = await File.ReadAllTextAsync($"/proc/{outside.Id}/task/{outside.Id}/children", cancellationToken);
        return int.Parse(children, CultureInfo.InvariantCulture);
    }

    private static Task<(int Code, string Output)> ImageAsync(CancellationToken cancellationToken, params string[] arguments) => ImageAsync("", cancellationToken, arguments);

    private static Task<(int Code, string Output)> ImageAsync(string environment, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(new ProcessStartInfo(Script(), arguments) { Environment = { ["IMAGE_ENV"] = environment } }, cancellationToken);

    private static async Task<(int Code, string Output)> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        try
        {
            var started = Start(start);
            using var process = started.Process;
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, started.Output());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, e.Message);
        }
    }

    private static Started Start(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var lines = new List<string>();
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new Started(process, () =>
        {
            lock (lines)
            {
                return string.Join('\n', lines.Where(l => l.Length > 0));
            }
        });

        void Keep(string? line)
        {
            lock (lines)
            {
                lines.Add(line ?? "");
            }
        }
    }

    private static string Script()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "deploy", "image");
            if (File.Exists(script) && File.Exists(Path.Combine(folder.FullName, "Dockerfile")))
            {
                return script;
            }
        }

        throw new FileNotFoundException("deploy/image is not above the tests.");
    }

    private sealed record Started(Process Process, Func<string> Output);
}
