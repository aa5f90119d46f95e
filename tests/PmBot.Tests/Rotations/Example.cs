using NodaTime;
using NodaTime.Text;
using PmBot.Rotations;

namespace PmBot.Tests.Rotations;

/// <summary>
/// A weekly rotation in Palo Alto time, made on Wednesday, November 18, 2026; its first handoff is on Monday, the 23rd. A user's id is
/// their username.
/// </summary>
internal static class Example
{
    public static LocalDate FirstHandoff { get; } = new(2026, 11, 23);

    public static Instant Made { get; } = At("2026-11-18 12:00");

    /// <summary>Palo Alto's time unless another zone is named.</summary>
    public static Instant At(string local, string zone = "America/Los_Angeles") =>
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm").Parse(local).Value.InZoneStrictly(DateTimeZoneProviders.Tzdb[zone]).ToInstant();

    public static LocalDate On(string date) => LocalDatePattern.Iso.Parse(date).Value;

    public static Member Person(string username, string? firstName = null, string lastName = "") =>
        new(username, username, firstName ?? username, lastName, []);

    public static Rotation Empty(HandoffSchedule? schedule = null) =>
        Rotation.Create("r", "w", "PM rotation", "adam", schedule ?? HandoffSchedule.Default, Made);

    /// <summary>Before its first handoff.</summary>
    public static Rotation Of(params string[] usernames) => Of([.. usernames.Select(u => Person(u))]);

    public static Rotation Of(IReadOnlyList<Member> people) => people.Aggregate(Empty(), (r, m) => r.Add(m, new LocalDate(2026, 11, 18)));

    /// <summary>In its first shift, which began on Monday, November 23.</summary>
    public static Rotation UnderWay(params string[] usernames) => Of(usernames).At("2026-11-23 09:00");

    /// <summary>With every handoff taken that is due then.</summary>
    public static Rotation At(this Rotation rotation, string local) => rotation.AdvanceTo(At(local))?.Rotation ?? rotation;

    /// <summary>The shift, under way or to come, that begins on a date.</summary>
    public static Shift ShiftOf(this Rotation rotation, string date) => rotation.Shifts().Take(200).Single(s => s.ScheduledOn == On(date));

    /// <summary>Who has the shifts to come: <c>adam ben:Absence nobody:Uncovered</c>.</summary>
    public static string Coming(this Rotation rotation, int count) => string.Join(' ', rotation.Shifts().Skip(1).Take(count).Select(Show));

    /// <summary>Who has the shift under way.</summary>
    public static string Now(this Rotation rotation) => Show(rotation.Shifts().First());

    public static string Show(Shift shift) => (shift.OnDuty ?? "nobody") + (shift.Reason == ShiftReason.Turn ? "" : $":{shift.Reason}");
}
