using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;

namespace PmBot.Tests.Faults;

/// <summary>
/// Three replicas on PostgreSQL through the handoffs of many rotations and the agendas of many meetings, all due at the same moment, with people
/// typing meanwhile: every few seconds one is killed and started again, or paused for longer than its leases hold, and the server behind is slow,
/// fails, limits and cuts connections after the post was made. Each announcement appears once, and in each channel they appear in their order.
/// <c>PMBOT_FAULTS=full</c> plays 512 handoffs and 512 agendas instead of 32 of each; <c>PMBOT_FAULTS_SEED</c> repeats the choices of a run.
/// </summary>
internal sealed partial class ReplicaTests
{
    private const int Replicas = 3;
    private const int Subjects = 16;
    private const int ChannelCount = 5;
    private const int Callers = 8;

    private static readonly DateTimeOffset FirstMonday = new(2026, 11, 30, 17, 0, 0, TimeSpan.Zero);

    // One look at the leases of others; after a few of them those of the dead and the paused are taken over.
    private static readonly TimeSpan Look = LeaseWatch.Every + TimeSpan.FromSeconds(1);

    private static int Weeks => FaultRun.IsFull ? 32 : 2;

    // A test that can be repeated is wanted; nothing secret depends on it.
#pragma warning disable CA5394
    [Test]
    [CancelAfter(3_600_000)]
    public async Task Killed_and_paused_they_tell_each_thing_once_and_in_order(CancellationToken cancellationToken)
    {
        var seed = await FaultRun.SeedAsync();
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("pmbot-test-replicas-");
        var data = FaultData.New("Postgres", folder.FullName);
        using var clock = SandboxClock.Running(FirstMonday.AddDays(-5));
        await using var team = await SandboxTeam.StartAsync(
            clock, folder.FullName, settings: Typists.Settings.Concat(data.Settings).ToDictionary(StringComparer.Ordinal));
        using var typists = new Typists(team, Callers, random, meetings: 1);
        await using var fleet = new Fleet(team, new Random(random.Next()));
        typists.UrlOf = _ => fleet.AnyUrl();
        var plan = new Plan(team);
        await fleet.LiveAsync(cancellationToken);
        await typists.SetUpAsync();
        await plan.SetUpAsync();

        var settled = new List<TimeSpan>();
        for (var week = 0; week < Weeks; week++)
        {
            MakeTrouble(team, random);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            clock.MoveTo(Monday(week).AddSeconds(-1.5));
            var typing = typists.TypeAsync(int.MaxValue, () => !end.IsCancellationRequested, cancellationToken);
            for (var trouble = random.Next(3, 6); trouble > 0; trouble--)
            {
                await Task.Delay(random.Next(500, 2500), cancellationToken);
                await fleet.TroubleAsync(cancellationToken);
            }

            await end.CancelAsync();
            await typing;
            settled.Add(await SettleAsync(plan, fleet, week, cancellationToken));
            team.Server.Faults.Clear();
        }

        await fleet.LiveAsync(cancellationToken);
        await typists.CompleteAsync(cancellationToken);
        await SettleAsync(plan, fleet, Weeks - 1, cancellationToken);
        var outOfOrder = new List<string>();
        await using (var store = data.Open(clock))
        {
            await typists.CheckAsync(store, cancellationToken);
            outOfOrder.AddRange(await OutOfOrderAsync(team, store, cancellationToken));
        }

        plan.Check();
        var calls = team.Server.Calls;
        await TestContext.Out.WriteLineAsync(
            $"{Replicas} replicas: handoffs {Subjects * Weeks}, agendas {Subjects * Weeks}; killed {fleet.Kills}, paused {fleet.Pauses}; posts {calls.Count(c => c is { Method: "POST", Path: "/api/v4/posts", Status: 201 })} made, "
            + $"{calls.Count(c => c.Status == 500)} calls answered 500, {calls.Count(c => c.Status == 429)} limited, {calls.Count(c => c.Status == 0)} cut off; announcements missing {plan.Missing.Count}, told twice {plan.Twice.Count}, "
            + $"out of order {outOfOrder.Count}; commands {typists.Sent}, answered {typists.Answered}, acknowledged {typists.Acknowledged}, lost {typists.Losses.Count}, done twice {typists.Duplicates.Count}, "
            + $"numbers used twice {typists.NumbersTwice.Count}, answered that nothing could be written {typists.Refused.Count}; a week's trouble was over after {FaultRun.Times(settled)}; seed {seed}");
        Assert.Multiple(() =>
        {
            Assert.That(plan.Missing, Is.Empty, "missing");
            Assert.That(plan.Twice, Is.Empty, "twice");
            Assert.That(outOfOrder, Is.Empty, "out of order");
            Assert.That(typists.Losses, Is.Empty, "lost");
            Assert.That(typists.Duplicates, Is.Empty, "done twice");
            Assert.That(typists.NumbersTwice, Is.Empty, "numbers used twice");
            Assert.That(typists.Odd, Is.Empty, "answers that nobody expects");
            Assert.That(team.Server.UnexpectedCalls, Is.Empty);
        });
        folder.Delete(recursive: true);
    }

