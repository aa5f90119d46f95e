using System.Text.Json;
using NodaTime;
using PmBot.Storage;

namespace PmBot.Rotations;

/// <summary>Where rotations and their past shifts are stored.</summary>
internal static class RotationStore
{
    public static Table<Rotation> Table { get; } = new(
        "rotations",
        new Column<Rotation>("workspace_id", r => r.WorkspaceId),
        new Column<Rotation>("name_key", r => Key(r.Name)),
        new Column<Rotation>("next_due", r => r.NextDue.ToUnixTimeMilliseconds()));

    /// <summary>A name as it is compared.</summary>
    public static string Key(string name) => name.Trim().ToLowerInvariant();

    /// <summary>The rotations of a workspace, the oldest (the default one) first.</summary>
    public static IReadOnlyList<Rotation> RotationsOf(this IReadTransaction transaction, string workspaceId) =>
        [.. transaction.Select(Table, "workspace_id = @workspaceId", new { workspaceId })
            .OrderBy(r => r.CreatedAt).ThenBy(r => r.Id, StringComparer.Ordinal)];

    /// <summary>The same, for who asks for nothing else.</summary>
    public static Task<IReadOnlyList<Rotation>> RotationsOfAsync(this IStore store, string workspaceId, CancellationToken cancellationToken) =>
        store.ReadAsync(new Question("rotations", workspaceId), t => t.RotationsOf(workspaceId), cancellationToken);

    public static void Append(this IWriteTransaction transaction, string rotationId, PastShift past) => transaction.Write(
        """
        insert into shifts (rotation_id, number, scheduled_on, starts_at, ends_at, turn_of, on_duty, body)
        values (@rotation, @number, @on, @start, @end, @turn, @duty, @body)
        """,
        ("rotation", rotationId), ("number", past.Shift.Number), ("on", NodaTime.Text.LocalDatePattern.Iso.Format(past.Shift.ScheduledOn)),
        ("start", past.Shift.Start.ToUnixTimeMilliseconds()), ("end", past.Shift.End.ToUnixTimeMilliseconds()), ("turn", past.Shift.TurnOf),
        ("duty", past.Shift.OnDuty), ("body", JsonSerializer.Serialize(past, StoreJson.Options)));

    /// <summary>The last shifts that are over, the newest first.</summary>
    public static IReadOnlyList<PastShift> PastShifts(this IReadTransaction transaction, string rotationId, int most) =>
        Read(transaction.Query<string>("select body from shifts where rotation_id = @rotationId order by number desc limit @most", new { rotationId, most }));

    /// <summary>The shifts that ended after an instant, the oldest first.</summary>
    public static IReadOnlyList<PastShift> PastShiftsSince(this IReadTransaction transaction, string rotationId, Instant since) =>
        Read(transaction.Query<string>(
            "select body from shifts where rotation_id = @rotationId and ends_at > @since order by number",
            new { rotationId, since = since.ToUnixTimeMilliseconds() }));

    /// <summary>How many past shifts each has carried, how many of them for others, and how many of their turns others carried.</summary>
    public static IReadOnlyList<Carried> CarriedBy(this IReadTransaction transaction, string rotationId) => transaction.Query<Carried>(
        """
        select user_id, sum(carried) as shifts, sum(for_others) as for_others, sum(by_others) as by_others from (
          select on_duty as user_id, 1 as carried, case when on_duty = turn_of then 0 else 1 end as for_others, 0 as by_others
            from shifts where rotation_id = @rotationId and on_duty is not null
          union all
          select turn_of, 0, 0, 1 from shifts where rotation_id = @rotationId and turn_of is not null and (on_duty is null or on_duty <> turn_of)
        ) s group by user_id
        """,
        new { rotationId });

    public static void DeleteHistory(this IWriteTransaction transaction, string rotationId) =>
        transaction.Write("delete from shifts where rotation_id = @rotation", ("rotation", rotationId));

    private static List<PastShift> Read(IEnumerable<string> bodies) =>
        [.. bodies.Select(body => JsonSerializer.Deserialize<PastShift>(body, StoreJson.Options) ?? throw new JsonException("A past shift is empty."))];

    internal sealed record Carried(string UserId, long Shifts, long ForOthers, long ByOthers);
}
