using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace PmBot.Sandbox.StandIn;

/// <summary>The REST API v4, as far as a bot, its set-up and the people around it need it.</summary>
internal sealed partial class RestApi(World world, Integrations integrations, Faults faults, ServerSettings settings, Func<Uri> siteUrl)
{
    private const string Build = "73765667ccd72918439a4a32bc0bd607";
    private const int MostPostsSince = 1000;

    private readonly Wire _wire = new(world);
    private readonly ConcurrentQueue<ApiCall> _calls = [];
    private readonly ConcurrentQueue<string> _unexpected = [];

    private delegate Answer Handler(Request request);

    public IReadOnlyList<ApiCall> Calls => _calls.ToList();

    public IReadOnlyList<string> UnexpectedCalls => _unexpected.ToList();

    public void ForgetCalls() => _calls.Clear();

    public void Map(WebApplication app)
    {
        app.Use(GuardAsync);
        MapPeople(app);
        MapChannels(app);
        MapPosts(app);
        MapInteractions(app);
        MapAdministration(app);
        app.Map("/api/{**rest}", UnexpectedAsync);
        app.Map("/hooks/{**rest}", UnexpectedAsync);
    }

    // Routes

    private void MapPeople(WebApplication app)
    {
        Map(app, "GET", "system/ping", _ => Ok(new JsonObject
        {
            ["AndroidLatestVersion"] = "",
            ["AndroidMinVersion"] = "",
            ["IosLatestVersion"] = "",
            ["IosMinVersion"] = "",
            ["database_status"] = "OK",
            ["filestore_status"] = "OK",
            ["status"] = "OK",
        }), anonymous: true);

        Map(app, "GET", "users/me", request => Ok(Wire.User(request.User, self: true)));
        Map(app, "GET", "users/{id}", request => Ok(User(request, world.User(request.Id(world)))));
        Map(app, "GET", "users/username/{name}",
            request => Ok(User(request, world.UserNamed(request.Route("name")) ?? throw new ApiException(404,
            "app.user.get_by_username.app_error",
            "Unable to find an existing account matching your username for this team. This team may require an invite from the team owner to join.",
            $"failed to find User: resource: User id: username={request.Route("name")}"))));
        Map(app, "POST", "users/usernames",
            request => Ok(Users(request, [.. request.Body.Texts().Select(world.UserNamed).OfType<ChatUser>()])));
        Map(app, "POST", "users/ids",
            request => Ok(Users(request, [.. world.Users.Where(user => request.Body.Texts().Contains(user.Id, StringComparer.Ordinal))])));

        Map(app, "GET", "teams/{id}", request => Ok(Wire.Team(world.Team(request.Route("id")))));
        Map(app, "GET", "teams/name/{name}", request => Ok(Wire.Team(world.Teams.FirstOrDefault(team => team.Name == request.Route("name"))
            ?? throw new ApiException(404, "app.team.get_by_name.missing.app_error", "Unable to find the existing team.",
                $"resource: Team id: name={request.Route("name")}"))));
        Map(app, "GET", "teams/{id}/members/{userId}", request =>
        {
            var (team, user) = (request.Route("id"), request.Id(world, "userId"));
            return Ok(Wire.TeamMember(team, user, world.TeamAdmin(team, user)
                ?? throw new ApiException(404, "app.team.get_member.missing.app_error",
                    "No team member found for that user ID and team ID.", $"resource: TeamMember id: teamId={team}, userId={user}")));
        });
    }

