namespace PmBot.Sandbox.StandIn;

/// <content>What tests and the sandbox set up as an administrator would, or as a plugin does.</content>
public sealed partial class StandInServer
{
    /// <summary>The server's settings.</summary>
    public ServerSettings Settings { get; } = new();

    /// <summary>Makes a slash command of a plugin; it wins over a custom one of the same word.</summary>
    public void AddPluginCommand(ChatTeam team, string trigger, string pluginId) =>
        Change(world => world.AddPluginCommand(team.Id, trigger, pluginId));

    /// <summary>Adds a bot that a plugin owns.</summary>
    public ChatUser AddPluginBot(string username, string pluginId) =>
        Read(world => world.Change(world.AddUser(username, username, "", bot: true, admin: false).Id, bot => bot with { OwnerId = pluginId }));

    /// <summary>The custom slash commands of a team, as their triggers and where they lead.</summary>
    public IReadOnlyList<(string Id, string Trigger, string Url)> Commands(ChatTeam team) => Read(world => world.Commands
        .Where(command => command.TeamId == team.Id).Select(command => (command.Id, command.Trigger, command.Url)).ToList());

    /// <summary>The access tokens of an account that somebody made by name, as their ids and descriptions.</summary>
    public IReadOnlyList<(string Id, string Description)> Tokens(ChatUser user) => Read(world => world.TokensOf(user.Id).ToList());

    /// <summary>Gives a slash command away, as an administrator does who deletes it.</summary>
    public void DeleteCommand(string id) => Change(world => world.DeleteCommand(id));

    /// <summary>Ends an access token.</summary>
    public void RevokeToken(string id) => Change(world => world.RevokeToken(id));

    /// <summary>Whether a user is in a team.</summary>
    public bool IsTeamMember(ChatTeam team, ChatUser user) => Read(world => world.IsTeamMember(team.Id, user.Id));

    /// <summary>Everything that an administrator set up, in lines that can be compared: neither ids nor tokens nor times are in them.</summary>
    public IReadOnlyList<string> SetUp() => Read(world =>
    {
        List<string> lines =
        [
            .. world.Users.Where(user => user.IsBot).Select(bot =>
                $"bot {bot.Username} \"{bot.FirstName}\" \"{bot.Description}\"{(bot.DeleteAt > 0 ? " disabled" : "")}{(bot.LastPictureUpdate > 0 ? " with picture" : "")}, tokens: {world.TokensOf(bot.Id).Count()}"),
            .. world.Teams.SelectMany(team => world.Users.Where(user => user.IsBot && world.IsTeamMember(team.Id, user.Id))
                .Select(bot => $"member {bot.Username} of team {team.Name}")),
            .. world.Channels.Where(channel => !channel.IsDirect).SelectMany(channel => world.Members(channel.Id).Select(world.User)
                .Where(user => user.IsBot).Select(bot => $"member {bot.Username} of ~{channel.Name} in {world.Team(channel.TeamId).Name}")),
            .. world.Commands.Select(command => $"command /{command.Trigger} in {world.Team(command.TeamId).Name} to {command.Url} {Text(Wire.Command(command), "auto_complete", "display_name", "description", "auto_complete_desc", "auto_complete_hint")}"),
            .. world.Webhooks.Select(hook => $"webhook {string.Join(' ', hook.Words)} ({hook.TriggerWhen}) in ~{(hook.ChannelId.Length > 0 ? world.Channel(hook.ChannelId).Name : "*")} of {world.Team(hook.TeamId).Name} to {string.Join(' ', hook.Urls)} as {world.User(hook.CreatorId).Username} {Text(Wire.Webhook(hook), "content_type", "display_name", "description")}"),
            .. world.AllPosts.Where(post => post.DeleteAt == 0 && world.User(post.UserId).IsBot && !post.Type.StartsWith("system_", StringComparison.Ordinal))
                .Select(post => $"post of {post.Author} in {post.Channel}: {post.Message}"),
        ];
        return lines.Order(StringComparer.Ordinal).ToList();

        static string Text(System.Text.Json.Nodes.JsonObject json, params string[] keys) => string.Join(" | ", keys.Select(key => json[key]!.ToString()));
    });
}
