using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Delivery;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Fuzz;

namespace PmBot.Tests.Faults;

/// <summary>
/// People who type commands of all three kinds, and posts with trigger words, at once; what the bot answered "done" to is remembered, and
/// looked for afterwards: in the tables, in the audit trail, in Mattermost.
/// </summary>
internal sealed partial class Typists : IDisposable
{
    private const int Rotations = 8;
    private const string Unwritten = "I cannot write to my store now, so nothing was changed.";

    // A test that can be repeated is wanted; nothing secret depends on it.
#pragma warning disable CA5394
    private readonly SandboxTeam _team;
    private readonly Wire _wire;
    private readonly int _meetings;
    private readonly List<Person> _people;
    private readonly ConcurrentQueue<(long Number, string Title)> _filed = [];
    private readonly ConcurrentQueue<(string PostId, long Number, string Title)> _hooked = [];
    private readonly ConcurrentQueue<(long Number, string Text)> _steps = [];
    private readonly ConcurrentQueue<(string PostId, string Answer)> _queued = [];
    private readonly ConcurrentQueue<Done> _done = [];
    private readonly ConcurrentQueue<string> _odd = [];
    private readonly ConcurrentQueue<string> _refused = [];

    /// <summary>The people of a team.</summary>
    /// <param name="team">The team.</param>
    /// <param name="count">How many type at once.</param>
    /// <param name="random">How they choose what they type.</param>
    /// <param name="meetings">How many meetings they have.</param>
    public Typists(SandboxTeam team, int count, Random random, int meetings = 8)
    {
        _team = team;
        _meetings = meetings;
        _wire = new Wire(team);
        _people = [.. Enumerable.Range(0, count).Select(n => new Person(this, n, new Random(random.Next())))];
        UrlOf = _ => team.BotUrl;
    }

