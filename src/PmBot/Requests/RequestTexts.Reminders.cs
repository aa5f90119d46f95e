using System.Text;
using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Rotations;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <content>What is said on schedule, and to other features.</content>
internal sealed partial class RequestTexts
{
    /// <summary>The most lines of a reminder that lists requests one by one.</summary>
    public const int MostLines = 15;

    /// <summary>The most people that a reminder has a line for; more lines would not fit into one message.</summary>
    private const int MostPeople = 40;

    /// <summary>The reminder of requests without a decision: a line a product manager.</summary>
    public string WithoutDecision(IReadOnlyList<PersonsRequests> people, Practice practice, string? lateFor, Setting setting)
    {
        var text = new StringBuilder("#### Requests without a decision\n");
        text.Append(lateFor is null ? "" : $"This was for {lateFor}.\n");
        foreach (var person in people.Take(MostPeople))
        {
            var name = setting.Names.Of(person.Oldest[0].Assignee!);
            var numbers = person.Oldest.Select(r => r.Number).ToList();
            text.Append($"- {(person.Mention ? "@" : "")}{name}{(person.Note is { } note ? $" ({note})" : "")}: **{person.Count.Count}**, "
                + $"the oldest for {setting.Age(person.Oldest[0].FiledAt)}: {Ids(numbers, person.Count.Count, $"list @{name}")}\n");
        }

        text.Append(people.Count > MostPeople ? $"- and {When.Count(people.Count - MostPeople, "PM")} more: {Command("list")}\n" : "");
        var least = practice == Practice.Y2021 ? "timeframe" : "Fix Version";
        return text.Append($"\nPlease set at least the {least}: {Command("decide ID VALUE")}. Not now? {Command("snooze ID DATE")}. Yours: {Command("list mine")}").ToString();
    }

    /// <summary>To the admins: the reminder of requests without a decision had no channel to go to.</summary>
    /// <param name="people">Whom it would have reminded.</param>
    /// <param name="set">The command that sets the channel.</param>
    /// <param name="off">The command that switches the reminder off.</param>
    /// <param name="due">For when it was.</param>
    /// <param name="setting">Names and dates.</param>
    public string DecisionsNowhere(IReadOnlyList<PersonsRequests> people, string set, string off, Instant due, Setting setting) =>
        $"The reminder of {setting.Time(due)} was posted nowhere: I can see no channel for it. "
        + $"{When.Count(people.Sum(p => p.Count.Count), "request")} of {When.Count(people.Count, "PM")} {(people.Sum(p => p.Count.Count) == 1 ? "has" : "have")} no decision: {Command("list")}\n"
        + $"Invite me to the product managers' channel and say which it is: {set}. Then post the reminder: {Command("remind")}. You want none? {off}";

    /// <summary>To the admins: nobody is on duty, and there is no channel either.</summary>
    /// <param name="text">What would have been said.</param>
    /// <param name="set">The command that sets the channel.</param>
    public static string UnassignedNowhere(string text, string set) =>
        $"Nobody is on duty, and I can see no channel of the product managers ({set}), so this goes to you. {text}";

    /// <summary>To the one on duty, before the PM sync: what is still nobody's.</summary>
    public string StillUnassigned(RequestPage page, IReadOnlyList<(CustomerRequest Request, Fit Fit)> judged, string? lateFor, Setting setting)
    {
        var obvious = judged.Where(j => j.Fit is Fit.Obvious).ToList();
        var unclear = judged.Where(j => j.Fit is not Fit.Obvious).ToList();
        var text = new StringBuilder(lateFor is null ? "" : $"(This was for {lateFor}.) ");
        text.Append($"Before the PM sync, **{Counted(page)}** {(page.Count == 1 ? "is" : "are")} still nobody's, the oldest for {setting.Age(page.Requests[0].FiledAt)}.\n");
        var told = 0;
        if (obvious.Count > 0)
        {
            text.Append($"\nObvious; {Command("auto")} assigns {(obvious.Count == 1 ? "it" : "them")}:\n");
            obvious.ForEach(o => Line($"- {Called(o.Request)} → {setting.Names.Of(((Fit.Obvious)o.Fit).Owner)}\n"));
        }

        if (unclear.Count > 0)
        {
            text.Append($"\nNot obvious; {(unclear.Count == 1 ? "it goes" : "they go")} to the PM sync unless somebody takes {(unclear.Count == 1 ? "it" : "them")}:\n");
            unclear.ForEach(u => Line($"- {Called(u.Request)}. {Why(u.Fit, setting, Markdown.Inline)}\n"));
        }

        return text.Append(page.Count > told ? $"\nAll of them: {Command("list unassigned")}" : "").ToString().TrimEnd('\n');

        void Line(string line)
        {
            if (text.Length + line.Length <= PageLength)
            {
                text.Append(line);
                told++;
            }
        }
    }

    /// <summary>The line of a handoff's announcement about requests that are nobody's.</summary>
    public WaitingLine UnassignedLine(RequestPage page, Setting setting) => new(
        "requests without an owner",
        $"**{(page.Count > RequestStore.MostCounted ? $"more than {RequestStore.MostCounted}" : page.Count)}**, the oldest for {setting.Age(page.Requests[0].FiledAt)}: "
            + Ids([.. page.Requests.Select(r => r.Number)], page.Count, "list unassigned"));

    /// <summary>The line of a handoff's announcement about requests without a decision.</summary>
    public WaitingLine WithoutDecisionLine(IReadOnlyList<RequestCount> people) => new(
        "requests without a decision",
        $"{people.Sum(p => p.Count)}, of {When.Count(people.Count, "PM")}: {Command("list")}");

    private static string Counted(RequestPage page) =>
        page.Count > RequestStore.MostCounted ? $"more than {RequestStore.MostCounted} requests" : When.Count(page.Count, "request");
}
