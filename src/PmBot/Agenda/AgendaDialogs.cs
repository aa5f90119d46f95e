using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Meetings;
using PmBot.People;

namespace PmBot.Agenda;

/// <summary>Opens the forms of agendas, by command or button.</summary>
internal sealed class AgendaDialogs(AgendaDesk desk, IMattermost mattermost, Buttons buttons, BotAddresses addresses, AgendaTexts texts)
{
    private static readonly Duration Life = Duration.FromHours(2);

    /// <summary>Opens the form for an item; what was typed stands in it.</summary>
    public async Task<CommandReply> OpenAddAsync(SlashCommand slash, AgendaCommand.Add add, CancellationToken cancellationToken)
    {
        var (meeting, problem) = await desk.ChooseAsync(slash.TeamId, add.Which.Meeting, MeetingUse.Queue, cancellationToken);
        return meeting is null
            ? AgendaItems.Refused(slash, problem)
            : Opened(
                await OpenAddAsync(
                    slash.TriggerId, meeting, slash.UserId, slash.ChannelId, add, (await desk.PlacesAsync(meeting, cancellationToken)).Private?.Id == slash.ChannelId, cancellationToken),
                "add TEXT --time 10m");
    }

    /// <summary>Opens the form for an item.</summary>
    /// <returns>Whether it is open.</returns>
    public Task<bool> OpenAddAsync(string triggerId, Meeting meeting, string userId, string channelId, AgendaCommand.Add? typed, bool isInPrivate, CancellationToken cancellationToken) => OpenAsync(
        triggerId, AgendaActions.Add, meeting.WorkspaceId, $"{meeting.Id} {channelId}", userId, "A new agenda item", "Queue it",
        $"For {AgendaTexts.Called(meeting, meeting.On, new AgendaSetting(meeting.Plan, Names.None, desk.Now()))}.",
        [
            new() { DisplayName = "What it is about", Name = "text", Type = "text", MaxLength = 150 },
            new() { DisplayName = "Time box", Name = "time", Type = "text", MaxLength = 20, Optional = true, HelpText = "Such as 10m.", Default = typed?.Minutes is { } minutes ? $"{minutes}m" : null },
            new() { DisplayName = "Documents", Name = "doc", Type = "textarea", MaxLength = 3000, Optional = true, HelpText = "Links, one below the other.", Default = typed is { Docs.Count: > 0 } ? string.Join('\n', typed.Docs) : null },
            new() { DisplayName = "Not before", Name = "date", Type = "text", MaxLength = 30, Optional = true, HelpText = "Left empty: the next meeting. Such as 2026-12-09, or: next week." },
            new()
            {
                DisplayName = "Who may read it", Name = "private", Type = "radio", Optional = true, Default = typed?.IsPrivate == true || isInPrivate ? "yes" : "no",
                Options = [new ActionOption("Everybody in the meeting's channel", "no"), new ActionOption("Confidential: the private channel only", "yes")],
            },
        ],
        cancellationToken);

    /// <summary>Opens the form for a demo.</summary>
    public async Task<CommandReply> OpenDemoAsync(SlashCommand slash, AgendaCommand.Demo demo, CancellationToken cancellationToken)
    {
        var (meeting, problem) = await desk.ChooseAsync(slash.TeamId, demo.Meeting, MeetingUse.Demo, cancellationToken);
        return meeting is null ? AgendaItems.Refused(slash, problem) : Opened(await OpenDemoAsync(slash.TriggerId, meeting, slash.UserId, cancellationToken), "demo FEATURE");
    }

    /// <summary>Opens the form for a demo.</summary>
    /// <returns>Whether it is open.</returns>
    public Task<bool> OpenDemoAsync(string triggerId, Meeting meeting, string userId, CancellationToken cancellationToken) => OpenAsync(
        triggerId, AgendaActions.Demo, meeting.WorkspaceId, meeting.Id, userId, "Show something", "Sign up",
        $"In {AgendaTexts.Called(meeting, meeting.On, new AgendaSetting(meeting.Plan, Names.None, desk.Now()))}.",
        [
            new() { DisplayName = "Feature", Name = "text", Type = "text", MaxLength = 150 },
            new() { DisplayName = "Time", Name = "time", Type = "text", MaxLength = 20, Optional = true, HelpText = "How long it takes, such as 10m." },
        ],
        cancellationToken);

    /// <summary>Opens the form for a release update.</summary>
    public async Task<CommandReply> OpenReleaseAsync(SlashCommand slash, CancellationToken cancellationToken)
    {
        var (meeting, problem) = await desk.ChooseAsync(slash.TeamId, null, MeetingUse.Queue, cancellationToken);
        return meeting is not { Plan.Kind: MeetingKind.Sync }
            ? AgendaItems.Refused(slash, meeting is null ? problem : "There is no meeting that release updates are collected for.")
            : Opened(await OpenReleaseAsync(slash.TriggerId, meeting, slash.UserId, cancellationToken), "release TEXT");
    }

