using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.People;
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
    IDirectory directory,
    UserLookup people,
    Outbox outbox,
    Buttons buttons,
    IOptions<PmBotOptions> options,
    TimeProvider time) : IDialogHandler
{
    private const int MostRotations = 50;
    private const int MostProblems = 3;

    /// <summary>The longest name of a rotation.</summary>
    public const int LongestName = 64;

    public string Action => RotationSetup.Form;

    /// <summary>Makes the rotation as it was typed.</summary>
    public async Task<CommandReply> CreateAsync(SlashCommand slash, RotationCommand.Create create, CancellationToken cancellationToken)
    {
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
        var form = new SubmittedForm(submission.Action, values.GetValueOrDefault("members") ?? "");
        var (made, problems) = await MakeAsync(workspace, new Caller(user.Id, user.Username, right), create, form.ChannelId, form, cancellationToken);
        return made is not null ? new DialogReply()
            : problems.TryGetValue("", out var general) ? new DialogReply(Error: general)
            : new DialogReply(problems);
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

        var (rotation, problem) = RotationChoice.Choose(await store.RotationsOfAsync(slash.TeamId, cancellationToken), delete.Name, texts);
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

    /// <summary>Makes it, or says by field what is wrong (the empty field: with the whole).</summary>
    private async Task<(string? Made, IReadOnlyDictionary<string, string> Problems)> MakeAsync(
        string workspaceId, Caller caller, RotationCommand.Create create, string here, SubmittedForm? form, CancellationToken cancellationToken)
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
            : await ChannelAsync("announce", create.Announce ?? here, form is not null || create.Announce is null);
        var header = create.Header is { } named && !RotationSettings.IsOff(named) ? await ChannelAsync("header", named, form is not null) : null;
        var (members, unfit) = form is null ? ([], null) : await MembersAsync(workspaceId, form.Members, cancellationToken);
        if (unfit is not null)
        {
            problems["members"] = unfit;
        }

        if (problems.Count > 0)
        {
            return (null, problems);
        }

        var made = await store.ExecuteAsync(
            transaction =>
            {
                // Which one is the first, how many there are and whether a form was used is decided by rows that another one may be about to add.
                transaction.Lock($"rotations:{workspaceId}");
                problems.Clear();
                var now = Now();
                var others = transaction.RotationsOf(workspaceId);
                if (form is not null && transaction.WasUsed(form.Action.Nonce))
                {
                    problems[""] = "This form was submitted already. Nothing was changed.";
                    return null;
                }

                if (form is { IsFirst: true } && others.Count > 0)
                {
                    problems[""] = texts.NotTheFirst(others[0]);
                    return null;
                }

                var same = others.FirstOrDefault(r => RotationStore.Key(r.Name) == RotationStore.Key(name));
                if (same is not null || others.Count >= MostRotations)
                {
                    problems["name"] = same is null
                        ? $"A team has {MostRotations} rotations at most."
                        : $"There is a rotation {Markdown.Code(same.Name)} already: {texts.Command(same, "settings")}.";
                    return null;
                }

                if (form is not null)
                {
                    transaction.TryUse(form.Action.Nonce, form.Action.Expires, caller.UserId, now);
                }

                var workspace = workspaces.Open(transaction, workspaceId, caller.UserId);
                var empty = Rotation.Create(outbox.NewId(), workspaceId, name, caller.UserId, schedule, now) with
                {
                    IsFirst = others.Count == 0,
                    AnnounceChannelId = announce?.Id,
                    HeaderChannelId = header?.Id,
                    Duties = RotationTexts.DefaultDuties(workspace.PracticeOr(options.Value.Practice)),
                };
                var rotation = members.Aggregate(empty, (r, m) => r.Add(m, schedule.DateOf(now)));
                transaction.Save(RotationStore.Table, rotation);
                transaction.Audit(workspaceId, now, caller.UserId, RotationClock.Subject(rotation), "create", null, name);
                if (members.Count > 0)
                {
                    transaction.Audit(workspaceId, now, caller.UserId, RotationClock.Subject(rotation), "add", RotationTexts.Members(empty, now), RotationTexts.Members(rotation, now));
                    messages.TellWeeks(transaction, empty, rotation, caller.UserId, $"{caller.Username} made it", now);
                }

                messages.Header(transaction, rotation, now);
                transaction.AfterCommit(() => alarms.Set(RotationClock.AlarmKind, rotation.Id));
                var answer = texts.Created(rotation, announce?.Name, header?.Name, now);
                if (form is not null)
                {
                    // A form has no answer that stays, so it comes as a direct message.
                    outbox.Add(transaction, workspaceId, new Content.Direct(caller.UserId, answer, null));
                }

                return answer;
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

    /// <summary>The people that a form names, or a sentence about those who cannot be members.</summary>
    private async Task<(IReadOnlyList<Member> Members, string? Problem)> MembersAsync(string workspaceId, string typed, CancellationToken cancellationToken)
    {
        var words = typed.Split([' ', '\t', '\r', '\n', ',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var names = words.Select(w => (Word: w, Name: VerbInput.Username("@" + w.TrimStart('@')))).DistinctBy(n => n.Name ?? n.Word).ToList();
        if (names.Count > RotationChanges.MostMembers)
        {
            return ([], $"A rotation has at most {RotationChanges.MostMembers} members.");
        }

        var wrong = names.Where(n => n.Name is null).Select(n => $"{Markdown.Code(Markdown.Shorten(n.Word, 40))} is no user. Write each as `@name`.").ToList();
        var known = names.Select(n => n.Name).OfType<string>().ToList();
        var (choices, failure) = await people.ByNamesAsync(workspaceId, known, cancellationToken);
        if (failure is not null)
        {
            return ([], $"I could not look the members up: {failure} Please try again.");
        }

        wrong.AddRange(known.Select(n => choices[n]).OfType<UserChoice.Unknown>().Select(u => u.Problem));
        if (wrong.Count > 0)
        {
            return ([], string.Join(' ', wrong.Take(MostProblems)) + (wrong.Count > MostProblems ? $" And {wrong.Count - MostProblems} more." : ""));
        }

        var users = await directory.UsersByNameAsync(known, cancellationToken);
        return users is MattermostResult<IReadOnlyList<MattermostUser>>.Ok { Value: var found } && found.Count == known.Count
            ? ([.. found.Select(RotationPeople.ToMember)], null)
            : ([], "I could not look the members up. Please try again.");
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>A submitted form.</summary>
    /// <param name="Action">What was signed into it.</param>
    /// <param name="Members">The field of the members, as typed.</param>
    private sealed record SubmittedForm(SignedAction Action, string Members)
    {
        public string ChannelId => RotationSetup.Read(Action.Subject).ChannelId;

        public bool IsFirst => RotationSetup.Read(Action.Subject).IsFirst;
    }
}