    private static DateTimeOffset Monday(int week)
    {
        // 09:00 in the team's zone, on both sides of a daylight-saving change.
        var day = LocalDate.FromDateTime(FirstMonday.UtcDateTime).PlusWeeks(week);
        return day.At(new LocalTime(9, 0)).InZoneStrictly(DateTimeZoneProviders.Tzdb["America/Los_Angeles"]).ToDateTimeOffset();
    }

    /// <summary>The server is slow, fails, limits, and cuts connections, sometimes after it did what was asked for.</summary>
    private static void MakeTrouble(SandboxTeam team, Random random)
    {
        (FaultKind Kind, double Rate)[] kinds =
        [
            (new FaultKind.Delay(TimeSpan.FromMilliseconds(300)), 0.05), (new FaultKind.Status(500), 0.05), (new FaultKind.DropAfter(), 0.05), (new FaultKind.DropBefore(), 0.02),
            (new FaultKind.RateLimited(1), 0.01),
        ];
        foreach (var (kind, rate) in kinds)
        {
            team.Server.Faults.Add(new Fault(r => r.Method is "POST" or "PUT", kind, int.MaxValue) { Rate = rate, Seed = random.Next() });
            team.Server.Faults.Add(new Fault(r => r.Method == "GET", kind, int.MaxValue) { Rate = rate / 5, Seed = random.Next() });
        }
    }

    /// <summary>Waits until all that is due is told, and all leases of the dead have run out.</summary>
    private static async Task<TimeSpan> SettleAsync(Plan plan, Fleet fleet, int week, CancellationToken cancellationToken)
    {
        // What is lost must not hang the test: after a while it goes on, and the checks at the end tell what is missing.
        var started = Stopwatch.GetTimestamp();
        var turn = started;
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(300) && !(plan.IsTold(week) && await fleet.WaitingAsync(cancellationToken) is 0))
        {
            await fleet.LiveAsync(cancellationToken);
            await Task.Delay(50, cancellationToken);
            if (Stopwatch.GetElapsedTime(turn) > TimeSpan.FromSeconds(1))
            {
                plan.Team.Clock.Advance(Look);
                turn = Stopwatch.GetTimestamp();
            }
        }

        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Posts that appeared before others of their channel which were written before them.</summary>
    private static async Task<IReadOnlyList<string>> OutOfOrderAsync(SandboxTeam team, IStore store, CancellationToken cancellationToken)
    {
        var places = team.Server.Posts().Select((p, at) => (Key: p.Prop(Dispatcher.Key), At: at)).Where(p => p.Key is not null)
            .GroupBy(p => p.Key!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().At, StringComparer.Ordinal);
        var sent = await store.ReadAsync(t => t.Query<Sent>("select id, lane from deliveries where state = 2 order by seq"), cancellationToken);
        return
        [
            .. sent.Where(s => places.ContainsKey(s.Id)).GroupBy(s => s.Lane, StringComparer.Ordinal)
                .SelectMany(lane => lane.Zip(lane.Skip(1)).Where(pair => places[pair.First.Id] > places[pair.Second.Id]).Select(pair => $"{lane.Key}: {pair.First.Id} came after {pair.Second.Id}")),
        ];
    }

    private sealed record Sent(string Id, string Lane);

    /// <summary>The replicas.</summary>
    private sealed class Fleet : IAsyncDisposable
    {
        private readonly SandboxTeam _team;
        private readonly Random _random;
        private readonly string[] _urls;
        private readonly BotProcess[] _bots;

