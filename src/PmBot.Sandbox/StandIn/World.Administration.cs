using System.Text.Json;

namespace PmBot.Sandbox.StandIn;

/// <content>What administrators change: bots, tokens, members, commands and webhooks, with the checks that the server makes.</content>
internal sealed partial class World
{
    /// <summary>Some of the server's own commands: custom ones may not have their words.</summary>
    private static readonly string[] BuiltIn = ["away", "code", "echo", "header", "help", "invite", "join", "leave", "me", "msg", "mute", "purpose", "search", "shortcuts"];

    private readonly List<Command> _pluginCommands = [];

    public IReadOnlyList<Command> PluginCommands => _pluginCommands;

    public static IReadOnlyList<string> BuiltInTriggers => BuiltIn;

    public ChatUser Bot(string id) => _users.GetValueOrDefault(id) is { IsBot: true } bot
        ? bot
        : throw new ApiException(404, "store.sql_bot.get.missing.app_error", "Bot does not exist.", $"id={id}");

    public ChatUser Change(string id, Func<ChatUser, ChatUser> change) => _users[id] = change(User(id)) with { UpdateAt = Now };

    public void RevokeToken(string id)
    {
        var found = _tokens.FirstOrDefault(token => token.Value.Id == id);
        if (found.Key is null)
        {
            throw new ApiException(404, "app.user_access_token.get_by_user.app_error", "Unable to get the personal access tokens by user.", $"resource: UserAccessToken id: {id}");
        }

        _tokens.Remove(found.Key);
    }

    /// <summary>Takes somebody out of the team, and out of its channels.</summary>
    public void RemoveFromTeam(string teamId, string userId)
    {
        LeaveTeam(teamId, userId);
        foreach (var channel in _channels.Values.Where(channel => channel.TeamId == teamId))
        {
            Leave(channel.Id, userId);
        }
    }

    public Command AddCommand(string teamId, string trigger, string url, string creatorId, JsonElement definition)
    {
        RequireFreeTrigger(teamId, trigger, "");
        var command = new Command(Ids.New(), Ids.New(), teamId, trigger, url, creatorId, Now, definition);
        RequireValid(command);
        _commands.Add(command);
        return command;
    }

    public void AddPluginCommand(string teamId, string trigger, string pluginId) =>
        _pluginCommands.Add(new Command("", "", teamId, trigger, "", "", Now, default) { PluginId = pluginId });

    public Command Command(string id) => settings.EnableCommands && _commands.Find(command => command.Id == id) is { } known
        ? known
        : throw new ApiException(404, "store.sql_command.save.get.app_error", "Unable to get the command.");

    /// <summary>Everything but id, token, creator and team is replaced.</summary>
    public Command UpdateCommand(string id, string trigger, string url, JsonElement definition)
    {
        var before = Command(id);
        RequireFreeTrigger(before.TeamId, trigger, id);
        var after = before with { Trigger = trigger, Url = url, Definition = definition, UpdateAt = Now };
        RequireValid(after);
        _commands[_commands.IndexOf(before)] = after;
        return after;
    }

    public Command RegenerateToken(string id)
    {
        var before = Command(id);
        return _commands[_commands.IndexOf(before)] = before with { Token = Ids.New(), UpdateAt = Now };
    }

    public void DeleteCommand(string id) => _commands.Remove(Command(id));

    public OutgoingWebhook AddWebhook(OutgoingWebhook hook)
    {
        if (hook.ChannelId.Length > 0 && Channel(hook.ChannelId).Type != "O")
        {
            throw new ApiException(403, "api.outgoing_webhook.disabled.app_error",
                "Outgoing webhooks have been disabled by the system admin.");
        }

        if (hook.ChannelId.Length > 0 && Channel(hook.ChannelId).TeamId != hook.TeamId)
        {
            throw new ApiException(403, "api.webhook.create_outgoing.permissions.app_error", "Inappropriate permissions to create outgoing webhook.");
        }

        RequireApart(hook, new ApiException(500, "api.webhook.create_outgoing.intersect.app_error",
            "Outgoing webhooks from the same channel cannot have the same trigger words/callback URLs."));
        RequireValid(hook);
        _webhooks.Add(hook);
        return hook;
    }

