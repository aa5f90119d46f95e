using System.Collections.Immutable;

namespace PmBot.Provisioning;

/// <summary>
/// What provisioning made, so that it can be taken back and nothing else is: the section <c>Provisioned</c> of the settings file. It is
/// written before each step (what is about to be made) and after it (that it was).
/// </summary>
public sealed record ProvisionRecord
{
    /// <summary>Nothing.</summary>
    public static ProvisionRecord Empty { get; } = new();

    /// <summary>Whether the settings file itself was made.</summary>
    public bool NewFile { get; init; }

    /// <summary>The account that the bot has, whoever made it; null as long as there is none.</summary>
    public BotIdentity? Account { get; init; }

    /// <summary>The teams that were asked for, with what was asked for them.</summary>
    public ImmutableList<TeamWish> Teams { get; init; } = [];

    /// <summary>What was made on the server, in its order.</summary>
    public ImmutableList<MadeThing> Made { get; init; } = [];

    /// <summary>What was written into the settings.</summary>
    public ImmutableList<MadeSetting> Settings { get; init; } = [];

    /// <summary>The thing of that kind and key, done or intended.</summary>
    public MadeThing? Find(string kind, string team, string name) =>
        Made.Find(m => m.Kind == kind && m.Team == team && m.Name == name);

    /// <summary>The same with this thing, in the place of one of the same kind and key.</summary>
    public ProvisionRecord With(MadeThing thing)
    {
        var index = Made.FindIndex(m => m.Kind == thing.Kind && m.Team == thing.Team && m.Name == thing.Name);
        return this with { Made = index < 0 ? Made.Add(thing) : Made.SetItem(index, thing) };
    }

    /// <summary>The same without this thing.</summary>
    public ProvisionRecord Without(MadeThing thing) => this with { Made = Made.Remove(thing) };

    /// <summary>The same with this wish, in the place of one for the same team.</summary>
    public ProvisionRecord With(TeamWish wish)
    {
        var index = Teams.FindIndex(t => t.Id == wish.Id);
        return this with { Teams = index < 0 ? Teams.Add(wish) : Teams.SetItem(index, wish) };
    }
}

/// <summary>An account, by which it is found again: what was made is its memberships and its token.</summary>
/// <param name="Id">Its id, which stays when it is renamed.</param>
/// <param name="Name">Its username, when it was first used.</param>
public sealed record BotIdentity(string Id, string Name);

/// <summary>A team, and what was asked for it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name in URLs, when it was asked for.</param>
public sealed record TeamWish(string Id, string Name)
{
    /// <summary>The names of its channels that the bot was to be in.</summary>
    public ImmutableList<string> Channels { get; init; } = [];

    /// <summary>The names of its channels that were to have outgoing webhooks.</summary>
    public ImmutableList<string> HookChannels { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(TeamWish? other) =>
        other is not null && Id == other.Id && Name == other.Name && Channels.SequenceEqual(other.Channels) && HookChannels.SequenceEqual(other.HookChannels);

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);
}

/// <summary>Something that was made on the server, or is about to be.</summary>
/// <param name="Kind">One of <see cref="MadeKind"/>.</param>
/// <param name="Name">What tells it from others of its kind and team, in words.</param>
public sealed record MadeThing(string Kind, string Name)
{
    /// <summary>The team's id; empty for what belongs to no team.</summary>
    public string Team { get; init; } = "";

    /// <summary>Whether it was made for certain. Until then it is an intent: it may be there or not.</summary>
    public bool Done { get; init; }

    /// <summary>Its id on the server, where it has one and it is known.</summary>
    public string? Id { get; init; }

    /// <summary>The channel's id, for what belongs to one.</summary>
    public string? Channel { get; init; }
}

/// <summary>What there is to make.</summary>
public static class MadeKind
{
    /// <summary>The bot's account; its name is the username.</summary>
    public const string Bot = "bot";

    /// <summary>An account that was there, but disabled; its name is the username.</summary>
    public const string Enabled = "enabled";

    /// <summary>The account's picture; its name is the username.</summary>
    public const string Picture = "picture";

    /// <summary>The account's access token; its name is what the token's description ends with.</summary>
    public const string Token = "token";

    /// <summary>That the account is in the team; its name is the team's.</summary>
    public const string TeamMember = "team-member";

    /// <summary>That the account is in a channel; its name is the channel's.</summary>
    public const string ChannelMember = "channel-member";

    /// <summary>A slash command; its name is the command's, whatever the trigger word.</summary>
    public const string Command = "command";

    /// <summary>An outgoing webhook; its name is the channel's with the key of its words.</summary>
    public const string Hook = "hook";

    /// <summary>The first words in a channel; its name is the channel's.</summary>
    public const string Hello = "hello";
}

/// <summary>A setting that was written.</summary>
/// <param name="Path">Where, such as <c>PmBot:PublicUrl</c>.</param>
/// <param name="Value">What.</param>
public sealed record MadeSetting(string Path, string Value)
{
    /// <summary>What stood there before; null for nothing.</summary>
    public string? Before { get; init; }

    /// <summary>Whether it is an entry of the list at that path.</summary>
    public bool InList { get; init; }
}
