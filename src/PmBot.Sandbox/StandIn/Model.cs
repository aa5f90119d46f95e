using System.Collections.Immutable;
using System.Text.Json;

namespace PmBot.Sandbox.StandIn;

/// <summary>A team of the stand-in.</summary>
public sealed record ChatTeam(string Id, string Name, string DisplayName, long CreateAt);

/// <summary>A person or a bot. The token is what they authenticate with.</summary>
public sealed record ChatUser(string Id, string Username, string FirstName, string LastName, string Token, long CreateAt)
{
    /// <summary>Whether this is a bot account.</summary>
    public bool IsBot { get; init; }

    /// <summary>Whether this user administrates the system.</summary>
    public bool IsSystemAdmin { get; init; }

    /// <summary>When the account was deactivated, in Unix milliseconds; 0 while it is in use.</summary>
    public long DeleteAt { get; init; }

    /// <summary>When the user was changed last.</summary>
    public long UpdateAt { get; init; } = CreateAt;

    /// <summary>When the picture was changed last, or 0 for the one that the server draws.</summary>
    public long LastPictureUpdate { get; init; }

    /// <summary>What a bot is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>Who made a bot: a user's id, or a plugin's.</summary>
    public string OwnerId { get; init; } = "";
}

/// <summary>A channel: <c>O</c> is public, <c>P</c> private, <c>D</c> the direct messages of two users.</summary>
public sealed record ChatChannel(string Id, string TeamId, string Type, string Name, string DisplayName, string CreatorId, long CreateAt)
{
    /// <summary>The line above the posts.</summary>
    public string Header { get; init; } = "";

    /// <summary>When the channel was changed last.</summary>
    public long UpdateAt { get; init; } = CreateAt;

    /// <summary>When the channel was archived, or 0.</summary>
    public long DeleteAt { get; init; }

    /// <summary>When the last post was made, or 0.</summary>
    public long LastPostAt { get; init; }

    /// <summary>Whether this holds the direct messages of two users.</summary>
    public bool IsDirect => Type == "D";
}

/// <summary>A post as it was at one moment.</summary>
public sealed record ChatPost(string Id, string ChannelId, string UserId, string RootId, string Message, long CreateAt)
{
    /// <summary>Empty for what people and bots write, <c>system_…</c> for the server's own.</summary>
    public string Type { get; init; } = "";

    /// <summary>The props without the attachments.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Props { get; init; } = PostContent.NoProps;

    /// <summary>The attachments, with the integrations of their actions.</summary>
    public ImmutableArray<ChatAttachment> Attachments { get; init; } = [];

    /// <summary>The ids of the attached files.</summary>
    public ImmutableArray<string> FileIds { get; init; } = [];

    /// <summary>When anything of the post changed last, reactions included.</summary>
    public long UpdateAt { get; init; } = CreateAt;

    /// <summary>When the message was edited last, or 0.</summary>
    public long EditAt { get; init; }

    /// <summary>When the post was deleted, or 0.</summary>
    public long DeleteAt { get; init; }

    /// <summary>Whether only one user sees it, and the server does not keep it.</summary>
    public bool IsEphemeral { get; init; }

    /// <summary>The author's username.</summary>
    public string Author { get; init; } = "";

    /// <summary>The channel's name, or <c>@a @b</c> for direct messages.</summary>
    public string Channel { get; init; } = "";

    /// <summary>The text of a prop, or null.</summary>
    public string? Prop(string key) => Props.TryGetValue(key, out var value) ? value.ToString() : null;

    /// <summary>The buttons and menus of all attachments.</summary>
    public IEnumerable<ChatAction> Actions => Attachments.SelectMany(attachment => attachment.Actions);
}

/// <summary>A file of text that is attached to a post.</summary>
public sealed record ChatFile(string Name, string Text);

/// <summary>An attachment of a post, normalised as the server does.</summary>
public sealed record ChatAttachment
{
    /// <summary>The plain text for notifications.</summary>
    public string Fallback { get; init; } = "";

    /// <summary>The color of the bar at its left.</summary>
    public string Color { get; init; } = "";

    /// <summary>The text above it.</summary>
    public string Pretext { get; init; } = "";

    /// <summary>The author's name.</summary>
    public string AuthorName { get; init; } = "";

    /// <summary>The author's link.</summary>
    public string AuthorLink { get; init; } = "";

    /// <summary>The author's icon.</summary>
    public string AuthorIcon { get; init; } = "";

    /// <summary>The title.</summary>
    public string Title { get; init; } = "";

    /// <summary>Where the title leads to.</summary>
    public string TitleLink { get; init; } = "";

