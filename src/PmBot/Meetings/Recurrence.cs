using System.Text.Json.Serialization;
using NodaTime;

namespace PmBot.Meetings;

/// <summary>On which dates a meeting takes place, in its zone's calendar.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(EveryWeeks), "weeks")]
[JsonDerivedType(typeof(NthOfMonth), "nth")]
[JsonDerivedType(typeof(LastOfMonth), "last")]
public abstract record Recurrence
{
    private Recurrence()
    {
    }

    /// <summary>The weekday on which it falls.</summary>
    public abstract IsoDayOfWeek Day { get; init; }

    /// <summary>The first date of it that is not before <paramref name="date"/>.</summary>
    public abstract LocalDate OnOrAfter(LocalDate date);

    /// <summary>Whether it falls on that date.</summary>
    public bool Contains(LocalDate date) => OnOrAfter(date) == date;

    /// <summary>Every week, or every few weeks.</summary>
    /// <param name="Day">The weekday.</param>
    /// <param name="Weeks">How many weeks lie between two dates; 1 or more.</param>
    /// <param name="From">One of the dates, from which the weeks are counted in both directions; it falls on <paramref name="Day"/>.</param>
    public sealed record EveryWeeks(IsoDayOfWeek Day, int Weeks, LocalDate From) : Recurrence
    {
        /// <inheritdoc/>
        public override IsoDayOfWeek Day { get; init; } = Day;

        /// <inheritdoc/>
        public override LocalDate OnOrAfter(LocalDate date)
        {
            var first = OnWeekday(date, Day);
            var weeks = Period.Between(From, first, PeriodUnits.Days).Days / 7;
            return first.PlusWeeks((Weeks - (weeks % Weeks)) % Weeks);
        }
    }

    /// <summary>The first, second, third or fourth such weekday of every month.</summary>
    /// <param name="Nth">1 to 4.</param>
    /// <param name="Day">The weekday.</param>
    public sealed record NthOfMonth(int Nth, IsoDayOfWeek Day) : Recurrence
    {
        /// <inheritdoc/>
        public override IsoDayOfWeek Day { get; init; } = Day;

        /// <inheritdoc/>
        public override LocalDate OnOrAfter(LocalDate date) => Monthly(date, month => OnWeekday(month, Day).PlusWeeks(Nth - 1));
    }

    /// <summary>The last such weekday of every month.</summary>
    /// <param name="Day">The weekday.</param>
    public sealed record LastOfMonth(IsoDayOfWeek Day) : Recurrence
    {
        /// <inheritdoc/>
        public override IsoDayOfWeek Day { get; init; } = Day;

        /// <inheritdoc/>
        public override LocalDate OnOrAfter(LocalDate date) => Monthly(date, month => OnWeekday(month.PlusMonths(1).PlusWeeks(-1), Day));
    }

    private static LocalDate OnWeekday(LocalDate date, IsoDayOfWeek day) => date.DayOfWeek == day ? date : date.Next(day);

    private static LocalDate Monthly(LocalDate date, Func<LocalDate, LocalDate> inMonth)
    {
        var month = date.With(DateAdjusters.StartOfMonth);
        var on = inMonth(month);
        return on >= date ? on : inMonth(month.PlusMonths(1));
    }
}
