using NUnit.Framework;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Sandbox;

internal sealed class FaultTests : StandInFixture
{
    private object Post => new { channel_id = Pm.Id, message = "hello" };

    [Test]
    public void Dropped_after_the_post_is_there()
    {
        Server.Faults.Add("POST", "/api/v4/posts", new FaultKind.DropAfter());

        Assert.That(async () => await PostIdAsync(PmBot, Post), Throws.InstanceOf<HttpRequestException>());

        Assert.That(Server.Posts(Pm), Has.Count.EqualTo(1));
        Assert.That(Server.Calls[^1].Status, Is.Zero);
    }

    [Test]
    public async Task Dropped_before_nothing_is_there_and_the_fault_is_used_up()
    {
        Server.Faults.Add("POST", "/api/v4/posts", new FaultKind.DropBefore());

        Assert.That(async () => await PostIdAsync(PmBot, Post), Throws.InstanceOf<HttpRequestException>());

        Assert.That(Server.Posts(Pm), Is.Empty);
        await PostIdAsync(PmBot, Post);
        Assert.That(Server.Posts(Pm), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Faults_come_in_their_order_and_only_where_they_match()
    {
        Server.Faults.Add(new Fault(request => request.Body.Contains("hello", StringComparison.Ordinal), new FaultKind.Status(502)));
        Server.Faults.Add("POST", "/api/v4/posts", new FaultKind.RateLimited(7));

        Assert.That((await RefusalAsync(PmBot, "POST", "/api/v4/posts", Post)).Status, Is.EqualTo(502));
        await JsonAsync(PmBot, "GET", "/api/v4/users/me");
        using var limited = await CallAsync(PmBot, "POST", "/api/v4/posts", Post);
        using var served = await CallAsync(PmBot, "POST", "/api/v4/posts", Post);

        Assert.That((int)limited.StatusCode, Is.EqualTo(429));
        Assert.That(limited.Headers.GetValues("X-Ratelimit-Reset").Single(), Is.EqualTo("7"));
        Assert.That(limited.Headers.GetValues("X-Ratelimit-Remaining").Single(), Is.EqualTo("0"));
        Assert.That((int)served.StatusCode, Is.EqualTo(201));
        Assert.That(Server.Posts(Pm), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_delayed_call_is_served_late()
    {
        Server.Faults.Add("POST", "/api/v4/posts", new FaultKind.Delay(TimeSpan.FromMilliseconds(100)));
        var start = TimeProvider.System.GetTimestamp();

        await PostIdAsync(PmBot, Post);

        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.GreaterThan(TimeSpan.FromMilliseconds(90)));
        Assert.That(Server.Posts(Pm), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Down_every_connection_fails_until_it_is_up_again()
    {
        Server.Faults.Down = true;
        Assert.That(async () => await CallAsync(PmBot, "GET", "/api/v4/system/ping"), Throws.InstanceOf<HttpRequestException>());

        Server.Faults.Down = false;
        using var ping = await CallAsync(null, "GET", "/api/v4/system/ping");
        Assert.That((int)ping.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task A_rate_hits_a_repeatable_share_of_the_calls()
    {
        var first = await HitsAsync();
        Server.Faults.Clear();

        Assert.That(await HitsAsync(), Is.EqualTo(first));
        Assert.That(first.Count(hit => hit), Is.InRange(5, 35));

        async Task<List<bool>> HitsAsync()
        {
            Server.Faults.Add(new Fault(_ => true, new FaultKind.Status(503), Times: int.MaxValue) { Rate = 0.5, Seed = 42 });
            var hits = new List<bool>();
            for (var call = 0; call < 40; call++)
            {
                using var response = await CallAsync(null, "GET", "/api/v4/system/ping");
                hits.Add((int)response.StatusCode == 503);
            }

            return hits;
        }
    }
}
