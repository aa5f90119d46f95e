using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>Changes settings: <c>set KEY VALUE</c>. Each answer names the new value, what follows from it, and how to undo it.</summary>
internal sealed class RotationSetter(
    IStore store, RotationTexts texts, RotationMessages messages, Channels channels, WorkspaceSettings workspace)
{
    private static readonly string[] Keys = ["handoff", "zone", "every", "announce", "header", "reminder", "notice"];

    /// <summary>Every key with its values, those of the workspace included.</summary>
    public string Explained => $"{RotationSettings.Explained}\n\n{workspace.Explained}";

    /// <summary>Changes a setting, or says why not.</summary>
    public async Task<CommandReply> SetAsync(
        SlashCommand slash, Caller caller, RotationCommand.Set set, RotationChanges changes, CancellationToken cancellationToken)
    {
        if (workspace.Has(set.Key))
        {
            return await workspace.SetAsync(new SettingRequest(set.Key, slash, caller, set.Value), cancellationToken);
        }

        if (!Keys.Contains(set.Key, StringComparer.Ordinal))
        {
            return Refused(slash, $"There is no setting {Markdown.Code(set.Key)}.\n{Explained}\n");
        }

        if (!caller.IsAdmin)
        {
            return new CommandReply(caller.Refusal("change settings"));
        }

        // A channel is looked up before the transaction, for that takes a request.
        string? channelId = null;
        var channelName = "off";
        if (set.Key is "announce" or "header" && !RotationSettings.IsOff(set.Value))
        {
            switch (await channels.ChooseAsync(slash.TeamId, set.Value, isId: false, cancellationToken))
            {
                case ChannelChoice.Usable usable:
                    (channelId, channelName) = (usable.Channel.Id, $"~{usable.Channel.Name}");
                    break;
                case ChannelChoice.Unusable unusable:
                    return Refused(slash, unusable.Problem);
            }
        }

        var (known, _) = RotationChoice.Choose(await store.RotationsOfAsync(slash.TeamId, cancellationToken), set.RotationName, texts);
        var names = await channels.NamesAsync([known?.AnnounceChannelId, known?.HeaderChannelId], cancellationToken);
        return await changes.ChangeAsync(slash.TeamId, set.RotationName, caller, change =>
        {
            var (answer, after, from) = set.Key switch
            {
                "handoff" => Handoff(change, set.Value),
                "zone" => Zone(change, set.Value),
                "every" => Every(change, set.Value),
                "announce" => (
                    $"**{RotationTexts.Name(change.Stored)}** is announced {(channelId is null ? "nowhere any more; the two concerned are told directly all the same" : $"in {channelName}")}, from the next handoff on. Undo: {UndoChannel(change, "announce", change.Stored.AnnounceChannelId, names)}",
                    change.Stored with { AnnounceChannelId = channelId }, change.Stored.AnnounceChannelId),
                "header" => Header(change, channelId, channelName, names),
                "reminder" => Reminder(change, set.Value),
                "notice" => Notice(change, set.Value),
                _ => throw new InvalidOperationException(set.Key),
            };
            if (after is null)
            {
                return $"{answer} Nothing was changed. You typed: {Markdown.Code(slash.Typed)}";
            }

            changes.Save(change, after, $"set {set.Key}", from, set.Value);
            return answer;
        }, cancellationToken);
    }

    private static CommandReply Refused(SlashCommand slash, string problem) =>
        new($"{problem}{(problem.EndsWith('\n') ? "\n" : " ")}Nothing was changed. You typed: {Markdown.Code(slash.Typed)}");

    private string UndoChannel(Change change, string key, string? old, IReadOnlyDictionary<string, string> names) =>
        texts.Command(change.Stored, $"set {key} {(old is null ? "off" : names.TryGetValue(old, out var name) ? $"~{name}" : "~channel")}");

    private (string Answer, Rotation? After, string? From) Handoff(Change change, string value) =>
        RotationSettings.DayAndTime(value) is not { } at
            ? ($"{Markdown.Code(value)} is no weekday and time. Write it like `monday 09:00`.", null, null)
            : Reschedule(change, change.Stored.Schedule with { Day = at.Day, Time = at.Time }, "handoff");

    private (string, Rotation?, string?) Zone(Change change, string value) =>
        RotationSettings.Zone(value) is not { } zone
            ? ($"{Markdown.Code(value)} is no time zone that I know. Write it like `America/Los_Angeles` or `Europe/London`.", null, null)
            : Reschedule(change, change.Stored.Schedule with { Zone = zone }, "zone");

    private (string, Rotation?, string?) Every(Change change, string value)
    {
        var rotation = change.Stored;
        if (RotationSettings.Weeks(value) is not { } weeks)
        {
            return ($"{Markdown.Code(value)} is no length of a shift. Write it in weeks, from `1w` to `12w`.", null, null);
        }

        // A trade was agreed for certain weeks; another length would move it to others.
        var agreed = rotation.Shifts().Skip(1).TakeWhile(s => rotation.Assignments.Any(a => a.Shift >= s.Number))
            .Where(s => rotation.Assignments.Any(a => a.Shift == s.Number)).ToList();
        return weeks != rotation.Schedule.Weeks && agreed.Count > 0
            ? ($"Covers and swaps were agreed for {string.Join(", ", agreed.Select(s => $"{change.Date(s.ScheduledOn)} ({change.User(s.OnDuty)})"))}: another length would move them to other weeks. "
                + $"Give these shifts back first ({texts.Command(change.Stored, "cover DATE @name")}), then change the length.", null, null)
            : Reschedule(change, rotation.Schedule with { Weeks = weeks }, "every");
    }

    private (string, Rotation?, string?) Reschedule(Change change, HandoffSchedule schedule, string key)
    {
        var before = change.Stored;
        var old = Old(before.Schedule);
        if (schedule == before.Schedule)
        {
            return ($"That is how it is: {RotationSettings.Describe(schedule)} ({schedule.Zone}), next {change.Time(before.NextHandoff)}.", null, null);
        }

        var after = before.Reschedule(schedule, change.Now);
        var next = after.Shifts().ElementAt(1);
        var what = $"{RotationSettings.Describe(schedule)} ({schedule.Zone}). The next handoff is **{RotationTexts.Time(after, next.Start, change.Now)}**, to {change.User(next.OnDuty)}"
            + (schedule.Weeks == before.Schedule.Weeks ? "" : $", and the one after it {RotationTexts.Time(after, next.End, change.Now)}");
        messages.Announce(change.Transaction, after, $"**{RotationTexts.Name(after)}** changes hands {what} (set by {change.Caller.Username}).");
        messages.Header(change.Transaction, after, change.Now);
        return ($"**{RotationTexts.Name(after)}** changes hands {what}. Undo: {texts.Command(change.Stored, $"set {key} {old}")}", after, old);

        string Old(HandoffSchedule was) => key switch
        {
            "handoff" => $"\"{was.Day.ToString().ToLowerInvariant()} {When.TimeOfDay(was.Time)}\"",
            "zone" => was.Zone,
            _ => $"{was.Weeks}w",
        };
    }

    private (string, Rotation?, string?) Header(Change change, string? channelId, string channelName, IReadOnlyDictionary<string, string> names)
    {
        var before = change.Stored;
        if (before.HeaderChannelId != channelId)
        {
            messages.NoHeader(change.Transaction, before);
        }

        var undo = UndoChannel(change, "header", before.HeaderChannelId, names);
        var after = before with { HeaderChannelId = channelId };
        messages.Header(change.Transaction, after, change.Now);
        return (channelId is null
            ? $"No header names who is on duty in **{RotationTexts.Name(after)}** any more. Undo: {undo}"
            : $"The header of {channelName} names who is on duty in **{RotationTexts.Name(after)}**. Only that part of it is mine; the rest stays yours. Undo: {undo}",
            after, before.HeaderChannelId);
    }

    private (string, Rotation?, string?) Reminder(Change change, string value)
    {
        var before = change.Stored;
        var minutes = RotationSettings.Minutes(value);
        if (minutes is null && !RotationSettings.IsOff(value))
        {
            return ($"{Markdown.Code(value)} is no time to wait. Write it like `4h` or `90m` (72 hours at most), or `off`.", null, null);
        }

        var old = before.ReminderMinutes is { } m ? m % 60 == 0 ? $"{m / 60}h" : $"{m}m" : "off";
        return (minutes is null
            ? $"Whoever has not said that they have the duty is not reminded any more. Undo: {texts.Command(change.Stored, $"set reminder {old}")}"
            : $"Whoever has not said that they have the duty is reminded after {When.Length(Duration.FromMinutes(minutes.Value))}. Undo: {texts.Command(change.Stored, $"set reminder {old}")}",
            before.Remind(minutes), old);
    }

    private (string, Rotation?, string?) Notice(Change change, string value)
    {
        var before = change.Stored;
        var old = before.Notice is { } was ? $"\"{was.Day.ToString().ToLowerInvariant()} {When.TimeOfDay(was.Time)}\"" : "off";
        if (RotationSettings.IsOff(value))
        {
            return ($"Nobody is told any more before their shift begins. Undo: {texts.Command(change.Stored, $"set notice {old}")}", before with { Notice = null }, old);
        }

        if (RotationSettings.DayAndTime(value) is not { } at)
        {
            return ($"{Markdown.Code(value)} is no weekday and time. Write it like `friday 09:00`, or `off`.", null, null);
        }

        var after = before with { Notice = new NoticeTime(at.Day, at.Time) };
        var due = after.Notice.Before(after.NextOn, after.Schedule);
        after = due <= change.Now ? after with { NoticedFor = after.NextOn } : after;
        return ($"Whoever is next is told every {at.Day} at {When.TimeOfDay(at.Time)} before their shift"
            + (after.NoticeDue is { } next ? $", next on **{change.Time(next)}**" : ", from the next shift on") + $". Undo: {texts.Command(change.Stored, $"set notice {old}")}",
            after, old);
    }
}
