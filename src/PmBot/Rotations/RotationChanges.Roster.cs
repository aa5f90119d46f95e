using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.People;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <content>Who belongs to a rotation, and in which order.</content>
internal sealed partial class RotationChanges
{
    private async Task<CommandReply> AddAsync(SlashCommand slash, Caller caller, RotationCommand.Add add, CancellationToken cancellationToken)
    {
        if (!caller.IsAdmin)
        {
            return new CommandReply(caller.Refusal("change the roster"));
        }

        var found = await directory.UsersByNameAsync(add.Users, cancellationToken);
        if (found is not MattermostResult<IReadOnlyList<MattermostUser>>.Ok { Value: var users })
        {
            return new CommandReply($"I could not look the users up. {found.Describe()} Nothing was changed; please try again.");
        }

        var missing = add.Users.Except(users.Select(u => u.Username), StringComparer.OrdinalIgnoreCase).ToList();
        var unfit = users.Where(u => u.IsBot || u.IsDeactivated).Select(u => u.Username).ToList();
        if (missing.Count > 0 || unfit.Count > 0)
        {
            return new CommandReply(
                (missing.Count > 0 ? $"I know nobody of the name {string.Join(", ", missing)}. " : "")
                + (unfit.Count > 0 ? $"A bot or a deactivated account cannot be on duty: {string.Join(", ", unfit)}. " : "")
                + $"Nothing was changed. You typed: {Markdown.Code(slash.Typed)}");
        }

        var (choices, failure) = await lookup.ByNamesAsync(slash.TeamId, [.. users.Select(u => u.Username.ToLowerInvariant())], cancellationToken);
        if (failure is not null)
        {
            return new CommandReply($"I could not find out who is in this team: {failure} Nothing was changed; please try again.");
        }

        var outside = choices.Values.OfType<UserChoice.Unknown>().Select(u => u.Problem).Order(StringComparer.Ordinal).ToList();
        return outside.Count > 0
            ? new CommandReply($"{string.Join(' ', outside)} Nothing was changed. You typed: {Markdown.Code(slash.Typed)}")
            : await ChangeAsync(slash.TeamId, add.RotationName, caller, change => Add(change, add, users), cancellationToken);
    }

    private string Add(Change change, RotationCommand.Add add, IReadOnlyList<MattermostUser> users)
    {
        var before = change.Stored;
        if (!Resolve(add.From, change, out var given, out var problem))
        {
            return problem;
        }

        var from = given ?? change.Today;
        if (users.Where(u => before.Find(u.Id)?.Tenures is [.., { Until: null } open] && open.From <= from).Select(u => u.Username).ToList() is { Count: > 0 } there)
        {
            return $"{string.Join(", ", there)} {(there.Count == 1 ? "is" : "are")} in **{RotationTexts.Name(before)}** already. Nothing was changed.";
        }

        if (before.Roster.Count + users.Count > MostMembers)
        {
            return $"A rotation has at most {MostMembers} members. Nothing was changed.";
        }

        var after = users.Aggregate(before, (r, u) => r.Add(RotationPeople.ToMember(u), from));
        TellWeeks(change, before, after, $"{change.Caller.Username} added {(users.Count > 2 ? When.Count(users.Count, "member") : string.Join(" and ", users.Select(u => u.Username)))}");
        Save(change, after, "add", RotationTexts.Members(before, change.Now), RotationTexts.Members(after, change.Now));
        return $"Added to **{RotationTexts.Name(after)}**{(add.From is null ? "" : $" from {change.Date(from)}")}: {string.Join(", ", users.Select(u => u.Username))}. "
            + $"The order is {RotationTexts.Members(after, change.Now)}.{NextUp(change, after)}{UnderWay(after)} "
            + $"Undo: {texts.Command(change.Stored, $"remove {string.Join(' ', users.Select(u => "@" + u.Username))}")}";
    }

