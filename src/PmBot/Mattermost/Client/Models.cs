using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using NodaTime;

namespace PmBot.Mattermost.Client;

/// <summary>The sizes beyond which Mattermost answers 400, in characters.</summary>
public static class MattermostLimits
{
    /// <summary>The longest message of a post.</summary>
    public const int Message = 16_383;

    /// <summary>The longest header of a channel.</summary>
    public const int Header = 1_024;
}

/// <summary>A person's or a bot's account.</summary>
public sealed record MattermostUser
{
    /// <summary>Mattermost's id, 26 characters; it never changes.</summary>
    public string Id { get; init; } = "";

    /// <summary>What follows the @ in a mention; it can be changed.</summary>
    public string Username { get; init; } = "";

    /// <summary>The first name, or empty.</summary>
    public string FirstName { get; init; } = "";

    /// <summary>The last name, or empty.</summary>
    public string LastName { get; init; } = "";

    /// <summary>The nickname, or empty.</summary>
    public string Nickname { get; init; } = "";

    /// <summary>Whether it is a bot's account.</summary>
    public bool IsBot { get; init; }

    /// <summary>When the account was deactivated, if it was.</summary>
    public Instant? DeleteAt { get; init; }

    /// <summary>The roles on the whole server, separated by spaces.</summary>
    public string Roles { get; init; } = "";

    /// <summary>The language of the user interface, e.g. <c>en</c>.</summary>
    public string Locale { get; init; } = "";

    /// <summary>Whether the account can no longer be used.</summary>
    [JsonIgnore]
    public bool IsDeactivated => DeleteAt is not null;

    /// <summary>Whether the user administers the whole server.</summary>
    [JsonIgnore]
    public bool IsSystemAdmin => Roles.Split(' ').Contains("system_admin", StringComparer.Ordinal);
}

/// <summary>A team.</summary>
public sealed record Team
{
    /// <summary>Mattermost's id.</summary>
    public string Id { get; init; } = "";

    /// <summary>The name in URLs.</summary>
    public string Name { get; init; } = "";

    /// <summary>The name that people see.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>When the team was archived, if it was.</summary>
    public Instant? DeleteAt { get; init; }
}

/// <summary>A user's part in a team.</summary>
public sealed record TeamMember
{
    /// <summary>The team's id.</summary>
    public string TeamId { get; init; } = "";

    /// <summary>The user's id.</summary>
    public string UserId { get; init; } = "";

    /// <summary>The roles in the team, separated by spaces.</summary>
    public string Roles { get; init; } = "";

    /// <summary>Whether the team's permission scheme makes the user an administrator of it.</summary>
    public bool SchemeAdmin { get; init; }

    /// <summary>When the user left the team, if they did.</summary>
    public Instant? DeleteAt { get; init; }

    /// <summary>Whether the user is in the team and administers it.</summary>
    [JsonIgnore]
    public bool IsAdmin =>
        DeleteAt is null && (SchemeAdmin || Roles.Split(' ').Contains("team_admin", StringComparer.Ordinal));
}

/// <summary>A channel of a team, or a conversation between users.</summary>
public sealed record Channel
{
    /// <summary>Mattermost's id.</summary>
    public string Id { get; init; } = "";

    /// <summary>The team's id; empty for conversations between users.</summary>
    public string TeamId { get; init; } = "";

    /// <summary><c>O</c> public, <c>P</c> private, <c>D</c> direct, <c>G</c> group.</summary>
    public string Type { get; init; } = "";

    /// <summary>The name in URLs and after the ~ of a link.</summary>
    public string Name { get; init; } = "";

    /// <summary>The name that people see; empty for direct ones.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>The header, Markdown.</summary>
    public string Header { get; init; } = "";

    /// <summary>When the channel was archived, if it was.</summary>
    public Instant? DeleteAt { get; init; }

    /// <summary>Whether it can no longer be posted to.</summary>
    [JsonIgnore]
    public bool IsArchived => DeleteAt is not null;
}

/// <summary>A user's part in a channel.</summary>
public sealed record ChannelMember
{
    /// <summary>The channel's id.</summary>
    public string ChannelId { get; init; } = "";

    /// <summary>The user's id.</summary>
    public string UserId { get; init; } = "";

    /// <summary>The roles in the channel, separated by spaces.</summary>
    public string Roles { get; init; } = "";

    /// <summary>Whether the channel's permission scheme makes the user an administrator of it.</summary>
    public bool SchemeAdmin { get; init; }
}

