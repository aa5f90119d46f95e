using NodaTime;

namespace PmBot.Rotations;

/// <summary>Why somebody has a shift.</summary>
public enum ShiftReason
{
    /// <summary>It is their turn.</summary>
    Turn,

    /// <summary>They took it for another.</summary>
    Cover,

    /// <summary>They changed shifts with another.</summary>
    Swap,

    /// <summary>It was another's, who is away; they are the next one present.</summary>
    Absence,

    /// <summary>Nobody is there: no member, or all of them away.</summary>
    Uncovered,
}

/// <summary>A span of duty: past, under way or to come.</summary>
/// <param name="Number">Counted from 0 for each rotation; covers and swaps are kept by it.</param>
/// <param name="ScheduledOn">The date of the handoff that begins it by schedule, in the rotation's zone.</param>
/// <param name="Start">When it begins or began; earlier than by schedule if it was handed over at once.</param>
/// <param name="End">When the next one begins.</param>
/// <param name="TurnOf">The user whose turn it is by the order; null if there is no member.</param>
/// <param name="OnDuty">The user who has it; null if it is uncovered.</param>
/// <param name="Reason">Why <paramref name="OnDuty"/> has it.</param>
public sealed record Shift(long Number, LocalDate ScheduledOn, Instant Start, Instant End, string? TurnOf, string? OnDuty, ShiftReason Reason);

/// <summary>A part of a shift somebody had before it was taken over by another.</summary>
public sealed record Stint(string? OnDuty, Instant Start, Instant End);

/// <summary>A shift that is over, as history keeps it.</summary>
/// <param name="Shift">The shift as it ended; whoever had it last has carried it.</param>
/// <param name="Earlier">Who had it before, if it was taken over in its course.</param>
/// <param name="AcknowledgedAt">When its holder said that they have it, or null.</param>
public sealed record PastShift(Shift Shift, IReadOnlyList<Stint> Earlier, Instant? AcknowledgedAt);

/// <summary>The shift under way, a fact that no change of roster or order moves.</summary>
/// <param name="Number">See <see cref="Shift.Number"/>.</param>
/// <param name="ScheduledOn">See <see cref="Shift.ScheduledOn"/>.</param>
/// <param name="Start">When the shift began.</param>
/// <param name="TurnOf">See <see cref="Shift.TurnOf"/>.</param>
/// <param name="OnDuty">Who has it now.</param>
/// <param name="Reason">Why they have it.</param>
/// <param name="Since">When they got it: <paramref name="Start"/>, or later if they took it over in its course.</param>
/// <param name="From">Who had the duty before them, in this shift or the one before; null if nobody.</param>
/// <param name="Earlier">Who had this shift before them.</param>
/// <param name="AcknowledgedAt">When they said that they have it, or null.</param>
/// <param name="RemindAt">When to remind of the missing acknowledgement; null if there is nothing to remind of.</param>
/// <param name="Buttons">The messages whose button acknowledges, so that it can be taken away.</param>
public sealed record CurrentShift(
    long Number,
    LocalDate ScheduledOn,
    Instant Start,
    string? TurnOf,
    string? OnDuty,
    ShiftReason Reason,
    Instant Since,
    string? From,
    IReadOnlyList<Stint> Earlier,
    Instant? AcknowledgedAt,
    Instant? RemindAt,
    IReadOnlyList<MessageRef> Buttons)
{
    /// <summary>When it would have begun by schedule, if it was handed over early; until then it is not handed on again at once.</summary>
    public Instant? EarlyUntil { get; init; }
}

/// <summary>A message that was, or will be, delivered.</summary>
/// <param name="Delivery">The key of its delivery.</param>
/// <param name="Lane">The lane in which it is delivered.</param>
public sealed record MessageRef(string Delivery, string Lane);

/// <summary>A shift to come that was given to somebody by name.</summary>
/// <param name="Shift">The shift's number.</param>
/// <param name="UserId">Who has it.</param>
/// <param name="Kind"><see cref="ShiftReason.Cover"/> or <see cref="ShiftReason.Swap"/>.</param>
/// <param name="EvenIfAway">They took it although they are away in it; otherwise an absence passes it on.</param>
public sealed record Assignment(long Shift, string UserId, ShiftReason Kind, bool EvenIfAway)
{
    /// <summary>With whom they changed, for a swap: whose turn it is may be another's by now.</summary>
    public string? With { get; init; }
}
