using System.Collections.Immutable;
using PmBot.Mattermost.Client;

namespace PmBot.Provisioning;

/// <summary>One thing that is wanted: it is there, or a step brings it about.</summary>
/// <param name="Thing">What it is, for people.</param>
/// <param name="Step">What brings it about; null if it is there as it is wanted.</param>
public sealed record PlanLine(string Thing, ProvisionStep? Step);

/// <summary>A change of the server, or of the settings file.</summary>
public abstract record ProvisionStep
{
    private ProvisionStep()
    {
    }

    /// <summary>Whether it changes something that is there, rather than makes something new.</summary>
    public bool IsChange => this is RevokeToken or EnableBot or ChangeBot or ChangeCommand or ChangeHook or DropHook or WriteSettings { IsNew: false };

    /// <summary>The bot's account.</summary>
    public sealed record MakeBot : ProvisionStep;

    /// <summary>The account is there, but disabled.</summary>
    public sealed record EnableBot : ProvisionStep;

    /// <summary>The account has another name or description than it was made with.</summary>
    public sealed record ChangeBot : ProvisionStep;

    /// <summary>The account's picture.</summary>
    public sealed record SetPicture : ProvisionStep;

    /// <summary>A token whose value nobody knows.</summary>
    public sealed record RevokeToken(MadeThing Made, string Id) : ProvisionStep;

    /// <summary>The account's access token.</summary>
    public sealed record MakeToken : ProvisionStep;

    /// <summary>The account's place in the team.</summary>
    public sealed record JoinTeam(Team Team) : ProvisionStep;

    /// <summary>The account's place in a channel.</summary>
    public sealed record JoinChannel(Channel Channel) : ProvisionStep;

    /// <summary>A slash command.</summary>
    public sealed record MakeCommand(string Name, ServerCommand Definition) : ProvisionStep;

    /// <summary>A slash command that is not as it is wanted.</summary>
    public sealed record ChangeCommand(ServerCommand Definition) : ProvisionStep;

    /// <summary>An outgoing webhook.</summary>
    public sealed record MakeHook(string Name, OutgoingHook Definition) : ProvisionStep;

    /// <summary>An outgoing webhook that is not as it is wanted.</summary>
    public sealed record ChangeHook(OutgoingHook Definition) : ProvisionStep;

    /// <summary>An outgoing webhook of a channel that is not asked for any more.</summary>
    public sealed record DropHook(MadeThing Made, string Id) : ProvisionStep;

    /// <summary>The settings file.</summary>
    public sealed record WriteSettings(bool IsNew) : ProvisionStep;

    /// <summary>The first words in a channel.</summary>
    public sealed record SayHello(Channel Channel) : ProvisionStep;
}

/// <summary>From what is there and what is wanted, the steps: pure, so that nothing is looked up or changed on the way.</summary>
public static class ProvisionPlan
{
    /// <summary>The lines, in the order in which their steps are to be taken.</summary>
    /// <param name="wanted">What is to be there.</param>
    /// <param name="state">What is there; nothing may stand in the way (<see cref="Objections"/>).</param>
    /// <param name="record">What was made here, see <see cref="Reconciliation"/>.</param>
    /// <param name="settings">The settings file.</param>
    /// <param name="file">Its name.</param>
    public static IReadOnlyList<PlanLine> Make(Wanted wanted, ServerState state, ProvisionRecord record, SettingsDocument settings, string file)
    {
        var team = state.Team ?? throw new ArgumentException("There is no team.", nameof(state));
        List<PlanLine> lines =
        [
            .. Account(wanted, state, record),
            .. Token(wanted, state, record, settings),
            Membership($"@{wanted.BotName} in the team {team.Name}", state.TeamsOfBot.Contains(team.Id), new ProvisionStep.JoinTeam(team)),
            .. state.Channels.Select(c => Membership($"@{wanted.BotName} in ~{c.Name}", state.ChannelsOfBot.Contains(c.Id), new ProvisionStep.JoinChannel(c))),
            .. Commands(wanted, state, record, team),
            .. UnwantedHooks(state, record, team),
            .. state.HookChannels.SelectMany(c => Hooks(wanted, state, record, team, c)),
            .. OtherTeams(wanted, state, record, team),
        ];

        // What is about to be made has tokens that are to be written; otherwise the file tells by itself.
        var isNew = settings.Get("Mattermost:Url") is null;
        var writes = lines.Exists(l => l.Step is ProvisionStep.MakeToken or ProvisionStep.MakeCommand or ProvisionStep.MakeHook or ProvisionStep.DropHook)
            || SettingsUpdate.Of(settings.ToString(), wanted, state, record) != settings.ToString();
        lines.Add(new PlanLine($"settings in {file}, readable by its owner only", writes ? new ProvisionStep.WriteSettings(isNew) : null));
        lines.AddRange(state.Channels.SelectMany(c => Hello(record, team, c, lines)));
        return lines;
    }