/// <summary>A user's reaction to a post.</summary>
public sealed record Reaction
{
    /// <summary>Who reacted.</summary>
    public string UserId { get; init; } = "";

    /// <summary>To which post.</summary>
    public string PostId { get; init; } = "";

    /// <summary>The emoji without its colons, e.g. <c>heart</c>.</summary>
    public string EmojiName { get; init; } = "";

    /// <summary>When.</summary>
    public Instant CreateAt { get; init; }
}

/// <summary>A post.</summary>
public sealed record Post
{
    /// <summary>Mattermost's id.</summary>
    public string Id { get; init; } = "";

    /// <summary>When it was made.</summary>
    public Instant CreateAt { get; init; }

    /// <summary>When it, or its reactions, last changed.</summary>
    public Instant UpdateAt { get; init; }

    /// <summary>When it was deleted, if it was.</summary>
    public Instant? DeleteAt { get; init; }

    /// <summary>Who posted it.</summary>
    public string UserId { get; init; } = "";

    /// <summary>Where.</summary>
    public string ChannelId { get; init; } = "";

    /// <summary>The id of the post that started the thread; empty when this one is no reply.</summary>
    public string RootId { get; init; } = "";

    /// <summary>The text, Markdown.</summary>
    public string Message { get; init; } = "";

    /// <summary>Empty for ordinary posts; the server's own begin with <c>system_</c>.</summary>
    public string Type { get; init; } = "";

    /// <summary>Attachments, and the keys that its author gave it.</summary>
    public JsonObject Props { get; init; } = [];

    /// <summary>The ids of the files attached to it.</summary>
    public IReadOnlyList<string> FileIds { get; init; } = [];

    /// <summary>How many replies the thread has, as far as the server counted them for this answer (0 in lists).</summary>
    public int ReplyCount { get; init; }

    /// <summary>What the server adds to a post.</summary>
    public PostMetadata Metadata { get; init; } = new();

    /// <summary>The reactions to it.</summary>
    [JsonIgnore]
    public IReadOnlyList<Reaction> Reactions => Metadata.Reactions;

    /// <summary>Whether it was deleted.</summary>
    [JsonIgnore]
    public bool IsDeleted => DeleteAt is not null;

    /// <summary>Whether the server itself posted it ("… joined the channel").</summary>
    [JsonIgnore]
    public bool IsSystem => Type.StartsWith("system_", StringComparison.Ordinal);
}

/// <summary>What the server adds to a post.</summary>
public sealed record PostMetadata
{
    /// <summary>The reactions to it.</summary>
    public IReadOnlyList<Reaction> Reactions { get; init; } = [];

    /// <summary>What is known of the files attached to it.</summary>
    public IReadOnlyList<PostFile> Files { get; init; } = [];
}

/// <summary>What is known of a file beside its content.</summary>
public sealed record PostFile
{
    /// <summary>Mattermost's id, by which it is attached and read.</summary>
    public string Id { get; init; } = "";

    /// <summary>The name that its sender gave it; nothing that may be used as a path.</summary>
    public string Name { get; init; } = "";

    /// <summary>The length in bytes.</summary>
    public long Size { get; init; }

    /// <summary>What the server thinks it is, by its name, e.g. <c>text/csv; charset=utf-8</c>.</summary>
    public string MimeType { get; init; } = "";

    /// <summary>What follows the last dot of the name, or empty.</summary>
    public string Extension { get; init; } = "";
}

/// <summary>A post to be made.</summary>
public sealed record NewPost
{
    /// <summary>Where.</summary>
    public required string ChannelId { get; init; }

    /// <summary>The id of the post that starts the thread, for a reply.</summary>
    public string? RootId { get; init; }

    /// <summary>The text, Markdown, at most <see cref="MattermostLimits.Message"/> characters.</summary>
    public required string Message { get; init; }

    /// <summary>Attachments (see <see cref="MessageProps"/>), and keys of one's own.</summary>
    public JsonObject? Props { get; init; }

    /// <summary>The ids of files that were uploaded to the same channel; null for none.</summary>
    public IReadOnlyList<string>? FileIds { get; init; }

    /// <summary>
    /// A key of the attempt: the server answers a second request of the same key with the first post. It remembers it for seconds only.
    /// </summary>
    public string? PendingPostId { get; init; }
}

/// <summary>The server's word that it is well, or that it did something that has no other answer.</summary>
public sealed record ServerStatus
{
    /// <summary><c>OK</c> when all is well.</summary>
    public string Status { get; init; } = "";
}
