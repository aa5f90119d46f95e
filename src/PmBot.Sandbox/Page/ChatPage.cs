using System.Net;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using PmBot.Sandbox.StandIn;

namespace PmBot.Sandbox.Page;

/// <summary>A chat page on the stand-in's own address: what a user of the team sees and does, and the clock.</summary>
public static class ChatPage
{
    private const int MostPosts = 300;

    /// <summary>Adds the page and its calls to the stand-in's application; the clock is shown in the given zone.</summary>
    public static void Map(WebApplication app, StandInServer server, string zone = "America/Los_Angeles")
    {
        var wall = new WallClock(server.Clock, DateTimeZoneProviders.Tzdb[zone]);
        File("/", "page.html", "text/html; charset=utf-8");
        File("/sandbox/page.css", "page.css", "text/css; charset=utf-8");
        File("/sandbox/page.js", "page.js", "text/javascript; charset=utf-8");

        app.MapGet("/sandbox/state", Guarded(http =>
        {
            var query = http.Request.Query;
            return AnswerAsync(http, new PageState(server, wall).Of(query["user"].ToString(), query["channel"].ToString()));
        }));
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
            var (user, post, emoji) = (User(body), server.FindPost(body.Text("post")), body.Text("emoji"));
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
            return new { result.Closed, result.Errors, result.Error };
        });
        Post("clock", body =>
        {
            wall.Move(body.Text("next"), body.Get("hours")?.GetInt32() ?? 0, body.Text("local"));
            return Task.FromResult<object>(new { });
        });

        void File(string path, string resource, string type) => app.MapGet(path, Guarded(async http =>
        {
            await using var stream = typeof(ChatPage).Assembly.GetManifestResourceStream(resource)!;
            http.Response.ContentType = type;
            // The alignment of a table's cells is the only style that comes as an attribute.
            http.Response.Headers.ContentSecurityPolicy =
                "default-src 'self'; style-src-attr 'unsafe-inline'; img-src data:; frame-ancestors 'none'";
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

    /// <summary>The sandbox's clock on a wall somewhere.</summary>
    private sealed class WallClock(SandboxClock clock, DateTimeZone zone)
    {
        public string Now => Show("ddd, MMM d uuuu, HH:mm x", clock.GetUtcNow());

        public string Field => Show("uuuu-MM-dd'T'HH:mm", clock.GetUtcNow());

        public string Show(string pattern, DateTimeOffset time) =>
            ZonedDateTimePattern.CreateWithInvariantCulture(pattern, null).Format(Instant.FromDateTimeOffset(time).InZone(zone));

        /// <summary>Wednesday's agenda comes at eight, all else at nine.</summary>
        public void Move(string nextDay, int hours, string local)
        {
            if (Enum.TryParse<IsoDayOfWeek>(nextDay, ignoreCase: true, out var day) && day != IsoDayOfWeek.None)
            {
                var now = Instant.FromDateTimeOffset(clock.GetUtcNow()).InZone(zone).LocalDateTime;
                var time = now.Date.With(DateAdjusters.NextOrSame(day)).At(new LocalTime(day == IsoDayOfWeek.Wednesday ? 8 : 9, 0));
                To(time > now ? time : time.PlusWeeks(1));
            }
            else if (local.Length > 0)
            {
                To(LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm").Parse(local).GetValueOrThrow());
            }
            else
            {
                clock.Advance(TimeSpan.FromHours(hours));
            }
        }

        private void To(LocalDateTime time) => clock.MoveTo(time.InZoneLeniently(zone).ToInstant().ToDateTimeOffset());
    }

    /// <summary>What the page shows to one user in one channel, as JSON for its script.</summary>
    private sealed class PageState(StandInServer server, WallClock wall)
    {
        public object Of(string username, string channelId)
        {
            var people = server.Users.Where(known => !known.IsBot).ToList();
            var user = people.Find(known => known.Username == username) ?? people.Find(known => !known.IsSystemAdmin) ?? people[0];
            // A bot can be written to before it has written first.
            foreach (var bot in server.Users.Where(known => known.IsBot))
            {
                server.DirectChannel(user, bot);
            }

            var channels = server.Channels.Where(known => known.DeleteAt == 0 && server.Members(known).Any(member => member.Id == user.Id))
                .ToList();
            var channel = channels.Find(known => known.Id == channelId) ?? channels.Find(known => !known.IsDirect)
                ?? channels.FirstOrDefault();
            return new
            {
                now = wall.Now,
                field = wall.Field,
                user = user.Username,
                users = people.Select(known => new
                {
                    name = known.Username,
                    title = $"{known.FirstName} {known.LastName} (@{known.Username})",
                }),
                channels = channels.OrderBy(known => known.IsDirect).ThenBy(known => Title(known, user), StringComparer.Ordinal)
                    .Select(known => new { known.Id, title = Title(known, user), kind = known.Type, last = known.LastPostAt }),
                channel = channel?.Id ?? "",
                title = channel is null ? "" : Title(channel, user),
                header = channel is null ? "" : Markup.ToHtml(server.Header(channel)),
                posts = channel is null ? [] : Posts(user, channel),
                dialog = server.Dialogs(user) is [.., var open] ? Dialog(open) : null,
            };
        }

        private string Title(ChatChannel channel, ChatUser user) => channel.IsDirect
            ? server.Members(channel).FirstOrDefault(member => member.Id != user.Id, user).Username
            : channel.DisplayName;

        private List<object> Posts(ChatUser user, ChatChannel channel)
        {
            var seen = server.Journal.Select(entry => entry switch
            {
                JournalEntry.PostCreated created => created.Post,
                JournalEntry.EphemeralShown shown when shown.To.Id == user.Id => shown.Post,
                _ => null,
            })
                .OfType<ChatPost>()
                .Where(post => post.ChannelId == channel.Id)
                .Select(post => server.FindPost(post.Id))
                .Where(post => post.DeleteAt == 0)
                .ToList();
            var roots = seen.Select(post => post.Id).ToHashSet(StringComparer.Ordinal);
            var replies = seen.ToLookup(post => roots.Contains(post.RootId) ? post.RootId : "", StringComparer.Ordinal);
            return [.. replies[""].TakeLast(MostPosts).SelectMany(root => replies[root.Id].Prepend(root)).Select(post => Post(user, post))];
        }

        private object Post(ChatUser user, ChatPost post) => new
        {
            post.Id,
            root = post.RootId,
            author = post.IsEphemeral || post.Type.Length > 0 ? "System" : post.Author,
            bot = post.Prop("from_bot") == "true" || post.Prop("from_webhook") == "true",
            system = post.Type.Length > 0,
            ephemeral = post.IsEphemeral,
            edited = post.EditAt > 0,
            time = wall.Show("ddd HH:mm", DateTimeOffset.FromUnixTimeMilliseconds(post.CreateAt)),
            html = Markup.ToHtml(post.Message),
            attachments = post.Attachments.Select(Attachment),
            files = server.Files(post).Select(file => new { file.Name, file.Text }),
            reactions = server.Reactions(post).GroupBy(reaction => reaction.EmojiName, StringComparer.Ordinal).Select(group => new
            {
                emoji = group.Key,
                count = group.Count(),
                mine = group.Any(reaction => reaction.UserId == user.Id),
                who = string.Join(", ", group.Select(reaction => reaction.Username)),
            }),
        };

        private object Attachment(ChatAttachment attachment) => new
        {
            attachment.Color,
            pretext = Markup.ToHtml(attachment.Pretext),
            attachment.AuthorName,
            attachment.Title,
            titleLink = attachment.TitleLink.Length > 0 ? Markup.SafeUrl(attachment.TitleLink) : "",
            text = Markup.ToHtml(attachment.Text),
            fields = (attachment.Fields ?? []).Select(field => new { field.Title, html = Markup.ToHtml(field.Value), field.IsShort }),
            attachment.Footer,
            actions = attachment.Actions.Select(action => new
            {
                action.Id,
                action.Name,
                menu = action.Type == "select",
                action.Style,
                action.Disabled,
                selected = action.DefaultOption,
                options = Options(action.DataSource, action.Options.Select(option => (option.Text, option.Value))),
            }),
        };

        private object Dialog(ChatDialog dialog) => new
        {
            dialog.Title,
            introduction = Markup.ToHtml(dialog.Definition.Text("introduction_text")),
            submit = dialog.Definition.Text("submit_label") is { Length: > 0 } label ? label : "Submit",
            elements = dialog.Elements.Select(element => new
            {
                name = element.Text("name"),
                title = element.Text("display_name"),
                type = element.Text("type"),
                subtype = element.Text("subtype"),
                value = element.Get("default")?.ToString() ?? "",
                placeholder = element.Text("placeholder"),
                help = element.Text("help_text"),
                optional = element.Flag("optional"),
                most = element.Get("max_length")?.ToString() ?? "",
                options = Options(
                    element.Text("data_source"), element.Items("options").Select(option => (option.Text("text"), option.Text("value")))),
            }),
        };

        private IEnumerable<object> Options(string source, IEnumerable<(string Text, string Value)> own) => (source switch
        {
            "users" => server.Users.Where(user => !user.IsBot).Select(user => (user.Username, user.Id)),
            "channels" => server.Channels.Where(channel => channel is { Type: "O", DeleteAt: 0 })
                .Select(channel => (channel.DisplayName, channel.Id)),
            _ => own,
        }).Select(option => new { text = option.Item1, value = option.Item2 });
    }
}
