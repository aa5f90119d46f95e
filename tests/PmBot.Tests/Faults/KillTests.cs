using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Faults;

/// <summary>
/// kill -9 around the handoffs of many rotations, with people typing meanwhile: every announcement and every direct message is in
/// Mattermost once, and what was answered "done" is still there. <c>PMBOT_FAULTS=full</c> plays 200 handoffs instead of a few;
/// <c>PMBOT_FAULTS_SEED</c> repeats the choices of a run.
/// </summary>
internal sealed partial class KillTests
{
    private const int Rotations = 20;
    private const int ChannelCount = 5;

    private static readonly DateTimeOffset FirstMonday = new(2026, 11, 30, 17, 0, 0, TimeSpan.Zero);

    private static int Weeks => FaultRun.IsFull ? 10 : 2;

    // A test that can be repeated is wanted; nothing secret depends on it.
#pragma warning disable CA5394
    private readonly List<string> _losses = [];
    private readonly List<string> _duplicates = [];
    private readonly List<(string Rotation, string Line)> _duties = [];
    private readonly List<(string Rotation, string Note)> _notes = [];
    private readonly List<(string Rotation, string Date)> _covers = [];
    private readonly HashSet<string> _noted = [];
    private readonly HashSet<string> _covered = [];
    private readonly List<ChatChannel> _channels = [];
    private int _typed;
    private int _kills;
    private int _starts;
    private int _killedWhileSending;

    [Test]
    [CancelAfter(900_000)]
    public async Task Killed_around_handoffs_nothing_is_lost_and_nothing_is_told_twice(CancellationToken cancellationToken)
    {
        var seed = await FaultRun.SeedAsync();
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("pmbot-test-kill-");
        using var clock = SandboxClock.Running(FirstMonday.AddDays(-5));
        await using var team = await SandboxTeam.StartAsync(clock, folder.FullName);
        await SetUpAsync(team, cancellationToken);
        for (var week = 0; week < Weeks; week++)
        {
            clock.MoveTo(FirstMonday.AddDays(7 * week).AddSeconds(-1.5));
            for (var kill = random.Next(2, 5); kill > 0; kill--)
            {
                await StartAndKillAsync(team, random, cancellationToken);

                // Most restarts come when the server has forgotten the pending post ids, some when the handoff counts as late.
                clock.Advance(TimeSpan.FromSeconds(random.Next(5) switch { 0 => 0, 1 => 420, _ => 40 }));
            }

            await StartAndSettleAsync(team, week, new Random(random.Next()), cancellationToken);
        }

        await using (var bot = Start(team))
        {
            await bot.LiveAsync(cancellationToken);
            while (await bot.WaitingAsync(cancellationToken) is not 0)
            {
                await Task.Delay(20, cancellationToken);
            }

            CheckPosts(team);
            await CheckAnswersAsync(team);
        }

        await TestContext.Out.WriteLineAsync(
            $"handoffs {Rotations * Weeks}, kills {_kills} (of these {_killedWhileSending} in the middle of a call), starts {_starts}, "
            + $"commands answered and checked {_duties.Count + _notes.Count + _covers.Count} of {_typed} typed, "
            + $"posts {team.Server.Posts().Count(p => p.UserId == team.BotUser.Id)}, duplicates {_duplicates.Count}, losses {_losses.Count}, seed {seed}");
        Assert.Multiple(() =>
        {
            Assert.That(_losses, Is.Empty, "lost");
            Assert.That(_duplicates, Is.Empty, "twice");
            Assert.That(team.Server.UnexpectedCalls, Is.Empty);
        });
        folder.Delete(recursive: true);
    }

    private static string Name(int rotation) => $"Duty {rotation + 1:D2}";

    private ChatChannel ChannelOf(int rotation) => _channels[rotation % ChannelCount];

    private async Task SetUpAsync(SandboxTeam team, CancellationToken cancellationToken)
    {
        for (var n = 0; n < ChannelCount; n++)
        {
            var channel = team.Server.AddChannel(team.Team, $"duty-{n + 1}");
            team.Server.Join(channel, team.Katie, team.Adam, team.Jason, team.Aaron, team.BotUser);
            _channels.Add(channel);
        }

        await using var bot = Start(team);
        await bot.LiveAsync(cancellationToken);
        for (var n = 0; n < Rotations; n++)
        {
            var made = await TypeAsync(team, $"create \"{Name(n)}\" --announce ~{ChannelOf(n).Name} --header ~{ChannelOf(n).Name}");
            Assert.That(made, Does.Contain("is made"));
            var added = await TypeAsync(team, $"add @adam.c @katie.w @jason.b @aaron.r --rotation \"{Name(n)}\"");
            Assert.That(added, Does.StartWith("Added to"));
        }
    }

    private BotProcess Start(SandboxTeam team)
    {
        _starts++;
        return BotProcess.Start(team);
    }

