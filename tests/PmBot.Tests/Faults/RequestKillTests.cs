using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Requests;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;

namespace PmBot.Tests.Faults;

/// <summary>
/// kill -9 under a mix of commands from 32 callers: every request that was answered with a number is there with that number and that
/// title, none twice; what was answered "done" is in the audit trail; every message is in Mattermost once, and every card says how its
/// request stands. <c>PMBOT_FAULTS=full</c> kills 60 times instead of four; <c>PMBOT_FAULTS_SEED</c> repeats the choices of a run.
/// </summary>
internal sealed partial class RequestKillTests
{
    private const int Callers = 32;

    private static readonly DateTimeOffset Wednesday = new(2026, 11, 25, 18, 0, 0, TimeSpan.Zero);

    // A test that can be repeated is wanted; nothing secret depends on it.
#pragma warning disable CA5394
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 2 * Callers }) { Timeout = TimeSpan.FromSeconds(20) };
    private readonly ConcurrentQueue<(long Number, string Title)> _filed = [];
    private readonly ConcurrentQueue<(string PostId, long Number, string Title)> _hooked = [];
    private readonly ConcurrentQueue<(string Subject, string Action, string Actor, string After)> _done = [];
    private readonly ConcurrentQueue<string> _odd = [];
    private readonly List<string> _losses = [];
    private readonly List<string> _duplicates = [];
    private SandboxTeam _team = null!;
    private int _kills;
    private int _killedWhileSending;
    private int _typed;
    private int _answered;

    private static string[] Changes { get; } = ["assign", "decide", "usecase", "process", "area set"];

    private static int Kills => FaultRun.IsFull ? 60 : 4;

    [OneTimeTearDown]
    public void TearDown() => _http.Dispose();

    [Test]
    [CancelAfter(900_000)]
    public async Task Killed_under_a_mix_of_commands_nothing_is_lost_and_nothing_is_done_twice(CancellationToken cancellationToken)
    {
        var seed = await FaultRun.SeedAsync();
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("pmbot-test-kill-");
        using var clock = SandboxClock.Running(Wednesday);
        await using var team = _team = await SandboxTeam.StartAsync(clock, folder.FullName);
        var people = Enumerable.Range(0, Callers).Select(n => new Person(this, n, new Random(random.Next()))).ToList();
        while (_kills < Kills)
        {
            await StartAndKillAsync(people, random, cancellationToken);
            clock.Advance(TimeSpan.FromSeconds(random.Next(3) * 40));
        }

        await using (var bot = BotProcess.Start(team))
        {
            await bot.LiveAsync(cancellationToken);

            // However few commands the kills let through: in the end each kind of change has been answered.
            do
            {
                await Task.WhenAll(people.Select(p => p.TypeAsync(3, bot, cancellationToken)));
            }
            while (Changes.Except(_done.Select(d => d.Action), StringComparer.Ordinal).Any());

            while (await bot.WaitingAsync(cancellationToken) is not 0)
            {
                await Task.Delay(50, cancellationToken);
            }
        }

        await using (var store = SqliteStore.Open($"Data Source={Path.Combine(folder.FullName, "pmbot.db")}", clock, NullLogger<SqliteStore>.Instance))
        {
            await CheckAsync(store, cancellationToken);
        }

        await TestContext.Out.WriteLineAsync(
            $"kills {_kills} (of these {_killedWhileSending} in the middle of a call), commands and posts {_typed}, answered {_answered}, "
            + $"acknowledged: {_filed.Count} requests, {_hooked.Count} posts, {_done.Count} changes; lost {_losses.Count}, twice {_duplicates.Count}, seed {seed}");
        Assert.Multiple(() =>
        {
            Assert.That(_filed, Is.Not.Empty);
            Assert.That(_hooked, Is.Not.Empty);
            Assert.That(_done.Select(d => d.Action).Distinct(), Is.SupersetOf(Changes));
            Assert.That(_losses, Is.Empty, "lost");
            Assert.That(_duplicates, Is.Empty, "twice");
            Assert.That(_odd, Is.Empty, "answers that nobody expects");
            Assert.That(team.Server.UnexpectedCalls, Is.Empty);
        });
        folder.Delete(recursive: true);
    }

    /// <summary>Runs the bot, with everybody typing, until a random moment: some time after its start, or in the middle of a call.</summary>
    private async Task StartAndKillAsync(List<Person> people, Random random, CancellationToken cancellationToken)
    {
        await using var bot = BotProcess.Start(_team);
        await bot.LiveAsync(cancellationToken);
        if (_kills == 0)
        {
            // From here on only owners of areas are product managers; these are all of them.
            await MustAsync("area set Common @adam.c @katie.w @jason.b @aaron.r --keywords common", "is owned together by");
        }

        var typing = Task.WhenAll(people.Select(p => p.TypeAsync(int.MaxValue, bot, cancellationToken)));
        var seconds = 0.3 + (random.NextDouble() * 1.5);
        if (random.Next(2) == 0)
        {
            var (call, seen) = (random.Next(1, 30), 0);
            _team.Server.Faults.Add(new Fault(
                request =>
                {
                    if ((request.Method == "PUT" || (request.Method == "POST" && request.Path == "/api/v4/posts")) && ++seen == call)
                    {
                        _killedWhileSending++;
                        bot.Kill();
                    }

                    return false;
                },
                new FaultKind.DropBefore()));
        }

        foreach (var kind in (FaultKind[])[new FaultKind.DropAfter(), new FaultKind.Status(503)])
        {
            _team.Server.Faults.Add(new Fault(r => r.Method == "POST" && r.Path == "/api/v4/posts", kind, int.MaxValue) { Rate = 0.03, Seed = random.Next() });
        }

        await Task.WhenAny(bot.ExitedAsync(cancellationToken), Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken));
        bot.Kill();
        _kills++;
        await bot.ExitedAsync(cancellationToken);
        await typing;
        _team.Server.Faults.Clear();
        if (bot.Output.Length > 0)
        {
            await TestContext.Out.WriteLineAsync(bot.Output);
        }
    }

    private async Task MustAsync(string text, string says) => Assert.That(await CommandAsync(_team.Katie, text), Does.Contain(says));

    /// <summary>What a command is answered; empty if the bot died before.</summary>
    private Task<string> CommandAsync(ChatUser user, string text) => PostAsync("/mattermost/commands/cr-assign", _team.CommandTokens["cr-assign"], new(StringComparer.Ordinal)
    {
        ["channel_id"] = _team.ProductManagement.Id,
        ["command"] = "/cr-assign",
        ["team_domain"] = _team.Team.Name,
        ["team_id"] = _team.Team.Id,
        ["text"] = text,
        ["trigger_id"] = "none",
        ["user_id"] = user.Id,
        ["user_name"] = user.Username,
    });

    private Task<string> HookAsync(ChatUser user, string postId, string text) => PostAsync("/mattermost/hooks/outgoing", _team.WebhookTokens["#cr"], new(StringComparer.Ordinal)
    {
        ["channel_id"] = _team.ProductManagement.Id,
        ["post_id"] = postId,
        ["team_domain"] = _team.Team.Name,
        ["team_id"] = _team.Team.Id,
        ["text"] = text,
        ["trigger_word"] = "#cr",
        ["user_id"] = user.Id,
        ["user_name"] = user.Username,
    });

    private async Task<string> PostAsync(string path, string token, Dictionary<string, string> form)
    {
        Interlocked.Increment(ref _typed);
        form["token"] = token;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _team.BotUrl + path) { Content = new FormUrlEncodedContent(form) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Token", token);
            using var answer = await _http.SendAsync(request);
            var said = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("text").GetString()!;
            Interlocked.Increment(ref _answered);
            if (said.Contains("fault `", StringComparison.Ordinal))
            {
                _odd.Enqueue(said);
            }

            return said;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            // The bot died meanwhile; nobody was told that it was done.
            return "";
        }
    }

    private async Task CheckAsync(SqliteStore store, CancellationToken cancellationToken)
    {
        var (requests, audit, deliveries) = await store.ReadAsync(
            t => (
                t.Select(RequestStore.Table, "1 = 1"),
                t.Query<Entry>("select subject, action, actor_id, after from audit"),
                t.Query<Sent>("select id, state, body, post_id from deliveries")),
            cancellationToken);
        var byNumber = requests.ToLookup(r => r.Number);
        foreach (var (number, title) in _filed.Concat(_hooked.Select(h => (h.Number, h.Title))).Distinct())
        {
            Once(byNumber[number].Count(r => r.Title == title), $"CR-{number} \"{title}\"");
        }

        foreach (var same in requests.GroupBy(r => r.Title, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            _duplicates.Add($"\"{same.Key}\" is filed {same.Count()} times");
        }

        foreach (var same in requests.Where(r => r.Source is not null).GroupBy(r => r.Source!.PostId, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            _duplicates.Add($"post {same.Key} filed {same.Count()} requests");
        }

        foreach (var same in requests.GroupBy(r => r.Number).Where(g => g.Count() > 1))
        {
            _duplicates.Add($"number {same.Key} is given {same.Count()} times");
        }

        foreach (var post in _hooked.GroupBy(h => h.PostId, StringComparer.Ordinal).Where(g => g.Select(h => h.Number).Distinct().Count() > 1))
        {
            _duplicates.Add($"post {post.Key} is answered with several numbers");
        }

        var entries = audit.ToLookup(e => (e.Subject, e.Action, e.ActorId, e.After));
        foreach (var done in _done.GroupBy(d => d))
        {
            // Somebody may get a request, lose it and get it again; all else that is done here is done once.
            var (subject, action, actor, after) = done.Key;
            var stored = entries[(subject, action, actor, after)].Count();
            if (stored < done.Count())
            {
                _losses.Add($"{done.Key} in the audit trail: {stored} of {done.Count()}");
            }
            else if (stored > 1 && action != "assign")
            {
                _duplicates.Add($"{done.Key} in the audit trail: {stored} times");
            }
        }

        foreach (var request in requests)
        {
            Once(entries[(RequestStore.Subject(request.Number), "file", request.FiledBy, request.Title)].Count(), $"the filing of CR-{request.Number} in the audit trail");
        }

        CheckPosts(requests, deliveries);
    }

    private void CheckPosts(IReadOnlyList<CustomerRequest> requests, IReadOnlyList<Sent> deliveries)
    {
        var posts = _team.Server.Posts().Where(p => p.UserId == _team.BotUser.Id).ToLookup(p => p.Prop(Dispatcher.Key) ?? "none", StringComparer.Ordinal);
        Assert.That(posts["none"], Is.Empty);
        foreach (var delivery in deliveries)
        {
            var content = JsonSerializer.Deserialize<Content>(delivery.Body, StoreJson.Options);
            if (content is not Content.Edit)
            {
                Once(posts[delivery.Id].Count(), $"the delivery {delivery.Id} ({content?.GetType().Name}, state {delivery.State})");
            }
            else if (delivery.State is not (2 or 4))
            {
                _losses.Add($"the edit {delivery.Id} is in state {delivery.State}");
            }
        }

        var known = deliveries.Select(d => d.Id).ToHashSet(StringComparer.Ordinal);
        _duplicates.AddRange(posts.Where(p => !known.Contains(p.Key)).Select(p => $"post of no delivery {p.Key}"));
        foreach (var request in requests)
        {
            var card = posts[request.Card!.Delivery].SingleOrDefault()?.Attachments[0];
            var says = (card?.Title, card?.Color, card?.Fields?[0].Value, card?.Fields?[1].Value, card?.Footer.StartsWith("Processed", StringComparison.Ordinal));
            var color = request.State switch { RequestState.Unassigned => "#d24b4e", RequestState.Assigned => "#f0a020", RequestState.Decided => "#2389d7", _ => "#3db887" };
            if (says != ($"CR-{request.Number}  {request.Title}", color, request.Assignee?.Name ?? "nobody", request.Decision?.Text ?? "none yet", request.IsFinished))
            {
                _losses.Add($"the card of CR-{request.Number} ({request.State}, {request.Assignee?.Name}, {request.Decision?.Text}) says {says}");
            }
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

    [GeneratedRegex("^CR-(?<number>[0-9]+) \"(?<title>[^\"]*)\" is filed")]
    private static partial Regex Filed { get; }

    private sealed record Entry(string Subject, string Action, string ActorId, string? After);

    private sealed record Sent(string Id, long State, string Body, string? PostId);

    /// <summary>One of the callers: types one thing after the other, and remembers what was answered.</summary>
    private sealed class Person(RequestKillTests test, int number, Random random)
    {
        private readonly ChatUser _user = new[] { test._team.Adam, test._team.Katie, test._team.Jason, test._team.Aaron }[number % 4];
        private readonly List<(string PostId, string Title)> _posts = [];
        private int _count;

        /// <summary>Types so many things, or until the bot is gone.</summary>
        public async Task TypeAsync(int most, BotProcess bot, CancellationToken cancellationToken)
        {
            for (; most > 0 && !bot.HasExited; most--)
            {
                await TypeAsync(random.Next(100));
                await Task.Delay(random.Next(120), cancellationToken);
            }
        }

        private async Task TypeAsync(int kind)
        {
            var name = $"{number}-{++_count}";
            if (kind < 25 || test._filed.IsEmpty)
            {
                if (Filed.Match(await test.CommandAsync(_user, $"new Wish {name}")) is { Success: true } filed)
                {
                    test._filed.Enqueue((Number(filed), filed.Groups["title"].Value));
                }

                return;
            }

            if (kind < 40)
            {
                await PostAsync(name);
                return;
            }

            var n = test._filed.ElementAt(random.Next(test._filed.Count)).Number;
            var other = new[] { test._team.Adam, test._team.Katie, test._team.Jason, test._team.Aaron }[random.Next(4)];
            await (kind switch
            {
                < 50 => DoAsync(n, $"take {n}", " is now yours ", "assign", _user.Id),
                < 65 => DoAsync(n, $"{n} @{other.Username}", " is now ", "assign", other.Id),
                < 75 => DoAsync(n, $"decide {n} v{number + 1}.{_count}", " is decided: ", "decide", $"v{number + 1}.{_count}"),
                < 85 => DoAsync(n, $"usecase {n} use {name}", " use case", "usecase", $"use {name}"),
                < 90 => DoAsync(n, $"process {n} outcome {name}", " is processed: ", "process", $"outcome {name}"),
                < 95 => AreaAsync(name),
                _ => test.CommandAsync(_user, "list"),
            });
        }

        /// <summary>A post that files a request; now and then it comes again, as by a second webhook.</summary>
        private async Task PostAsync(string name)
        {
            var again = _posts.Count > 0 && random.Next(2) == 0;
            if (!again)
            {
                _posts.Add(($"post{number:D2}x{_count:D5}".PadRight(26, 'x'), $"Post {name}"));
            }

            var (postId, title) = again ? _posts[random.Next(_posts.Count)] : _posts[^1];
            var answers = await Task.WhenAll(Enumerable.Range(0, random.Next(3) == 0 ? 2 : 1).Select(_ => test.HookAsync(_user, postId, $"#cr {title}")));
            foreach (var answer in answers)
            {
                if (Filed.Match(answer) is { Success: true } filed)
                {
                    test._hooked.Enqueue((postId, Number(filed), filed.Groups["title"].Value));
                }
                else if (answer.Length > 0)
                {
                    test._odd.Enqueue(answer);
                }
            }
        }

        private async Task DoAsync(long request, string text, string says, string action, string after)
        {
            var answer = await test.CommandAsync(_user, text);
            if (answer.Contains(says, StringComparison.Ordinal) && !answer.Contains("Nothing was changed", StringComparison.Ordinal))
            {
                test._done.Enqueue((RequestStore.Subject(request), action, _user.Id, after));
            }
        }

        private async Task AreaAsync(string name)
        {
            var answer = await test.CommandAsync(_user, $"area set Area {number} @{_user.Username} --keywords word{name}");
            if (answer.Contains("is owned by", StringComparison.Ordinal))
            {
                var area = new Area($"Area {number}", [new(_user.Id, _user.Username)], [$"word{name}"]);
                test._done.Enqueue(("areas", "area set", _user.Id, JsonSerializer.Serialize(area, StoreJson.Options)));
            }
        }

        private static long Number(Match filed) => long.Parse(filed.Groups["number"].Value, CultureInfo.InvariantCulture);
    }
#pragma warning restore CA5394
}