    private static PlanLine Membership(string thing, bool isThere, ProvisionStep step) => new(thing, isThere ? null : step);

    private static IEnumerable<PlanLine> Account(Wanted wanted, ServerState state, ProvisionRecord record)
    {
        var account = $"bot account @{wanted.BotName}";
        if (state.BotUser is null)
        {
            yield return new PlanLine(account, new ProvisionStep.MakeBot());
            yield return new PlanLine("its picture", new ProvisionStep.SetPicture());
            yield break;
        }

        // Of an account that somebody else made, the name and the picture are theirs.
        var isOurs = record.Find(MadeKind.Bot, "", wanted.BotName) is not null;
        if (state.BotUser.IsDeactivated)
        {
            yield return new PlanLine($"{account}, enabled again", new ProvisionStep.EnableBot());
        }
        else
        {
            var isAsWanted = !isOurs || state.Bot is { DisplayName: ProvisionDefaults.BotDisplayName, Description: ProvisionDefaults.BotDescription };
            yield return new PlanLine(account, isAsWanted ? null : new ProvisionStep.ChangeBot());
        }

        if (isOurs)
        {
            yield return new PlanLine("its picture", record.Find(MadeKind.Picture, "", wanted.BotName) is null ? new ProvisionStep.SetPicture() : null);
        }
    }

    private static IEnumerable<PlanLine> Token(Wanted wanted, ServerState state, ProvisionRecord record, SettingsDocument settings)
    {
        foreach (var intent in record.Made.Where(m => m is { Kind: MadeKind.Token, Done: false }))
        {
            foreach (var lost in Reconciliation.Lost(intent, state))
            {
                yield return new PlanLine("an access token that was made but never written down, revoked", new ProvisionStep.RevokeToken(intent, lost.Id));
            }
        }

        // One that works may be the operator's own, which nobody recorded; one that was recorded works once the account is enabled.
        var own = record.Made.Find(m => m is { Kind: MadeKind.Token, Done: true });
        var isThere = state.SettingsTokenWorks
            || (own is not null && settings.Get(SettingsUpdate.BotToken) is { Length: > 0 } token && record.Settings.Any(s => s.Path == SettingsUpdate.BotToken && s.Value == token));
        if (!isThere && own is { Id: { } id })
        {
            yield return new PlanLine("the access token that is not in the settings any more, revoked", new ProvisionStep.RevokeToken(own, id));
        }

        yield return new PlanLine($"access token of @{wanted.BotName}", isThere ? null : new ProvisionStep.MakeToken());
    }

