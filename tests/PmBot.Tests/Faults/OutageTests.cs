using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;
using PmBot.Sandbox;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Faults;

/// <summary>
/// Something that the bot stands on goes away for a while, with people typing before, meanwhile and after; the bot is never started anew. Each prints
/// what people read, what was lost of what was answered "done" (nothing may be), and how long it took until all was well.
/// <c>PMBOT_FAULTS=full</c> has 32 callers and longer outages.
/// </summary>
internal sealed class OutageTests
{
    // Monday, two minutes before the handoffs.
    private static readonly DateTimeOffset BeforeHandoff = new(2026, 11, 30, 16, 58, 0, TimeSpan.Zero);

    private static int Callers => FaultRun.IsFull ? 32 : 8;

    private static int Commands => FaultRun.IsFull ? 40 : 8;

    [TestCaseSource(typeof(FaultData), nameof(FaultData.Engines))]
    [CancelAfter(240_000)]
    public async Task Mattermost_is_away_for_an_hour(string engine, CancellationToken cancellationToken)
    {
        await using var scene = await Scene.StartAsync(folder => FaultData.New(engine, folder), cancellationToken);
        await scene.TypeAsync(Commands, cancellationToken);
        await scene.WellAsync(cancellationToken);

        scene.Team.Server.Faults.Down = true;
        await scene.AskAsync("while Mattermost is away", "pm-rotation", "who");
        await scene.AskAsync("while Mattermost is away", "cr-assign", "new Guests cannot log in");
        await scene.AskAsync("while Mattermost is away", "agenda", "add Pricing of guests");
        for (var minute = 0; minute < 60; minute += 5)
        {
            await scene.TypeAsync(Commands / 8, cancellationToken);
            scene.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        await scene.HandedOffAsync(cancellationToken);
        var waiting = await scene.Bot.WaitingAsync(cancellationToken);
        Assert.That(scene.Announcements(), Is.Empty);

        // Its pauses have grown to a minute by now: that time is measured by its clock, which runs faster here.
        scene.Team.Server.Faults.Down = false;
        var back = scene.Clock.GetUtcNow();
        await scene.AskAsync("when it is back", "pm-rotation", "who");
        await scene.WellAsync(cancellationToken, () => scene.Clock.Advance(TimeSpan.FromSeconds(1)));
        var took = scene.Clock.GetUtcNow() - back;

        await scene.CheckAsync(cancellationToken);
        Assert.That(scene.Announcements(), Has.Count.EqualTo(Scene.Rotations));
        await scene.TellAsync($"{engine}, Mattermost away for an hour: {waiting} messages waited, {Scene.Rotations} handoffs among them; all delivered {took.TotalSeconds:N0} s after it was back");
        scene.AssertSound();
        // No attempt is put off for longer than ten minutes.
        Assert.That(took, Is.LessThan(TimeSpan.FromMinutes(15)));
    }

    [Test]
    [CancelAfter(240_000)]
    public async Task PostgreSQL_is_restarted_in_the_middle(CancellationToken cancellationToken)
    {
        await using var server = PostgresServer.Start();
        await using var scene = await Scene.StartAsync(_ => FaultData.On(server), cancellationToken);
        var typing = scene.TypeUntilAsync(cancellationToken);
        await scene.AcknowledgedAsync(Callers * 4, cancellationToken);

        server.Crash();
        await scene.RefusedAsync(cancellationToken);
        await scene.AskAsync("while PostgreSQL is away", "pm-rotation", "who");
        await scene.AskAsync("while PostgreSQL is away", "cr-assign", "new Guests cannot log in");
        await Task.Delay(FaultRun.IsFull ? 20_000 : 1_000, cancellationToken);
        var before = scene.Typists.Acknowledged;
        server.StartAgain();
        var back = Stopwatch.GetTimestamp();
        while (scene.Typists.Acknowledged == before)
        {
            await Task.Delay(5, cancellationToken);
        }

        var first = Stopwatch.GetElapsedTime(back);
        await scene.AcknowledgedAsync(Callers * 4, cancellationToken);
        scene.Stop();
        await typing;
        await scene.WellAsync(cancellationToken);
        var well = Stopwatch.GetElapsedTime(back);

        await scene.CheckAsync(cancellationToken);
        await scene.TellAsync(
            $"PostgreSQL ended at once and started again: {scene.Typists.Refused.Count} commands were answered that nothing could be written; the first change was answered \"done\" "
            + $"{first.TotalSeconds:N1} s after it was back, all was well after {well.TotalSeconds:N1} s, of which people typed most");
        scene.AssertSound();
    }

    [Test]
    [CancelAfter(240_000)]
    public async Task The_disk_is_full(CancellationToken cancellationToken)
    {
        using var disk = await SmallDisk.MountAsync(24);
        await using var scene = await Scene.StartAsync(_ => FaultData.New("Sqlite", disk.Folder), cancellationToken);
        var typing = scene.TypeUntilAsync(cancellationToken);
        await scene.AcknowledgedAsync(Callers * 4, cancellationToken);

        disk.Fill();
        await scene.RefusedAsync(cancellationToken);
        await scene.AskAsync("while the disk is full", "pm-rotation", "who");
        await scene.AskAsync("while the disk is full", "cr-assign", $"new Guests cannot log in {new string('x', 200)}");
        await Task.Delay(FaultRun.IsFull ? 20_000 : 1_000, cancellationToken);
        var before = scene.Typists.Acknowledged;
        disk.Empty();
        var room = Stopwatch.GetTimestamp();
        while (scene.Typists.Acknowledged == before)
        {
            await Task.Delay(5, cancellationToken);
        }

        var first = Stopwatch.GetElapsedTime(room);
        await scene.AcknowledgedAsync(Callers * 4, cancellationToken);
        scene.Stop();
        await typing;
        await scene.WellAsync(cancellationToken);
        var well = Stopwatch.GetElapsedTime(room);

        await scene.CheckAsync(cancellationToken);
        await scene.TellAsync(
            $"the disk full: {scene.Typists.Refused.Count} commands were answered that nothing could be written; the first change was answered \"done\" {first.TotalSeconds:N1} s after there was room, "
            + $"all was well after {well.TotalSeconds:N1} s, of which people typed most");
        scene.AssertSound();
    }

    [TestCaseSource(typeof(FaultData), nameof(FaultData.Engines))]
    [CancelAfter(240_000)]
    public async Task The_clock_is_set_back_an_hour(string engine, CancellationToken cancellationToken)
    {
        await using var scene = await Scene.StartAsync(folder => FaultData.New(engine, folder), cancellationToken);
        scene.Clock.Advance(TimeSpan.FromMinutes(3));
        await scene.HandedOffAsync(cancellationToken);
        await scene.WellAsync(cancellationToken);
        Assert.That(scene.Announcements(), Has.Count.EqualTo(Scene.Rotations));

        var typing = scene.TypeUntilAsync(cancellationToken);
        await scene.AcknowledgedAsync(Callers, cancellationToken);
        scene.Clock.Advance(TimeSpan.FromHours(-1));
        var back = Stopwatch.GetTimestamp();
        await scene.AcknowledgedAsync(Callers * 2, cancellationToken);
        scene.Stop();
        await typing;
        await scene.AskAsync("an hour earlier than before", "pm-rotation", "who");
        await scene.AskAsync("an hour earlier than before", "cr-assign", "new Guests cannot log in");
        await scene.WellAsync(cancellationToken);
        var well = Stopwatch.GetElapsedTime(back);

        // 09:00 comes for the second time.
        scene.Clock.Advance(TimeSpan.FromMinutes(61));
        await scene.TypeAsync(2, cancellationToken);
        await scene.WellAsync(cancellationToken);

        await scene.CheckAsync(cancellationToken);
        Assert.That(scene.Announcements(), Has.Count.EqualTo(Scene.Rotations), "nothing is told again");
        await scene.TellAsync($"{engine}, the clock set back an hour: all was well after {well.TotalSeconds:N1} s, in which people typed; {Scene.Rotations} handoffs were announced once");
        Assert.That(scene.Typists.Refused, Is.Empty);
        scene.AssertSound();
    }

    /// <summary>A team with a bot on a database, and people who type.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        /// <summary>The rotations that are handed off at 09:00.</summary>
        public const int Rotations = 8;

        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pmbot-test-outage-");
        private readonly List<string> _read = [];
        private FaultData _data = null!;
        private int _stopped;

        private Scene()
        {
        }

        public SandboxClock Clock { get; } = SandboxClock.Running(BeforeHandoff);

        public SandboxTeam Team { get; private set; } = null!;

        public Typists Typists { get; private set; } = null!;

        public BotProcess Bot { get; private set; } = null!;

        public static async Task<Scene> StartAsync(Func<string, FaultData> data, CancellationToken cancellationToken)
        {
            var scene = new Scene();
            var seed = await FaultRun.SeedAsync();
            scene._data = data(scene._folder.FullName);
            scene.Team = await SandboxTeam.StartAsync(
                scene.Clock, scene._folder.FullName, settings: Typists.Settings.Concat(scene._data.Settings).ToDictionary(StringComparer.Ordinal));
            scene.Typists = new Typists(scene.Team, Callers, new Random(seed));
            scene.Bot = BotProcess.Start(scene.Team);
            await scene.Bot.LiveAsync(cancellationToken);
            await scene.Typists.SetUpAsync();
            return scene;
        }

        public Task TypeAsync(int each, CancellationToken cancellationToken) => Typists.TypeAsync(each, () => !Bot.HasExited, cancellationToken);

        /// <summary>Everybody types until <see cref="Stop"/>.</summary>
        public Task TypeUntilAsync(CancellationToken cancellationToken) => Typists.TypeAsync(int.MaxValue, () => Volatile.Read(ref _stopped) == 0 && !Bot.HasExited, cancellationToken);

        public void Stop() => Volatile.Write(ref _stopped, 1);

        /// <summary>Waits until so many more changes were answered "done".</summary>
        public async Task AcknowledgedAsync(int more, CancellationToken cancellationToken)
        {
            for (var last = Typists.Acknowledged + more; Typists.Acknowledged < last;)
            {
                AssertRuns();
                await Task.Delay(20, cancellationToken);
            }
        }

        /// <summary>Waits until somebody was told that nothing can be written.</summary>
        public async Task RefusedAsync(CancellationToken cancellationToken)
        {
            while (Typists.Refused.Count == 0)
            {
                AssertRuns();
                await Task.Delay(20, cancellationToken);
            }
        }

        /// <summary>Waits until every rotation has been handed off at 09:00.</summary>
        public async Task HandedOffAsync(CancellationToken cancellationToken)
        {
            for (var n = 1; n <= Rotations; n++)
            {
                while (!(await Typists.SaysAsync("pm-rotation", $"history --rotation \"Duty {n:D2}\"")).Contains("past shifts:", StringComparison.Ordinal))
                {
                    AssertRuns();
                    await Task.Delay(100, cancellationToken);
                }
            }
        }

        /// <summary>Waits until nothing waits to be delivered, and the bot says that all is well.</summary>
        public async Task WellAsync(CancellationToken cancellationToken, Action? meanwhile = null)
        {
            while (await Bot.WaitingAsync(cancellationToken) is not 0 || !await Bot.IsWellAsync(cancellationToken))
            {
                AssertRuns();
                meanwhile?.Invoke();
                await Task.Delay(50, cancellationToken);
            }
        }

        /// <summary>Somebody types, and their answer is printed.</summary>
        public async Task AskAsync(string when, string trigger, string text)
        {
            var started = Stopwatch.GetTimestamp();
            var answer = await Typists.SaysAsync(trigger, text);
            var lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            _read.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{when}, /{trigger} {(text.Length > 60 ? text[..60] + "…" : text)} is answered after {Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s: {(lines.Length == 0 ? "nothing" : lines[0])}{(lines.Length > 1 ? " …" : "")}"));
            Assert.That(answer, Is.Not.Empty, $"{when}, /{trigger} {text}");
        }

        public IReadOnlyList<string> Announcements() =>
            [.. Team.Server.Posts(Team.ProductManagement).Select(p => p.Message).Where(m => m.StartsWith("#### Duty ", StringComparison.Ordinal) && m.Contains(": week of Mon, Nov 30", StringComparison.Ordinal))];

        /// <summary>Ends the bot, as a kill would, and compares what it said with what is there.</summary>
        public async Task CheckAsync(CancellationToken cancellationToken)
        {
            AssertRuns();
            Bot.Kill();
            await Bot.ExitedAsync(cancellationToken);
            await using var store = _data.Open(Clock);
            await Typists.CheckAsync(store, cancellationToken);
        }

        public Task TellAsync(string what) => TestContext.Out.WriteLineAsync(
            $"{what}; acknowledged {Typists.Acknowledged}, lost {Typists.Losses.Count}, done twice {Typists.Duplicates.Count}, numbers used twice {Typists.NumbersTwice.Count}\n{string.Join('\n', _read)}");

        public void AssertSound() => Assert.Multiple(() =>
        {
            Assert.That(Typists.Losses, Is.Empty, "lost");
            Assert.That(Typists.Duplicates, Is.Empty, "twice");
            Assert.That(Typists.NumbersTwice, Is.Empty, "numbers used twice");
            Assert.That(Typists.Odd, Is.Empty, "answers that nobody expects");
            Assert.That(Team.Server.UnexpectedCalls, Is.Empty);
        });

        public async ValueTask DisposeAsync()
        {
            Stop();
            await Bot.DisposeAsync();
            Typists.Dispose();
            await Team.DisposeAsync();
            Clock.Dispose();
            _folder.Delete(recursive: true);
        }

        private void AssertRuns() => Assert.That(Bot.HasExited, Is.False, $"The bot ended by itself:\n{Bot.Output}");
    }

    /// <summary>A file system of its own, of a few megabytes.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly DirectoryInfo _folder;

        private SmallDisk(DirectoryInfo folder) => _folder = folder;

        public string Folder => _folder.FullName;

        private string Filling => Path.Combine(Folder, "filling");

        /// <summary>Mounts one; skips the test where that is not allowed, with <c>CI=true</c> it fails.</summary>
        public static async Task<SmallDisk> MountAsync(int megabytes)
        {
            var folder = Directory.CreateTempSubdirectory("pmbot-test-disk-");
            var (code, why) = await RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", folder.FullName);
            if (code != 0)
            {
                folder.Delete();
                if (Environment.GetEnvironmentVariable("CI") == "true")
                {
                    Assert.Fail(why);
                }

                Assert.Ignore($"A small file system cannot be mounted here (root may): {why}");
            }

            return new SmallDisk(folder);
        }

        /// <summary>Takes all the room there is.</summary>
        public void Fill()
        {
            var block = new byte[4096];
            using var filling = new FileStream(Filling, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            try
            {
                while (true)
                {
                    filling.Write(block);
                }
            }
            catch (IOException)
            {
                // Full.
            }
        }

        /// <summary>Gives the room back.</summary>
        public void Empty() => File.Delete(Filling);

        public void Dispose()
        {
            RunAsync("umount", "-l", Folder).GetAwaiter().GetResult();
            _folder.Delete(recursive: true);
        }

        private static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
                var output = await process.StandardError.ReadToEndAsync();
                await process.WaitForExitAsync();
                return (process.ExitCode, output);
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                return (-1, e.Message);
            }
        }
    }
}
