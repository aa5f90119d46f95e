using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>What a team without a rotation reads, and the form that makes one from the people of a channel.</summary>
internal sealed class RotationSetup(
    IStore store,
    RotationTexts texts,
    Admins admins,
    ChannelPeople people,
    IMattermost mattermost,
    IDirectory directory,
    Buttons buttons,
    BotAddresses addresses)
{
    /// <summary>The form. Subject: the channel in which it was asked for; behind it <see cref="FirstOnly"/>, if it is to make the team's first rotation.</summary>
    public const string Form = "rotation.create";

    /// <summary>The most people that the form begins with: it is quicker to name a few than to take out many.</summary>
    public const int MostSuggested = 40;

    private const string FirstOnly = " first";

    /// <summary>With two of these, and the request that opens the form, its trigger's three seconds are not over.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The answer where there is no rotation: to an admin, with a button that opens the form; to others, who can make one.</summary>
    public async Task<CommandReply> FirstWordsAsync(SlashCommand slash, CancellationToken cancellationToken)
    {
        switch (await admins.RightAsync(slash.TeamId, slash.UserId, slash.Username, cancellationToken))
        {
            case AdminRight.Yes:
                var action = buttons.Signer.New(RotationActions.SetUp, slash.TeamId, slash.ChannelId, slash.UserId, Duration.FromDays(1));
                return new CommandReply(
                    texts.FirstWords(), [new Attachment { Fallback = "Set it up", Actions = [buttons.Button("setup", "Set it up", action, "primary")] }]);
            case AdminRight.Unknown unknown:
                return new CommandReply(RotationTexts.FirstWordsToSomebody(unknown.Reason));
            default:
                var here = await people.OfAsync(slash.ChannelId, Patience, cancellationToken) is PeopleOfChannel.Known { People: var known } ? known : [];
                return new CommandReply(texts.FirstWordsToOthers(await admins.KnownAsync(slash.TeamId, here, cancellationToken)));
        }
    }

    /// <summary>Opens the form by command.</summary>
    public async Task<CommandReply> OpenAsync(SlashCommand slash, CancellationToken cancellationToken) =>
        new(await OpenAsync(slash.TriggerId, slash.TeamId, slash.ChannelId, slash.UserId, isFirst: false, cancellationToken)
            ? $"I opened a form for it. It did not show? {texts.Command("help create")} tells how to type it."
            : texts.NoForm());

    /// <summary>Opens the form by the button of the first words.</summary>
    /// <returns>What is to be said instead; null if it is open.</returns>
    public async Task<string?> OpenFirstAsync(ActionPress press, CancellationToken cancellationToken)
    {
        var rotations = await store.RotationsOfAsync(press.Action.WorkspaceId, cancellationToken);
        return rotations.Count > 0 ? texts.NotTheFirst(rotations[0])
            : await OpenAsync(press.TriggerId, press.Action.WorkspaceId, press.Action.Subject, press.UserId, isFirst: true, cancellationToken) ? null
            : texts.NoForm();
    }

    /// <summary>What a form's subject says: the channel, and whether it is to make the first rotation.</summary>
    public static (string ChannelId, bool IsFirst) Read(string subject) =>
        subject.EndsWith(FirstOnly, StringComparison.Ordinal) ? (subject[..^FirstOnly.Length], true) : (subject, false);

    private async Task<bool> OpenAsync(string triggerId, string workspaceId, string channelId, string userId, bool isFirst, CancellationToken cancellationToken)
    {
        // Both are asked for at once, and what is not there in time is left out: whoever may not make one is told when they submit it.
        var looked = people.OfAsync(channelId, Patience, cancellationToken);
        var isOfTeam = await IsOfTeamAsync(workspaceId, channelId, cancellationToken);
        var (members, intro) = await looked switch
        {
            PeopleOfChannel.Known { People: { Count: <= MostSuggested } here } => (Suggested(here), isOfTeam
                ? "Under **Members** stand the people of this channel. Take out who has no turns."
                : "Under **Members** write who takes turns."),
            PeopleOfChannel.Known { People.Count: var many } => ("", $"This channel has {many} people, too many to begin with. Under **Members** write who takes turns."),
            PeopleOfChannel.TooMany => ("", $"This channel has more than {MostSuggested} people, too many to begin with. Under **Members** write who takes turns."),
            _ => ("", "I could not see who is in this channel. Under **Members** write who takes turns."),
        };
        var schedule = HandoffSchedule.Default;
        var state = buttons.Signer.New(Form, workspaceId, channelId + (isFirst ? FirstOnly : ""), userId, Duration.FromHours(1));
        var dialog = new Dialog
        {
            CallbackId = "rotation",
            Title = "A new rotation",
            IntroductionText = intro,
            State = buttons.Signer.SignText(state),
            SubmitLabel = "Make it",
            Elements =
            [
                new DialogElement { DisplayName = "Name", Name = "name", Type = "text", Default = "PM rotation", MaxLength = RotationMaker.LongestName },
                new DialogElement
                {
                    DisplayName = "Members", Name = "members", Type = "textarea", Default = members.Length > 0 ? members : null, Optional = true, MaxLength = 3000,
                    Placeholder = "@adam.c @katie.w", HelpText = "In any order: turns go by first name. Left empty: nobody yet.",
                },
                new DialogElement
                {
                    DisplayName = "Handoff", Name = "handoff", Type = "text", Default = "monday 09:00", HelpText = "Weekday and time at which duty changes hands.",
                },
                new DialogElement { DisplayName = "Every", Name = "every", Type = "text", Default = "1w", HelpText = "The length of a shift, from 1w to 12w." },
                new DialogElement { DisplayName = "Time zone", Name = "zone", Type = "text", Default = schedule.Zone, HelpText = "Such as Europe/London." },
                new DialogElement
                {
                    DisplayName = "Announced in", Name = "announce", Type = "select", DataSource = "channels", Default = isOfTeam ? channelId : null, Optional = isOfTeam,
                    HelpText = isOfTeam ? "Left empty: here." : "The channel in which each handoff is told.",
                },
                new DialogElement
                {
                    DisplayName = "Header of", Name = "header", Type = "select", DataSource = "channels", Optional = true,
                    HelpText = "The channel whose header names who is on duty. Left empty: no header is touched.",
                },
            ],
        };
        return await mattermost.OpenDialogAsync(triggerId, addresses.Dialogs, dialog, cancellationToken) is MattermostResult<ServerStatus>.Ok;
    }

    /// <summary>Whether the channel is one of the team, where something can be announced; a direct message is none. What is not known is taken for one.</summary>
    private async Task<bool> IsOfTeamAsync(string workspaceId, string channelId, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return await directory.ChannelAsync(channelId, limit.Token) is not MattermostResult<Channel>.Ok { Value: var channel } || channel.TeamId == workspaceId;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    /// <summary>People as the form shows them: a line each, so that one is easily taken out, in the order of their turns.</summary>
    private static string Suggested(IReadOnlyList<MattermostUser> people) =>
        string.Join('\n', people.Select(RotationPeople.ToMember).Order(Member.Alphabetical).Select(m => "@" + m.Username));
}

/// <summary>"Set it up".</summary>
internal sealed class SetUpButton(RotationSetup setup) : IActionHandler
{
    public string Action => RotationActions.SetUp;

    public async Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken) => new(await setup.OpenFirstAsync(press, cancellationToken));
}