    private static IEnumerable<PlanLine> Commands(Wanted wanted, ServerState state, ProvisionRecord record, Team team)
    {
        foreach (var command in BotCommand.All)
        {
            var definition = Definition(command, wanted, team.Id);
            var thing = $"command /{definition.Trigger} to {definition.Url}";
            var own = record.Find(MadeKind.Command, team.Id, command.Name) is { Id: { } id } ? state.Commands.Find(c => c.Id == id) : null;
            if (own is not null)
            {
                var after = Updated(own, definition);
                yield return new PlanLine(thing, after == own ? null : new ProvisionStep.ChangeCommand(after));
            }
            else if (state.Commands.Find(c => c.TeamId == team.Id && c.Trigger == definition.Trigger && wanted.IsCommandUrl(c.Url, command.Name)) is { } found)
            {
                // Somebody made it by hand: it is used, with its own texts.
                var after = found with { Url = definition.Url, Method = definition.Method };
                yield return new PlanLine($"{thing}, made by hand", after == found ? null : new ProvisionStep.ChangeCommand(after));
            }
            else
            {
                yield return new PlanLine(thing, new ProvisionStep.MakeCommand(command.Name, definition));
            }
        }
    }

    private static IEnumerable<PlanLine> UnwantedHooks(ServerState state, ProvisionRecord record, Team team) =>
        from made in record.Made
        where made is { Kind: MadeKind.Hook, Done: true, Id: not null } && made.Team == team.Id && state.HookChannels.All(c => c.Id != made.Channel)
        let hook = state.Hooks.Find(h => h.Id == made.Id)
        select new PlanLine($"webhook for {string.Join(' ', hook.TriggerWords)} in ~{made.Name.Split(' ')[0]}, which is not asked for any more, deleted", new ProvisionStep.DropHook(made, made.Id!));

    private static IEnumerable<PlanLine> Hooks(Wanted wanted, ServerState state, ProvisionRecord record, Team team, Channel channel)
    {
        var url = ProvisionDefaults.HooksUrl(wanted.Root);
        var foreign = state.Hooks.Where(h => h.TeamId == team.Id && (h.ChannelId.Length == 0 || h.ChannelId == channel.Id)
            && h.CallbackUrls.Any(wanted.IsHooksUrl) && !record.Made.Any(m => m.Kind == MadeKind.Hook && m.Id == h.Id)).ToList();
        foreach (var hook in foreign)
        {
            var after = Redirected(hook, wanted);
            yield return new PlanLine(
                $"webhook for {string.Join(' ', hook.TriggerWords)} in ~{channel.Name} to {url}, made by hand",
                after.CallbackUrls.SequenceEqual(hook.CallbackUrls, StringComparer.Ordinal) ? null : new ProvisionStep.ChangeHook(after));
        }

        var covered = foreign.SelectMany(h => h.TriggerWords).ToHashSet(StringComparer.Ordinal);
        foreach (var words in ProvisionDefaults.Words)
        {
            var missing = words.Words.Where(w => !covered.Contains(w)).ToImmutableArray();
            if (missing.IsEmpty)
            {
                continue;
            }

            var name = $"{channel.Name} {words.Key}";
            var definition = new OutgoingHook
            {
                TeamId = team.Id,
                ChannelId = channel.Id,
                TriggerWords = missing,
                TriggerWhen = words.When,
                CallbackUrls = [url],
                ContentType = "application/json",
                DisplayName = Reconciliation.Title(words),
                Description = "Posts that begin with one of these words, for the bot.",
            };
            var thing = $"webhook for {string.Join(' ', missing)} in ~{channel.Name} to {url}";
            var own = record.Find(MadeKind.Hook, team.Id, name) is { Id: { } id } ? state.Hooks.Find(h => h.Id == id) : null;
            yield return own is null ? new PlanLine(thing, new ProvisionStep.MakeHook(name, definition))
                : IsSame(own, definition) ? new PlanLine(thing, null)
                : new PlanLine(thing, new ProvisionStep.ChangeHook(definition with { Id = own.Id, Token = own.Token, CreatorId = own.CreatorId }));
        }
    }

