using PmBot.Mattermost.Client;

namespace PmBot.Mattermost.Inbound;

/// <summary>A press of one of the bot's own buttons, its signature checked.</summary>
/// <param name="Action">What the button stands for.</param>
/// <param name="UserId">Who pressed it, as Mattermost says.</param>
/// <param name="Username">Their name.</param>
/// <param name="ChannelId">Where it stands.</param>
/// <param name="TriggerId">Opens a dialog within three seconds.</param>
/// <param name="PostId">The post in which it stands.</param>
/// <param name="Selected">
/// What was chosen in a menu, e.g. a user's id; null for a button. It comes from the user's client and the signature does not cover it:
/// whether it is one of the options, and whether this user may choose it, the handler must check.
/// </param>
public sealed record ActionPress(
    SignedAction Action, string UserId, string Username, string ChannelId, string TriggerId, string PostId, string? Selected);

/// <summary>What the one who pressed a button reads, nobody else; null for nothing.</summary>
/// <param name="Text">Markdown.</param>
public sealed record ActionReply(string? Text);

/// <summary>Carries out the buttons of one action.</summary>
public interface IActionHandler
{
    /// <summary>The action, see <see cref="SignedAction.Action"/>.</summary>
    string Action { get; }

    /// <summary>Carries it out. The user's right must be checked anew here: the button may have been offered to others.</summary>
    Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken);
}

/// <summary>A submitted dialog of the bot, its signature checked.</summary>
/// <param name="Action">What the dialog is for.</param>
/// <param name="UserId">Who submitted it, as Mattermost says.</param>
/// <param name="ChannelId">Where it was opened.</param>
/// <param name="Values">The fields, as typed; fields left empty are missing.</param>
public sealed record DialogSubmission(SignedAction Action, string UserId, string ChannelId, IReadOnlyDictionary<string, string> Values);

/// <summary>What became of a submitted dialog.</summary>
/// <param name="Errors">Sentences by field; then the dialog stays open.</param>
/// <param name="Error">A sentence about the whole of it; then the dialog stays open.</param>
public sealed record DialogReply(IReadOnlyDictionary<string, string>? Errors = null, string? Error = null);

/// <summary>Carries out the dialogs of one action.</summary>
public interface IDialogHandler
{
    /// <summary>The action, see <see cref="SignedAction.Action"/>.</summary>
    string Action { get; }

    /// <summary>Carries it out.</summary>
    Task<DialogReply> HandleAsync(DialogSubmission submission, CancellationToken cancellationToken);
}

/// <summary>Makes the bot's buttons.</summary>
/// <param name="signer">Signs them.</param>
/// <param name="addresses">Where they lead.</param>
public sealed class Buttons(ActionSigner signer, BotAddresses addresses)
{
    /// <summary>Signs them.</summary>
    public ActionSigner Signer { get; } = signer;

    /// <summary>A button. Its id is made from its place, for Mattermost wants one that is unique in its post.</summary>
    public PostAction Button(string id, string name, SignedAction action, string? style = null) =>
        PostAction.Button(id, name, Integration(action), style);

    /// <summary>A menu of all users. Whom they choose comes back unsigned.</summary>
    public PostAction UserMenu(string id, string name, SignedAction action) => PostAction.UserMenu(id, name, Integration(action));

    /// <summary>A menu of given options. What they choose comes back unsigned.</summary>
    public PostAction Menu(string id, string name, SignedAction action, IReadOnlyList<ActionOption> options) =>
        PostAction.Menu(id, name, Integration(action), options);

    private ActionIntegration Integration(SignedAction action) => new(addresses.Actions, Signer.Sign(action));
}

/// <summary>Where the Mattermost server reaches the bot.</summary>
/// <param name="Base">The bot's address with the base path, without a slash at the end.</param>
public sealed record BotAddresses(string Base)
{
    /// <summary>Where presses of buttons go.</summary>
    public string Actions => Base + MattermostEndpoints.ActionsPath;

    /// <summary>Where submitted dialogs go.</summary>
    public string Dialogs => Base + MattermostEndpoints.DialogsPath;
}
