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
        var (counts, ages, waits, book) = await desk.Store.ReadAsync(t => (Counts(t, workspaceId), Ages(t, workspaceId), Waits(t, workspaceId), t.BookOf(workspaceId, now)), cancellationToken);
        if (counts.Count == 0)
        {
            return "There are no requests yet, so there is nothing to count.";
        }

        var names = await desk.People.NamesAsync(counts.Select(c => c.AssigneeId).OfType<string>(), cancellationToken);
        var setting = new Setting(book, names, now);
        var nowMs = now.ToUnixTimeMilliseconds();
        var text = new StringBuilder(
            $"**{When.Count(counts.Sum(c => c.Count), "request")}**: {Sum(c => c.State == RequestState.Unassigned)} nobody's, {Sum(c => c.State == RequestState.Assigned)} without a decision, "
            + $"{Sum(c => c.State == RequestState.Decided)} decided, {Sum(c => c.State >= RequestState.Processed)} finished. "
            + $"Median age of the open ones: {Median(ages.Select(a => nowMs - a.FiledAt))}. Median time until somebody had one: {Median(waits.Select(w => w.Wait))}.\n");
        Table("PM", c => c.AssigneeId ?? "", a => a.AssigneeId ?? "", w => w.AssigneeId ?? "", key => key.Length == 0 ? "nobody" : setting.Names.Of(key));
        Table("area", c => c.AreaKey ?? "", a => a.AreaKey ?? "", w => w.AreaKey ?? "", key => key.Length == 0 ? "none given" : Markdown.Inline(book.Find(key)?.Name ?? key));
        Decisions();
        return text.ToString().TrimEnd('\n');

        long Sum(Func<CountRow, bool> of) => counts.Where(of).Sum(c => c.Count);

        void Table(string what, Func<CountRow, string> ofCount, Func<AgeRow, string> ofAge, Func<WaitRow, string> ofWait, Func<string, string> name)
        {
            var agesBy = ages.ToLookup(ofAge, StringComparer.Ordinal);
            var waitsBy = waits.ToLookup(ofWait, StringComparer.Ordinal);
            var rows = counts.GroupBy(ofCount, StringComparer.Ordinal)
                .Select(g => (g.Key, Open: g.Where(c => c.State < RequestState.Processed).Sum(c => c.Count), Undecided: g.Where(c => c.State == RequestState.Assigned).Sum(c => c.Count), All: g.Sum(c => c.Count)))
                .OrderByDescending(r => r.Open).ThenByDescending(r => r.All).ThenBy(r => r.Key.Length > 0).ThenBy(r => name(r.Key), StringComparer.Ordinal).ToList();
            text.Append($"\n| {what} | open | without a decision | all | median age, open | median time to assignment |\n| :-- | --: | --: | --: | --: | --: |\n");
            foreach (var row in rows.Take(MostRows))
            {
                text.Append($"| {name(row.Key)} | {row.Open} | {row.Undecided} | {row.All} | {Median(agesBy[row.Key].Select(a => nowMs - a.FiledAt))} | {Median(waitsBy[row.Key].Select(w => w.Wait))} |\n");
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

    /// <summary>The middle one, the lower of two; a dash if there is none.</summary>
    private static string Median(IEnumerable<long> milliseconds)
    {
        var sorted = milliseconds.ToArray();
        Array.Sort(sorted);
        return sorted.Length == 0 ? "–" : When.Length(Duration.FromMilliseconds(Math.Max(0, sorted[(sorted.Length - 1) / 2])));
    }

    private static IReadOnlyList<CountRow> Counts(IReadTransaction transaction, string workspaceId) =>
        [.. transaction.Query<StoredCount>(
            "select state, assignee_id, area_key, decision, count(*) as count from requests where workspace_id = @workspaceId group by state, assignee_id, area_key, decision",
            new { workspaceId }).Select(c => new CountRow((RequestState)c.State, c.AssigneeId, c.AreaKey, c.Decision, c.Count))];

    private static IReadOnlyList<AgeRow> Ages(IReadTransaction transaction, string workspaceId) => transaction.Query<AgeRow>(
        "select assignee_id, area_key, filed_at from requests where workspace_id = @workspaceId and state in (0, 1, 2)", new { workspaceId });

    private static IReadOnlyList<WaitRow> Waits(IReadTransaction transaction, string workspaceId) => transaction.Query<WaitRow>(
        "select assignee_id, area_key, assigned_at - filed_at as wait from requests where workspace_id = @workspaceId and assigned_at is not null", new { workspaceId });

    private sealed record StoredCount(long State, string? AssigneeId, string? AreaKey, string? Decision, long Count);

    private sealed record CountRow(RequestState State, string? AssigneeId, string? AreaKey, string? Decision, long Count);

    private sealed record AgeRow(string? AssigneeId, string? AreaKey, long FiledAt);

    private sealed record WaitRow(string? AssigneeId, string? AreaKey, long Wait);
}