    /// <summary>Opens the form for a release update; what was sent before stands in it.</summary>
    /// <returns>Whether it is open.</returns>
    public Task<bool> OpenReleaseAsync(string triggerId, Meeting meeting, string userId, CancellationToken cancellationToken) => OpenAsync(
        triggerId, AgendaActions.Release, meeting.WorkspaceId, meeting.Id, userId, "Release update", "Send it",
        $"For {AgendaTexts.Called(meeting, meeting.On, new AgendaSetting(meeting.Plan, Names.None, desk.Now()))}.",
        [
            new()
            {
                DisplayName = "How your items stand", Name = "text", Type = "textarea", MaxLength = AgendaTexts.TextLength,
                Default = meeting.Updates.FirstOrDefault(u => u.By.Id == userId)?.Text,
            },
        ],
        cancellationToken);

    /// <summary>Opens the form for what was decided on an item.</summary>
    /// <returns>Whether it is open.</returns>
    public Task<bool> OpenDecidedAsync(string triggerId, Meeting meeting, AgendaItem item, string userId, CancellationToken cancellationToken) => OpenAsync(
        triggerId, AgendaActions.Decided, meeting.WorkspaceId, AgendaBoard.Subject(meeting.Id, meeting.On, item.Serial), userId, "What was decided", "Note it", null,
        [
            new() { DisplayName = $"On item {meeting.NumberOf(item)}", Name = "text", Type = "textarea", MaxLength = AgendaTexts.TextLength, Default = item.Decided },
        ],
        cancellationToken);

    /// <summary>Opens the form for an action step; a date that was typed stands in it.</summary>
    /// <returns>Whether it is open.</returns>
    public Task<bool> OpenStepAsync(string triggerId, Meeting meeting, AgendaItem? item, string userId, LocalDate? due, CancellationToken cancellationToken)
    {
        var setting = new AgendaSetting(meeting.Plan, Names.None, desk.Now());
        return OpenAsync(
            triggerId, AgendaActions.Step, meeting.WorkspaceId, AgendaBoard.Subject(meeting.Id, meeting.On, item?.Serial ?? 0), userId, "A new action step", "Note it",
            $"From {(item is null ? "" : $"{(item.IsPrivate ? "confidential item" : "item")} {meeting.NumberOf(item)} of ")}{AgendaTexts.Called(meeting, meeting.On, setting)}.",
            [
                new() { DisplayName = "Who is to do it", Name = "owner", Type = "select", DataSource = "users" },
                new() { DisplayName = "What is to be done", Name = "text", Type = "textarea", MaxLength = AgendaTexts.ItemLength },
                new()
                {
                    DisplayName = "Due", Name = "due", Type = "text", MaxLength = 30, Optional = true, Default = due is { } date ? AgendaTexts.Iso(date) : null,
                    HelpText = $"Left empty: {setting.Date(meeting.Plan.NextAfter(meeting.On))}. Such as 2026-12-09, or: next week.",
                },
            ],
            cancellationToken);
    }

    /// <summary>Opens the form for recording and survey.</summary>
    /// <returns>Whether it is open.</returns>
    public Task<bool> OpenMinutesAsync(string triggerId, MeetingRecord record, string userId, CancellationToken cancellationToken) => OpenAsync(
        triggerId, AgendaActions.Minutes, record.WorkspaceId, AgendaBoard.Subject(record.MeetingId, record.On), userId, "Recording and survey", "Share them", null,
        [
            new() { DisplayName = "Recording", Name = "recording", Type = "textarea", MaxLength = TypedText.LinkLength, Optional = true, HelpText = "Left empty, it stays as it is.", Default = record.Recording },
            new() { DisplayName = "Feedback survey", Name = "survey", Type = "textarea", MaxLength = TypedText.LinkLength, Optional = true, HelpText = "Left empty, it stays as it is.", Default = record.Survey },
        ],
        cancellationToken);

    /// <summary>Opens a form.</summary>
    /// <returns>Whether it is open.</returns>
    public async Task<bool> OpenAsync(
        string triggerId, string action, string workspaceId, string subject, string userId, string title, string submit, string? intro, IReadOnlyList<DialogElement> elements,
        CancellationToken cancellationToken)
    {
        var dialog = new Dialog
        {
            CallbackId = "agenda",
            Title = title,
            IntroductionText = intro,
            State = buttons.Signer.SignText(buttons.Signer.New(action, workspaceId, subject, userId, Life)),
            SubmitLabel = submit,
            Elements = elements,
        };
        return await mattermost.OpenDialogAsync(triggerId, addresses.Dialogs, dialog, cancellationToken) is MattermostResult<ServerStatus>.Ok;
    }

    /// <summary>The answer to a command that opens a form.</summary>
    /// <param name="isOpen">Whether it is open.</param>
    /// <param name="typed">What is typed instead.</param>
    public CommandReply Opened(bool isOpen, string typed) => new(isOpen
        ? $"I opened a form for it. It did not show? Type {texts.Command(typed)}"
        : $"I could not open the form for it. Type it instead: {texts.Command(typed)}. All that can be said with it: {texts.Command($"help {typed.Split(' ')[0]}")}");
}
