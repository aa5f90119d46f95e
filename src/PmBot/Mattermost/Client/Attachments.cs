using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PmBot.Mattermost.Client;

/// <summary>A framed part under a post's text. What is null is left out of the JSON.</summary>
public sealed record Attachment
{
    /// <summary>The text for clients that cannot show attachments, and for notifications.</summary>
    public string? Fallback { get; init; }

    /// <summary>The colour of its border, e.g. <c>#2f81b7</c>.</summary>
    public string? Color { get; init; }

    /// <summary>Text above the frame, Markdown.</summary>
    public string? Pretext { get; init; }

    /// <summary>The title.</summary>
    public string? Title { get; init; }

    /// <summary>Where the title leads to.</summary>
    public string? TitleLink { get; init; }

    /// <summary>The text, Markdown.</summary>
    public string? Text { get; init; }

    /// <summary>A table of facts.</summary>
    public IReadOnlyList<AttachmentField>? Fields { get; init; }

    /// <summary>A small line below.</summary>
    public string? Footer { get; init; }

    /// <summary>Buttons and menus.</summary>
    public IReadOnlyList<PostAction>? Actions { get; init; }
}

/// <summary>A fact in an attachment's table.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Value">Its value, Markdown.</param>
/// <param name="IsShort">Whether another one fits beside it.</param>
public sealed record AttachmentField(string Title, string Value, [property: JsonPropertyName("short")] bool IsShort = false);

/// <summary>A button or a menu of an attachment.</summary>
public sealed record PostAction
{
    private PostAction(string id, string type, string name, ActionIntegration integration)
    {
        if (id.Length == 0 || !id.All(char.IsAsciiLetterOrDigit))
        {
            // The server's route takes nothing else: the action would be shown, and every press of it be answered 404.
            throw new ArgumentException($"The id of an action must consist of letters and digits, not \"{id}\".", nameof(id));
        }

        Id = id;
        Type = type;
        Name = name;
        Integration = integration;
    }

    /// <summary>Letters and digits only, unique in its post.</summary>
    public string Id { get; }

    /// <summary><c>button</c> or <c>select</c>.</summary>
    public string Type { get; }

    /// <summary>The label.</summary>
    public string Name { get; }

    /// <summary>A button's look: <c>primary</c>, <c>good</c>, <c>warning</c>, <c>danger</c> or a colour.</summary>
    public string? Style { get; private init; }

    /// <summary>What fills a menu that has no options of its own: <c>users</c> or <c>channels</c>.</summary>
    public string? DataSource { get; private init; }

    /// <summary>A menu's own options.</summary>
    public IReadOnlyList<ActionOption>? Options { get; private init; }

    /// <summary>What the server calls. It never shows this to clients.</summary>
    public ActionIntegration Integration { get; }

    /// <summary>A button.</summary>
    /// <exception cref="ArgumentException">The id has other characters than letters and digits.</exception>
    public static PostAction Button(string id, string name, ActionIntegration integration, string? style = null) =>
        new(id, "button", name, integration) { Style = style };

    /// <summary>A menu of given options.</summary>
    /// <exception cref="ArgumentException">The id has other characters than letters and digits.</exception>
    public static PostAction Menu(string id, string name, ActionIntegration integration, IReadOnlyList<ActionOption> options) =>
        new(id, "select", name, integration) { Options = options };

    /// <summary>A menu of all users.</summary>
    /// <exception cref="ArgumentException">The id has other characters than letters and digits.</exception>
    public static PostAction UserMenu(string id, string name, ActionIntegration integration) =>
        new(id, "select", name, integration) { DataSource = "users" };
}

/// <summary>What the server calls when an action is used.</summary>
/// <param name="Url">The bot's address, as the server reaches it.</param>
/// <param name="Context">What it sends along; it stays on the server.</param>
public sealed record ActionIntegration(string Url, JsonObject Context);

/// <summary>An option of a menu, in an attachment or a dialog.</summary>
/// <param name="Text">What people see.</param>
/// <param name="Value">What is sent when it is chosen.</param>
public sealed record ActionOption(string Text, string Value);

/// <summary>A form in the user's client.</summary>
public sealed record Dialog
{
    /// <summary>By which the bot knows the submission.</summary>
    public required string CallbackId { get; init; }

    /// <summary>The title, at most 24 characters.</summary>
    public required string Title { get; init; }

    /// <summary>Text above the fields, Markdown.</summary>
    public string? IntroductionText { get; init; }

    /// <summary>The fields.</summary>
    public IReadOnlyList<DialogElement> Elements { get; init; } = [];

    /// <summary>The label of the button that submits.</summary>
    public string? SubmitLabel { get; init; }

    /// <summary>Whether the bot is told when the user closes it.</summary>
    public bool NotifyOnCancel { get; init; }

    /// <summary>Comes back with the submission by way of the user's browser: sign what is to be trusted.</summary>
    public string? State { get; init; }
}

/// <summary>A field of a dialog.</summary>
public sealed record DialogElement
{
    /// <summary>The label, at most 24 characters.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The key in the submission.</summary>
    public required string Name { get; init; }

    /// <summary><c>text</c>, <c>textarea</c>, <c>select</c>, <c>bool</c> or <c>radio</c>.</summary>
    public required string Type { get; init; }

    /// <summary>For texts: <c>email</c>, <c>number</c>, <c>url</c>, …</summary>
    public string? Subtype { get; init; }

    /// <summary>What it holds at first.</summary>
    public string? Default { get; init; }

    /// <summary>The grey text of an empty field.</summary>
    public string? Placeholder { get; init; }

    /// <summary>The small text below.</summary>
    public string? HelpText { get; init; }

    /// <summary>Whether it may stay empty.</summary>
    public bool Optional { get; init; }

    /// <summary>The fewest characters of a text.</summary>
    public int? MinLength { get; init; }

    /// <summary>The most characters of a text.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What fills a select that has no options of its own: <c>users</c> or <c>channels</c>.</summary>
    public string? DataSource { get; init; }

    /// <summary>The options of a select or radio.</summary>
    public IReadOnlyList<ActionOption>? Options { get; init; }
}

/// <summary>Puts attachments into a post's props.</summary>
public static class MessageProps
{
    /// <summary>Sets the attachments of <paramref name="props"/>, in Mattermost's JSON.</summary>
    /// <returns>The same <paramref name="props"/>.</returns>
    public static JsonObject WithAttachments(this JsonObject props, params IReadOnlyList<Attachment> attachments)
    {
        props["attachments"] = JsonSerializer.SerializeToNode(attachments, MattermostJson.Options);
        return props;
    }
}