    /// <summary>What was made in other teams follows the same settings: another address, another word.</summary>
    private static IEnumerable<PlanLine> OtherTeams(Wanted wanted, ServerState state, ProvisionRecord record, Team team)
    {
        foreach (var made in record.Made.Where(m => m is { Done: true, Kind: MadeKind.Command or MadeKind.Hook } && m.Team != team.Id))
        {
            var name = record.Teams.Find(t => t.Id == made.Team)?.Name ?? made.Team;
            if (made.Kind == MadeKind.Command && BotCommand.All.FirstOrDefault(c => c.Name == made.Name) is { } command && state.Commands.Find(c => c.Id == made.Id) is { } before)
            {
                var after = Updated(before, Definition(command, wanted, made.Team));
                if (after != before)
                {
                    yield return new PlanLine($"command /{after.Trigger} to {after.Url} in the team {name}", new ProvisionStep.ChangeCommand(after));
                }
            }
            else if (made.Kind == MadeKind.Hook && state.Hooks.Find(h => h.Id == made.Id) is { } hook)
            {
                var after = Redirected(hook, wanted);
                if (!after.CallbackUrls.SequenceEqual(hook.CallbackUrls, StringComparer.Ordinal))
                {
                    yield return new PlanLine($"webhook for {string.Join(' ', hook.TriggerWords)} in the team {name} to {ProvisionDefaults.HooksUrl(wanted.Root)}", new ProvisionStep.ChangeHook(after));
                }
            }
        }
    }

    private static IEnumerable<PlanLine> Hello(ProvisionRecord record, Team team, Channel channel, List<PlanLine> lines)
    {
        // Only where provisioning brought the bot: elsewhere people know it.
        var isNew = lines.Exists(l => l.Step is ProvisionStep.JoinChannel join && join.Channel.Id == channel.Id)
            || record.Find(MadeKind.ChannelMember, team.Id, channel.Name) is not null;
        if (isNew)
        {
            yield return new PlanLine($"first words in ~{channel.Name}", record.Find(MadeKind.Hello, team.Id, channel.Name) is { Done: true } ? null : new ProvisionStep.SayHello(channel));
        }
    }

    private static ServerCommand Definition(BotCommand command, Wanted wanted, string team) => new()
    {
        TeamId = team,
        Trigger = wanted.Triggers[command.Name],
        Url = ProvisionDefaults.CommandUrl(wanted.Root, wanted.Triggers[command.Name]),
        AutoComplete = true,
        AutoCompleteDesc = command.Does,
        AutoCompleteHint = command.Hint,
        DisplayName = command.Title,
        Description = command.Does,
    };

    private static ServerCommand Updated(ServerCommand before, ServerCommand definition) => before with
    {
        Trigger = definition.Trigger,
        Url = definition.Url,
        Method = definition.Method,
        AutoComplete = definition.AutoComplete,
        AutoCompleteDesc = definition.AutoCompleteDesc,
        AutoCompleteHint = definition.AutoCompleteHint,
        DisplayName = definition.DisplayName,
        Description = definition.Description,
    };

    private static OutgoingHook Redirected(OutgoingHook hook, Wanted wanted) => hook with
    {
        CallbackUrls = [.. hook.CallbackUrls.Select(u => wanted.IsHooksUrl(u) ? ProvisionDefaults.HooksUrl(wanted.Root) : u).Distinct(StringComparer.Ordinal)],
    };

    private static bool IsSame(OutgoingHook hook, OutgoingHook definition) =>
        hook.ChannelId == definition.ChannelId && hook.TriggerWhen == definition.TriggerWhen && hook.ContentType == definition.ContentType
        && hook.DisplayName == definition.DisplayName && hook.Description == definition.Description
        && hook.TriggerWords.SequenceEqual(definition.TriggerWords, StringComparer.Ordinal)
        && hook.CallbackUrls.SequenceEqual(definition.CallbackUrls, StringComparer.Ordinal);
}