    private string Remove(Change change, RotationCommand.Remove remove, Users users)
    {
        var before = change.Stored;
        if (!change.Caller.IsAdmin)
        {
            return change.Caller.Refusal("change the roster");
        }

        if (!Resolve(remove.From, change, out var given, out var problem) || Members(change, remove.Users, users, out problem) is not { } members)
        {
            return problem;
        }

        // Without a date it is the next handoff: the shift under way stays theirs.
        var from = given ?? before.NextOn;
        foreach (var member in members)
        {
            var promised = before.Shifts().Skip(1).Take(FarShifts)
                .FirstOrDefault(s => s.ScheduledOn >= from && before.Assignments.Any(a => a.Shift == s.Number && a.UserId == member.UserId));
            if (promised is not null)
            {
                return $"{member.Username} has taken the shift of {change.Date(promised.ScheduledOn)} ({RotationTexts.Why(before, promised)}). Give it to somebody else first, "
                    + $"{texts.Command(change.Stored, $"cover {RotationTexts.Iso(promised.ScheduledOn)} @name")}, or take them out from a later date on. Nothing was changed.";
            }
        }

        var after = members.Aggregate(before, (r, m) => r.Remove(m.UserId, from));
        if (members.All(m => m.Tenures.SequenceEqual(after.Find(m.UserId)!.Tenures)))
        {
            return $"Taken out of **{RotationTexts.Name(before)}** already: {string.Join(", ", members.Select(m => $"{m.Username} (until {change.Date(m.Tenures[^1].Until!.Value)})"))}. Nothing was changed.";
        }

        TellWeeks(change, before, after, $"{change.Caller.Username} took {string.Join(", ", members.Select(m => m.Username))} out");
        Save(change, after, "remove", RotationTexts.Members(before, change.Now), RotationTexts.Members(after, change.Now));
        var stays = members.FirstOrDefault(m => m.UserId == after.Current.OnDuty);
        return $"Taken out of **{RotationTexts.Name(after)}** from {change.Date(from)}: {string.Join(", ", members.Select(m => m.Username))}. The order is {RotationTexts.Members(after, change.Now)}."
            + (stays is null ? "" : $" {stays.Username} stays on duty until {change.Time(after.NextHandoff)}; sooner: {texts.Command(change.Stored, "handoff --now")}.")
            + NextUp(change, after) + $" Undo: {texts.Command(change.Stored, $"add {string.Join(' ', members.Select(m => "@" + m.Username))}{(Since() is { } since ? $" --from {RotationTexts.Iso(since)}" : "")}")}";

        // Whoever was to come later, or goes later, is taken back from then on.
        LocalDate? Since() => members.Max(m => m.Tenures[^1].From) is var start && start > change.Today ? LocalDate.Max(start, from) : remove.From is null ? null : from;
    }

    private string Reorder(Change change, RotationCommand.Order order, Users users)
    {
        var before = change.Stored;
        if (!change.Caller.IsAdmin)
        {
            return change.Caller.Refusal("change the order");
        }

        Rotation after;
        if (order.Users.Count == 0)
        {
            after = before with { Order = RotationOrder.Alphabetical };
        }
        else
        {
            if (Members(change, order.Users, users, out var problem) is not { } members)
            {
                return problem;
            }

            var missing = before.InOrder().Where(m => m.IsInOrWillBe(change.Today) && !members.Contains(m)).Select(m => "@" + m.Username).ToList();
            if (missing.Count > 0)
            {
                return $"An order lists all members; these are missing: {Markdown.Code(string.Join(' ', missing))}. Nothing was changed. "
                    + $"Try {texts.Command(change.Stored, $"order {string.Join(' ', order.Users.Select(u => "@" + u))} {string.Join(' ', missing)}")}";
            }

            after = before.Reorder([.. members.Select(m => m.UserId)]);
        }

        var how = after.Order == RotationOrder.Alphabetical ? "alphabetical by first name" : "as listed";
        if (before.Order == after.Order && before.InOrder().Select(m => m.UserId).SequenceEqual(after.InOrder().Select(m => m.UserId), StringComparer.Ordinal))
        {
            return $"The order of **{RotationTexts.Name(before)}** is {how} already: {RotationTexts.Members(before, change.Now)}. Nothing was changed.";
        }

        TellWeeks(change, before, after, $"{change.Caller.Username} changed the order");
        Save(change, after, "order", RotationTexts.Members(before, change.Now), RotationTexts.Members(after, change.Now));
        var undo = before.Order == RotationOrder.Alphabetical
            ? "order alphabetical"
            : $"order {string.Join(' ', before.InOrder().Where(m => m.IsInOrWillBe(change.Today)).Select(m => "@" + m.Username))}";
        return $"The order of **{RotationTexts.Name(after)}** is now {how}: "
            + $"{RotationTexts.Members(after, change.Now)}.{NextUp(change, after)} Undo: {texts.Command(change.Stored, undo)}";
    }

    private void TellWeeks(Change change, Rotation before, Rotation after, string why) =>
        messages.TellWeeks(change.Transaction, before, after, change.Caller.UserId, why, change.Now);

    private static string NextUp(Change change, Rotation after)
    {
        var next = after.Shifts().ElementAt(1);
        return $" Next handoff: {change.Time(next.Start)}, to {RotationTexts.User(after, next.OnDuty)}.";
    }

    private string UnderWay(Rotation after) => after.Current.OnDuty is null
        ? $" Nobody is on duty until then; start now: {texts.Command(after, "handoff --now")}."
        : "";
}