    private void MapChannels(WebApplication app)
    {
        Map(app, "GET", "teams/{id}/channels/name/{name}", request =>
        {
            var (team, name) = (request.Route("id"), request.Route("name"));
            // A private channel of others looks like one that does not exist.
            return world.ChannelNamed(team, name) is { } channel && (channel.DeleteAt == 0 || request.Query("include_deleted") == "true") && MayRead(request.User, channel)
                ? Ok(Wire.Channel(channel))
                : throw new ApiException(404, "app.channel.get_by_name.missing.app_error", "Channel does not exist.",
                    $"resource: Channel id: TeamId={team}&Name={name}");
        });
        Map(app, "GET", "channels/{id}", request => Ok(Wire.Channel(Readable(request))));
        Map(app, "GET", "channels/{id}/members", request =>
        {
            var channel = Readable(request);
            var page = request.Page(60);
            return Ok(Wire.Array(world.Members(channel.Id).Order(StringComparer.Ordinal).Skip(page.Skip).Take(page.Take)
                .Select(id => (JsonNode)Wire.ChannelMember(channel, id))));
        });
        Map(app, "GET", "channels/{id}/members/{userId}", request =>
        {
            var channel = Readable(request);
            var user = request.Id(world, "userId");
            return world.IsMember(channel.Id, user)
                ? Ok(Wire.ChannelMember(channel, user))
                : throw new ApiException(404, "app.channel.get_member.missing.app_error",
                    "No channel member found for that user ID and channel ID.",
                    $"resource: ChannelMember id: channelId={channel.Id}, userId={user}");
        });
        Map(app, "POST", "channels/direct", request =>
        {
            var ids = request.Body.Texts().ToList();
            if (ids.Count != 2)
            {
                throw ApiException.Invalid("user_ids");
            }

            return ids.Contains(request.User.Id) || request.User.IsSystemAdmin
                ? Created(Wire.Channel(world.Direct(ids[0], ids[1])))
                : throw ApiException.Forbidden(request.User, "manage_system");
        });
        Map(app, "PUT", "channels/{id}/patch", request =>
        {
            var id = request.Route("id");
            world.Channel(id);
            world.RequireMember(request.User, id, "manage_public_channel_properties");
            return Ok(Wire.Channel(request.Body.Get("header") is { } header
                ? world.SetHeader(request.User, id, header.ToString())
                : world.Channel(id)));
        });
        Map(app, "GET", "channels/{id}/posts", ListPosts);
    }

    private void MapPosts(WebApplication app)
    {
        MapAsync(app, "POST", "posts", request => Task.FromResult(CreatePost(request)));
        Map(app, "GET", "posts/{id}", request => Ok(_wire.Post(ReadablePost(request))));
        Map(app, "GET", "posts/{id}/thread", request =>
        {
            var asked = ReadablePost(request);
            var root = asked.RootId.Length > 0 ? asked.RootId : asked.Id;
            var thread = world.PostsOf(asked.ChannelId).Where(post => post.DeleteAt == 0 && (post.Id == root || post.RootId == root))
                .ToList();
            return Ok(_wire.PostList(thread, thread, listed: false));
        });
        Map(app, "PUT", "posts/{id}/patch", request =>
        {
            var post = world.Post(request.Route("id"));
            world.RequireMember(request.User, post.ChannelId, "edit_post");
            if (post.UserId != request.User.Id && !request.User.IsSystemAdmin)
            {
                throw ApiException.Forbidden(request.User, "edit_others_posts");
            }

            return Ok(_wire.Post(world.EditPost(post.Id, before =>
            {
                var after = request.Body.Get("message") is { } message ? before with { Message = message.ToString() } : before;
                return request.Body.Get("props") is { } props ? after.WithProps(props) : after;
            })));
        });
        Map(app, "DELETE", "posts/{id}", request =>
        {
            var post = world.Post(request.Route("id"));
            if (post.UserId != request.User.Id && !request.User.IsSystemAdmin)
            {
                throw ApiException.Forbidden(request.User, "delete_others_posts");
            }

            world.DeletePost(post.Id);
            return Ok(new JsonObject { ["status"] = "OK" });
        });
        Map(app, "POST", "posts/ephemeral", request =>
        {
            if (!request.User.IsSystemAdmin)
            {
                throw ApiException.Forbidden(request.User, "create_post_ephemeral");
            }

            var post = request.Body.Get("post") ?? throw ApiException.Invalid("post");
            return Created(_wire.Post(world.ShowEphemeral(world.User(request.Body.Text("user_id")).Id,
                World.NewPost(request.User.Id, world.Channel(post.Text("channel_id")).Id, post.Text("message"), post.Text("root_id"))
                    .WithProps(post.Get("props")))));
        });
        Map(app, "POST", "reactions", request =>
        {
            if (request.Body.Text("user_id") != request.User.Id)
            {
                throw ApiException.Forbidden(request.User, "add_reaction");
            }

            var post = world.Post(request.Body.Text("post_id"));
            world.RequireMember(request.User, post.ChannelId, "add_reaction");
            return Ok(Wire.Reaction(world.React(request.User.Id, post.Id, request.Body.Text("emoji_name")), post.ChannelId));
        });
        Map(app, "DELETE", "users/{userId}/posts/{id}/reactions/{emoji}", request =>
        {
            if (request.Id(world, "userId") != request.User.Id)
            {
                throw ApiException.Forbidden(request.User, "remove_others_reactions");
            }

            world.Unreact(request.User.Id, ReadablePost(request).Id, request.Route("emoji"));
            return Ok(new JsonObject { ["status"] = "OK" });
        });
        MapAsync(app, "POST", "files", UploadAsync);
        MapRaw(app, "GET", "files/{id}", async request =>
        {
            StoredFile file;
            lock (world.Gate)
            {
                file = world.File(request.Route("id"));
                if (!world.MayRead(request.User, file))
                {
                    throw ApiException.Forbidden(request.User, "read_channel");
                }
            }

            request.Http.Response.ContentType = Wire.MimeType(file.Name);
            request.Http.Response.ContentLength = file.Content.Length;
            await request.Http.Response.Body.WriteAsync(file.Content);
        });
    }

