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

    /// <summary>The reminder of requests without a decision: a line a product manager.</summary>
    public string WithoutDecision(IReadOnlyList<PersonsRequests> people, Practice practice, string? lateFor, Setting setting)
    {
        // Whoever is waited for must be in it: of a large team fewer ids are listed, or none, before anybody is left out.
        var lines = new[] { MostIds, MostIds / 3, 0 }.Select(most => people.Select(p => Line(p, most)).ToList()).ToList();
        var fitting = lines.Find(l => l.Sum(o => o.Length) <= Pages.Length) ?? lines[^1];
        var text = new StringBuilder("#### Requests without a decision\n");
        text.Append(lateFor is null ? "" : $"This was for {lateFor}.\n");
        AppendLines(text, fitting, line => line, Pages.Length, "list undecided");

        var least = practice == Practice.Y2021 ? "timeframe" : "Fix Version";
        return text.Append($"\nPlease set at least the {least}: {Command("decide ID VALUE")}. Not now? {Command("snooze ID DATE")}. Yours: {Command("list mine")}").ToString();

        string Line(PersonsRequests person, int most)
        {
            var name = setting.Names.Of(person.Oldest[0].Assignee!);
            return $"- {(person.Mention ? "@" : "")}{name}{(person.Note is { } note ? $" ({note})" : "")}: **{person.Count.Count}**, the oldest for {setting.Age(person.Oldest[0].FiledAt)}: "
                + $"{(most == 0 ? Command($"list @{name}") : Ids([.. person.Oldest.Take(most).Select(r => r.Number)], person.Count.Count, $"list @{name}"))}\n";
        }
    }

    /// <summary>To the admins: the reminder of requests without a decision had no channel to go to.</summary>
    /// <param name="people">Whom it would have reminded.</param>
    /// <param name="set">The command that sets the channel.</param>
    /// <param name="off">The command that switches the reminder off.</param>
    /// <param name="due">For when it was.</param>
    /// <param name="setting">Names and dates.</param>
    public string DecisionsNowhere(IReadOnlyList<PersonsRequests> people, string set, string off, Instant due, Setting setting) =>
        $"The reminder of {setting.Time(due)} was posted nowhere: I can see no channel for it. "
        + $"{When.Count(people.Sum(p => p.Count.Count), "request")} of {When.Count(people.Count, "PM")} {(people.Sum(p => p.Count.Count) == 1 ? "has" : "have")} no decision: {Command("list undecided")}\n"
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
        if (obvious.Count > 0)
        {
            text.Append($"\nObvious; {Command("auto")} assigns {(obvious.Count == 1 ? "it" : "them")}:\n");
            AppendLines(text, obvious, o => $"- {Called(o.Request)} → {setting.Names.Of(((Fit.Obvious)o.Fit).Owner)}\n", Pages.Length, "list unassigned");
        }

        if (unclear.Count > 0)
        {
            text.Append($"\nNot obvious; {(unclear.Count == 1 ? "it goes" : "they go")} to the PM sync unless somebody takes {(unclear.Count == 1 ? "it" : "them")}:\n");
            AppendLines(text, unclear, u => $"- {Called(u.Request)}. {Why(u.Fit, setting, Markdown.Inline)}\n", Pages.Length, "list unassigned");
        }

        return text.Append(page.Count > judged.Count ? $"\nAll of them: {Command("list unassigned")}" : "").ToString().TrimEnd('\n');
    }

    /// <summary>The line of a handoff's announcement about requests that are nobody's.</summary>
    public WaitingLine UnassignedLine(RequestPage page, Setting setting) => new(
        "requests without an owner",
        $"**{(page.Count > RequestStore.MostCounted ? $"more than {RequestStore.MostCounted}" : page.Count)}**, the oldest for {setting.Age(page.Requests[0].FiledAt)}: "
            + Ids([.. page.Requests.Select(r => r.Number)], page.Count, "list unassigned"));

    /// <summary>The line of a handoff's announcement about requests without a decision.</summary>
    public WaitingLine WithoutDecisionLine(IReadOnlyList<RequestCount> people) => new(
        "requests without a decision",
        $"{people.Sum(p => p.Count)}, of {When.Count(people.Count, "PM")}: {Command("list undecided")}");

    /// <summary>Appends lines while there is room for them in a message; then how many more there are, and what lists them.</summary>
    public void AppendLines<T>(StringBuilder text, IReadOnlyList<T> some, Func<T, string> line, int room, string rest)
    {
        for (var i = 0; i < some.Count; i++)
        {
            var one = line(some[i]);
            if (text.Length + one.Length > room)
            {
                text.Append($"- and {some.Count - i} more: {Command(rest)}\n");
                return;
            }

            text.Append(one);
        }
    }

    private static string Counted(RequestPage page) =>
        page.Count > RequestStore.MostCounted ? $"more than {RequestStore.MostCounted} requests" : When.Count(page.Count, "request");
}
