using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Faults;

/// <summary>Replies, files and edits: whatever they refer to may be gone, and the connection may be cut at any point.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class ThreadAndFileTests : FaultyTeam
{
    private const string Uploading = "/api/v4/files";

    private readonly ListSource _source = new();

    [Test]
    [CancelAfter(120_000)]
    public async Task A_reply_names_the_first_post_of_the_thread(CancellationToken cancellationToken)
    {
        var question = await TypedAsync("a question");
        var answer = await TypedAsync("an answer", question.Id);

        var ids = await AddAsync(Post("to the first", new PostThread.OfPost(question.Id)), Post("to the second", new PostThread.OfPost(answer.Id)));
        var later = await AddAsync(Post("to the bot's own", new PostThread.OfDelivery(ids[1])), Post("no reply"));
        await AllEndedAsync(cancellationToken);

        Assert.That(Roots(), Is.EqualTo([question.Id, question.Id, question.Id, null]));
        Assert.That(await CountAsync("state = 2"), Is.EqualTo(ids.Count + later.Count));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_reply_to_a_delivery_waits_for_its_post(CancellationToken cancellationToken)
    {
        KeepUnknown();
        Server.Faults.Add(new Fault(IsPost, new FaultKind.DropAfter()));
        var first = Outbox.NewId();
        await Store.ExecuteAsync(
            transaction =>
            {
                Outbox.Add(transaction, Team.Team.Id, Post("the request"), id: first);
                Outbox.Add(transaction, Team.Team.Id, Post("the reply", new PostThread.OfDelivery(first)));
                return true;
            },
            cancellationToken);
        await TriedAsync(first, 2, cancellationToken);
        Server.Faults.Clear();
        await AllEndedAsync(cancellationToken);

        var posts = Server.Posts(Team.Twitter);
        Assert.That(posts.Select(p => (p.Message, p.RootId)), Is.EqualTo([("the request", ""), ("the reply", posts[0].Id)]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_reply_to_what_was_never_made_or_is_gone_or_elsewhere_is_a_post_of_its_own(CancellationToken cancellationToken)
    {
        var gone = await TypedAsync("gone");
        Server.DeletePost(gone);
        var elsewhere = (await Server.TypeAsync(Team.Katie, Team.ProductManagement, "elsewhere")).Post!;
        var expired = (await SendAsync(NodaTime.Instant.FromDateTimeOffset(Start).Minus(NodaTime.Duration.FromHours(1)), (Team.Twitter, "too late")))[0];

        await AddAsync(
            Post("1", new PostThread.OfPost(gone.Id)),
            Post("2", new PostThread.OfPost("nosuchpostnosuchpostnosuch")),
            Post("3", new PostThread.OfPost(elsewhere.Id)),
            Post("4", new PostThread.OfDelivery(expired)));
        await AllEndedAsync(cancellationToken);

        Assert.That(Texts(Team.Twitter), Is.EqualTo(["1", "2", "3", "4"]));
        Assert.That(Roots(), Is.EqualTo(new string?[] { null, null, null, null }));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_root_that_goes_away_at_the_last_moment_parks_nothing(CancellationToken cancellationToken)
    {
        var root = await TypedAsync("soon gone");
        Server.Faults.Add(new Fault(
            request =>
            {
                if (IsPost(request) && request.Body.Contains(root.Id, StringComparison.Ordinal))
                {
                    Server.DeletePost(root);
                }

                return false;
            },
            new FaultKind.DropBefore()));

        await AddAsync(Post("the reply", new PostThread.OfPost(root.Id)));
        await AllEndedAsync(cancellationToken);

        Assert.That(Texts(Team.Twitter), Is.EqualTo(["the reply"]));
        Assert.That(PostCalls.Select(c => c.Status), Is.EqualTo([400, 201]));
        Assert.That(await CountAsync("state = 2 and attempts = 1"), Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_thread_that_cannot_be_looked_up_now_is_not_lost(CancellationToken cancellationToken)
    {
        var root = await TypedAsync("a question");
        Server.Faults.Add("GET", $"{Posting}/{root.Id}", new FaultKind.Status(503), int.MaxValue);
        var ids = await AddAsync(Post("the reply", new PostThread.OfPost(root.Id)));
        await TriedAsync(ids[0], 2, cancellationToken);
        Assert.That(await CountAsync("uncertain = 1"), Is.Zero, "the post itself was not tried");
        Server.Faults.Clear();
        await AllEndedAsync(cancellationToken);

        Assert.That(Roots(), Is.EqualTo([root.Id]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_file_comes_with_its_message_as_it_is_when_it_is_sent(CancellationToken cancellationToken)
    {
        Server.Faults.Down = true;
        var ids = await AddAsync(WithFile("open"));
        await TriedAsync(ids[0], 1, cancellationToken);
        _source.Content = "fresh";
        Server.Faults.Down = false;
        await AllEndedAsync(cancellationToken);

        var post = Server.Direct(Team.Sam, Team.BotUser).Single();
        var file = Server.Files(post).Single();
        Assert.That((post.Message, file.Name, file.Text), Is.EqualTo(("your list", "list.csv", "fresh")));
        Assert.That(_source.Asked, Has.All.EqualTo((Team.Team.Id, "open")));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_connection_cut_after_the_post_with_its_file_makes_no_second_one(CancellationToken cancellationToken)
    {
        Server.Faults.Add(new Fault(IsPost, new FaultKind.DropAfter()));
        await AddAsync(WithFile("open"));
        await AllEndedAsync(cancellationToken);

        Assert.That(Server.Files(Server.Direct(Team.Sam, Team.BotUser).Single()), Has.Count.EqualTo(1));
        Assert.That(Uploads(), Has.Count.EqualTo(1), "nor is its file uploaded again");
        Assert.That(PostCalls, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_connection_cut_after_the_upload_makes_one_post_with_one_file(CancellationToken cancellationToken)
    {
        Server.Faults.Add("POST", Uploading, new FaultKind.DropAfter());
        await AddAsync(WithFile("open"));
        await AllEndedAsync(cancellationToken);

        Assert.That(Server.Files(Server.Direct(Team.Sam, Team.BotUser).Single()), Has.Count.EqualTo(1));
        Assert.That(Uploads(), Has.Count.EqualTo(2));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_refused_upload_is_parked_and_told(CancellationToken cancellationToken)
    {
        Server.Faults.Add("POST", Uploading, new FaultKind.Status(413, """{"id":"api.file.upload_file.too_large","message":"Too large.","status_code":413}"""));
        await AddAsync(WithFile("open"));
        await AllEndedAsync(cancellationToken);

        Assert.That(Server.Direct(Team.Sam, Team.BotUser), Is.Empty);
        Assert.That(await CountAsync("state = 3 and error like '%Too large%'"), Is.EqualTo(1));
        var report = Server.Direct(Team.Katie, Team.BotUser).Single();
        await Server.PressAsync(Team.Katie, report.Id, "Try again");
        await AllEndedAsync(cancellationToken);
        Assert.That(Server.Direct(Team.Sam, Team.BotUser), Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Without_a_source_it_is_parked_and_a_file_of_no_more_use_is_dropped(CancellationToken cancellationToken)
    {
        await AddAsync(WithFile("open") with { File = new FileRef("unknown", "open", "list.csv") }, WithFile(ListSource.OfNoUse));
        await AllEndedAsync(cancellationToken);

        Assert.That(Server.Direct(Team.Sam, Team.BotUser), Is.Empty);
        Assert.That(await CountAsync("state = 3 and error like '%unknown%'"), Is.EqualTo(1));
        Assert.That(await CountAsync("state = 4"), Is.EqualTo(1));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task An_edit_changes_the_text_and_only_the_newest_is_sent(CancellationToken cancellationToken)
    {
        var ids = await AddAsync(Post("the request"));
        await AllEndedAsync(cancellationToken);
        Server.Faults.Down = true;
        var edits = await AddAsync(Edit(ids[0], 1, "taken"));
        await TriedAsync(edits[0], 1, cancellationToken);
        await AddAsync(Edit(ids[0], 2, null), Edit(ids[0], 3, "decided"));
        Server.Faults.Down = false;
        await AllEndedAsync(cancellationToken);

        var post = Server.Posts(Team.Twitter).Single();
        Assert.That((post.Message, post.Prop("n")), Is.EqualTo(("decided", "3")));
        Assert.That(Server.Calls.Count(c => c.Method == "PUT"), Is.EqualTo(1));
        Assert.That(await CountAsync("state = 4 and error = 'superseded'"), Is.EqualTo(2));

        await AddAsync(Edit(ids[0], 4, null));
        await AllEndedAsync(cancellationToken);
        post = Server.Posts(Team.Twitter).Single();
        Assert.That((post.Message, post.Prop("n")), Is.EqualTo(("decided", "4")), "the text stays");
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task An_edit_of_a_parked_post_waits_with_it_and_comes_after_it(CancellationToken cancellationToken)
    {
        // The bot is no member there.
        var ids = await AddAsync(new Content.Post(Team.TownSquare.Id, "the request", null));
        await AllEndedAsync(cancellationToken);
        await AddAsync(Edit(ids[0], 1, "taken"));
        await AllEndedAsync(cancellationToken);
        await AddAsync(Edit(ids[0], 2, null));
        await AllEndedAsync(cancellationToken);
        Assert.That(await CountAsync("state = 3"), Is.EqualTo(2), "the post and its newest edit");
        Assert.That((await Outbox.StateAsync(cancellationToken)).Parked, Is.EqualTo(1), "an edit needs no help of its own");

        Server.Join(Team.TownSquare, Team.BotUser);
        await Server.PressAsync(Team.Katie, Server.Direct(Team.Katie, Team.BotUser).Single().Id, "Try again");
        await AllEndedAsync(cancellationToken);
        var post = Server.Posts(Team.TownSquare).Single(p => p.UserId == Team.BotUser.Id);
        Assert.That((post.Message, post.Prop("n")), Is.EqualTo(("taken", "2")));
        Assert.That(await CountAsync("state = 3"), Is.Zero);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task An_edit_of_a_post_that_expired_is_dropped(CancellationToken cancellationToken)
    {
        var id = Outbox.NewId();
        await Store.ExecuteAsync(
            transaction =>
            {
                Outbox.Add(transaction, Team.Team.Id, Post("too late"), NodaTime.Instant.FromDateTimeOffset(Clock.GetUtcNow()), id);
                return true;
            },
            cancellationToken);
        await AddAsync(Edit(id, 1, "later still"));
        await AllEndedAsync(cancellationToken);
        Assert.That(await CountAsync("state = 4"), Is.EqualTo(2));
    }

    protected override void Configure(IServiceCollection services) => services.AddSingleton<IFileSource>(_source);

    private Content.Post Post(string text, PostThread? thread = null) => new(Team.Twitter.Id, text, null, thread);

    private Content.Direct WithFile(string argument) =>
        new(Team.Sam.Id, "your list", null, File: new FileRef(_source.Source, argument, "list.csv"));

    private Content.Edit Edit(string delivery, int n, string? message) => new(delivery, Post("").Lane, new JsonObject { ["n"] = n }, message);

    private async Task<ChatPost> TypedAsync(string text, string? rootId = null) =>
        (await Server.TypeAsync(Team.Katie, Team.Twitter, text, rootId)).Post!;

    private Task<IReadOnlyList<string>> AddAsync(params IReadOnlyList<Content> contents) => Store.ExecuteAsync<IReadOnlyList<string>>(
        transaction =>
        {
            var ids = contents.Select(_ => Outbox.NewId()).ToList();
            foreach (var (content, id) in contents.Zip(ids))
            {
                Outbox.Add(transaction, Team.Team.Id, content, id: id);
            }

            return ids;
        },
        CancellationToken.None);

    /// <summary>The thread that each post named on the wire, null for none.</summary>
    private IEnumerable<string?> Roots() => PostCalls.Select(
        c => JsonSerializer.Deserialize<JsonElement>(c.Body).TryGetProperty("root_id", out var root) ? root.GetString() : null);

    private IReadOnlyList<ApiCall> Uploads() =>
        [.. Server.Calls.Where(c => c.Method == "POST" && c.Path.StartsWith(Uploading, StringComparison.Ordinal))];

    private sealed class ListSource : IFileSource
    {
        public const string OfNoUse = "of no use";

        private readonly List<(string Workspace, string Argument)> _asked = [];

        public string Source => "list";

        public string Content { get; set; } = "a,b";

        public IReadOnlyList<(string Workspace, string Argument)> Asked => _asked;

        public Task<byte[]?> ReadAsync(string workspaceId, string argument, CancellationToken cancellationToken)
        {
            _asked.Add((workspaceId, argument));
            return Task.FromResult(argument == OfNoUse ? null : Encoding.UTF8.GetBytes(Content));
        }
    }
}