    public OutgoingWebhook Webhook(string id) => _webhooks.Find(hook => hook.Id == id)
        ?? throw new ApiException(404, "app.webhooks.get_outgoing.app_error", "Unable to get the webhook.", $"resource: OutgoingWebhook id: {id}");

    public OutgoingWebhook UpdateWebhook(OutgoingWebhook after)
    {
        var before = Webhook(after.Id);
        RequireApart(after, new ApiException(400, "api.webhook.update_outgoing.intersect.app_error",
            "Outgoing webhooks from the same channel cannot have the same trigger words/callback URLs."));
        RequireValid(after);
        _webhooks[_webhooks.IndexOf(before)] = after;
        return after;
    }

    public void DeleteWebhook(string id) => _webhooks.Remove(Webhook(id));

    private void RequireFreeTrigger(string teamId, string trigger, string but)
    {
        if (BuiltIn.Contains(trigger, StringComparer.Ordinal)
            || _commands.Exists(known => known.TeamId == teamId && known.Trigger == trigger && known.Id != but))
        {
            throw new ApiException(400, "api.command.duplicate_trigger.app_error",
                "This trigger word is already in use. Please choose another word.");
        }
    }

    private void RequireApart(OutgoingWebhook hook, ApiException refusal)
    {
        if (_webhooks.Exists(known => known.Id != hook.Id && known.TeamId == hook.TeamId && known.ChannelId == hook.ChannelId
            && known.Words.Intersect(hook.Words, StringComparer.Ordinal).Any()
            && known.Urls.Intersect(hook.Urls, StringComparer.Ordinal).Any()))
        {
            throw refusal;
        }
    }

    private static void RequireValid(Command command)
    {
        Require(command.Trigger.Length is > 0 and <= 128 && command.Trigger[0] != '/' && !command.Trigger.Contains(' ', StringComparison.Ordinal), "model.command.is_valid.trigger.app_error");
        Require(Bytes(command.Url) is > 0 and <= 1024, "model.command.is_valid.url.app_error");
        Require(Uri.TryCreate(command.Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https", "model.command.is_valid.url_http.app_error");
        Require(Bytes(command.Definition.Text("display_name")) <= 64, "model.command.is_valid.display_name.app_error");
        Require(Bytes(command.Definition.Text("description")) <= 128, "model.command.is_valid.description.app_error");

        // No check of the model's: the columns of the database hold no more.
        Require(command.Definition.Text("auto_complete_hint").Length <= 1024 && command.Definition.Text("auto_complete_desc").Length <= 1024, "app.command.createcommand.internal_error", 500);
    }

    private static void RequireValid(OutgoingWebhook hook)
    {
        Require(hook.Words.Sum(word => Bytes(word) + 1) + 1 <= 1024, "model.outgoing_hook.is_valid.words.app_error");
        Require(!hook.Urls.IsEmpty && hook.Urls.Sum(url => Bytes(url) + 1) + 1 <= 1024, "model.outgoing_hook.is_valid.callback.app_error");
        Require(Bytes(hook.Definition.Text("display_name")) <= 64, "model.outgoing_hook.is_valid.display_name.app_error");
        Require(Bytes(hook.Definition.Text("description")) <= 500, "model.outgoing_hook.is_valid.description.app_error");
    }

    private static int Bytes(string text) => System.Text.Encoding.UTF8.GetByteCount(text);

    private static void Require(bool right, string error, int status = 400)
    {
        if (!right)
        {
            throw new ApiException(status, error, "Invalid value.");
        }
    }
}