    private void MapInteractions(WebApplication app)
    {
        Map(app, "GET", "users/{id}/teams", request =>
        {
            var user = request.Id(world);
            return Ok(Wire.Array(world.Teams.Where(team => world.IsTeamMember(team.Id, user)).Select(team => (JsonNode)Wire.Team(team))));
        });
        Map(app, "GET", "users/{id}/teams/{teamId}/channels", request =>
        {
            var (user, team) = (request.Id(world), world.Team(request.Route("teamId")));
            return world.IsTeamMember(team.Id, user)
                ? Ok(Wire.Array(world.Channels
                    .Where(channel => channel.DeleteAt == 0 && (channel.IsDirect || channel.TeamId == team.Id) && world.IsMember(channel.Id, user))
                    .Select(channel => (JsonNode)Wire.Channel(channel))))
                : throw ApiException.Forbidden(request.User, "view_team");
        });
        MapAsync(app, "POST", "commands/execute", async request =>
        {
            var text = request.Body.Text("command");
            if (text.Length < 2 || text[0] != '/')
            {
                throw new ApiException(400, "api.command.execute_command.start.app_error", "No command trigger found.");
            }

            ChatChannel channel;
            ChatTeam? team;
            lock (world.Gate)
            {
                // Whether there is such a channel is not told to those who may not use it.
                world.RequireMember(request.User, request.Body.Text("channel_id"), "create_post");
                channel = world.Channel(request.Body.Text("channel_id"));
                if (channel.DeleteAt != 0)
                {
                    throw new ApiException(400, "api.command.execute_command.deleted.error", "Cannot run command in deleted channel.");
                }

                // In a channel of a team, the command is that of this team, whatever the client says.
                team = channel.IsDirect && request.Body.Text("team_id") is { Length: > 0 } id ? world.Team(id) : world.TeamOf(channel, request.User.Id);
                if (team is null || !world.IsTeamMember(team.Id, request.User.Id))
                {
                    throw ApiException.Forbidden(request.User, "create_post");
                }
            }

            return Ok(await integrations.ExecuteCommandAsync(request.User, channel, team, text, request.Body.Text("root_id")));
        });
        MapAsync(app, "POST", "posts/{id}/actions/{actionId:regex(^[A-Za-z0-9]+$)}", async request =>
        {
            ChatPost post;
            lock (world.Gate)
            {
                post = world.Ephemeral(request.Route("id")) ?? world.Post(request.Route("id"));
                world.RequireMember(request.User, post.ChannelId, "read_channel");
            }

            var action = post.Actions.FirstOrDefault(candidate => candidate.Id == request.Route("actionId") && candidate.Url.Length > 0)
                ?? throw new ApiException(404, "api.post.do_action.action_id.app_error", "Invalid action id.");
            var answer = await integrations.PressAsync(request.User, post, action, request.Body.Text("selected_option"));
            return Ok(new JsonObject { ["status"] = "OK", ["trigger_id"] = answer.TriggerId });
        });
        Map(app, "POST", "actions/dialogs/open", request =>
        {
            if (request.Body.Text("url").Length == 0 || request.Body.Get("dialog") is not { } dialog)
            {
                throw ApiException.Invalid("url");
            }

            world.OpenDialog(request.Body.Text("trigger_id"), request.Body.Text("url"), dialog);
            return Ok(new JsonObject { ["status"] = "OK" });
        }, anonymous: true);
        MapAsync(app, "POST", "actions/dialogs/submit", async request =>
        {
            lock (world.Gate)
            {
                world.RequireMember(request.User, request.Body.Text("channel_id"), "read_channel");
            }

            return Ok(await integrations.SubmitDialogAsync(request.User.Id, request.Body));
        });
        MapRaw(app, "POST", "/hooks/commands/{id}", request =>
        {
            var call = world.UseResponseUrl(request.Route("id"));
            integrations.ApplyCommandResponse(call, request.Http.Request.HasJsonContentType()
                ? request.Body
                : JsonSerializer.SerializeToElement(new { text = request.Text }));
            return request.Http.Response.WriteAsync("ok");
        }, anonymous: true);
    }

