using System.Globalization;
using System.Text;
using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Storage;

namespace PmBot.Requests;

/// <summary>Counts and ages of a workspace's requests, by product manager, area and decision.</summary>
internal sealed class RequestStats(RequestDesk desk)
{
    /// <summary>The most rows of a table; what is left is added up in one more.</summary>
    private const int MostRows = 25;

    public async Task<string> TextAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var (counts, book) = await desk.Store.ReadAsync(t => (Counts(t, workspaceId), t.BookOf(workspaceId, now)), cancellationToken);
        if (counts.Count == 0)
        {
            return "There are no requests yet, so there is nothing to count.";
        }

        var names = await desk.People.NamesAsync(counts.Select(c => c.AssigneeId).OfType<string>(), cancellationToken);
        var setting = new Setting(book, names, now);
        var nowMs = now.ToUnixTimeMilliseconds();
        var text = new StringBuilder(
            $"**{When.Count(counts.Sum(c => c.Count), "request")}**: {Sum(c => c.State == RequestState.Unassigned)} nobody's, {Sum(c => c.State == RequestState.Assigned)} assigned without a decision, "
            + $"{Sum(c => c.State == RequestState.Decided)} assigned with one, {Sum(c => c.State >= RequestState.Processed)} finished. "
            + $"Median age of the open ones: {MedianAge(counts)}. Median time until somebody had one: {MedianWait(counts)}.\n");
        Table("PM", c => c.AssigneeId ?? "", key => key.Length == 0 ? "nobody" : setting.Names.Of(key));
        Table("area", c => c.AreaKey ?? "", key => key.Length == 0 ? "none given" : Markdown.Inline(book.Find(key)?.Name ?? key));
        Decisions();
        return text.ToString().TrimEnd('\n');

        long Sum(Func<CountRow, bool> of) => counts.Where(of).Sum(c => c.Count);

        // Of two middle ages the lower, which is that of the one filed later.
        string MedianAge(IEnumerable<CountRow> of) => Middle([.. of.Select(c => c.Filed)], lower: false) is { } filed ? When.Length(Duration.FromMilliseconds(Math.Max(0, nowMs - filed))) : "–";

        string MedianWait(IEnumerable<CountRow> of) => Middle([.. of.Select(c => c.Waits)], lower: true) is { } wait ? When.Length(Duration.FromMilliseconds(Math.Max(0, wait))) : "–";

        void Table(string what, Func<CountRow, string> by, Func<string, string> name)
        {
            var rows = counts.GroupBy(by, StringComparer.Ordinal)
                .Select(g => (Group: g, g.Key, Open: g.Where(c => c.State < RequestState.Processed).Sum(c => c.Count), Undecided: g.Where(c => c.State < RequestState.Processed && c.Decision is null).Sum(c => c.Count), All: g.Sum(c => c.Count)))
                .OrderByDescending(r => r.Open).ThenByDescending(r => r.All).ThenBy(r => r.Key.Length > 0).ThenBy(r => name(r.Key), StringComparer.Ordinal).ToList();
            text.Append($"\n| {what} | open | without a decision | all | median age, open | median time to assignment |\n| :-- | --: | --: | --: | --: | --: |\n");
            foreach (var row in rows.Take(MostRows))
            {
                text.Append($"| {name(row.Key)} | {row.Open} | {row.Undecided} | {row.All} | {MedianAge(row.Group)} | {MedianWait(row.Group)} |\n");
            }

            if (rows.Count > MostRows)
            {
                var rest = rows.Skip(MostRows).ToList();
                text.Append($"| {rest.Count} more | {rest.Sum(r => r.Open)} | {rest.Sum(r => r.Undecided)} | {rest.Sum(r => r.All)} | | |\n");
            }
        }

        void Decisions()
        {
            var rows = counts.GroupBy(c => c.Decision ?? "", StringComparer.Ordinal)
                .Select(g => (g.Key, Open: g.Where(c => c.State < RequestState.Processed).Sum(c => c.Count), All: g.Sum(c => c.Count)))
                .OrderByDescending(r => r.All).ThenBy(r => r.Key, StringComparer.Ordinal).ToList();
            text.Append("\n| decision | open | all |\n| :-- | --: | --: |\n");
            foreach (var row in rows.Take(MostRows))
            {
                text.Append($"| {(row.Key.Length == 0 ? "none yet" : Markdown.Inline(row.Key))} | {row.Open} | {row.All} |\n");
            }

            if (rows.Count > MostRows)
            {
                text.Append($"| {rows.Count - MostRows} more | {rows.Skip(MostRows).Sum(r => r.Open)} | {rows.Skip(MostRows).Sum(r => r.All)} |\n");
            }
        }
    }

    /// <summary>The middle one, the lower or the upper of two; null if there is none.</summary>
    private static long? Middle(IReadOnlyList<long[]> parts, bool lower)
    {
        var sorted = new long[parts.Sum(p => p.Length)];
        var next = 0;
        foreach (var part in parts)
        {
            part.CopyTo(sorted, next);
            next += part.Length;
        }

        Array.Sort(sorted);
        return sorted.Length == 0 ? null : sorted[(sorted.Length - (lower ? 1 : 0)) / 2];
    }

    /// <summary>
    /// All requests, counted. One walk through one index, in its order; the times of a group come as one text, for a row for each request would take many
    /// times as long to read.
    /// </summary>
    internal static IReadOnlyList<CountRow> Counts(IReadTransaction transaction, string workspaceId) =>
    [
        .. transaction.Query<StoredCount>(
            """
            select state, assignee_id, area_key, decision, count(*) as count,
              string_agg(case when state < 3 then cast(filed_at as text) end, ',') as filed,
              string_agg(cast(assigned_at - filed_at as text), ',') as waits
            from requests where workspace_id = @workspaceId group by decision, state, assignee_id, area_key
            """,
            new { workspaceId })
            .Select(c => new CountRow((RequestState)c.State, c.AssigneeId, c.AreaKey, c.Decision, c.Count, Numbers(c.Filed), Numbers(c.Waits))),
    ];

    private static long[] Numbers(string? text)
    {
        if (text is null)
        {
            return [];
        }

        var numbers = new long[text.AsSpan().Count(',') + 1];
        var next = 0;
        foreach (var part in text.AsSpan().Split(','))
        {
            numbers[next++] = long.Parse(text.AsSpan(part), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }

        return numbers;
    }

    private sealed record StoredCount(long State, string? AssigneeId, string? AreaKey, string? Decision, long Count, string? Filed, string? Waits);

    /// <summary>Requests that are alike.</summary>
    /// <param name="State">Their state.</param>
    /// <param name="AssigneeId">Whose they are; null for nobody's.</param>
    /// <param name="AreaKey">The key of their area; null for none.</param>
    /// <param name="Decision">Their decision; null for none.</param>
    /// <param name="Count">How many they are.</param>
    /// <param name="Filed">When the open ones of them were filed.</param>
    /// <param name="Waits">For how long those that were ever assigned were nobody's at first.</param>
    internal sealed record CountRow(
        RequestState State, string? AssigneeId, string? AreaKey, string? Decision, long Count, long[] Filed, long[] Waits);
}
