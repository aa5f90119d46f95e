using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Mattermost.Client;

namespace PmBot.Tests.Mattermost.Client;

/// <summary>What the bot remembers of the server, and for how long.</summary>
internal sealed class DirectoryTests : WithServer
{
    private const string NotFound = """{"id":"app.missing","message":"No such thing.","status_code":404}""";

    private readonly Dictionary<string, JsonObject> _users = new(StringComparer.Ordinal);

    /// <summary>Who left the team; the server still knows them.</summary>
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

    private IDirectory _directory = null!;
    private bool _away;

    [SetUp]
    public void AServerWithTwoUsers()
    {
        _away = false;
        _users.Clear();
        _gone.Clear();
        _users["u1"] = new JsonObject { ["id"] = "u1", ["username"] = "adam.c", ["first_name"] = "Adam", ["roles"] = "system_user" };
        _users["u2"] = new JsonObject { ["id"] = "u2", ["username"] = "katie.w", ["first_name"] = "Katie", ["roles"] = "system_user" };
        Server.Answer = (http, request) =>
        {
            var (status, json) = _away ? (500, "") : Answer(request);
            return ScriptedServer.Reply(http, status, json);
        };
        _directory = Server.Services().GetRequiredService<IDirectory>();
    }

    [Test]
    public async Task A_user_is_asked_for_once_in_five_minutes_and_a_new_name_seen_after()
    {
        Assert.That((await User("u1")).FirstName, Is.EqualTo("Adam"));
        _users["u1"]["first_name"] = "Ada";
        Server.Clock.Advance(TimeSpan.FromMinutes(4.9));
        Assert.That((await User("u1")).FirstName, Is.EqualTo("Adam"));
        Assert.That(Server.Requests, Has.Count.EqualTo(1));

        Server.Clock.Advance(TimeSpan.FromMinutes(0.2));
        Assert.That((await User("u1")).FirstName, Is.EqualTo("Ada"));
        Assert.That(Server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_user_found_one_way_is_known_the_other_way()
    {
        await User("u1");
        await ByName("katie.w");
        Assert.That(Server.Requests, Has.Count.EqualTo(2));

        Assert.That((await ByName("adam.c")).Single().Id, Is.EqualTo("u1"));
        Assert.That((await User("u2")).Username, Is.EqualTo("katie.w"));
        Assert.That(Server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Only_unknown_names_are_asked_for_and_answers_keep_the_callers_order()
    {
        await ByName("adam.c");

        var found = await ByName("Katie.W", "nobody.here", "ADAM.C", "katie.w");

        Assert.That(found.Select(u => u.Id), Is.EqualTo((string[])["u2", "u1"]));
        Assert.That(Server.Requests.Last().Body, Is.EqualTo("""["katie.w","nobody.here"]"""));
    }

    [Test]
    public async Task Users_by_id_are_found_together()
    {
        var found = Value(await _directory.UsersByIdAsync(["u2", "u9", "u1"], default));

        Assert.That(found.Select(u => u.Username), Is.EqualTo((string[])["katie.w", "adam.c"]));
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task That_there_is_no_such_thing_is_believed_for_half_a_minute()
    {
        Assert.That((await _directory.UserAsync("u3", default)).IsNotFound, Is.True);
        Assert.That(await ByName("new.one"), Is.Empty);
        _users["u3"] = new JsonObject { ["id"] = "u3", ["username"] = "new.one" };
        Server.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.That((await _directory.UserAsync("u3", default)).IsNotFound, Is.True);
        Assert.That(await ByName("new.one"), Is.Empty);
        Assert.That(Server.Requests, Has.Count.EqualTo(2));

        Server.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.That(await ByName("new.one"), Has.Count.EqualTo(1));
        Assert.That((await User("u3")).Username, Is.EqualTo("new.one"));
    }

    [Test]
    public async Task While_the_server_is_away_what_was_known_within_a_day_stands_in()
    {
        await User("u1");
        _away = true;
        Server.Clock.Advance(TimeSpan.FromHours(23));

        Assert.That((await User("u1")).FirstName, Is.EqualTo("Adam"));
        var asked = Server.Requests.Count;
        Assert.That((await User("u1")).FirstName, Is.EqualTo("Adam"));
        Assert.That(Server.Requests, Has.Count.EqualTo(asked), "nobody waits for the absent server at every look-up");

        Server.Clock.Advance(TimeSpan.FromHours(2));
        Assert.That(await _directory.UserAsync("u1", default), Is.TypeOf<MattermostResult<MattermostUser>.Unknown>());
    }

    [Test]
    public async Task A_server_that_is_back_is_asked_again()
    {
        await User("u1");
        _away = true;
        Server.Clock.Advance(TimeSpan.FromMinutes(6));
        await User("u1");
        _away = false;
        _users["u1"]["first_name"] = "Ada";
        Server.Clock.Advance(TimeSpan.FromSeconds(31));

        Assert.That((await User("u1")).FirstName, Is.EqualTo("Ada"));
    }

    [Test]
    public async Task A_failed_look_up_is_not_remembered()
    {
        _away = true;
        Assert.That((await _directory.UsersByNameAsync(["adam.c"], default)).ValueOrDefault, Is.Null);
        _away = false;

        Assert.That(await ByName("adam.c"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Those_who_ask_at_the_same_time_share_a_request_and_one_may_leave()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        Server.Answer = async (http, _) =>
        {
            arrived.TrySetResult();
            await release.Task;
            await ScriptedServer.Reply(http, 200, _users["u1"].ToJsonString());
        };
        using var cancel = new CancellationTokenSource();

        var first = _directory.UserAsync("u1", cancel.Token);
        await arrived.Task;
        var second = _directory.UserAsync("u1", default);
        await cancel.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        release.SetResult();

        Assert.That(Value(await second).Username, Is.EqualTo("adam.c"));
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_was_asked_before_somebody_was_forgotten_is_not_remembered(bool byName)
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var answer = Server.Answer;
        Server.Answer = async (http, request) =>
        {
            var old = _users["u1"].ToJsonString();
            arrived.TrySetResult();
            await release.Task;
            await ScriptedServer.Reply(http, 200, old);
        };
        var early = _directory.UserAsync("u1", default);
        await arrived.Task;

        _users["u1"]["first_name"] = "Ada";
        _directory.Forget("u1");
        release.SetResult();
        await early;
        Server.Answer = answer;

        Assert.That((byName ? (await ByName("adam.c")).Single() : await User("u1")).FirstName, Is.EqualTo("Ada"));
    }

    [Test]
    public async Task A_forgotten_user_is_asked_for_again_by_id_and_by_name()
    {
        await User("u1");
        await ByName("adam.c");
        _users["u1"]["first_name"] = "Ada";

        _directory.Forget("u1");

        Assert.That((await ByName("adam.c")).Single().FirstName, Is.EqualTo("Ada"));
        Assert.That((await User("u1")).FirstName, Is.EqualTo("Ada"));
    }

    [Test]
    public async Task Who_is_an_admin()
    {
        _users["root"] = new JsonObject { ["id"] = "root", ["roles"] = "system_user system_admin" };
        _users["gone"] = new JsonObject { ["id"] = "gone", ["roles"] = "system_user system_admin", ["delete_at"] = 1795287301164 };

        Assert.That(await IsAdmin("u1"), Is.True, "by the scheme of the team");
        Assert.That(await IsAdmin("u2"), Is.False, "an ordinary member");
        Assert.That(Value(await _directory.IsAdminAsync("t2", "u1", default)), Is.False, "of another team, not of this one");
        Assert.That(await IsAdmin("root"), Is.True, "of the whole server, in no team");
        Assert.That(await IsAdmin("gone"), Is.False, "a deactivated account");
    }

    [Test]
    public async Task Rights_are_remembered_for_a_minute_and_never_granted_on_old_evidence()
    {
        _users["root"] = new JsonObject { ["id"] = "root", ["roles"] = "system_admin" };
        await User("root");
        Assert.That(await IsAdmin("root"), Is.True);
        _users["root"]["roles"] = "system_user";
        Server.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.That(await IsAdmin("root"), Is.True);
        Server.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.That(await IsAdmin("root"), Is.False, "though the user is still cached");

        Assert.That(await IsAdmin("u1"), Is.True);
        _away = true;
        Server.Clock.Advance(TimeSpan.FromMinutes(4));
        Assert.That(await IsAdmin("u1"), Is.True);
        Server.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.That((await _directory.IsAdminAsync("t1", "u1", default)).ValueOrDefault, Is.False);
    }

    [Test]
    public async Task Who_belongs_to_the_team_is_remembered_for_ten_minutes_and_a_day_while_the_server_is_away()
    {
        Assert.That(await IsMember("u2"), Is.True);
        _gone.Add("u2");
        Server.Clock.Advance(TimeSpan.FromMinutes(9.9));
        Assert.That(await IsMember("u2"), Is.True);
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
        Server.Clock.Advance(TimeSpan.FromMinutes(0.2));
        Assert.That(await IsMember("u2"), Is.False, "left since");

        Assert.That(await IsMember("u1"), Is.True);
        _away = true;
        Server.Clock.Advance(TimeSpan.FromHours(23));
        Assert.That(await IsMember("u1"), Is.True);
        Server.Clock.Advance(TimeSpan.FromHours(2));
        Assert.That(await _directory.IsMemberAsync("t1", "u1", default), Is.Not.TypeOf<MattermostResult<bool>.Ok>());
    }

    [Test]
    public async Task Who_comes_to_the_team_is_a_member_within_half_a_minute()
    {
        Assert.That(await IsMember("u3"), Is.False, "never was in it");
        _gone.Add("u2");
        Assert.That(await IsMember("u2"), Is.False, "left it");
        _gone.Clear();
        Assert.That(await IsMember("u2"), Is.False);
        Assert.That(Server.Requests, Has.Count.EqualTo(2));

        Server.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.That(await IsMember("u2"), Is.True);
    }

    [Test]
    public async Task Who_is_in_a_channel_is_remembered_for_a_minute_and_no_longer()
    {
        Assert.That(await IsInChannel("u1"), Is.True);
        Assert.That(await IsInChannel("u2"), Is.False);
        Server.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.That(await IsInChannel("u1"), Is.True);
        Assert.That(Server.Requests, Has.Count.EqualTo(2));

        _away = true;
        Server.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await _directory.IsInChannelAsync("c1", "u1", default), Is.Not.TypeOf<MattermostResult<bool>.Ok>());
    }

    [Test]
    public async Task Who_is_forgotten_is_asked_for_again_in_team_and_channel()
    {
        Assert.That(await IsMember("u2") && await IsInChannel("u1"), Is.True);
        _gone.Add("u2");
        _directory.Forget("u2");
        _directory.Forget("u1");

        Assert.That(await IsMember("u2"), Is.False);
        await IsInChannel("u1");
        Assert.That(Server.Requests, Has.Count.EqualTo(4));
    }

    [Test]
    public async Task Channels_teams_and_the_bot_itself_are_remembered()
    {
        for (var i = 0; i < 2; i++)
        {
            Assert.That(Value(await _directory.ChannelAsync("c1", default)).Name, Is.EqualTo("twitter"));
            Assert.That(Value(await _directory.ChannelByNameAsync("t1", "twitter", default)).Id, Is.EqualTo("4nud64p457n4pft1xchhry9rjo"));
            Assert.That(Value(await _directory.TeamAsync("t1", default)).DisplayName, Is.EqualTo("Core"));
            Assert.That(Value(await _directory.SelfAsync(default)).Username, Is.EqualTo("pm-bot"));
        }

        Assert.That(Server.Requests.Select(r => r.Target), Is.EqualTo((string[])[
            "/api/v4/channels/c1", "/api/v4/teams/t1/channels/name/twitter", "/api/v4/teams/t1", "/api/v4/users/me",
        ]));
    }

    [TestCase("""{"SiteURL":"https://chat.example.com/"}""", "https://chat.example.com")]
    [TestCase("""{"SiteURL":""}""", null)]
    [TestCase("""{}""", null)]
    public async Task Where_people_reach_the_server(string config, string? expected)
    {
        Server.AnswerAll(200, config);

        Assert.That(Value(await _directory.SiteUrlAsync(default)), Is.EqualTo(expected ?? Server.Url));
    }

    [Test]
    public async Task The_oldest_entries_make_room()
    {
        var asked = new List<string>();
        var cache = new AgingCache<string>(Server.Clock, TimeSpan.FromHours(1), TimeSpan.FromHours(1), capacity: 2);

        foreach (var key in (string[])["a", "b", "a", "c", "b", "c", "a"])
        {
            await cache.GetAsync(
                key,
                () =>
                {
                    asked.Add(key);
                    return Task.FromResult<MattermostResult<string>>(new MattermostResult<string>.Ok(key));
                },
                default);
        }

        Assert.That(asked, Is.EqualTo((string[])["a", "b", "c", "a"]));
    }

    private async Task<MattermostUser> User(string id) => Value(await _directory.UserAsync(id, default));

    private async Task<IReadOnlyList<MattermostUser>> ByName(params string[] names) =>
        Value(await _directory.UsersByNameAsync(names, default));

    private async Task<bool> IsAdmin(string userId) => Value(await _directory.IsAdminAsync("t1", userId, default));

    private async Task<bool> IsMember(string userId) => Value(await _directory.IsMemberAsync("t1", userId, default));

    private async Task<bool> IsInChannel(string userId) => Value(await _directory.IsInChannelAsync("c1", userId, default));

    private (int Status, string Json) Answer(Received request) => (request.Target["/api/v4/".Length..], request.Body) switch
    {
        ("users/me", _) => (200, Captures.Get("who the bot is").Answer),
        ("users/usernames", var names) => (200, Select("username", names)),
        ("users/ids", var ids) => (200, Select("id", ids)),
        ("channels/c1", _) or ("teams/t1/channels/name/twitter", _) => (200, Captures.Get("a channel by name").Answer),
        ("teams/t1", _) => (200, Captures.Get("a team by name").Answer),
        ("teams/t1/members/u1", _) => (200, Captures.Get("a member of a team (admins have team_admin in roles)").Answer),
        ("teams/t1/members/u2", _) =>
            (200, $$"""{"team_id":"t1","user_id":"u2","roles":"team_user","delete_at":{{(_gone.Contains("u2") ? 1795287301164 : 0)}}}"""),
        ("channels/c1/members/u1", _) => (200, Captures.Get("a channel member").Answer),
        ({ } path, _) when path.StartsWith("users/", StringComparison.Ordinal) && _users.TryGetValue(path[6..], out var user) =>
            (200, user.ToJsonString()),
        _ => (404, NotFound),
    };

    private string Select(string field, string wanted)
    {
        var keys = JsonNode.Parse(wanted)!.AsArray().Select(k => (string)k!).ToHashSet(StringComparer.Ordinal);
        return new JsonArray([.. _users.Values.Where(u => keys.Contains((string)u[field]!)).Select(u => u.DeepClone())]).ToJsonString();
    }
}
