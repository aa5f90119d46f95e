using System.Net;
using System.Text.Json;
using NodaTime;
using PmBot.Sandbox.StandIn;

namespace PmBot.Sandbox.Page;

/// <summary>A chat page on the stand-in's own address: what a user of the team sees and does, and the clock.</summary>
public static class ChatPage
{
    // Nothing comes from elsewhere, nothing is inline: what people write could not run even if it got past Markup.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Adds the page and its calls to the stand-in's application.</summary>
    /// <param name="app">The application.</param>
    /// <param name="server">Whose world the page shows.</param>
    /// <param name="team">The team with its bot, once there is one; without, the clock jumps and knows of nothing to come.</param>
    /// <param name="zone">The zone in which times are shown.</param>
    public static void Map(WebApplication app, StandInServer server, Func<SandboxTeam?>? team = null, string zone = "America/Los_Angeles")
    {
        team ??= () => null;
        var (changes, marks) = (new Changes(), new ReadMarks());
        var wall = new WallClock(server.Clock, DateTimeZoneProviders.Tzdb[zone]);
        var passage = new Passage(server, team, wall, changes);
        server.Noted += changes.Note;
        server.Clock.Moved += changes.Note;

        File("/", "page.html", "text/html; charset=utf-8");
        File("/{team}/pl/{post}", "page.html", "text/html; charset=utf-8");
        foreach (var resource in typeof(ChatPage).Assembly.GetManifestResourceNames().Where(name => Path.GetExtension(name) is ".css" or ".js"))
        {
            File("/sandbox/" + resource, resource, Path.GetExtension(resource) == ".css" ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
        }

        app.MapGet("/sandbox/state", Guarded(async http =>
        {
            var query = http.Request.Query;
            var upcoming = await Upcoming.OfAsync(team(), http.RequestAborted);
            await AnswerAsync(http, new PageState(server, wall, marks).Of(
                query["user"].ToString(), query["channel"].ToString(), query["thread"].ToString(), upcoming, passage.Now));
        }));
        app.MapGet("/sandbox/commands", Guarded(http => AnswerAsync(http, CommandHints.Of(server))));
        app.MapGet("/sandbox/events", Guarded(http => TellAsync(http, changes, server.Clock)));
        Post("type", async body =>
        {
            var files = body.Items("files").Select(file => new ChatFile(file.Text("name"), file.Text("text"))).ToList();
            var result = await server.TypeAsync(User(body), Channel(body), body.Text("text"), body.Text("root"), files);
            return new { result.Error, result.GotoLocation };
        });
        Post("press", async body =>
        {
            var result = await server.PressAsync(User(body), body.Text("post"), body.Text("action"), body.Text("option"));
            return new { result.Error, result.GotoLocation };
        });
        Post("react", body =>
        {
            var (user, post, emoji) = (User(body), Visible(body), body.Text("emoji"));
            if (server.Reactions(post).Any(reaction => reaction.UserId == user.Id && reaction.EmojiName == emoji))
            {
                server.Unreact(user, post, emoji);
            }
            else
            {
                server.React(user, post, emoji);
            }

            return Task.FromResult<object>(new { });
        });
        Post("dialog", async body =>
        {
            var values = body.Get("values") is { ValueKind: JsonValueKind.Object } given
                ? given.EnumerateObject()
                    .Select(value => (value.Name, value.Value.ValueKind == JsonValueKind.Null ? null : value.Value.ToString()))
                : [];
            var result = await server.SubmitDialogAsync(User(body), values, body.Flag("cancelled"));
            changes.Note();
            return new { result.Closed, result.Errors, result.Error };
        });
        Post("direct", body =>
        {
            var with = server.FindUser(body.Text("with")) ?? throw new InvalidOperationException("There is no such user.");
            return Task.FromResult<object>(new { channel = server.DirectChannel(User(body), with).Id });
        });
        Post("find", body =>
        {
            var post = Visible(body);
            return Task.FromResult<object>(new { channel = post.ChannelId, root = post.RootId });
        });
        Post("read", body =>
        {
            var (user, upTo) = (User(body), body.Get("upTo")?.GetInt32() ?? 0);
            var news = marks.Advance(user.Id, body.Text("channel"), upTo);
            if (body.Text("thread") is { Length: > 0 } thread)
            {
                news |= marks.Advance(user.Id, thread, upTo);
            }

            if (news)
            {
                changes.Note();
            }

            return Task.FromResult<object>(new { });
        });
        Post("clock", async body =>
        {
            if (body.Flag("stop"))
            {
                passage.Stop();
                return new { };
            }

            var pause = body.Get("pause")?.GetInt32() is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : (TimeSpan?)null;
            await passage.MoveAsync(await TargetAsync(body), pause);
            return new { };
        });

        void File(string path, string resource, string type) => app.MapGet(path, Guarded(async http =>
        {
            await using var stream = typeof(ChatPage).Assembly.GetManifestResourceStream(resource)!;
            http.Response.ContentType = type;
            http.Response.Headers.ContentSecurityPolicy = Policy;
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers.CacheControl = "no-cache";
            await stream.CopyToAsync(http.Response.Body, http.RequestAborted);
        }));

        void Post(string verb, Func<JsonElement, Task<object>> act) => app.MapPost("/sandbox/" + verb, Guarded(async http =>
        {
            try
            {
                await AnswerAsync(http, await act(await http.Request.ReadFromJsonAsync<JsonElement>(http.RequestAborted)));
            }
            catch (Exception refused) when (refused is ApiException or InvalidOperationException or FormatException or JsonException)
            {
                http.Response.StatusCode = 400;
                await AnswerAsync(http, new { error = refused.Message });
            }
        }));

        ChatUser User(JsonElement body) =>
            server.FindUser(body.Text("user")) ?? throw new InvalidOperationException("There is no such user.");

        ChatChannel Channel(JsonElement body) =>
            server.Channels.FirstOrDefault(channel => channel.Id == body.Text("channel"))
            ?? throw new InvalidOperationException("There is no such channel.");

        // What a user cannot read looks like what there is not.
        ChatPost Visible(JsonElement body)
        {
            var user = User(body);
            return server.Posts().FirstOrDefault(post => post.Id == body.Text("post")) is { } post
                && server.Members(server.Channels.First(channel => channel.Id == post.ChannelId)).Any(member => member.Id == user.Id)
                ? post
                : throw new InvalidOperationException($"{user.Username} sees no such post. Whoever is in its channel does.");
        }

        async Task<DateTimeOffset> TargetAsync(JsonElement body)
        {
            if (Enum.TryParse<IsoDayOfWeek>(body.Text("next"), ignoreCase: true, out var day) && day != IsoDayOfWeek.None)
            {
                return wall.Next(day);
            }

            var upcoming = body.Text("next").Length > 0 ? await Upcoming.OfAsync(team(), CancellationToken.None) : null;
            return body.Text("next") switch
            {
                "handoff" => upcoming?.Handoff ?? throw new InvalidOperationException("No handoff is to come. First make a rotation: /pm-rotation create"),
                "meeting" => upcoming?.Meeting ?? throw new InvalidOperationException("No meeting is to come. First make one: /agenda meeting create"),
                _ when body.Text("local") is { Length: > 0 } local => wall.Read(local),
                _ => server.Clock.GetUtcNow() + TimeSpan.FromHours(body.Get("hours")?.GetInt32() ?? 0),
            };
        }
    }

    // The page acts for everybody without a password: so only itself may call it, not any web page that a browser has open.
    private static RequestDelegate Guarded(RequestDelegate serve) => http =>
    {
        var host = http.Request.Host;
        var loopback = host.Host == "localhost"
            || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
        var origin = http.Request.Headers.Origin.ToString();
        if (loopback && (origin.Length == 0 || origin == $"http://{host}"))
        {
            return serve(http);
        }

        http.Response.StatusCode = 403;
        return Task.CompletedTask;
    };

    private static Task AnswerAsync(HttpContext http, object answer)
    {
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsJsonAsync(answer, http.RequestAborted);
    }

    /// <summary>Sends an event whenever there is something new to show; at the latest when the clock shows another minute.</summary>
    private static async Task TellAsync(HttpContext http, Changes changes, TimeProvider clock)
    {
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        try
        {
            while (true)
            {
                var (version, next) = changes.Now;
                await http.Response.WriteAsync($"data: {version}\n\n", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                var minute = TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(clock.GetUtcNow().Ticks % TimeSpan.TicksPerMinute);
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
                await Task.WhenAny(next, Task.Delay(minute, clock, waiting.Token));
                await waiting.CancelAsync();
                http.RequestAborted.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The page was closed, or the sandbox ends.
        }
    }
}
