using PmBot.Agenda;
using PmBot.Mattermost.Commands;
using PmBot.Requests;
using PmBot.Rotations;

namespace PmBot.Tests.Workspaces;

/// <summary>Who types what.</summary>
internal sealed record Line(string UserId, string Trigger, string Text);

/// <summary>
/// What the people of a team type: every example of every verb, once about what is their team's own, and once naming people, rotations,
/// areas, meetings and numbers of another team; and looks at everything there is.
/// </summary>
internal static class TeamScript
{
    /// <summary>The triggers, each with its verbs and their examples, as help shows them.</summary>
    public static IReadOnlyList<(string Trigger, IReadOnlyList<(string Verb, IReadOnlyList<string> Examples)> Verbs)> Verbs { get; } =
    [
        ("pm-rotation", Of(RotationVerbs.All)), ("cr-assign", Of(RequestVerbs.All)), ("agenda", Of(AgendaVerbs.All)),
    ];

    private static readonly string[] RotationLooks = ["", "who", "schedule", "history", "stats", "settings", "duties", "handoff", "histry", "calendar", "help"];

    private static readonly string[] RequestLooks =
    [
        "", "list unassigned", "list undecided", "list stale", "list mine", "list @visitor", "list all", "list Cloud", "list Shared", "areas", "stats", "auto --dry-run", "1", "3", "7", "8", "9", "20",
        "area remove Cloud",
    ];

    private static readonly string[] AgendaLooks = ["", "list Roadmap Q&A", "list 2026-11-18", "list 2026-12-09", "actions", "actions @visitor", "minutes 2026-11-18", "meetings", "meeting PM sync"];

    /// <summary>What a team's neighbour types before, so that it has more than the team: higher numbers, other names.</summary>
    public static IReadOnlyList<Line> Before(MarkedTeam team) =>
    [
        .. Enumerable.Range(9, 12).Select(_ => new Line(team.Ann.Id, "cr-assign", $"new More of {team.Mark}")),
        .. Enumerable.Range(5, 4).Select(_ => new Line(team.Ann.Id, "agenda", $"action @{team.Ben.Name} More to do for {team.Mark}")),
        new(team.Ann.Id, "cr-assign", "remind"),
    ];

    /// <summary>What is typed in a team.</summary>
    public static IEnumerable<Line> Of(MarkedTeam team, MarkedTeam other)
    {
        foreach (var line in Looks(team.Ann.Id).Concat(Examples(team, (trigger, text) => Own(team, trigger, text))).Concat(Examples(team, (_, text) => Foreign(other, text))))
        {
            yield return line;
        }

        foreach (var text in (string[])
            ["who --rotation", "schedule --rotation", "stats --rotation", "delete", "add @visitor --rotation", "set name Other --rotation"])
        {
            yield return new Line(team.Ann.Id, "pm-rotation", $"{text} \"Duty 1 {other.Mark}\"");
        }

        yield return new Line(team.Ann.Id, "pm-rotation", $"set announce ~{other.Mark}-news");
        yield return new Line(team.Ann.Id, "pm-rotation", $"create Extra --announce ~{other.Mark}-news");
        yield return new Line(team.Ann.Id, "pm-rotation", "create Extra");
        yield return new Line(team.Ann.Id, "agenda", $"meeting set PM sync channel ~{other.Mark}-news");
        yield return new Line(team.Ann.Id, "agenda", $"meeting set PM sync chair @{other.Ann.Name}");
        yield return new Line(team.Ann.Id, "cr-assign", $"1 @{other.Ann.Name}");
        yield return new Line(team.Ann.Id, "cr-assign", $"new For {other.Ann.Name} --reporter @{other.Ann.Name}");
        yield return new Line(team.Ann.Id, "cr-assign", "auto");
        foreach (var line in Looks(team.Ann.Id).Concat(Looks(MarkedTeam.Visitor.Id)))
        {
            yield return line;
        }
    }

    private static IEnumerable<Line> Looks(string userId) =>
        new[] { ("pm-rotation", RotationLooks), ("cr-assign", RequestLooks), ("agenda", AgendaLooks) }.SelectMany(t => t.Item2, (t, text) => new Line(userId, t.Item1, text));

    private static IEnumerable<Line> Examples(MarkedTeam team, Func<string, string, string> change) =>
        Verbs.SelectMany(t => t.Verbs.SelectMany(v => v.Examples), (t, example) => new Line(team.Ann.Id, t.Trigger, change(t.Trigger, example)));

    private static string Own(MarkedTeam team, string trigger, string text) => People(team, text)
        .Replace("PM rotation", "Support", StringComparison.Ordinal)
        .Replace("Private Cloud", "Cloud", StringComparison.Ordinal)
        .Replace("17", trigger == "cr-assign" ? "3" : "17", StringComparison.Ordinal)
        .Replace("A7", "A1", StringComparison.Ordinal);

    private static string Foreign(MarkedTeam other, string text) => People(other, text)
        .Replace("PM rotation", $"Duty 1 {other.Mark}", StringComparison.Ordinal)
        .Replace("Private Cloud", $"Area {other.Mark}", StringComparison.Ordinal)
        .Replace("PM sync", $"Review {other.Mark}", StringComparison.Ordinal)
        .Replace("Roadmap Q&A", $"Review {other.Mark}", StringComparison.Ordinal)
        .Replace("~twitter", $"~{other.Mark}-news", StringComparison.Ordinal);

    private static string People(MarkedTeam team, string text) => text
        .Replace("@adam.c", $"@{team.Ann.Name}", StringComparison.Ordinal)
        .Replace("@katie.w", $"@{team.Ben.Name}", StringComparison.Ordinal)
        .Replace("@jason.b", $"@{team.Cat.Name}", StringComparison.Ordinal)
        .Replace("@sam.sales", "@visitor", StringComparison.Ordinal);

    private static List<(string, IReadOnlyList<string>)> Of<T>(VerbTable<T> table) => [.. table.Verbs.Select(v => (v.Name, v.Examples))];
}