    // What is more than a line

    private Answer CreatePost(Request request)
    {
        ChatPost post;
        Answer answer;
        var pending = request.Body.Text("pending_post_id");
        lock (world.Gate)
        {
            var channel = request.Body.Text("channel_id");
            world.RequireMember(request.User, channel, "create_post");
            if (world.Remembered(request.User.Id, pending) is { } first)
            {
                return Created(_wire.Post(first));
            }

            var draft = World.NewPost(request.User.Id, channel, request.Body.Text("message"), request.Body.Text("root_id"))
                .WithProps(request.Body.Get("props"));
            draft = draft with { FileIds = [.. request.Body.Texts("file_ids").Where(id => world.MayAttach(request.User, id))] };
            post = world.AddPost(request.User.IsBot ? draft.Marked("from_bot") : draft, pending);
            answer = Created(_wire.Post(post, pendingId: pending));
        }

        // As in the server, the answer does not wait for the webhooks.
        _ = integrations.FireWebhooks(post);
        return answer;
    }

    private Answer ListPosts(Request request)
    {
        var channel = world.Channel(request.Route("id"));
        world.RequireMember(request.User, channel.Id, "read_channel");
        if (request.Query("before").Length > 0 || request.Query("after").Length > 0)
        {
            throw new ApiException(501, "sandbox.not_implemented", "The stand-in knows no before and after.");
        }

        var newestFirst = world.PostsOf(channel.Id).Reverse().ToList();
        if (request.Query("since") is { Length: > 0 } since)
        {
            var after = long.Parse(since, CultureInfo.InvariantCulture);
            var changed = newestFirst.Where(post => post.UpdateAt > after).Take(MostPostsSince).ToList();
            return Ok(_wire.PostList(changed, changed, listed: true));
        }

        var alive = newestFirst.Where(post => post.DeleteAt == 0).ToList();
        var page = request.Page(60);
        var shown = alive.Skip(page.Skip).Take(page.Take).ToList();
        var roots = shown.Where(post => post.RootId.Length > 0).Select(post => world.Post(post.RootId));
        return Ok(_wire.PostList(shown, shown.Concat(roots), listed: true,
            next: page.Skip > 0 ? alive.ElementAtOrDefault(page.Skip - 1)?.Id ?? "" : "",
            previous: alive.ElementAtOrDefault(page.Skip + page.Take)?.Id ?? ""));
    }