    /// <summary>Runs the bot until a random moment: some time after its start, or in the middle of a call that changes something.</summary>
    private async Task StartAndKillAsync(SandboxTeam team, Random random, CancellationToken cancellationToken)
    {
        await using var bot = Start(team);
        var call = random.Next(6) > 0 ? random.Next(1, 20) : int.MaxValue;
        var later = random.Next(3) == 0 ? random.Next(1, 8) : 0;
        var seconds = random.NextDouble() * 3;
        var seen = 0;
        var typing = new Random(random.Next());
        if (call < int.MaxValue)
        {
            seconds = 4;
            team.Server.Faults.Add(new Fault(
                request =>
                {
                    var changes = request.Method == "PUT" || (request.Method == "POST" && request.Path == "/api/v4/posts");
                    if (changes && ++seen == call)
                    {
                        _killedWhileSending++;
                        if (later > 0)
                        {
                            _ = KillLaterAsync(bot, later);
                            return false;
                        }

                        // The server has the call and carries it out; the bot never hears of it.
                        bot.Kill();
                    }

                    return false;
                },
                new FaultKind.DropBefore()));
        }

        // Kills alone would be too easy: some of the posts fail besides, before or after they were made.
        foreach (var kind in (FaultKind[])[new FaultKind.DropAfter(), new FaultKind.Status(503)])
        {
            team.Server.Faults.Add(new Fault(r => r.Method == "POST" && r.Path == "/api/v4/posts", kind, int.MaxValue) { Rate = 0.05, Seed = random.Next() });
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var typist = TypeAlongAsync(team, bot, typing, end.Token);
        await Task.WhenAny(bot.ExitedAsync(end.Token), Task.Delay(TimeSpan.FromSeconds(seconds), end.Token));
        bot.Kill();
        _kills++;
        await bot.ExitedAsync(cancellationToken);
        await end.CancelAsync();
        await typist;
        team.Server.Faults.Clear();
        if (bot.Output.Length > 0)
        {
            await TestContext.Out.WriteLineAsync(bot.Output);
        }
    }

    /// <summary>Perhaps before the answer, perhaps while its outcome is written.</summary>
    private static async Task KillLaterAsync(BotProcess bot, int milliseconds)
    {
        await Task.Delay(milliseconds);
        bot.Kill();
    }

    private async Task StartAndSettleAsync(SandboxTeam team, int week, Random random, CancellationToken cancellationToken)
    {
        await using var bot = Start(team);
        await TypeAlongAsync(team, bot, random, cancellationToken);

        // What is lost must not hang the test: after a while it goes on, and the checks at the end tell what is missing.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            while (Enumerable.Range(0, Rotations).Any(n => Announcements(team, n, week) == 0) || await bot.WaitingAsync(limit.Token) is not 0)
            {
                await Task.Delay(20, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await TestContext.Out.WriteLineAsync($"week {week + 1} did not settle\n{bot.Output}");
        }
    }

    private int Announcements(SandboxTeam team, int rotation, int week)
    {
        var title = $"#### {Name(rotation)}: week of {FirstMonday.AddDays(7 * week).ToString("ddd, MMM d", CultureInfo.InvariantCulture)}\n";
        return team.Server.Posts(ChannelOf(rotation)).Count(p => p.UserId == team.BotUser.Id && p.Message.StartsWith(title, StringComparison.Ordinal));
    }

    /// <summary>Somebody types as long as the bot lives. Only what was answered is remembered.</summary>
    private async Task TypeAlongAsync(SandboxTeam team, BotProcess bot, Random random, CancellationToken cancellationToken)
    {
        try
        {
            await bot.LiveAsync(cancellationToken);
            for (var left = 6; left > 0 && !bot.HasExited; left--)
            {
                await TypeSomethingAsync(team, random);
                await Task.Delay(random.Next(0, 200), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The bot was killed.
        }
        catch (InvalidOperationException)
        {
            // It was killed before it served anybody.
        }
    }

    private async Task TypeSomethingAsync(SandboxTeam team, Random random)
    {
        var rotation = Name(random.Next(Rotations));
        var kind = random.Next(3);
        var text = $"line {++_typed:D4}";
        if (kind == 0 && _noted.Add(rotation))
        {
            if ((await TypeAsync(team, $"handoff note {text} --rotation \"{rotation}\"")).Contains("will read with the handoff", StringComparison.Ordinal))
            {
                _notes.Add((rotation, $"note {text}"));
            }
        }
        else if (kind == 1 && _covered.Add(rotation))
        {
            var monday = FirstMonday.AddDays(7 * (Weeks + 1));
            if ((await TypeAsync(team, $"cover {monday:yyyy-MM-dd} @jason.b --rotation \"{rotation}\"")).Contains("it was", StringComparison.Ordinal))
            {
                _covers.Add((rotation, monday.ToString("ddd, MMM d", CultureInfo.InvariantCulture)));
            }
        }
        else
        {
            var answer = await TypeAsync(team, $"duties add {text} --rotation \"{rotation}\"");
            if (answer.StartsWith("The checklist of", StringComparison.Ordinal) && answer.Contains(text, StringComparison.Ordinal))
            {
                _duties.Add((rotation, text));
            }
        }
    }

    private void CheckPosts(SandboxTeam team)
    {
        for (var n = 0; n < Rotations; n++)
        {
            for (var week = 0; week < Weeks; week++)
            {
                Once(Announcements(team, n, week), $"the announcement of {Name(n)}, week {week + 1}");
            }
        }

        var posts = team.Server.Posts().Where(p => p.UserId == team.BotUser.Id).ToList();
        foreach (var post in posts.GroupBy(p => p.Prop(Dispatcher.Key) ?? $"none: {p.Message}", StringComparer.Ordinal))
        {
            Once(post.Count(), $"the delivery {post.Key}");
        }

        // Every direct message names its rotation and its week: no two are alike.
        foreach (var post in posts.GroupBy(p => $"{p.Channel}: {p.Message}", StringComparer.Ordinal))
        {
            Once(post.Count(), $"the post {post.Key}");
        }

        // Of a meeting's date each thing is said once, on time or late.
        var meetings = posts.Where(p => OfMeeting().IsMatch(p.Message)).ToList();
        Assert.That(meetings, Is.Not.Empty);
        foreach (var post in meetings.GroupBy(p => $"{p.Channel}: {OfMeeting().Match(p.Message).Value}", StringComparer.Ordinal))
        {
            Once(post.Count(), $"of a meeting {post.Key}");
        }

        for (var n = 0; n < Rotations; n++)
        {
            var told = posts.Count(p => p.Message.StartsWith($"You are on duty for **{Name(n)}** until", StringComparison.Ordinal));
            if (told != Weeks)
            {
                (told < Weeks ? _losses : _duplicates).Add($"direct messages to whoever is on duty for {Name(n)}: {told} of {Weeks}");
            }

            var last = posts.LastOrDefault(p => p.Message.StartsWith($"#### {Name(n)}:", StringComparison.Ordinal))?.Message ?? "";
            var header = $"{Name(n)}: {OnDuty().Match(last).Value} until {FirstMonday.AddDays(7 * Weeks).ToString("ddd, MMM d", CultureInfo.InvariantCulture)}";
            if (!team.Server.Header(ChannelOf(n)).Contains(header, StringComparison.Ordinal))
            {
                _losses.Add($"the header \"{header}\" in \"{team.Server.Header(ChannelOf(n))}\"");
            }
        }

        foreach (var channel in _channels)
        {
            var weeks = team.Server.Posts(channel).Select(p => Week().Match(p.Message)).Where(m => m.Success)
                .Select(m => DateTime.ParseExact(m.Groups[1].Value, "MMM d", CultureInfo.InvariantCulture))
                .Select(d => d.Month < 6 ? d.AddYears(1) : d);
            Assert.That(weeks, Is.Ordered, $"the weeks in ~{channel.Name}");
        }
    }

    private async Task CheckAnswersAsync(SandboxTeam team)
    {
        foreach (var (rotation, line) in _duties)
        {
            Once(Count(await TypeAsync(team, $"duties --rotation \"{rotation}\""), line), $"{line} of {rotation}");
        }

        foreach (var (rotation, note) in _notes)
        {
            var announced = team.Server.Posts().Count(p =>
                p.Message.StartsWith($"#### {rotation}:", StringComparison.Ordinal) && p.Message.Contains(note, StringComparison.Ordinal));
            var open = Count(await TypeAsync(team, $"handoff --rotation \"{rotation}\""), note);
            Once(announced + open, $"{note} of {rotation}");
        }

        foreach (var (rotation, date) in _covers)
        {
            var schedule = await TypeAsync(team, $"schedule 8 --rotation \"{rotation}\"");
            Once(schedule.Split('\n').Count(l => l.Contains(date, StringComparison.Ordinal) && l.Contains("jason.b | covers for", StringComparison.Ordinal)), $"the cover on {date} of {rotation}");
        }
    }

    private void Once(int times, string what)
    {
        if (times == 0)
        {
            _losses.Add(what);
        }
        else if (times > 1)
        {
            _duplicates.Add($"{what}: {times} times");
        }
    }

    private async Task<string> TypeAsync(SandboxTeam team, string text)
    {
        var result = await team.Server.TypeAsync(team.Katie, _channels[0], $"/pm-rotation {text}");
        return result.Error is null ? result.Text : "";
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [GeneratedRegex(@"(?<=\n)@[\w.]+(?= is on duty)")]
    private static partial Regex OnDuty();

    [GeneratedRegex(@"^(?:#### (?:PM sync|Roadmap Q&A|Product-Sales call): |#### Who shows what in .* of |Please send your release updates for .* of |The time of .* carried over to )\w+, \w+ \d+")]
    private static partial Regex OfMeeting();

    [GeneratedRegex(@"^#### .*: week of \w+, (\w+ \d+)\n")]
    private static partial Regex Week();
}