    /// <summary>Settings without which not all of them may change everything.</summary>
    public static IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["PmBot:Admins:0"] = "adam.c",
        ["PmBot:Admins:1"] = "katie.w",
        ["PmBot:Admins:2"] = "jason.b",
        ["PmBot:Admins:3"] = "aaron.r",
    };

    /// <summary>The kinds of change that are made.</summary>
    public static IReadOnlyList<string> Changes { get; } = ["assign", "decide", "usecase", "process", "area set", "note", "duties add", "add", "new"];

    /// <summary>Where the next thing that a person types goes to, by the person's number.</summary>
    public Func<int, string> UrlOf { get; set; }

    public int Sent => _wire.Sent;

    public int Answered => _wire.Answered;

    /// <summary>How much the bot said it had done.</summary>
    public int Acknowledged => _filed.Count + _hooked.Count + _queued.Count + _done.Count;

    /// <summary>The kinds of change that were answered "done" at least once.</summary>
    public IReadOnlySet<string> Acknowledgements => _done.Select(d => d.Action)
        .Concat(_filed.IsEmpty ? [] : ["file"]).Concat(_hooked.IsEmpty ? [] : ["#cr"]).Concat(_queued.IsEmpty ? [] : ["#agenda"]).ToHashSet(StringComparer.Ordinal);

    /// <summary>Answers that nobody expects.</summary>
    public IReadOnlyCollection<string> Odd => _odd;

    /// <summary>Answers that nothing could be written, which is what users are to read while the store is in trouble.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>What was acknowledged and is not there.</summary>
    public List<string> Losses { get; } = [];

    /// <summary>What is there more than once.</summary>
    public List<string> Duplicates { get; } = [];

    /// <summary>Messages that were of no more use before they could be sent.</summary>
    public List<string> Dropped { get; } = [];

    /// <summary>Numbers that stand for two things.</summary>
    public List<string> NumbersTwice { get; } = [];

    /// <inheritdoc/>
    public void Dispose() => _wire.Dispose();

    /// <summary>Makes what is changed later.</summary>
    public async Task SetUpAsync()
    {
        // From here on only owners of areas are product managers; these are all of them.
        await MustAsync("cr-assign", "area set Common @adam.c @katie.w @jason.b @aaron.r --keywords common", "is owned together by");
        for (var n = 0; n < Rotations; n++)
        {
            await MustAsync("pm-rotation", $"create \"{Rotation(n)}\"", "is made");
            await MustAsync("pm-rotation", $"add @adam.c @katie.w @jason.b @aaron.r --rotation \"{Rotation(n)}\"", "Added to");
        }

        for (var n = 0; n < _meetings; n++)
        {
            await MustAsync("agenda", $"meeting create \"{Meeting(n)}\" --every \"weekly thursday\" --at 10:00", "is made");
            await MustAsync("agenda", $"add First --meeting \"{Meeting(n)}\"", "is queued for");
        }
    }

    /// <summary>Everybody types so many things, or as long as <paramref name="goesOn"/> says.</summary>
    public Task TypeAsync(int most, Func<bool> goesOn, CancellationToken cancellationToken) =>
        Task.WhenAll(_people.Select(p => p.TypeAsync(most, goesOn, cancellationToken)));

    /// <summary>However few commands the faults let through: in the end each kind of change has been answered.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        do
        {
            await TypeAsync(3, () => true, cancellationToken);
        }
        while (Changes.Except(Acknowledgements, StringComparer.Ordinal).Any() || _hooked.IsEmpty || _queued.IsEmpty);
    }

    /// <summary>What somebody is answered who types this; nothing is remembered of it.</summary>
    public Task<string> SaysAsync(string trigger, string text) => _wire.CommandAsync(UrlOf(0), _team.Katie, trigger, text);

    /// <summary>Compares what the bot said with what it has.</summary>
    public async Task CheckAsync(IStore store, CancellationToken cancellationToken)
    {
        var (requests, meetings, steps, names, audit, deliveries) = await store.ReadAsync(
            t => (
                t.Select(RequestStore.Table, "1 = 1"),
                t.Select(AgendaStore.Meetings, "1 = 1"),
                t.Select(AgendaStore.Steps, "1 = 1"),
                t.Select(RotationStore.Table, "1 = 1").ToDictionary(r => r.Name, RotationClock.Subject, StringComparer.Ordinal),
                t.Query<Entry>("select subject, action, actor_id, after from audit"),
                t.Query<Row>("select id, state, body, post_id from deliveries")),
            cancellationToken);
        foreach (var meeting in meetings)
        {
            names[meeting.Plan.Name] = AgendaStore.Subject(meeting);
            NumbersTwice.AddRange(meeting.Items.GroupBy(i => i.Serial).Where(g => g.Count() > 1).Select(g => $"serial {g.Key} of {meeting.Plan.Name}"));
        }

        CheckRequests(requests);
        CheckSteps(steps);
        CheckAudit(requests, audit, names);
        CheckPosts(requests, deliveries);
    }

    private static string Rotation(int n) => $"Duty {n + 1:D2}";

    private static string Meeting(int n) => $"Review {n + 1}";

    private async Task MustAsync(string trigger, string text, string says) =>
        Assert.That(await _wire.CommandAsync(UrlOf(0), _team.Katie, trigger, text), Does.Contain(says), text);

    private async Task<string> CommandAsync(int person, ChatUser user, string trigger, string text) =>
        Seen(await _wire.CommandAsync(UrlOf(person), user, trigger, text));

    private string Seen(string answer)
    {
        if (FuzzTests.FaultId.IsMatch(answer))
        {
            (answer.StartsWith(Unwritten, StringComparison.Ordinal) ? _refused : _odd).Enqueue(answer);
        }

        return answer;
    }

    private void CheckRequests(IReadOnlyList<CustomerRequest> requests)
    {
        var byNumber = requests.ToLookup(r => r.Number);
        var acknowledged = _filed.Concat(_hooked.Select(h => (h.Number, h.Title))).Distinct().ToList();
        foreach (var (number, title) in acknowledged)
        {
            Once(byNumber[number].Count(r => r.Title == title), $"CR-{number} \"{title}\"");
        }

        NumbersTwice.AddRange(acknowledged.GroupBy(a => a.Number).Where(g => g.Count() > 1).Select(g => $"CR-{g.Key} was answered for {string.Join(", ", g.Select(a => a.Title))}"));
        NumbersTwice.AddRange(byNumber.Where(g => g.Count() > 1).Select(g => $"CR-{g.Key} is given {g.Count()} times"));
        foreach (var same in requests.GroupBy(r => r.Title, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            Duplicates.Add($"\"{same.Key}\" is filed {same.Count()} times");
        }

        foreach (var same in requests.Where(r => r.Source is not null).GroupBy(r => r.Source!.PostId, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            Duplicates.Add($"post {same.Key} filed {same.Count()} requests");
        }

        foreach (var post in _hooked.GroupBy(h => h.PostId, StringComparer.Ordinal).Where(g => g.Select(h => h.Number).Distinct().Count() > 1))
        {
            Duplicates.Add($"post {post.Key} is answered with several numbers");
        }

        foreach (var post in _queued.GroupBy(q => q.PostId, StringComparer.Ordinal).Where(g => g.Select(q => q.Answer).Distinct(StringComparer.Ordinal).Count() > 1))
        {
            Duplicates.Add($"post {post.Key} is answered differently: {string.Join(" | ", post.Select(q => q.Answer).Distinct(StringComparer.Ordinal))}");
        }
    }

    private void CheckSteps(IReadOnlyList<ActionStep> steps)
    {
        var byNumber = steps.ToLookup(s => s.Number);
        foreach (var (number, text) in _steps)
        {
            Once(byNumber[number].Count(s => s.Text == text), $"A{number} \"{text}\"");
        }

        NumbersTwice.AddRange(_steps.GroupBy(s => s.Number).Where(g => g.Count() > 1).Select(g => $"A{g.Key} was answered for {string.Join(", ", g.Select(s => s.Text))}"));
        NumbersTwice.AddRange(byNumber.Where(g => g.Count() > 1).Select(g => $"A{g.Key} is given {g.Count()} times"));
    }

    private void CheckAudit(IReadOnlyList<CustomerRequest> requests, IReadOnlyList<Entry> audit, Dictionary<string, string> names)
    {
        var entries = audit.ToLookup(e => new Done(e.Subject, e.Action, e.ActorId, e.After ?? ""));
        foreach (var done in _done.GroupBy(d => d with { Subject = names.GetValueOrDefault(d.Subject, d.Subject) }))
        {
            // Somebody may get a request, lose it and get it again; all else that is done here is done once.
            var stored = entries[done.Key].Count();
            if (stored < done.Count())
            {
                Losses.Add($"{done.Key} in the audit trail: {stored} of {done.Count()}");
            }
            else if (stored > 1 && done.Key.Action != "assign")
            {
                Duplicates.Add($"{done.Key} in the audit trail: {stored} times");
            }
        }

        foreach (var request in requests)
        {
            Once(entries[new Done(RequestStore.Subject(request.Number), "file", request.FiledBy, request.Title)].Count(), $"the filing of CR-{request.Number} in the audit trail");
        }
    }

    private void CheckPosts(IReadOnlyList<CustomerRequest> requests, IReadOnlyList<Row> deliveries)
    {
        var posts = _team.Server.Posts().Where(p => p.UserId == _team.BotUser.Id).ToLookup(p => p.Prop(Dispatcher.Key) ?? "none", StringComparer.Ordinal);
        Assert.That(posts["none"], Is.Empty);
        foreach (var delivery in deliveries)
        {
            var content = JsonSerializer.Deserialize<Content>(delivery.Body, StoreJson.Options);
            if (content is Content.Post or Content.Direct && delivery.State == 4 && !posts[delivery.Id].Any())
            {
                Dropped.Add(delivery.Id);
            }
            else if (content is Content.Post or Content.Direct)
            {
                Once(posts[delivery.Id].Count(), $"the delivery {delivery.Id} ({content.GetType().Name}, state {delivery.State})");
            }
            else if (delivery.State is not (2 or 4))
            {
                Losses.Add($"the {content?.GetType().Name} {delivery.Id} is in state {delivery.State}");
            }
        }

        var known = deliveries.Select(d => d.Id).ToHashSet(StringComparer.Ordinal);
        Duplicates.AddRange(posts.Where(p => !known.Contains(p.Key)).Select(p => $"post of no delivery {p.Key}"));
        foreach (var request in requests)
        {
            var card = posts[request.Card!.Delivery].FirstOrDefault()?.Attachments[0];
            var says = (card?.Title, card?.Color, card?.Fields?[0].Value, card?.Fields?[1].Value, card?.Footer.StartsWith("Processed", StringComparison.Ordinal));
            var color = request.State switch { RequestState.Unassigned => "#d24b4e", RequestState.Assigned => "#f0a020", RequestState.Decided => "#2389d7", _ => "#3db887" };
            if (says != ($"CR-{request.Number}  {request.Title}", color, request.Assignee?.Name ?? "nobody", request.Decision?.Text ?? "none yet", request.IsFinished))
            {
                Losses.Add($"the card of CR-{request.Number} ({request.State}, {request.Assignee?.Name}, {request.Decision?.Text}) says {says}");
            }
        }
    }

    private void Once(int times, string what)
    {
        if (times == 0)
        {
            Losses.Add(what);
        }
        else if (times > 1)
        {
            Duplicates.Add($"{what}: {times} times");
        }
    }

    [GeneratedRegex("^CR-(?<number>[0-9]+) \"(?<title>[^\"]*)\" is filed")]
    private static partial Regex Filed { get; }

    [GeneratedRegex("^A(?<number>[0-9]+) \"(?<text>[^\"]*)\" is ")]
    private static partial Regex Noted { get; }

    /// <summary>A change that was answered "done", as it must stand in the audit trail; a rotation and a meeting are given by their name.</summary>
    private sealed record Done(string Subject, string Action, string Actor, string After);

    private sealed record Entry(string Subject, string Action, string ActorId, string? After);

    private sealed record Row(string Id, long State, string Body, string? PostId);

    /// <summary>One of them: types one thing after the other, and remembers what was answered.</summary>
    private sealed class Person(Typists all, int number, Random random)
    {
        private readonly ChatUser _user = Pm(all, number);
        private readonly List<(string PostId, string Title, DateTimeOffset At)> _requests = [];
        private readonly List<(string PostId, string Title, DateTimeOffset At)> _topics = [];
        private int _count;

        public async Task TypeAsync(int most, Func<bool> goesOn, CancellationToken cancellationToken)
        {
            for (; most > 0 && goesOn(); most--)
            {
                await TypeAsync(random.Next(100));
                await Task.Delay(random.Next(120), cancellationToken);
            }
        }

        private static ChatUser Pm(Typists all, int n) => new[] { all._team.Adam, all._team.Katie, all._team.Jason, all._team.Aaron }[n % 4];

        private async Task TypeAsync(int kind)
        {
            var name = $"{number}-{++_count}";
            if (kind < 15 || all._filed.IsEmpty)
            {
                if (Filed.Match(await CommandAsync("cr-assign", $"new Wish {name}")) is { Success: true } filed)
                {
                    all._filed.Enqueue((Number(filed), filed.Groups["title"].Value));
                }

                return;
            }

            var n = all._filed.ElementAt(random.Next(all._filed.Count)).Number;
            var other = Pm(all, random.Next(4));
            var (rotation, meeting) = (Rotation(random.Next(Rotations)), Meeting(random.Next(all._meetings)));
            await (kind switch
            {
                < 25 => PostRequestAsync(name),
                < 30 => DoAsync(n, $"take {n}", " is now yours ", "assign", _user.Id),
                < 37 => DoAsync(n, $"{n} @{other.Username}", " is now ", "assign", other.Id),
                < 43 => DoAsync(n, $"decide {n} v{number + 1}.{_count}", " is decided: ", "decide", $"v{number + 1}.{_count}"),
                < 48 => DoAsync(n, $"usecase {n} use {name}", " use case", "usecase", $"use {name}"),
                < 52 => DoAsync(n, $"process {n} outcome {name}", " is processed: ", "process", $"outcome {name}"),
                < 55 => AreaAsync(name),
                < 65 => DoneAsync("pm-rotation", $"handoff hint {name} --rotation \"{rotation}\"", "will read with the handoff", new(rotation, "note", _user.Id, $"hint {name}")),
                < 72 => DutyAsync(rotation, name),
                < 80 => TopicAsync(meeting, name),
                < 85 => PostTopicAsync(name),
                < 92 => StepAsync(meeting, other, name),
                < 94 => CommandAsync("cr-assign", "list"),
                < 97 => CommandAsync("pm-rotation", "who"),
                _ => CommandAsync("agenda", $"list \"{meeting}\""),
            });
        }

        private Task<string> CommandAsync(string trigger, string text) => all.CommandAsync(number, _user, trigger, text);

        /// <summary>A post that files a request; now and then it comes again, as by a second webhook.</summary>
        private async Task PostRequestAsync(string name)
        {
            foreach (var (postId, answer) in await PostAsync(_requests, "#cr", "post", $"Post {name}"))
            {
                if (Filed.Match(answer) is { Success: true } filed)
                {
                    all._hooked.Enqueue((postId, Number(filed), filed.Groups["title"].Value));
                }
                else if (answer.Length > 0 && !answer.StartsWith(Unwritten, StringComparison.Ordinal))
                {
                    all._odd.Enqueue(answer);
                }
            }
        }

        /// <summary>The same for an item on the agenda. Of a full one the last is taken off.</summary>
        private async Task PostTopicAsync(string name)
        {
            foreach (var (postId, answer) in await PostAsync(_topics, "#agenda", "item", $"Thought {name}"))
            {
                if (answer.Contains(" is queued for ", StringComparison.Ordinal))
                {
                    all._queued.Enqueue((postId, answer));
                }
                else if (answer.Contains(" is full", StringComparison.Ordinal))
                {
                    await CommandAsync("agenda", $"remove {PmBot.Agenda.Meeting.MostItems}");
                }
                else if (answer.Length > 0 && !answer.StartsWith(Unwritten, StringComparison.Ordinal))
                {
                    all._odd.Enqueue(answer);
                }
            }
        }

        private async Task<IReadOnlyList<(string PostId, string Answer)>> PostAsync(List<(string PostId, string Title, DateTimeOffset At)> posts, string word, string prefix, string title)
        {
            // What came so long ago that the bot has forgotten it does not come again.
            var now = all._team.Clock.GetUtcNow();
            posts.RemoveAll(p => now - p.At > Inbox.Memory.ToTimeSpan() - TimeSpan.FromDays(1));
            var again = posts.Count > 0 && random.Next(2) == 0;
            if (!again)
            {
                posts.Add(($"{prefix}{number:D2}x{_count:D5}".PadRight(26, 'x'), title, now));
            }

            var (postId, text, _) = again ? posts[random.Next(posts.Count)] : posts[^1];
            var answers = await Task.WhenAll(
                Enumerable.Range(0, random.Next(3) == 0 ? 2 : 1).Select(_ => all._wire.HookAsync(all.UrlOf(number), _user, word, postId, text)));
            return [.. answers.Select(a => (postId, all.Seen(a)))];
        }

        private Task<string> DoAsync(long request, string text, string says, string action, string after) =>
            DoneAsync("cr-assign", text, says, new(RequestStore.Subject(request), action, _user.Id, after));

        private async Task<string> DoneAsync(string trigger, string text, string says, Done done)
        {
            var answer = await CommandAsync(trigger, text);
            if (answer.Contains(says, StringComparison.Ordinal) && !answer.Contains("othing was changed", StringComparison.Ordinal))
            {
                all._done.Enqueue(done);
            }

            return answer;
        }

        private Task<string> AreaAsync(string name)
        {
            var area = new Area($"Area {number}", [new(_user.Id, _user.Username)], [$"word{name}"]);
            return DoneAsync(
                "cr-assign", $"area set {area.Name} @{_user.Username} --keywords word{name}", "is owned by",
                new("areas", "area set", _user.Id, JsonSerializer.Serialize(area, StoreJson.Options)));
        }

        private async Task DutyAsync(string rotation, string name)
        {
            var answer = await DoneAsync(
                "pm-rotation", $"duties add line {name} --rotation \"{rotation}\"", $"line {name}", new(rotation, "duties add", _user.Id, $"line {name}"));
            if (answer.StartsWith("A checklist has", StringComparison.Ordinal))
            {
                await CommandAsync("pm-rotation", $"duties remove 1 --rotation \"{rotation}\"");
            }
        }

        private async Task TopicAsync(string meeting, string name)
        {
            var answer = await DoneAsync(
                "agenda", $"add Topic {name} --meeting \"{meeting}\"", " is queued for ", new(meeting, "add", _user.Id, $"Topic {name}"));
            if (answer.Contains(" is full", StringComparison.Ordinal))
            {
                await CommandAsync("agenda", $"remove {PmBot.Agenda.Meeting.MostItems} --meeting \"{meeting}\"");
            }
        }

        private async Task StepAsync(string meeting, ChatUser owner, string name)
        {
            if (Noted.Match(await CommandAsync("agenda", $"action 1 @{owner.Username} Step {name} --meeting \"{meeting}\"")) is { Success: true } noted)
            {
                var text = noted.Groups["text"].Value;
                all._steps.Enqueue((Number(noted), text));
                all._done.Enqueue(new Done(string.Create(CultureInfo.InvariantCulture, $"step:{Number(noted)}"), "new", _user.Id, text));
            }
        }

        private static long Number(Match match) => long.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
    }
#pragma warning restore CA5394
}
