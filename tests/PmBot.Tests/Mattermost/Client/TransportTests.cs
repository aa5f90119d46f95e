using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NUnit.Framework;
using PmBot.Mattermost.Client;

namespace PmBot.Tests.Mattermost.Client;

/// <summary>How requests fare when the network, the server or the rate limit is against them.</summary>
internal sealed class TransportTests : WithServer
{
    private const string User = """{"id":"u1","username":"adam.c"}""";
    private const string Failure = """{"id":"store.down","message":"The database is away.","status_code":500}""";

    private static readonly NewPost Hello = new() { ChannelId = "c1", Message = "the agenda text" };

    [TestCase(500)]
    [TestCase(503)]
    [TestCase(408)]
    public async Task A_write_is_sent_once_and_its_failure_leaves_its_effect_unknown(int status)
    {
        Server.AnswerAll(status, Failure, ("X-Request-Id", "r1"));

        var result = await Server.Client().CreatePostAsync(Hello, default);

        Assert.That(result, Is.EqualTo(new MattermostResult<Post>.Unknown($"the server answered {status} store.down; request r1")));
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_change_that_may_not_be_made_any_more_never_leaves_and_is_no_failure_of_the_server()
    {
        Server.AnswerAll(200, User);
        var (asked, isAllowed) = (0, false);
        var client = Server.Client().Under(_ =>
        {
            asked++;
            return ValueTask.FromResult(isAllowed);
        });
        for (var n = 1; n <= 20; n++)
        {
            Assert.That(await client.CreatePostAsync(Hello, default), Is.EqualTo(new MattermostResult<Post>.NotSent("it was held back here") { IsHeldBack = true }));
            Assert.That(asked, Is.EqualTo(n));
        }

        Assert.That(Server.Requests, Is.Empty);
        Assert.That(await client.UserAsync("u1", default), Is.TypeOf<MattermostResult<MattermostUser>.Ok>());
        Assert.That(asked, Is.EqualTo(20), "reading needs no permit");

        isAllowed = true;
        Assert.That(await client.CreatePostAsync(Hello, default), Is.TypeOf<MattermostResult<Post>.Ok>());
        Assert.That(Server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_read_is_repeated_twice_when_the_server_fails()
    {
        Server.AnswerInTurn((500, Failure), (408, ""), (200, User));

        Assert.That(Value(await Server.Client().UserAsync("u1", default)).Username, Is.EqualTo("adam.c"));
        Assert.That(Server.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_read_that_keeps_failing_is_given_up()
    {
        Server.AnswerAll(502, "<html>");

        Assert.That(await Server.Client().UserAsync("u1", default), Is.TypeOf<MattermostResult<MattermostUser>.Unknown>());
        Assert.That(Server.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Looking_up_users_is_a_read_though_it_is_posted()
    {
        Server.AnswerInTurn((500, Failure), (200, $"[{User}]"), (500, Failure), (200, $"[{User}]"));
        var client = Server.Client();

        Assert.That(Value(await client.UsersByNameAsync(["adam.c"], default)), Has.Count.EqualTo(1));
        Assert.That(Value(await client.UsersByIdAsync(["u1"], default)), Has.Count.EqualTo(1));
        Assert.That(Server.Requests, Has.Count.EqualTo(4));
    }

    [Test]
    public async Task A_refusal_is_not_repeated()
    {
        Server.AnswerAll(404, Captures.Get("an unknown user").Answer);

        Assert.That((await Server.Client().UserAsync("u1", default)).IsNotFound, Is.True);
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_connection_lost_after_the_write_arrived_leaves_its_effect_unknown()
    {
        var client = Server.Client();
        Server.AnswerAll(200, User);
        await client.UserAsync("u1", default);
        Server.Answer = (http, _) =>
        {
            http.Abort();
            return Task.CompletedTask;
        };

        Assert.That(await client.CreatePostAsync(Hello, default), Is.TypeOf<MattermostResult<Post>.Unknown>());
        Assert.That(Server.Requests.Count(r => r.Method == "POST"), Is.EqualTo(1), "not even on a fresh connection");
    }

    [Test]
    public async Task An_answer_cut_in_the_middle_leaves_a_writes_effect_unknown()
    {
        Server.Answer = async (http, _) =>
        {
            http.Response.StatusCode = 201;
            http.Response.ContentLength = 100;
            await http.Response.WriteAsync("""{"id":""");
            await http.Response.Body.FlushAsync();
            http.Abort();
        };

        Assert.That(await Server.Client().CreatePostAsync(Hello, default), Is.TypeOf<MattermostResult<Post>.Unknown>());
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_write_without_an_answer_in_time_is_unknown()
    {
        Server.Answer = (http, _) => Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);

        var result = await Server.Client(attempt: TimeSpan.FromMilliseconds(300)).CreatePostAsync(Hello, default);

        Assert.That(result, Is.EqualTo(new MattermostResult<Post>.Unknown("no answer within 0.3 s")));
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_refused_connection_certainly_had_no_effect()
    {
        var client = Server.Client(url: $"http://127.0.0.1:{FreePort()}/");

        Assert.That(await client.CreatePostAsync(Hello, default), Is.TypeOf<MattermostResult<Post>.NotSent>());
        Assert.That(await client.UserAsync("u1", default), Is.TypeOf<MattermostResult<MattermostUser>.NotSent>());
    }

    [TestCase(200, "<html>a log-in page</html>")]
    [TestCase(200, "null")]
    [TestCase(404, "<html>a proxy's</html>")]
    [TestCase(403, "{}")]
    public async Task What_is_not_Mattermosts_answer_says_nothing(int status, string answer)
    {
        Server.AnswerAll(status, answer);

        Assert.That(await Server.Client().CreatePostAsync(Hello, default), Is.TypeOf<MattermostResult<Post>.Unknown>());
    }

    [Test]
    public async Task A_redirect_is_not_followed()
    {
        Server.AnswerAll(301, "", ("Location", "/elsewhere"));

        var result = await Server.Client().UserAsync("u1", default);

        Assert.That(result.Describe(), Does.Contain("301").And.Contain("Mattermost:Url"));
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_endless_answer_is_not_read_to_its_end()
    {
        Server.AnswerAll(200, $$"""{"id":"u1","username":"{{new string('x', 17 * 1024 * 1024)}}"}""");

        Assert.That(await Server.Client().UserAsync("u1", default), Is.TypeOf<MattermostResult<MattermostUser>.Unknown>());
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_file_that_is_too_long_is_refused_and_not_read_to_its_end(bool lengthIsTold)
    {
        const long endless = 1L << 40;
        Server.Answer = async (http, _) =>
        {
            http.Response.ContentLength = lengthIsTold ? endless : null;
            var some = new byte[64 * 1024];
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(some);
            }
        };

        var result = await Server.Client().FileAsync("f1", 100_000, default);

        Assert.That(result, Is.EqualTo(new MattermostResult<byte[]>.Refused(
            new("pmbot.file_too_long", "The file is longer than 100000 bytes.", 413, ""))));
        Assert.That(Server.Requests, Has.Count.EqualTo(1), "asking again makes it no shorter");
    }

    [Test]
    public async Task A_files_error_is_understood_however_short_the_file_may_be()
    {
        Server.AnswerAll(404, Captures.Get("an unknown user").Answer);

        Assert.That((await Server.Client().FileAsync("f1", 1, default)).IsNotFound, Is.True);
    }

    [Test]
    public async Task Reading_a_file_is_repeated_and_an_upload_is_not()
    {
        Server.AnswerInTurn((500, Failure), (200, "abc"));
        Assert.That(Value(await Server.Client().FileAsync("f1", 3, default)), Is.EqualTo("abc"u8.ToArray()));
        Assert.That(Server.Requests, Has.Count.EqualTo(2));

        Server.AnswerAll(500, Failure);
        Assert.That(
            await Server.Client().UploadFileAsync("c1", "a.csv", "abc"u8.ToArray(), default), Is.TypeOf<MattermostResult<PostFile>.Unknown>());
        Assert.That(Server.Requests.Count(r => r.Method == "POST"), Is.EqualTo(1));
    }

    [Test]
    public async Task What_a_proxy_finds_too_long_is_refused_for_good()
    {
        Server.AnswerAll(413, "<html>413 Request Entity Too Large</html>");

        var result = await Server.Client().UploadFileAsync("c1", "a.csv", "abc"u8.ToArray(), default);

        Assert.That(result, Is.TypeOf<MattermostResult<PostFile>.Refused>());
        Assert.That(result.Describe(), Does.Contain("too long").And.Contain("413"));
    }

    [Test]
    public async Task Mattermost_may_live_below_a_path()
    {
        Server.AnswerAll(200, User);

        await Server.Client(url: Server.Url + "/chat/").UserAsync("u1", default);

        Assert.That(Server.Requests.Single().Target, Is.EqualTo("/chat/api/v4/users/u1"));
    }

    [Test]
    public async Task After_too_many_failures_nothing_is_sent_until_the_pause_is_over()
    {
        Server.AnswerAll(500, Failure);
        var client = Server.Client();
        for (var i = 0; i < 8; i++)
        {
            Assert.That(await client.CreatePostAsync(Hello, default), Is.TypeOf<MattermostResult<Post>.Unknown>());
        }

        Assert.That(await client.CreatePostAsync(Hello, default), Is.TypeOf<MattermostResult<Post>.NotSent>());
        Assert.That(await client.MeAsync(default), Is.TypeOf<MattermostResult<MattermostUser>.NotSent>());
        Assert.That(Server.Requests, Has.Count.EqualTo(8));

        Server.AnswerAll(200, User);
        MattermostResult<MattermostUser>? result = null;
        await Until(async () => (result = await client.MeAsync(default)) is not MattermostResult<MattermostUser>.NotSent);
        Assert.That(Value(result!).Username, Is.EqualTo("adam.c"));
    }

    [Test]
    public async Task Refusals_do_not_open_the_circuit()
    {
        Server.AnswerAll(403, Captures.Get("a post where the bot is no member").Answer);
        var client = Server.Client();
        for (var i = 0; i < 20; i++)
        {
            Assert.That(await client.CreatePostAsync(Hello, default), Is.TypeOf<MattermostResult<Post>.Refused>());
        }
    }

    [Test]
    public async Task A_429_holds_back_every_request_until_its_reset()
    {
        Server.AnswerAll(429, "limit exceeded", ("X-Ratelimit-Limit", "101"), ("X-Ratelimit-Reset", "30"));
        var client = Server.Client();

        Assert.That(
            await client.CreatePostAsync(Hello, default), Is.EqualTo(new MattermostResult<Post>.RateLimited(Duration.FromSeconds(30))));
        Server.Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.That(
            await client.CreatePostAsync(Hello, default), Is.EqualTo(new MattermostResult<Post>.RateLimited(Duration.FromSeconds(15))));
        Assert.That(
            await client.MeAsync(default), Is.EqualTo(new MattermostResult<MattermostUser>.RateLimited(Duration.FromSeconds(15))),
            "a read does not wait that long");
        Assert.That(Server.Requests, Has.Count.EqualTo(1));

        Server.AnswerAll(200, User);
        Server.Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.That(Value(await client.MeAsync(default)).Username, Is.EqualTo("adam.c"));
    }

    [Test]
    public async Task A_read_waits_for_a_reset_that_is_near()
    {
        Server.AnswerAll(429, "", ("X-Ratelimit-Reset", "3"));
        var client = Server.Client();
        var limited = client.MeAsync(default);
        await Server.Clock.SomebodyWaits();
        var later = client.UserAsync("u1", default);
        await Server.Clock.SomebodyWaits();
        Assert.That(Server.Requests, Has.Count.EqualTo(1));

        Server.AnswerAll(200, User);
        Server.Clock.Advance(TimeSpan.FromSeconds(3));

        Assert.That(Value(await limited).Username, Is.EqualTo("adam.c"));
        Assert.That(Value(await later).Username, Is.EqualTo("adam.c"));
        Assert.That(Server.Requests, Has.Count.EqualTo(3));
    }

    [TestCase("X-Ratelimit-Reset", "1772442020", 20, TestName = "A reset given as a Unix time")]
    [TestCase("Retry-After", "12", 12, TestName = "Seconds in Retry-After")]
    [TestCase("Retry-After", "Mon, 02 Mar 2026 09:00:25 GMT", 25, TestName = "A date in Retry-After")]
    [TestCase("X-Ratelimit-Reset", "0", 1, TestName = "A reset at once is a second at least")]
    [TestCase("X-Ratelimit-Reset", "-7", 1, TestName = "A negative reset is a second")]
    [TestCase("X-Ratelimit-Reset", "soon", 1, TestName = "A reset that is no number is a second")]
    [TestCase("X-Ratelimit-Reset", "86400", 300, TestName = "No reset silences the bot for more than five minutes")]
    public async Task How_long_a_429_asks_to_wait(string header, string value, int seconds)
    {
        Server.AnswerAll(429, "", (header, value));

        Assert.That(
            await Server.Client().CreatePostAsync(Hello, default),
            Is.EqualTo(new MattermostResult<Post>.RateLimited(Duration.FromSeconds(seconds))));
    }

    [Test]
    public async Task Cancelling_is_the_callers_and_no_result()
    {
        using var cancel = new CancellationTokenSource();
        Server.Answer = async (http, _) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);
        };

        Assert.That(
            async () => await Server.Client().CreatePostAsync(Hello, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_token_and_the_texts_stay_out_of_results_and_logs()
    {
        Server.AnswerInTurn(
            (401, Captures.Get("a wrong token").Answer),
            (401, """{"id":"x","message":"Your not-a-token is bad.","detailed_error":"token=not-a-token"}"""),
            (500, """{"id":"x","message":"not-a-token"}"""),
            (201, """{"id":"p1"}"""));
        var client = Server.Client(token: "not-a-token");

        string[] told =
        [
            (await client.MeAsync(default)).ToString(),
            (await client.CreatePostAsync(Hello, default)).ToString(),
            (await client.CreatePostAsync(Hello, default)).Describe(),
            (await client.CreatePostAsync(Hello, default)).Describe(),
        ];

        Assert.That(Server.Requests.Last().Authorization, Is.EqualTo("Bearer not-a-token"));
        Assert.That(told[0], Does.Contain("api.context.session_expired.app_error"));
        Assert.That(told[1], Does.Contain("Your *** is bad."));
        Assert.That(Server.Logged, Has.Count.GreaterThanOrEqualTo(4));
        Assert.That(told.Concat(Server.Logged), Has.None.Contains("not-a-token").And.None.Contains(Hello.Message));
    }

    [Test]
    public async Task A_failure_is_logged_with_its_request_id()
    {
        Server.AnswerAll(403, Captures.Get("a post where the bot is no member").Answer, ("X-Request-Id", "jutbfcze7tnb"));

        await Server.Client().CreatePostAsync(Hello, default);

        Assert.That(
            Server.Logged, Has.Some.Contains("POST posts was refused: 403 api.context.permissions.app_error, request jutbfcze7tnb"));
    }

    [Test]
    public async Task Requests_are_measured_by_route_and_outcome()
    {
        var services = Server.Services();
        var measured = new ConcurrentQueue<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "PmBot" && ReferenceEquals(instrument.Meter.Scope, services.GetRequiredService<IMeterFactory>()))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => measured.Enqueue(
            instrument.Name + " " + string.Join(' ', tags.ToArray().Select(t => t.Value))));
        listener.Start();
        Server.AnswerInTurn((200, "[]"), (404, Captures.Get("an unknown user").Answer));
        var client = services.GetRequiredService<IMattermost>();

        await client.ChannelMembersAsync("c1", 0, 10, default);
        await client.UserAsync("u1", default);

        Assert.That(measured, Is.EqualTo((string[])[
            "pmbot.mattermost.request GET channels/{channel}/members ok",
            "pmbot.mattermost.request GET users/{user} refused",
        ]));
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
