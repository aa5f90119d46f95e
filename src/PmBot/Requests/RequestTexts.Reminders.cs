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
        var fitting = lines.Find(l => l.Sum(o => o.Length) <= PageLength) ?? lines[^1];
        var text = new StringBuilder("#### Requests without a decision\n");
        text.Append(lateFor is null ? "" : $"This was for {lateFor}.\n");
        AppendLines(text, fitting, PageLength, "list");

        var least = practice == Practice.Y2021 ? "timeframe" : "Fix Version";
        return text.Append($"\nPlease set at least the {least}: {Command("decide ID VALUE")}. Not now? {Command("snooze ID DATE")}. Yours: {Command("list mine")}").ToString();

        string Line(PersonsRequests person, int most)
        {
            var name = setting.Names.Of(person.Count.AssigneeId!);
            var oldest = setting.Age(Instant.FromUnixTimeMilliseconds(person.Count.OldestFiledAt));
            return $"- {(person.Mention == true ? $"@{name}" : person.Mention == false ? $"{name} (away)" : name)}: **{person.Count.Count}**, the oldest for {oldest}: "
                + $"{(most == 0 ? Command($"list @{name}") : Ids([.. person.Numbers.Take(most)], person.Count.Count, $"list @{name}"))}\n";
        }
    }

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
            AppendLines(text, [.. obvious.Select(o => $"- {Called(o.Request)} → {setting.Names.Of(((Fit.Obvious)o.Fit).Owner)}\n")], PageLength, "list unassigned");
        }

        if (unclear.Count > 0)
        {
            text.Append($"\nNot obvious; {(unclear.Count == 1 ? "it goes" : "they go")} to the PM sync unless somebody takes {(unclear.Count == 1 ? "it" : "them")}:\n");
            AppendLines(text, [.. unclear.Select(u => $"- {Called(u.Request)}. {Why(u.Fit, setting, Markdown.Inline)}\n")], PageLength, "list unassigned");
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
        $"{people.Sum(p => p.Count)}, of {When.Count(people.Count, "PM")}: {Command("list")}");

    /// <summary>Appends lines while there is room for them in a message; then how many more there are, and what lists them.</summary>
    private void AppendLines(StringBuilder text, List<string> lines, int room, string rest)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (text.Length + lines[i].Length > room)
            {
                text.Append($"- and {lines.Count - i} more: {Command(rest)}\n");
                return;
            }

            text.Append(lines[i]);
        }
    }

    private static string Counted(RequestPage page) =>
        page.Count > RequestStore.MostCounted ? $"more than {RequestStore.MostCounted} requests" : When.Count(page.Count, "request");
}