    private async Task<Answer> UploadAsync(Request request)
    {
        var (channel, name) = (request.Query("channel_id"), request.Query("filename"));
        using var content = new MemoryStream();
        if (request.Http.Request.HasFormContentType)
        {
            var form = await request.Http.Request.ReadFormAsync();
            channel = form["channel_id"].ToString();
            var file = form.Files.Count > 0 ? form.Files[0] : throw ApiException.Invalid("files");
            name = file.FileName;
            await file.CopyToAsync(content);
        }
        else
        {
            await request.Http.Request.Body.CopyToAsync(content);
        }

        lock (world.Gate)
        {
            world.RequireMember(request.User, channel, "upload_file");
            var file = world.AddFile(request.User.Id, name, content.ToArray());
            return Created(new JsonObject { ["file_infos"] = new JsonArray(Wire.File(file)), ["client_ids"] = null });
        }
    }

    private bool MayRead(ChatUser user, ChatChannel channel) =>
        user.IsSystemAdmin || world.IsMember(channel.Id, user.Id) || (channel.Type == "O" && world.IsTeamMember(channel.TeamId, user.Id));

    private ChatChannel Readable(Request request)
    {
        var channel = world.Channel(request.Route("id"));
        return MayRead(request.User, channel) ? channel : throw ApiException.Forbidden(request.User, "read_channel");
    }

    private ChatPost ReadablePost(Request request)
    {
        var post = world.Post(request.Route("id"));
        world.RequireMember(request.User, post.ChannelId, "read_channel");
        return post.DeleteAt == 0 ? post : throw ApiException.NoPost(post.Id);
    }

    private static JsonObject User(Request request, ChatUser user) => Wire.User(user, self: user.Id == request.User.Id);

    private static JsonArray Users(Request request, IReadOnlyList<ChatUser> users) =>
        Wire.Array(users.Select(user => (JsonNode)User(request, user)));

    // Plumbing

    private static Answer Ok(JsonNode json) => new(200, json);

    private static Answer Ok(JsonElement json) => new(200, json.Node());

    private static Answer Created(JsonNode json) => new(201, json);

    // A handler without waiting runs as a whole under the lock: what it reads and what it changes belong together.
    private void Map(WebApplication app, string method, string path, Handler handler, bool anonymous = false) =>
        MapAsync(app, method, path, request =>
    {
        lock (world.Gate)
        {
            return Task.FromResult(handler(request));
        }
    }, anonymous);

    private void MapAsync(WebApplication app, string method, string path, Func<Request, Task<Answer>> handler, bool anonymous = false) =>
        MapRaw(app, method, path, async request =>
        {
            var answer = await handler(request);
            await WriteAsync(request.Http, answer.Status, answer.Json);
        }, anonymous);

    private void MapRaw(WebApplication app, string method, string path, Func<Request, Task> handler, bool anonymous = false) =>
        app.MapMethods(path[0] == '/' ? path : "/api/v4/" + path, [method], async http =>
        {
            var seen = http.Features.GetRequiredFeature<Seen>();
            try
            {
                var user = Authenticate(http, anonymous);
                seen.User = user?.Username ?? "";
                await handler(new Request(http, user, seen.Body));
            }
            catch (ApiException refused)
            {
                await RefuseAsync(http, refused);
            }
        });