        public Fleet(SandboxTeam team, Random random)
        {
            (_team, _random) = (team, random);
            _urls = [team.BotUrl, .. Enumerable.Range(1, Replicas - 1).Select(_ => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{SandboxTeam.FreePort()}"))];

            // All at once, as an orchestrator does: they make the tables together, too.
            _bots = [.. _urls.Select(url => BotProcess.Start(team, url: url))];
        }

        public int Kills { get; private set; }

        public int Pauses { get; private set; }

        /// <summary>Where somebody's next command goes; the replica there may be dead or paused.</summary>
        public string AnyUrl()
        {
            lock (_random)
            {
                return _urls[_random.Next(Replicas)];
            }
        }

        public Task LiveAsync(CancellationToken cancellationToken) => Task.WhenAll(_bots.Select(b => b.LiveAsync(cancellationToken)));

        public Task<long?> WaitingAsync(CancellationToken cancellationToken) => _bots[0].WaitingAsync(cancellationToken);

        /// <summary>Kills one and starts it again, or pauses one for longer than its leases hold.</summary>
        public async Task TroubleAsync(CancellationToken cancellationToken)
        {
            int victim, kind;
            lock (_random)
            {
                (victim, kind) = (_random.Next(Replicas), _random.Next(8));
            }

            if (kind < 2)
            {
                Pauses++;
                await _bots[victim].PauseAsync();
                await LooksAsync(8, cancellationToken);
                await _bots[victim].ContinueAsync();
                return;
            }

            Kills++;
            if (_bots[victim].Output.Length > 0)
            {
                await TestContext.Out.WriteLineAsync(_bots[victim].Output);
            }

            await _bots[victim].DisposeAsync();
            _bots[victim] = BotProcess.Start(_team, url: _urls[victim]);
            await LooksAsync(kind switch { < 4 => 8, < 6 => 2, _ => 0 }, cancellationToken);
        }

        /// <summary>Lets time pass, in which those that live look at the leases so often.</summary>
        private async Task LooksAsync(int count, CancellationToken cancellationToken)
        {
            for (; count > 0; count--)
            {
                _team.Clock.Advance(Look);
                await Task.Delay(300, cancellationToken);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var bot in _bots)
            {
                await bot.DisposeAsync();
            }
        }
    }

    /// <summary>What is due every Monday at 09:00: the handoffs of rotations, and the agendas of meetings.</summary>
    private sealed class Plan(SandboxTeam team)
    {
        private readonly List<ChatChannel> _channels = [];

        public SandboxTeam Team => team;

        public List<string> Missing { get; } = [];

        public List<string> Twice { get; } = [];

        public async Task SetUpAsync()
        {
            for (var n = 0; n < ChannelCount; n++)
            {
                var channel = team.Server.AddChannel(team.Team, $"duty-{n + 1}");
                team.Server.Join(channel, team.Katie, team.Adam, team.Jason, team.Aaron, team.BotUser);
                _channels.Add(channel);
            }

            for (var n = 0; n < Subjects; n++)
            {
                var channel = $"~{ChannelOf(n).Name}";
                await MustAsync($"/pm-rotation create \"{Rotation(n)}\" --announce {channel}", "is made");
                await MustAsync($"/pm-rotation add @adam.c @katie.w @jason.b @aaron.r --rotation \"{Rotation(n)}\"", "Added to");
                await MustAsync($"/agenda meeting create \"{Meeting(n)}\" --every \"weekly monday\" --at 15:00 --channel {channel}", "is made");
                await MustAsync($"/agenda meeting set {Meeting(n)} agenda 09:00", "09:00");
            }
        }

        /// <summary>Whether everything of a week is told.</summary>
        public bool IsTold(int week) => CountOf(week).All(c => c.Times > 0);

        /// <summary>Counts everything of all weeks.</summary>
        public void Check()
        {
            foreach (var (what, times) in Enumerable.Range(0, Weeks).SelectMany(CountOf))
            {
                if (times != 1)
                {
                    (times == 0 ? Missing : Twice).Add($"{what}: {times} times");
                }
            }

            // Whatever else is told there names its date, too.
            var same = _channels.SelectMany(c => team.Server.Posts(c)).Where(p => p.UserId == team.BotUser.Id && p.Message.Length > 0).GroupBy(p => $"{p.Channel}: {p.Message}", StringComparer.Ordinal);
            Twice.AddRange(same.Where(g => g.Count() > 1).Select(g => $"{g.Key}: {g.Count()} times"));
            Assert.That(_channels.SelectMany(InOrder), Is.All.Ordered, "the weeks in a channel");

            IEnumerable<IEnumerable<DateTime>> InOrder(ChatChannel channel) => Enumerable.Range(0, Subjects).Select(n =>
                team.Server.Posts(channel).Where(p => p.Message.StartsWith($"#### {Rotation(n)}:", StringComparison.Ordinal)).Select(p => Week().Match(p.Message)).Where(m => m.Success)
                    .Select(m => DateTime.ParseExact(m.Groups[1].Value, "MMM d", CultureInfo.InvariantCulture)).Select(d => d.Month > 10 ? d.AddYears(-1) : d).ToList());
        }

        private static string Rotation(int n) => $"Watch {n + 1:D2}";

        private static string Meeting(int n) => $"Standup {n + 1:D2}";

        private ChatChannel ChannelOf(int n) => _channels[n % ChannelCount];

        private IEnumerable<(string What, int Times)> CountOf(int week)
        {
            var date = Monday(week).ToString("ddd, MMM d", CultureInfo.InvariantCulture);
            var posts = _channels.ToDictionary(c => c.Id, c => team.Server.Posts(c).Where(p => p.UserId == team.BotUser.Id).ToList(), StringComparer.Ordinal);
            return Enumerable.Range(0, Subjects).SelectMany(n => new[]
            {
                ($"the announcement of {Rotation(n)} on {date}", Times(n, $"#### {Rotation(n)}: week of {date}\n")),
                ($"the agenda of {Meeting(n)} on {date}", Times(n, $"#### {Meeting(n)}: {date}, ")),
            });

            int Times(int n, string title) => posts[ChannelOf(n).Id].Count(p => p.Message.StartsWith(title, StringComparison.Ordinal));
        }

        private async Task MustAsync(string text, string says)
        {
            var result = await team.Server.TypeAsync(team.Katie, team.ProductManagement, text);
            Assert.That(result.Text, Does.Contain(says), text);
        }
    }

    [GeneratedRegex(@"week of \w+, (\w+ \d+)\n")]
    private static partial Regex Week();
#pragma warning restore CA5394
}
