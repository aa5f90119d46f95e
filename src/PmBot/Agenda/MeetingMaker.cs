using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>Makes meetings, typed or by form.</summary>
internal sealed class MeetingMaker(
    AgendaDesk desk,
    AgendaDialogs dialogs,
    AgendaMessages messages,
    AgendaTexts texts,
    Admins admins,
    Channels channels,
    NewWorkspaces workspaces,
    Alarms alarms,
    Outbox outbox) : IDialogHandler
{
    private const int UsualMinutes = 30;

    public string Action => AgendaActions.NewMeeting;

    /// <summary>Makes the meeting, or opens the form that does.</summary>
    public async Task<CommandReply> CreateAsync(SlashCommand slash, AgendaCommand.CreateMeeting command, CancellationToken cancellationToken)
    {
        // The form first: its trigger lives three seconds. Whoever may not make one is told when they submit it.
        if (command.Name is null || command.Every is null || command.At is null)
        {
            return dialogs.Opened(await OpenAsync(slash, command, cancellationToken), "meeting create NAME --every \"2nd monday\" --at 09:00");
        }

        var result = await MakeAsync(slash.TeamId, new Person(slash.UserId, slash.Username), command, null, null, cancellationToken);
        return result.Answer is { } answer ? new CommandReply(answer) : AgendaItems.Refused(slash, result.Problem);
    }

    /// <summary>The submitted form.</summary>
    public async Task<DialogReply> HandleAsync(DialogSubmission submission, CancellationToken cancellationToken)
    {
        var (workspace, values) = (submission.Action.WorkspaceId, submission.Values);
        if (await desk.People.ByIdAsync(workspace, submission.UserId, cancellationToken) is not UserChoice.Known { Person: var caller })
        {
            return new DialogReply(Error: "Mattermost did not tell me that you are in this team. Nothing was changed; please try again.");
        }

        var command = new AgendaCommand.CreateMeeting(
            values.GetValueOrDefault("name") ?? "", values.GetValueOrDefault("every") ?? "", values.GetValueOrDefault("at") ?? "", null, values.GetValueOrDefault("zone"),
            values.GetValueOrDefault("kind"), values.GetValueOrDefault("channel"));
        var result = await MakeAsync(workspace, caller, command, values.GetValueOrDefault("minutes"), submission.Action, cancellationToken);
        return result.Answer is not null ? new DialogReply()
            : result.Problems.TryGetValue("", out var general) ? new DialogReply(Error: general.Contains("Nothing was changed.", StringComparison.Ordinal) ? general : $"{general} Nothing was changed.")
            : new DialogReply(result.Problems);
    }

    private Task<bool> OpenAsync(SlashCommand slash, AgendaCommand.CreateMeeting typed, CancellationToken cancellationToken) => dialogs.OpenAsync(
        slash.TriggerId, AgendaActions.NewMeeting, slash.TeamId, slash.ChannelId, slash.UserId, "A new meeting", "Make it", null,
        [
            new() { DisplayName = "Name", Name = "name", Type = "text", MaxLength = AgendaTexts.NameLength, Default = typed.Name },
            new() { DisplayName = "Every", Name = "every", Type = "text", MaxLength = 60, Default = typed.Every, HelpText = "Such as: weekly wednesday, every 2 weeks thursday, 2nd monday, last friday." },
            new() { DisplayName = "At", Name = "at", Type = "text", MaxLength = 20, Default = typed.At, HelpText = "Such as 09:00." },
            new() { DisplayName = "Minutes", Name = "minutes", Type = "text", MaxLength = 20, Default = FormattableString.Invariant($"{typed.Minutes ?? UsualMinutes}") },
            new() { DisplayName = "Time zone", Name = "zone", Type = "text", MaxLength = 60, Default = typed.Zone ?? MeetingPlan.DefaultZone },
            new()
            {
                DisplayName = "Kind", Name = "kind", Type = "select", Default = (typed.Kind is { } kind ? MeetingFields.Kind(kind) : null)?.ToString().ToLowerInvariant() ?? "plain",
                Options =
                [
                    new ActionOption("Plain: items and action steps", "plain"), new ActionOption("Demos: features are shown to others", "demos"),
                    new ActionOption("Sync: release updates and requests, too", "sync"),
                ],
            },
            new() { DisplayName = "Channel", Name = "channel", Type = "select", DataSource = "channels", Optional = true, HelpText = "Left empty: the product managers'." },
        ],
        cancellationToken);

    /// <summary>Makes it, or says by field what is wrong (the empty field: with the whole).</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="person">Who wants it.</param>
    /// <param name="command">What they want.</param>
    /// <param name="minutes">How long, as typed in the form; null if it was typed as a command.</param>
    /// <param name="form">The form; null for a command.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task<AgendaResult> MakeAsync(
        string workspaceId, Person person, AgendaCommand.CreateMeeting command, string? minutes, SignedAction? form, CancellationToken cancellationToken)
    {
        var caller = new Caller(person.Id, person.Name, await admins.RightAsync(workspaceId, person.Id, person.Name, cancellationToken));
        if (!caller.IsAdmin)
        {
            return AgendaResult.Wrong(caller.Refusal("make a meeting"));
        }

        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        var now = desk.Now();
        var zone = command.Zone is { } typedZone ? RotationSettings.Zone(typedZone) ?? Wrong("zone", MeetingFields.WrongZone(typedZone)) : MeetingPlan.DefaultZone;
        var kind = command.Kind is { } typedKind ? MeetingFields.Kind(typedKind) : MeetingKind.Plain;
        var length = minutes is null ? command.Minutes ?? UsualMinutes : AgendaVerbs.Minutes(minutes);
        var start = MeetingFields.Time(command.At!);
        if (kind is null)
        {
            Wrong("kind", MeetingFields.WrongKind(command.Kind!));
        }

        if (length is null)
        {
            Wrong("minutes", MeetingFields.WrongMinutes(minutes!));
        }

        if (start is null)
        {
            Wrong("at", MeetingFields.WrongTime(command.At!));
        }

        var plan = new MeetingPlan
        {
            Name = TypedText.Line(command.Name) ?? "",
            Kind = kind ?? MeetingKind.Plain,
            Recurrence = new Recurrence.LastOfMonth(IsoDayOfWeek.Monday),
            Start = start ?? default,
            Minutes = length ?? UsualMinutes,
            Zone = zone ?? MeetingPlan.DefaultZone,
            Agenda = AgendaTexts.UsualAgenda(start ?? default),
            Call = MeetingPlan.UsualCall(kind ?? MeetingKind.Plain),
        };
        if (RecurrenceText.Parse(command.Every!, MeetingFields.Earliest(plan, null, now)) is { } recurrence)
        {
            plan = plan with { Recurrence = recurrence };
        }
        else
        {
            Wrong("every", MeetingFields.WrongEvery(command.Every!));
        }

        var chosen = command.Channel is { } name ? await channels.ChooseAsync(workspaceId, name, isId: form is not null, cancellationToken) : null;
        if (chosen is ChannelChoice.Unusable { Problem: var problem })
        {
            Wrong("channel", problem);
        }

        var own = (chosen as ChannelChoice.Usable)?.Channel;
        plan = plan with { ChannelId = own?.Id };
        var meetings = await desk.Store.ReadAsync(t => t.MeetingsOf(workspaceId, now), cancellationToken);
        Check(meetings);
        if (problems.Count > 0)
        {
            return new AgendaResult(null, problems);
        }

        var made = Meeting.New(outbox.NewId(), workspaceId, plan, now);
        var places = await desk.PlacesAsync(made, cancellationToken);
        if (places.Problem is { } unknown)
        {
            return AgendaResult.Wrong($"{unknown} It could not be announced; please try again in a minute.");
        }

        if (places is { Public: { } one, Private: { } other } && one.Id == other.Id)
        {
            return AgendaResult.Wrong($"~{one.Name} would be both the meeting's channel and that of its confidential items.", "channel");
        }

        return await desk.Store.ExecuteAsync(
            transaction =>
            {
                // How many there are of a kind, and in which order, is decided by rows that another one may be about to add.
                transaction.Lock(AgendaStore.MeetingsLock(workspaceId));
                problems.Clear();
                workspaces.Open(transaction, workspaceId, caller.UserId);
                var others = transaction.MeetingsOf(workspaceId, now);
                Check(others);
                if (problems.Count > 0)
                {
                    return new AgendaResult(null, problems);
                }

                if (form is not null && !transaction.TryUse(form.Nonce, form.Expires, caller.UserId, now))
                {
                    return AgendaResult.Wrong("This form was submitted already.");
                }

                // It is listed behind all others, also behind those that the workspace got at this moment.
                var last = others.Select(m => m.CreatedAt).DefaultIfEmpty(Instant.MinValue).Max();
                transaction.Save(AgendaStore.Meetings, made with { CreatedAt = last < now ? now : last + Duration.FromMilliseconds(1) });
                transaction.Audit(workspaceId, now, caller.UserId, AgendaStore.Subject(made), "create", null, $"{plan.Name}, {AgendaTexts.Times(plan)}");
                transaction.AfterCommit(() => alarms.Set(AgendaClock.MeetingsKind, made.Id));
                var setting = new AgendaSetting(plan, Names.None, now);
                if (places.Public is { } channel)
                {
                    messages.Post(transaction, workspaceId, channel.Id, AgendaTexts.NewMeeting(made, setting));
                }

                var answer = texts.Created(made, own?.Name, setting);
                if (form is not null)
                {
                    // A form has no answer that stays, so it comes as a direct message.
                    outbox.Add(transaction, workspaceId, new Content.Direct(caller.UserId, answer, null));
                }

                return AgendaResult.Of(answer);
            },
            cancellationToken);

        void Check(IReadOnlyList<Meeting> others)
        {
            if (MeetingFields.WrongName(plan.Name, others) is { } wrongName)
            {
                problems["name"] = wrongName;
            }
            else if (texts.NoRoom(others, plan, null) is { } noRoom)
            {
                problems["kind"] = noRoom;
            }
        }

        string? Wrong(string field, string sentence)
        {
            problems[field] = sentence;
            return null;
        }
    }
}