    private ChatUser? Authenticate(HttpContext http, bool anonymous)
    {
        var header = http.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..] : "";
        lock (world.Gate)
        {
            return world.UserWithToken(token) ?? (anonymous ? null : throw new ApiException(401, "api.context.session_expired.app_error",
                "Invalid or expired session, please login again.", token.Length > 0 ? "token=" + token : ""));
        }
    }

    private async Task UnexpectedAsync(HttpContext http)
    {
        _unexpected.Enqueue($"{http.Request.Method} {http.Request.Path}");
        await RefuseAsync(http, new ApiException(501, "sandbox.not_implemented", "The stand-in does not know this route."));
    }

    private static Task RefuseAsync(HttpContext http, ApiException refused) => WriteAsync(http, refused.Status, new JsonObject
    {
        ["id"] = refused.Id,
        ["message"] = refused.Message,
        ["detailed_error"] = refused.Details,
        ["request_id"] = http.Response.Headers["X-Request-Id"].ToString(),
        ["status_code"] = refused.Status,
    });

    private static Task WriteAsync(HttpContext http, int status, JsonNode? json)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json?.ToJsonString(JsonReading.Plain) ?? "null");
    }

    /// <summary>Records each call, and lets the scripted faults happen, before anything else.</summary>
    private async Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
            && !http.Request.Path.StartsWithSegments("/hooks", StringComparison.Ordinal))
        {
            await next(http);
            return;
        }

        if (faults.Down)
        {
            http.Abort();
            return;
        }

        var path = http.Request.Path + http.Request.QueryString.ToString();
        var isUpload = http.Request.HasFormContentType || http.Request.Path.Value!.EndsWith("/files", StringComparison.Ordinal);
        var seen = new Seen(isUpload ? "" : await BodyAsync(http));
        http.Features.Set(seen);
        http.Response.Headers["X-Request-Id"] = Ids.New();
        http.Response.Headers["X-Version-Id"] = $"{settings.Version}..{Build}.false";
        // What the stand-in itself fails at, Kestrel answers so.
        var status = 500;
        try
        {
            status = await ServeAsync(http, next, faults.Take(new FaultRequest(http.Request.Method, path, seen.Body)));
        }
        finally
        {
            // Recorded before the caller can know how the call ended.
            _calls.Enqueue(new ApiCall(http.Request.Method, path, seen.User, status, seen.Body));
            if (status == 0)
            {
                http.Abort();
            }
        }
    }

    /// <summary>Serves a call as its fault wants it; answers the status, or 0 if the connection is to be cut.</summary>
    private static async Task<int> ServeAsync(HttpContext http, RequestDelegate next, FaultKind? fault)
    {
        switch (fault)
        {
            case FaultKind.DropBefore:
                return 0;
            case FaultKind.DropAfter:
                // The answer goes nowhere: nothing of it may reach the wire before the connection is cut.
                http.Response.Body = new MemoryStream();
                await next(http);
                return 0;
            case FaultKind.Status { Json: { } json } failure:
                await WriteAsync(http, failure.Code, JsonNode.Parse(json));
                return failure.Code;
            case FaultKind.Status failure:
                await RefuseAsync(http, new ApiException(failure.Code, "sandbox.fault", "A scripted fault."));
                return failure.Code;
            case FaultKind.RateLimited limit:
                http.Response.StatusCode = 429;
                http.Response.ContentType = "text/plain; charset=utf-8";
                http.Response.Headers["X-Ratelimit-Limit"] = "10";
                http.Response.Headers["X-Ratelimit-Remaining"] = "0";
                http.Response.Headers["X-Ratelimit-Reset"] = limit.ResetSeconds.ToString(CultureInfo.InvariantCulture);
                await http.Response.WriteAsync("limit exceeded\n");
                return 429;
            case FaultKind.Delay delay:
                await Task.Delay(delay.Real, http.RequestAborted);
                break;
        }

        await next(http);
        return http.Response.StatusCode;
    }

    private static async Task<string> BodyAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        return await reader.ReadToEndAsync(http.RequestAborted);
    }

    private sealed record Answer(int Status, JsonNode? Json);

    private sealed class Seen(string body)
    {
        public string Body { get; } = body;

        public string User { get; set; } = "";
    }

    private sealed class Request(HttpContext http, ChatUser? user, string text)
    {
        private JsonElement? _body;

        public HttpContext Http => http;

        public string Text => text;

        public ChatUser User => user ?? throw new InvalidOperationException("This route is open to everybody, so it has no user.");

        public JsonElement Body => _body ??= text.Length == 0 ? default : JsonReading.TryParse(text) ?? throw ApiException.Invalid("body");

        public string Route(string key) => (string)http.Request.RouteValues[key]!;

        public string Query(string key) => http.Request.Query[key].ToString();

        /// <summary>A user id of the route, where <c>me</c> is the caller.</summary>
        public string Id(World world, string key = "id") => Route(key) == "me" ? User.Id : world.User(Route(key)).Id;

        public (int Skip, int Take) Page(int usual)
        {
            var size = int.TryParse(Query("per_page"), CultureInfo.InvariantCulture, out var asked) ? Math.Min(asked, 200) : usual;
            return (int.TryParse(Query("page"), CultureInfo.InvariantCulture, out var page) ? page * size : 0, size);
        }
    }
}
