using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PmBot.Sandbox.StandIn;

/// <summary>What the server sends to integrations, and what it does with their answers.</summary>
internal sealed partial class Integrations(World world, ServerSettings settings, Func<Uri> siteUrl) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] RetainedProps = ["from_webhook", "override_username", "override_icon_url"];

    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<Task, bool> _running = [];

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        // Only the headers of the captures: no trace context, and gzip as the only encoding.
        ActivityHeadersPropagator = null,
        AutomaticDecompression = System.Net.DecompressionMethods.GZip,
        UseProxy = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>What an action's answer says besides what was applied.</summary>
    public sealed record ActionAnswer(string TriggerId, string? GotoLocation, string? Error);

    /// <summary>Sends a typed command to its integration and applies the answer, which is returned.</summary>
    public async Task<JsonElement> ExecuteCommandAsync(ChatUser user, ChatChannel channel, ChatTeam team, string text, string rootId)
    {
        var (trigger, arguments) = Split(text);
        CommandCall call;
        List<KeyValuePair<string, string>> form;
        lock (world.Gate)
        {
            // Plugins win over custom commands, whoever was first.
            if (world.PluginCommands.FirstOrDefault(known => known.TeamId == team.Id && known.Trigger == trigger) is { } plugin)
            {
                var says = JsonSerializer.SerializeToElement(new { text = $"The plugin {plugin.PluginId} answers." });
                ApplyCommandResponse(new CommandCall(user, channel, team, plugin, rootId), says);
                return says;
            }

            if (!settings.EnableCommands)
            {
                throw ApiException.Disabled("api.command.disabled.app_error", "Commands have been disabled by the system admin.");
            }

            var command = world.Commands.FirstOrDefault(known => known.TeamId == team.Id && known.Trigger == trigger)
                ?? throw new ApiException(404, "api.command.execute_command.not_found.app_error",
                    $"Command with a trigger of '/{trigger}' not found. To send a message beginning with \"/\", try adding an empty space at the beginning of the message.");
            call = new CommandCall(user, channel, team, command, rootId);
            form = CommandForm(call, arguments);
        }

        var answer = await AskCommandAsync(call.Command, form);
        lock (world.Gate)
        {
            ApplyCommandResponse(call, answer);
        }

        return answer;
    }

    /// <summary>Applies an answer to a command, whether it came at once or by its response URL.</summary>
    public void ApplyCommandResponse(CommandCall call, JsonElement answer)
    {
        Show(answer);
        foreach (var extra in answer.Items("extra_responses"))
        {
            Show(extra);
        }

        void Show(JsonElement response)
        {
            var channel = response.Text("channel_id") is { Length: > 0 } elsewhere ? elsewhere : call.Channel.Id;
            if (!world.IsMember(channel, call.User.Id))
            {
                throw new ApiException(500, "api.command.execute_command.create_post_failed.app_error",
                    $"Command '{call.Command.Trigger}' failed to post response. Please contact your System Administrator.");
            }

            var text = response.Flag("skip_slack_parsing") ? response.Text("text") : PostContent.FromSlack(response.Text("text"));
            var post = World.NewPost(call.User.Id, channel, text, channel == call.Channel.Id ? call.RootId : "")
                .WithProps(response.Get("props"))
                .Marked("from_webhook") with
            {
                Attachments = PostContent.Attachments(response),
            };
            if (response.Text("response_type") == "in_channel")
            {
                world.AddPost(post with { Type = response.Text("type") });
            }
            else if (text.Length > 0 || post.Attachments.Length > 0)
            {
                world.ShowEphemeral(call.User.Id, post);
            }
        }
    }

    /// <summary>Tells the webhooks of a new post; the task ends when their answers are posted.</summary>
    public Task FireWebhooks(ChatPost post)
    {
        List<OutgoingWebhook> hooks;
        ChatChannel channel;
        var word = post.Message.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("");
        lock (world.Gate)
        {
            channel = world.Channel(post.ChannelId);
            hooks = channel.Type != "O" || !settings.EnableOutgoingWebhooks ? [] : [.. world.Webhooks
                .Where(hook => hook.TeamId == channel.TeamId && (hook.ChannelId.Length == 0 || hook.ChannelId == channel.Id))
                .Where(hook => hook.WordOf(word) is not null)];
        }

        var all = Task.WhenAll(hooks.SelectMany(hook => hook.Urls, (hook, url) =>
            CallWebhookAsync(hook, url, channel, post, hook.WordOf(word)!)));
        if (!all.IsCompleted)
        {
            _running.TryAdd(all, true);
            _ = all.ContinueWith(done => _running.TryRemove(done, out _), CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return all;
    }

    /// <summary>Sends a press or a choice to the action's integration and applies the answer.</summary>
    public async Task<ActionAnswer> PressAsync(ChatUser user, ChatPost post, ChatAction action, string selectedOption)
    {
        string trigger;
        JsonObject request;
        lock (world.Gate)
        {
            var channel = world.Channel(post.ChannelId);
            var team = channel.IsDirect ? null : world.Team(channel.TeamId);
            trigger = world.NewTrigger(user.Id, channel.Id);
            request = new JsonObject
            {
                ["user_id"] = user.Id,
                ["user_name"] = user.Username,
                ["channel_id"] = channel.Id,
                ["channel_name"] = channel.Name,
                ["team_id"] = channel.TeamId,
                ["team_domain"] = team?.Name ?? "",
                ["post_id"] = post.Id,
                ["trigger_id"] = trigger,
                ["type"] = action.Type,
                ["data_source"] = action.Type == "select" && selectedOption.Length > 0 ? action.DataSource : "",
            };
            if (Context(action, selectedOption) is { Count: > 0 } context)
            {
                request["context"] = context;
            }
        }

        string? error = null;
        try
        {
            var body = await AskActionAsync(action.Url, request);
            var answer = JsonReading.TryParse(body) is { ValueKind: JsonValueKind.Object } json
                ? json
                : throw ApiException.Integration("err=the answer is no JSON object");
            error = answer.Text("error") is { Length: > 0 } told ? told : null;
            lock (world.Gate)
            {
                ApplyActionAnswer(user, post, answer);
            }

            return new ActionAnswer(trigger, answer.Text("goto_location") is { Length: > 0 } place ? place : null, error);
        }
        catch (ApiException refused)
        {
            error = $"{refused.Message} {refused.Details}".TrimEnd();
            throw;
        }
        finally
        {
            lock (world.Gate)
            {
                world.NoteAction(post, user, action.Name, error);
            }
        }
    }

    /// <summary>Sends a dialog's submission; the URL, the state and the values come from the client, as in the server.</summary>
    public async Task<JsonElement> SubmitDialogAsync(string userId, JsonElement submission)
    {
        var request = new JsonObject
        {
            ["type"] = "dialog_submission",
            ["callback_id"] = submission.Text("callback_id"),
            ["state"] = submission.Text("state"),
            ["user_id"] = userId,
            ["channel_id"] = submission.Text("channel_id"),
            ["team_id"] = submission.Text("team_id"),
            ["submission"] = submission.Get("submission") is { ValueKind: JsonValueKind.Object } values ? Sorted(values) : null,
            ["cancelled"] = submission.Flag("cancelled"),
        };
        // An answer that is empty or broken counts as success: the dialog closes.
        return JsonReading.TryParse(await AskActionAsync(submission.Text("url"), request)) ?? JsonSerializer.SerializeToElement(new { });
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_running.Keys);
        _http.Dispose();
        _closing.Dispose();
    }

    private static (string Trigger, string Arguments) Split(string text)
    {
        var end = text.AsSpan().IndexOfAny(' ', '\n');
        return end < 0 ? (text[1..].ToLowerInvariant(), "") : (text[1..end].ToLowerInvariant(), text[(end + 1)..].Trim());
    }

    private static JsonObject Sorted(JsonElement json) => new(json.EnumerateObject()
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => KeyValuePair.Create(property.Name, property.Value.Node())));

    private static JsonObject Context(ChatAction action, string selectedOption)
    {
        var context = action.Context is { ValueKind: JsonValueKind.Object } given ? Sorted(given) : [];
        if (action.Type == "select" && selectedOption.Length > 0)
        {
            context["selected_option"] = selectedOption;
        }

        return context;
    }

    private List<KeyValuePair<string, string>> CommandForm(CommandCall call, string arguments)
    {
        var users = Mentioned(UserMention(), arguments, name =>
            world.UserNamed(name) is { } user && world.IsTeamMember(call.Team.Id, user.Id) ? user.Id : null);
        var channels = Mentioned(ChannelMention(), arguments, name =>
            world.ChannelNamed(call.Team.Id, name) is { Type: "O" } channel ? channel.Id : null);
        List<KeyValuePair<string, string>> form =
        [
            new("channel_id", call.Channel.Id),
            .. channels.Select(found => KeyValuePair.Create("channel_mentions", found.Name)),
            .. channels.Select(found => KeyValuePair.Create("channel_mentions_ids", found.Id)),
            new("channel_name", call.Channel.Name),
            new("command", "/" + call.Command.Trigger),
            new("response_url", new Uri(siteUrl(), "/hooks/commands/" + world.NewResponseUrl(call)).ToString()),
            new("team_domain", call.Team.Name),
            new("team_id", call.Team.Id),
            new("text", arguments),
            new("token", call.Command.Token),
            new("trigger_id", world.NewTrigger(call.User.Id, call.Channel.Id)),
            new("user_id", call.User.Id),
            .. users.Select(found => KeyValuePair.Create("user_mentions", found.Name)),
            .. users.Select(found => KeyValuePair.Create("user_mentions_ids", found.Id)),
            new("user_name", call.User.Username),
        ];
        return form;
    }

    // A name may end in the punctuation of its sentence: then the longest known name without it is meant.
    private static List<(string Name, string Id)> Mentioned(Regex pattern, string text, Func<string, string?> find)
    {
        var found = new List<(string Name, string Id)>();
        foreach (Match match in pattern.Matches(text))
        {
            var name = match.Groups["name"].Value.ToLowerInvariant();
            while (name.Length > 0 && find(name) is null && ".-_".Contains(name[^1], StringComparison.Ordinal))
            {
                name = name[..^1];
            }

            if (name.Length > 0 && find(name) is { } id && !found.Contains((name, id)))
            {
                found.Add((name, id));
            }
        }

        return found;
    }

    private async Task<JsonElement> AskCommandAsync(Command command, List<KeyValuePair<string, string>> form)
    {
        using var request = Request(command.Url, FormContent(form));
        request.Headers.Authorization = new AuthenticationHeaderValue("Token", command.Token);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            patience.CancelAfter(Patience);
            using var response = await SendAsync(request, patience.Token);
            var body = await response.Content.ReadAsStringAsync(patience.Token);
            if (response.StatusCode != System.Net.HttpStatusCode.OK)
            {
                throw new ApiException(500, "api.command.execute_command.failed_resp.app_error",
                    $"Command with a trigger of '{command.Trigger}' returned response {(int)response.StatusCode} {response.ReasonPhrase}.",
                    body);
            }

            if (response.Content.Headers.ContentType?.MediaType == "text/plain")
            {
                return JsonSerializer.SerializeToElement(new { text = body });
            }

            return JsonReading.TryParse(body) is { ValueKind: JsonValueKind.Object } answer ? answer : throw Failed(command, "");
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            throw Failed(command, fault.Message);
        }
    }

    private static ApiException Failed(Command command, string details) =>
        new(500, "api.command.execute_command.failed.app_error", $"Command with a trigger of '{command.Trigger}' failed.", details);

    private async Task<string> AskActionAsync(string url, JsonObject body)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out _))
        {
            throw ApiException.Integration("err=unsupported protocol scheme");
        }

        using var request = Request(url, JsonBody(body));
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            patience.CancelAfter(Patience);
            using var response = await SendAsync(request, patience.Token);
            return response.StatusCode == System.Net.HttpStatusCode.OK
                ? await response.Content.ReadAsStringAsync(patience.Token)
                : throw ApiException.Integration($"status={(int)response.StatusCode}");
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            throw ApiException.Integration("err=" + fault.Message);
        }
    }

    private void ApplyActionAnswer(ChatUser user, ChatPost pressed, JsonElement answer)
    {
        if (answer.Get("update") is { } update)
        {
            // An ephemeral post is not kept by the server, so there is none to update: it refuses, and shows no text either.
            world.EditPost(pressed.Id, post =>
            {
                var changed = post with { Message = update.Text("message") };
                if (update.Get("props") is not { } props)
                {
                    return changed;
                }

                changed = changed.WithProps(props);
                var retained = post.Props.Where(prop => RetainedProps.Contains(prop.Key, StringComparer.Ordinal));
                return changed with { Props = changed.Props.RemoveRange(RetainedProps).SetItems(retained) };
            });
        }

        if (answer.Text("ephemeral_text") is { Length: > 0 } text)
        {
            var shown = answer.Flag("skip_slack_parsing") ? text : PostContent.FromSlack(text);
            // Also below an ephemeral post, of which the server knows nothing but what the button carries; clients show it in the channel all the same.
            var root = pressed.RootId.Length > 0 ? pressed.RootId : pressed.Id;
            world.ShowEphemeral(user.Id, World.NewPost(user.Id, pressed.ChannelId, shown, root));
        }
    }

    private async Task CallWebhookAsync(OutgoingWebhook hook, string url, ChatChannel channel, ChatPost post, string word)
    {
        string author, team;
        lock (world.Gate)
        {
            author = world.User(post.UserId).Username;
            team = world.Team(hook.TeamId).Name;
        }

        var files = string.Join(',', post.FileIds);
        var json = hook.ContentType == "application/json";
        using var request = Request(url, json
            ? JsonBody(new JsonObject
            {
                ["token"] = hook.Token,
                ["team_id"] = hook.TeamId,
                ["team_domain"] = team,
                ["channel_id"] = channel.Id,
                ["channel_name"] = channel.Name,
                ["timestamp"] = post.CreateAt,
                ["user_id"] = post.UserId,
                ["user_name"] = author,
                ["post_id"] = post.Id,
                ["text"] = post.Message,
                ["trigger_word"] = word,
                ["file_ids"] = files,
            })
            : FormContent(
            [
                new("channel_id", channel.Id),
                new("channel_name", channel.Name),
                new("file_ids", files),
                new("post_id", post.Id),
                new("team_domain", team),
                new("team_id", hook.TeamId),
                new("text", post.Message),
                new("timestamp", (post.CreateAt / 1000).ToString(CultureInfo.InvariantCulture)),
                new("token", hook.Token),
                new("trigger_word", word),
                new("user_id", post.UserId),
                new("user_name", author),
            ]));
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            patience.CancelAfter(Patience);
            using var response = await SendAsync(request, patience.Token);
            // Whatever its status is: the server posts the text of a 500, too.
            if (JsonReading.TryParse(await response.Content.ReadAsStringAsync(patience.Token)) is { } answer)
            {
                lock (world.Gate)
                {
                    PostWebhookAnswer(hook, post, answer);
                }
            }
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException or ApiException)
        {
            // The server only logs this, and an answer that it cannot post: nobody in the chat sees that a webhook failed.
        }
    }

    private void PostWebhookAnswer(OutgoingWebhook hook, ChatPost post, JsonElement answer)
    {
        var attachments = PostContent.Attachments(answer);
        if (answer.Get("text") is null && attachments.IsEmpty)
        {
            return;
        }

        // The server takes the post itself for the thread's beginning, and then refuses the comment if that post is a reply.
        var root = answer.Text("response_type") == "comment" ? post.Id : "";
        var reply = World.NewPost(hook.CreatorId, post.ChannelId, PostContent.FromSlack(answer.Text("text")), root);
        world.AddPost(reply.WithProps(answer.Get("props")).Marked("from_webhook") with { Attachments = attachments });
    }

    /// <summary>Sends it where the settings allow; to a reserved address that they do not name the server does not connect.</summary>
    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        settings.MayCall(request.RequestUri!)
            ? _http.SendAsync(request, cancellationToken)
            : throw new HttpRequestException("address forbidden, you may need to set AllowedUntrustedInternalConnections to allow an integration access to your internal network");

    private static HttpRequestMessage Request(string url, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Mattermost-Bot", "1.1"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }

    private static FormUrlEncodedContent FormContent(IEnumerable<KeyValuePair<string, string>> form) => new(form);

    private static ByteArrayContent JsonBody(JsonObject body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString(JsonReading.Plain)));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    [GeneratedRegex(@"\B@(?<name>[a-z0-9.\-_]+)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex UserMention();

    [GeneratedRegex(@"\B~(?<name>[a-z0-9.\-_]+)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex ChannelMention();
}
