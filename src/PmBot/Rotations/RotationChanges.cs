using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.People;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>A change under way: what it is about, and what it has come to.</summary>
internal sealed record Change(IWriteTransaction Transaction, Rotation Stored, Caller Caller, Instant Now)
{
    /// <summary>Its date in the rotation's zone.</summary>
    public LocalDate Today => Stored.Schedule.DateOf(Now);

    public string Date(LocalDate date) => RotationTexts.Date(Stored, date, Now);

    public string Time(Instant instant) => RotationTexts.Time(Stored, instant, Now);

    public string User(string? userId) => RotationTexts.User(Stored, userId);

    /// <summary>A shift to come, from when until when, as it stands in a direct message.</summary>
    public string Span(Shift shift) => $"the shift in **{RotationTexts.Name(Stored)}** from **{Time(shift.Start)}** until {Time(shift.End)}";
}

/// <summary>
/// Changes rotations: for each verb who may, whether it can be, what it comes to, who is told. A refusal is an answer and leaves
/// everything as it was.
/// </summary>
internal sealed partial class RotationChanges(
    IStore store,
    RotationTexts texts,
    RotationMessages messages,
    RotationClock clock,
    Alarms alarms,
    RotationPeople people,
    RotationSetter setter,
    Admins admins,
    IDirectory directory,
    UserLookup lookup,
    TimeProvider time)
{
    /// <summary>The longest roster.</summary>
    public const int MostMembers = 200;

    /// <summary>How many shifts ahead a trade can be: three years of weeks, and the longest roster.</summary>
    private const int FarShifts = 360;

    private const int MostDuties = 20;
    private const int LongestText = 1000;

    /// <summary>Carries out a verb that changes a rotation.</summary>
    public async Task<CommandReply> RunAsync(SlashCommand slash, RotationCommand command, CancellationToken cancellationToken)
    {
        var right = await admins.RightAsync(slash.TeamId, slash.UserId, slash.Username, cancellationToken);
        var caller = new Caller(slash.UserId, slash.Username, right);
        switch (command)
        {
            case RotationCommand.Add add:
                return await AddAsync(slash, caller, add, cancellationToken);
            case RotationCommand.Set set:
                return await setter.SetAsync(slash, caller, set, this, cancellationToken);
            case RotationCommand.HandOff { Now: true } handoff:
                return await HandOffNowAsync(slash, caller, handoff, cancellationToken);
            default:
                var users = await IdsAsync(slash, command, cancellationToken);

                // Only an absence can leave nobody on duty.
                var audience = new HandoffAudience(
                    command is RotationCommand.Away ? await admins.ToTellAsync(slash.TeamId, cancellationToken) : [], caller.UserId);
                return await ChangeAsync(slash.TeamId, command.RotationName, caller, change => command switch
                {
                    RotationCommand.Remove remove => Remove(change, remove, users),
                    RotationCommand.Order order => Reorder(change, order, users),
                    RotationCommand.Cover cover => Cover(change, cover.On, cover.User, users),
                    RotationCommand.Take take => Take(change, take),
                    RotationCommand.SwapDates dates => SwapDates(change, dates),
                    RotationCommand.SwapUsers pair => SwapUsers(change, pair, users),
                    RotationCommand.Away away => Away(change, away, users, audience),
                    RotationCommand.Back back => Back(change, back, users),
                    RotationCommand.HandOff handoff => Note(change, handoff),
                    RotationCommand.Ack => Acknowledge(change),
                    RotationCommand.AddDuty duty => AddDuty(change, duty),
                    RotationCommand.RemoveDuty duty => RemoveDuty(change, duty),
                    _ => throw new InvalidOperationException(command.GetType().Name),
                }, cancellationToken);
        }
    }

    /// <summary>Runs a change on a rotation as it is now: with its members' present names, and nothing due left undone before it.</summary>
    public async Task<CommandReply> ChangeAsync(
        string workspaceId, string? name, Caller caller, Func<Change, string> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (seen, problem) = RotationChoice.Choose(await store.RotationsOfAsync(workspaceId, cancellationToken), name, texts);
            if (seen is null)
            {
                return new CommandReply(problem);
            }

            var names = await people.FreshAsync(seen, cancellationToken);
            if (seen.NextHandoff <= Now())
            {
                // The alarm is about to go off, or the clock has just been moved: the handoff comes first.
                await clock.RunAsync(seen.Id, cancellationToken);
            }

            var reply = await store.ExecuteAsync(
                transaction =>
                {
                    var now = Now();
                    var stored = transaction.Find(RotationStore.Table, seen.Id);
                    return stored is null ? $"**{RotationTexts.Name(seen)}** was deleted a moment ago. Nothing was changed."
                        : stored.NextHandoff <= now ? null
                        : change(new Change(transaction, stored.WithNames(names), caller, now));
                },
                cancellationToken);
            if (reply is not null)
            {
                return new CommandReply(reply);
            }
        }
    }

    /// <summary>Saves what a change came to, with its trail, and sees to the alarm.</summary>
    public void Save(Change change, Rotation after, string action, string? from, string? to)
    {
        change.Transaction.Save(RotationStore.Table, after);
        change.Transaction.Audit(after.WorkspaceId, change.Now, change.Caller.UserId, RotationClock.Subject(after), action, from, to);
        change.Transaction.AfterCommit(() => alarms.Set(RotationClock.AlarmKind, after.Id));
    }

    private Shift? Shift(Change change, DateText on, out string problem)
    {
        problem = "";
        if (on.Resolve(change.Today) is not { } date)
        {
            problem = $"There is no such date. Dates are written {DateText.Forms}. Nothing was changed.";
            return null;
        }

        if (date > change.Today.PlusYears(3))
        {
            problem = $"{change.Date(date)} is too far away; the plan goes on for three years. Nothing was changed.";
            return null;
        }

        var shift = change.Stored.ShiftOn(date);
        problem = shift is null ? $"The shift of {change.Date(date)} is over. Nothing was changed. Past shifts: {texts.Command(change.Stored, "history")}" : "";
        return shift;
    }

    private static bool Resolve(DateText? text, Change change, out LocalDate? date, out string problem)
    {
        date = text?.Resolve(change.Today);
        problem = text is not null && date is null ? $"There is no such date. Dates are written {DateText.Forms}. Nothing was changed."
            : date < change.Today ? $"{change.Date(date.Value)} is over. Nothing was changed. The past stays as it was; say a date from today on."
            : "";
        return problem.Length == 0;
    }

    /// <summary>The members of these names, in their order; null and a sentence if one is none.</summary>
    private List<Member>? Members(Change change, IReadOnlyList<string> names, Users users, out string problem)
    {
        var rotation = change.Stored;
        var members = names.Select(n => rotation.Roster.FirstOrDefault(m =>
            string.Equals(m.Username, n, StringComparison.OrdinalIgnoreCase) || users.GetValueOrDefault(n) == m.UserId)).ToList();
        var strangers = names.Where((_, i) => members[i] is not { } m || !m.IsInOrWillBe(change.Today)).Select(n => Markdown.Code("@" + n)).ToList();
        problem = strangers.Count == 0 ? ""
            : $"{string.Join(", ", strangers)} {(strangers.Count == 1 ? "is" : "are")} not in **{RotationTexts.Name(rotation)}**. Members are {RotationTexts.Members(rotation, change.Now)}. Nothing was changed. "
                + $"An admin adds somebody with {texts.Command(change.Stored, "add @name")}";
        return strangers.Count == 0 ? [.. members.OfType<Member>()] : null;
    }

    /// <summary>The member a verb is about: the caller, or somebody else if the caller is an admin.</summary>
    private Member? Person(Change change, string? name, Users users, string what, out string problem)
    {
        problem = "";
        if (name is null)
        {
            if (change.Stored.IsMember(change.Caller.UserId, change.Now))
            {
                return change.Stored.Find(change.Caller.UserId);
            }

            problem = NoMember(change);
            return null;
        }

        if (Members(change, [name], users, out problem) is not [{ } member])
        {
            return null;
        }

        if (member.UserId != change.Caller.UserId && !change.Caller.IsAdmin)
        {
            problem = change.Caller.Refusal(what);
            return null;
        }

        return member;
    }

    private string NoMember(Change change) =>
        $"You are not in **{RotationTexts.Name(change.Stored)}**. Members are {RotationTexts.Members(change.Stored, change.Now)}. Nothing was changed. An admin adds you with {texts.Command(change.Stored, $"add @{change.Caller.Username}")}";

    private static string Capital(string name) => name == "nobody" ? "Nobody" : name;

    /// <summary>Ids of the users a command names, as the command brought them or as the directory knows them.</summary>
    private async Task<Users> IdsAsync(SlashCommand slash, RotationCommand command, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names = command switch
        {
            RotationCommand.Remove remove => remove.Users,
            RotationCommand.Order order => order.Users,
            RotationCommand.Cover cover => [cover.User],
            RotationCommand.SwapUsers pair => [pair.First, pair.Second],
            RotationCommand.Away { User: { } user } => [user],
            RotationCommand.Back { User: { } user } => [user],
            _ => [],
        };
        var ids = new Users(slash.Users, StringComparer.OrdinalIgnoreCase);
        var unknown = names.Where(n => !ids.ContainsKey(n)).ToList();
        if (unknown.Count > 0)
        {
            foreach (var user in (await directory.UsersByNameAsync(unknown, cancellationToken)).ValueOrDefault ?? [])
            {
                ids[user.Username] = user.Id;
            }
        }

        return ids;
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>User ids by username.</summary>
    private sealed class Users(IEnumerable<KeyValuePair<string, string>> pairs, IEqualityComparer<string> comparer) : Dictionary<string, string>(pairs, comparer);
}
