using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>Makes and deletes rotations.</summary>
internal sealed class RotationMaker(
    IStore store,
    RotationTexts texts,
    RotationMessages messages,
    Alarms alarms,
    Admins admins,
    Channels channels,
    NewWorkspaces workspaces,
    IMattermost mattermost,
    IDirectory directory,
    Outbox outbox,
    Buttons buttons,
    BotAddresses addresses,
    IOptions<PmBotOptions> options,
    TimeProvider time) : IDialogHandler
{
    private const int MostRotations = 50;
    private const int LongestName = 64;
    private const string Dialog = "rotation.create";

    public string Action => Dialog;

    /// <summary>Makes the rotation, or opens the dialog that does.</summary>
    public async Task<CommandReply> CreateAsync(SlashCommand slash, RotationCommand.Create create, CancellationToken cancellationToken)
    {
        // The dialog first: its trigger lives three seconds. Whoever may not make one is told when they submit it.
        if (create.Name is null)
        {
            return await OpenAsync(slash, cancellationToken);
        }

        var right = await admins.RightAsync(slash.TeamId, slash.UserId, slash.Username, cancellationToken);
        var (made, problems) = await MakeAsync(slash.TeamId, new Caller(slash.UserId, slash.Username, right), create, slash.ChannelId, null, cancellationToken);
        return new CommandReply(made ?? (problems.TryGetValue("", out var refusal)
            ? refusal
            : $"{string.Join(" ", problems.Values)} Nothing was changed. You typed: {Markdown.Code(slash.Typed)}"));
    }

    /// <summary>The submitted dialog.</summary>
    public async Task<DialogReply> HandleAsync(DialogSubmission submission, CancellationToken cancellationToken)
    {
        var workspace = submission.Action.WorkspaceId;
        if (await directory.UserAsync(submission.UserId, cancellationToken) is not MattermostResult<MattermostUser>.Ok { Value: var user })
        {
            return new DialogReply(Error: "Mattermost did not tell me who you are. Nothing was changed; please try again.");
        }

        var right = await admins.RightAsync(workspace, user.Id, user.Username, cancellationToken);
        var values = submission.Values;
        var create = new RotationCommand.Create(
            values.GetValueOrDefault("name"), values.GetValueOrDefault("handoff"), values.GetValueOrDefault("every"), values.GetValueOrDefault("zone"),
            values.GetValueOrDefault("announce"), values.GetValueOrDefault("header"));
        var (made, problems) = await MakeAsync(workspace, new Caller(user.Id, user.Username, right), create, submission.Action.Subject, submission.Action, cancellationToken);
        if (made is null)
        {
            return problems.TryGetValue("", out var general) ? new DialogReply(Error: general) : new DialogReply(problems);
        }

        // A dialog has no answer that stays, so it comes as a direct message.
        await store.ExecuteAsync(
            t =>
            {
                outbox.Add(t, workspace, new Content.Direct(user.Id, made, null));
                return true;
            },
            cancellationToken);
        return new DialogReply();
    }

    /// <summary>Asks once more before a rotation is deleted.</summary>
    public async Task<CommandReply> AskToDeleteAsync(SlashCommand slash, RotationCommand.Delete delete, CancellationToken cancellationToken)
    {
        var right = await admins.RightAsync(slash.TeamId, slash.UserId, slash.Username, cancellationToken);
        var caller = new Caller(slash.UserId, slash.Username, right);
        if (!caller.IsAdmin)
        {
            return new CommandReply(caller.Refusal("delete a rotation"));
        }

        var (rotation, problem) = RotationChoice.Choose(await store.ReadAsync(t => t.RotationsOf(slash.TeamId), cancellationToken), delete.Name, texts);
        if (rotation is null)
        {
            return new CommandReply(problem);
        }

        var action = buttons.Signer.New(RotationActions.Delete, slash.TeamId, rotation.Id, slash.UserId, Duration.FromMinutes(10));
        return new CommandReply(
            $"**{RotationTexts.Name(rotation)}** would be deleted with its roster, plan and history; that cannot be undone. Nothing was changed yet.",
            [new Attachment { Fallback = "Delete it", Actions = [buttons.Button("delete", $"Delete {Markdown.Shorten(rotation.Name, 40)}", action, "danger")] }]);
    }

    /// <summary>Deletes it, once asked.</summary>
    public async Task<string> DeleteAsync(SignedAction action, Caller caller, CancellationToken cancellationToken)
    {
        if (!caller.IsAdmin)
        {
            return caller.Refusal("delete a rotation");
        }

        return await store.ExecuteAsync(
            transaction =>
            {
                var now = Now();
                if (transaction.Find(RotationStore.Table, action.Subject) is not { } rotation || rotation.WorkspaceId != action.WorkspaceId)
                {
                    return "It is deleted already. Nothing was changed.";
                }

                messages.NoHeader(transaction, rotation);
                messages.RemoveButtons(transaction, rotation, "This rotation was deleted.", now + Duration.FromDays(1));
                messages.Announce(transaction, rotation, $"**{RotationTexts.Name(rotation)}** was deleted by {caller.Username}.");
                transaction.Audit(
                    rotation.WorkspaceId, now, caller.UserId, RotationClock.Subject(rotation), "delete",
                    System.Text.Json.JsonSerializer.Serialize(rotation, StoreJson.Options), null);
                transaction.DeleteHistory(rotation.Id);
                transaction.Delete(RotationStore.Table, rotation);
                transaction.AfterCommit(() => alarms.Set(RotationClock.AlarmKind, rotation.Id));
                return $"**{RotationTexts.Name(rotation)}** is deleted.";
            },
            cancellationToken);
    }

    private async Task<CommandReply> OpenAsync(SlashCommand slash, CancellationToken cancellationToken)
    {
        var schedule = HandoffSchedule.Default;
        var state = buttons.Signer.New(Dialog, slash.TeamId, slash.ChannelId, slash.UserId, Duration.FromHours(1));
        var dialog = new Dialog
        {
            CallbackId = "rotation",
            Title = "A new rotation",
            State = buttons.Signer.SignText(state),
            SubmitLabel = "Make it",
            Elements =
            [
                new DialogElement { DisplayName = "Name", Name = "name", Type = "text", Default = "PM rotation", MaxLength = LongestName },
                new DialogElement
                {
                    DisplayName = "Handoff", Name = "handoff", Type = "text", Default = "monday 09:00", HelpText = "Weekday and time at which duty changes hands.",
                },
                new DialogElement { DisplayName = "Every", Name = "every", Type = "text", Default = "1w", HelpText = "The length of a shift, from 1w to 12w." },
                new DialogElement { DisplayName = "Time zone", Name = "zone", Type = "text", Default = schedule.Zone, HelpText = "Such as Europe/London." },
                new DialogElement
                {
                    DisplayName = "Announced in", Name = "announce", Type = "select", DataSource = "channels", Default = slash.ChannelId, Optional = true,
                    HelpText = "Left empty: here.",
                },
                new DialogElement
                {
                    DisplayName = "Header of", Name = "header", Type = "select", DataSource = "channels", Optional = true,
                    HelpText = "The channel whose header names who is on duty. Left empty: no header is touched.",
                },
            ],
        };
        return await mattermost.OpenDialogAsync(slash.TriggerId, addresses.Dialogs, dialog, cancellationToken) is MattermostResult<ServerStatus>.Ok
            ? new CommandReply($"I opened a form for it. It did not show? {texts.Command("help create")} tells how to type it.")
            : new CommandReply($"I could not open the form for it. Type it instead: {texts.Command("create \"PM rotation\"")}. All that can be said with it: {texts.Command("help create")}");
    }

    /// <summary>Makes it, or says by field what is wrong (the empty field: with the whole).</summary>
    private async Task<(string? Made, IReadOnlyDictionary<string, string> Problems)> MakeAsync(
        string workspaceId, Caller caller, RotationCommand.Create create, string here, SignedAction? dialog, CancellationToken cancellationToken)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!caller.IsAdmin)
        {
            problems[""] = caller.Refusal("make a rotation");
            return (null, problems);
        }

        var name = string.Join(' ', (create.Name ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (name.Length is 0 or > LongestName)
        {
            problems["name"] = $"A name has 1 to {LongestName} characters.";
        }

        var schedule = HandoffSchedule.Default;
        if (create.Handoff is { } handoff)
        {
            if (RotationSettings.DayAndTime(handoff) is { } at)
            {
                schedule = schedule with { Day = at.Day, Time = at.Time };
            }
            else
            {
                problems["handoff"] = $"{Markdown.Code(handoff)} is no weekday and time. Write it like `monday 09:00`.";
            }
        }

        if (create.Every is { } every)
        {
            if (RotationSettings.Weeks(every) is { } weeks)
            {
                schedule = schedule with { Weeks = weeks };
            }
            else
            {
                problems["every"] = $"{Markdown.Code(every)} is no length of a shift. Write it in weeks, from `1w` to `12w`.";
            }
        }

        if (create.Zone is { } zone)
        {
            if (RotationSettings.Zone(zone) is { } known)
            {
                schedule = schedule with { Zone = known };
            }
            else
            {
                problems["zone"] = $"{Markdown.Code(zone)} is no time zone that I know. Write it like `America/Los_Angeles` or `Europe/London`.";
            }
        }

        var announce = create.Announce is { } off && RotationSettings.IsOff(off) ? null
            : await ChannelAsync("announce", create.Announce ?? here, dialog is not null || create.Announce is null);
        var header = create.Header is { } named && !RotationSettings.IsOff(named) ? await ChannelAsync("header", named, dialog is not null) : null;
        if (problems.Count > 0)
        {
            return (null, problems);
        }

        var made = await store.ExecuteAsync(
            transaction =>
            {
                var now = Now();
                var others = transaction.RotationsOf(workspaceId);
                var same = others.FirstOrDefault(r => RotationStore.Key(r.Name) == RotationStore.Key(name));
                if (same is not null || others.Count >= MostRotations)
                {
                    problems["name"] = same is null
                        ? $"A team has {MostRotations} rotations at most."
                        : $"There is a rotation {Markdown.Code(same.Name)} already: {texts.Command(same, "settings")}.";
                    return null;
                }

                if (dialog is not null && !transaction.TryUse(dialog.Nonce, dialog.Expires, caller.UserId, now))
                {
                    problems[""] = "This form was submitted already. Nothing was changed.";
                    return null;
                }

                var workspace = workspaces.Open(transaction, workspaceId, caller.UserId);
                var rotation = Rotation.Create(outbox.NewId(), workspaceId, name, caller.UserId, schedule, now) with
                {
                    IsFirst = others.Count == 0,
                    AnnounceChannelId = announce?.Id,
                    HeaderChannelId = header?.Id,
                    Duties = RotationTexts.DefaultDuties(workspace.PracticeOr(options.Value.Practice)),
                };
                transaction.Save(RotationStore.Table, rotation);
                transaction.Audit(workspaceId, now, caller.UserId, RotationClock.Subject(rotation), "create", null, name);
                messages.Header(transaction, rotation, now);
                transaction.AfterCommit(() => alarms.Set(RotationClock.AlarmKind, rotation.Id));
                return texts.Created(rotation, announce?.Name, header?.Name, now);
            },
            cancellationToken);
        return (made, problems);

        async Task<Channel?> ChannelAsync(string field, string text, bool isId)
        {
            switch (await channels.ChooseAsync(workspaceId, text, isId, cancellationToken))
            {
                case ChannelChoice.Usable usable:
                    return usable.Channel;
                case ChannelChoice.Unusable unusable:
                    problems[field] = unusable.Problem;
                    return null;
                default:
                    throw new InvalidOperationException(field);
            }
        }
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}
