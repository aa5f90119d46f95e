using NUnit.Framework;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Faults;

/// <summary>
/// kill -9 under a mix of commands of all three kinds from 32 callers: every number that was answered is there, with what it was answered for, none
/// twice; what was answered "done" is in the audit trail; every message is in Mattermost once, and every card says how its request stands; the
/// database can be opened after each kill, and is whole. <c>PMBOT_FAULTS=full</c> kills 100 times instead of four;
/// <c>PMBOT_FAULTS_SEED</c> repeats the choices of a run.
/// </summary>
internal sealed class MixedKillTests
{
    private const int Callers = 32;

    private static readonly DateTimeOffset Wednesday = new(2026, 11, 25, 18, 0, 0, TimeSpan.Zero);

    private static int Kills => FaultRun.IsFull ? 100 : 4;

    // A test that can be repeated is wanted; nothing secret depends on it.
#pragma warning disable CA5394
    [TestCaseSource(typeof(FaultData), nameof(FaultData.Engines))]
    [CancelAfter(3_600_000)]
    public async Task Killed_under_a_mix_of_commands_nothing_is_lost_and_nothing_is_done_twice(string engine, CancellationToken cancellationToken)
    {
        var seed = await FaultRun.SeedAsync();
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("pmbot-test-kill-");
        var data = FaultData.New(engine, folder.FullName);
        using var clock = SandboxClock.Running(Wednesday);
        await using var team = await SandboxTeam.StartAsync(
            clock, folder.FullName, settings: Typists.Settings.Concat(data.Settings).ToDictionary(StringComparer.Ordinal));
        using var typists = new Typists(team, Callers, random);
        var run = new Run(team, typists, data, random);
        for (var kill = 1; kill <= Kills; kill++)
        {
            await run.StartAndKillAsync(cancellationToken);
            clock.Advance(TimeSpan.FromSeconds(random.Next(3) * 40));
        }

        await using (var bot = BotProcess.Start(team))
        {
            await bot.LiveAsync(cancellationToken);
            await typists.CompleteAsync(cancellationToken);
            while (await bot.WaitingAsync(cancellationToken) is not 0)
            {
                await Task.Delay(50, cancellationToken);
            }
        }

        await using (var store = data.Open(clock))
        {
            await typists.CheckAsync(store, cancellationToken);
        }

        await TestContext.Out.WriteLineAsync(
            $"{engine}: kills {Kills} (of these {run.KilledWhileSending} in the middle of a call), commands and posts {typists.Sent}, answered {typists.Answered}, "
            + $"acknowledged {typists.Acknowledged}; lost {typists.Losses.Count}, done twice {typists.Duplicates.Count}, numbers used twice {typists.NumbersTwice.Count}, "
            + $"damaged files {run.Damaged.Count}; opening the database after a kill {FaultRun.Times(run.Reopenings)}; from the start of the program until it serves "
            + $"{FaultRun.Times(run.Starts)}; seed {seed}");
        Assert.Multiple(() =>
        {
            Assert.That(typists.Acknowledgements, Is.SupersetOf(Typists.Changes.Concat(["file", "#cr", "#agenda"])));
            Assert.That(typists.Losses, Is.Empty, "lost");
            Assert.That(typists.Duplicates, Is.Empty, "twice");
            Assert.That(typists.NumbersTwice, Is.Empty, "numbers used twice");
            Assert.That(run.Damaged, Is.Empty, "damaged files");
            Assert.That(typists.Dropped, Is.Empty, "nothing of it is ever of no more use");
            Assert.That(typists.Odd.Concat(typists.Refused), Is.Empty, "answers that nobody expects");
            Assert.That(team.Server.UnexpectedCalls, Is.Empty);
        });
        folder.Delete(recursive: true);
    }

    /// <summary>The part of a run with kills, and what is measured in it.</summary>
    private sealed class Run(SandboxTeam team, Typists typists, FaultData data, Random random)
    {
        private bool _isSetUp;

        public int KilledWhileSending { get; private set; }

        public List<string> Damaged { get; } = [];

        public List<TimeSpan> Reopenings { get; } = [];

        public List<TimeSpan> Starts { get; } = [];

        /// <summary>Runs the bot, with everybody typing, until a random moment: after some answers, or in the middle of a call.</summary>
        public async Task StartAndKillAsync(CancellationToken cancellationToken)
        {
            await using var bot = BotProcess.Start(team);
            await bot.LiveAsync(cancellationToken);
            if (_isSetUp)
            {
                Starts.Add(bot.Age);
            }
            else
            {
                await typists.SetUpAsync();
                _isSetUp = true;
            }

            // After so many answers, however fast the machine is; or in the middle of a call, if there is one before.
            var last = typists.Answered + random.Next(5, 150);
            var typing = typists.TypeAsync(int.MaxValue, () => !bot.HasExited, cancellationToken);
            if (random.Next(2) == 0)
            {
                var (call, seen) = (random.Next(1, 30), 0);
                last += 150;
                team.Server.Faults.Add(new Fault(
                    request =>
                    {
                        if ((request.Method == "PUT" || (request.Method == "POST" && request.Path == "/api/v4/posts")) && ++seen == call)
                        {
                            KilledWhileSending++;
                            bot.Kill();
                        }

                        return false;
                    },
                    new FaultKind.DropBefore()));
            }

            foreach (var kind in (FaultKind[])[new FaultKind.DropAfter(), new FaultKind.Status(503)])
            {
                team.Server.Faults.Add(new Fault(r => r.Method == "POST" && r.Path == "/api/v4/posts", kind, int.MaxValue) { Rate = 0.03, Seed = random.Next() });
            }

            while (typists.Answered < last && !bot.HasExited)
            {
                await Task.Delay(5, cancellationToken);
            }

            bot.Kill();
            await bot.ExitedAsync(cancellationToken);
            await typing;
            team.Server.Faults.Clear();
            if (bot.Output.Length > 0)
            {
                await TestContext.Out.WriteLineAsync(bot.Output);
            }

            var left = await data.ReopenAsync(team.Clock);
            Reopenings.Add(left.Time);
            Damaged.AddRange(left.Damage);
        }
    }
#pragma warning restore CA5394
}