    /// <summary>The text, in Markdown.</summary>
    public string Text { get; init; } = "";

    /// <summary>The table below the text; null if none was given.</summary>
    public ImmutableArray<ChatField>? Fields { get; init; }

    /// <summary>An image.</summary>
    public string ImageUrl { get; init; } = "";

    /// <summary>A small image.</summary>
    public string ThumbUrl { get; init; } = "";

    /// <summary>The small text at its end.</summary>
    public string Footer { get; init; } = "";

    /// <summary>The icon of the footer.</summary>
    public string FooterIcon { get; init; } = "";

    /// <summary>A time, as it was given.</summary>
    public JsonElement? Ts { get; init; }

    /// <summary>The buttons and menus.</summary>
    public ImmutableArray<ChatAction> Actions { get; init; } = [];
}

/// <summary>A field of an attachment; two short ones stand side by side.</summary>
public sealed record ChatField(string Title, string Value, bool IsShort);

/// <summary>An option of a menu.</summary>
public sealed record ChatOption(string Text, string Value);

/// <summary>A button or menu. The integration stays on the server.</summary>
public sealed record ChatAction(string Id, string Type, string Name)
{
    /// <summary>How it is colored.</summary>
    public string Style { get; init; } = "";

    /// <summary>Whether it can't be pressed.</summary>
    public bool Disabled { get; init; }

    /// <summary>Empty, <c>users</c> or <c>channels</c>.</summary>
    public string DataSource { get; init; } = "";

    /// <summary>The options of a menu without a data source.</summary>
    public ImmutableArray<ChatOption> Options { get; init; } = [];

    /// <summary>The value of the option that is chosen at first.</summary>
    public string DefaultOption { get; init; } = "";

    /// <summary>Where a press is sent.</summary>
    public string Url { get; init; } = "";

    /// <summary>What is sent along, as a JSON object.</summary>
    public JsonElement? Context { get; init; }
}

/// <summary>Who reacted how to which post.</summary>
public sealed record ChatReaction(string UserId, string PostId, string EmojiName, long CreateAt, string Username = "");

/// <summary>A dialog that an integration has opened for a user. <c>Definition</c> is the dialog as it was sent.</summary>
public sealed record ChatDialog(string Url, string UserId, string ChannelId, JsonElement Definition)
{
    /// <summary>The title.</summary>
    public string Title => Definition.Text("title");

    /// <summary>The integration's own name of the dialog.</summary>
    public string CallbackId => Definition.Text("callback_id");

    /// <summary>What the integration gets back; it travels through the browser.</summary>
    public string State => Definition.Text("state");

    /// <summary>Whether the integration wants to know of a cancellation.</summary>
    public bool NotifyOnCancel => Definition.Flag("notify_on_cancel");

    /// <summary>The fields, as they were sent.</summary>
    public ImmutableArray<JsonElement> Elements => [.. Definition.Items("elements")];
}

/// <summary>A call of the API that the stand-in has seen. Status 0: the connection was dropped.</summary>
public sealed record ApiCall(string Method, string Path, string User, int Status, string Body);

/// <summary>What came of what a user typed.</summary>
public sealed record TypeResult(ChatPost? Post, IReadOnlyList<ChatPost> Ephemerals, IReadOnlyList<ChatDialog> Dialogs)
{
    /// <summary>The server's error, if it refused; for a command the user also sees it as an ephemeral.</summary>
    public string? Error { get; init; }

    /// <summary>Where the command sends the user's client.</summary>
    public string? GotoLocation { get; init; }

    /// <summary>The only ephemeral answer's text, or all of them in lines.</summary>
    public string Text => string.Join('\n', Ephemerals.Select(ephemeral => ephemeral.Message));
}

/// <summary>What came of a press: the post as it is afterwards, and what the user saw.</summary>
public sealed record ActionResult(ChatPost? Post, IReadOnlyList<ChatPost> Ephemerals, IReadOnlyList<ChatDialog> Dialogs)
{
    /// <summary>The error that the user saw, if any.</summary>
    public string? Error { get; init; }

    /// <summary>Where the answer sends the user's client.</summary>
    public string? GotoLocation { get; init; }

    /// <summary>The ephemeral answers' text.</summary>
    public string Text => string.Join('\n', Ephemerals.Select(ephemeral => ephemeral.Message));
}

/// <summary>What came of a submitted dialog; it stays open if there are errors.</summary>
public sealed record DialogResult(
    bool Closed, IReadOnlyDictionary<string, string> Errors, IReadOnlyList<ChatPost> Ephemerals, IReadOnlyList<ChatDialog> Dialogs)
{
    /// <summary>The error that belongs to no field.</summary>
    public string? Error { get; init; }
}
