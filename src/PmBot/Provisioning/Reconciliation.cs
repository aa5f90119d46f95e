using PmBot.Mattermost.Client;

namespace PmBot.Provisioning;

/// <summary>Brings the record up to what is on the server: what was intended and is there was made; what was made and is gone is forgotten.</summary>
public static class Reconciliation
{
    /// <summary>The record as it is true now.</summary>
    public static ProvisionRecord Of(ProvisionRecord record, ServerState state) =>
        record with { Made = [.. record.Made.Select(m => Of(m, state)).OfType<MadeThing>()] };

    /// <summary>The record with what was asked for: the team with its channels, and the account, once there is one.</summary>
    public static ProvisionRecord Asked(ProvisionRecord record, ServerState state)
    {
        var team = state.Team ?? throw new ArgumentException("There is no team.", nameof(state));
        var asked = record.With(new TeamWish(team.Id, team.Name)
        {
            Channels = [.. state.Channels.Select(c => c.Name)],
            HookChannels = [.. state.HookChannels.Select(c => c.Name)],
        });
        return state.BotUser is { } user && user.Id != record.Account?.Id ? asked with { Account = new BotIdentity(user.Id, user.Username) } : asked;
    }

    /// <summary>The display name of an outgoing webhook.</summary>
    public static string Title(HookWords words) => $"PmBot: {string.Join(' ', words.Words)}";

    private static MadeThing? Of(MadeThing made, ServerState state) => made.Kind switch
    {
        // Only an intent and the administrator's own account make a bot that is there one that was made here.
        MadeKind.Bot => made.Done
            ? If(made, state.BotUser?.Id == made.Id)
            : state.Bot is { } bot && bot.OwnerId == state.Me.Id ? Done(made, bot.UserId) : null,
        MadeKind.Enabled => made.Done ? made : If(Done(made, made.Id), state.BotUser is { IsDeactivated: false }),

        // Setting it once more does no harm, and nothing tells whether it was.
        MadeKind.Picture => If(made, made.Done && state.BotUser is not null),

        // An intent stays: the token it may have led to has no value that anybody knows, and is revoked.
        MadeKind.Token => made.Done
            ? If(made, state.Tokens.Any(t => t.Id == made.Id && t.IsActive))
            : If(made, Lost(made, state).Any()),
        MadeKind.TeamMember => If(Done(made, null), state.TeamsOfBot.Contains(made.Team)),
        MadeKind.ChannelMember => If(Done(made, null), state.ChannelsOfBot.Contains(made.Channel ?? "")),
        MadeKind.Command => made.Done
            ? If(made, state.Commands.Any(c => c.Id == made.Id))
            : state.Commands.FirstOrDefault(c => c.TeamId == made.Team && c.CreatorId == state.Me.Id && c.DisplayName == BotCommand.All.FirstOrDefault(b => b.Name == made.Name)?.Title) is { Id: var id }
                ? Done(made, id)
                : null,

        // While webhooks are switched off, nobody can look.
        MadeKind.Hook when state.Config.Service.EnableOutgoingWebhooks is false => made,
        MadeKind.Hook => made.Done
            ? If(made, state.Hooks.Any(h => h.Id == made.Id))
            : state.Hooks.FirstOrDefault(h => h.TeamId == made.Team && h.ChannelId == made.Channel && (h.CreatorId == state.BotUser?.Id || h.CreatorId == state.Me.Id) && IsOf(h, made)) is { Id: var id }
                ? Done(made, id)
                : null,
        _ => made,
    };

    /// <summary>The tokens that were made and whose value was never written down.</summary>
    public static IEnumerable<AccessToken> Lost(MadeThing intent, ServerState state) =>
        state.Tokens.Where(t => t.Description == TokenDescription(intent.Name));

    /// <summary>What stands beside a token in Mattermost.</summary>
    public static string TokenDescription(string mark) => $"pmbot provision {mark}";

    private static bool IsOf(OutgoingHook hook, MadeThing made) =>
        ProvisionDefaults.Words.Any(w => hook.DisplayName == Title(w) && made.Name.EndsWith($" {w.Key}", StringComparison.Ordinal));

    private static MadeThing? If(MadeThing made, bool stays) => stays ? made : null;

    private static MadeThing Done(MadeThing made, string? id) => made with { Done = true, Id = id ?? made.Id };
}
