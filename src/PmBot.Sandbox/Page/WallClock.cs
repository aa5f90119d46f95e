using NodaTime;
using NodaTime.Text;

namespace PmBot.Sandbox.Page;

/// <summary>The sandbox's clock on a wall somewhere.</summary>
internal sealed class WallClock(SandboxClock clock, DateTimeZone zone)
{
    private const string FieldPattern = "uuuu-MM-dd'T'HH:mm";

    public string Now => Show("ddd, MMM d uuuu, HH:mm x", clock.GetUtcNow());

    public string Short => Show("ddd HH:mm", clock.GetUtcNow());

    /// <summary>The time as a field of the type <c>datetime-local</c> has it.</summary>
    public string Field => Show(FieldPattern, clock.GetUtcNow());

    public string Show(string pattern, DateTimeOffset time) =>
        ZonedDateTimePattern.CreateWithInvariantCulture(pattern, null).Format(Instant.FromDateTimeOffset(time).InZone(zone));

    /// <summary>The next time at which a weekday's morning has something to show: Wednesday's agenda comes at eight, all else at nine.</summary>
    public DateTimeOffset Next(IsoDayOfWeek day)
    {
        var now = Instant.FromDateTimeOffset(clock.GetUtcNow()).InZone(zone).LocalDateTime;
        var time = now.Date.With(DateAdjusters.NextOrSame(day)).At(new LocalTime(day == IsoDayOfWeek.Wednesday ? 8 : 9, 0));
        return At(time > now ? time : time.PlusWeeks(1));
    }

    /// <summary>Reads what the field says.</summary>
    /// <exception cref="UnparsableValueException">It is no time.</exception>
    public DateTimeOffset Read(string field) => At(LocalDateTimePattern.CreateWithInvariantCulture(FieldPattern).Parse(field).GetValueOrThrow());

    private DateTimeOffset At(LocalDateTime time) => time.InZoneLeniently(zone).ToInstant().ToDateTimeOffset();
}
