using PmBot.Mattermost.Commands;

namespace PmBot.Rotations;

/// <summary>Everything one can ask of <c>/pm-rotation</c>. Users are usernames, channels names, dates as typed.</summary>
public abstract record RotationCommand
{
    private RotationCommand()
    {
    }

    /// <summary>The rotation named by <c>--rotation</c>, or null for the default one.</summary>
    public string? RotationName { get; init; }

    /// <summary>Who is on duty.</summary>
    public sealed record Who : RotationCommand;

    /// <summary>The next shifts.</summary>
    public sealed record Schedule(int Count) : RotationCommand;

    /// <summary>Makes a rotation; without a name, opens the dialog that does.</summary>
    public sealed record Create(string? Name, string? Handoff, string? Every, string? Zone, string? Announce, string? Header) : RotationCommand;

    /// <summary>Adds members.</summary>
    public sealed record Add(IReadOnlyList<string> Users, DateText? From) : RotationCommand;

    /// <summary>Takes members out.</summary>
    public sealed record Remove(IReadOnlyList<string> Users, DateText? From) : RotationCommand;

    /// <summary>Sets the order; without users, the alphabetical one.</summary>
    public sealed record Order(IReadOnlyList<string> Users) : RotationCommand;

    /// <summary>Has a shift taken by somebody.</summary>
    public sealed record Cover(DateText On, string User) : RotationCommand;

    /// <summary>The caller takes a shift; without a date the one under way.</summary>
    public sealed record Take(DateText? On) : RotationCommand;

    /// <summary>Exchanges the shifts of two dates.</summary>
    public sealed record SwapDates(DateText First, DateText Second) : RotationCommand;

    /// <summary>Exchanges two members' next shifts.</summary>
    public sealed record SwapUsers(string First, string Second) : RotationCommand;

    /// <summary>Somebody, or the caller, is away; without an end on that date, or in that week, only.</summary>
    public sealed record Away(string? User, DateText From, DateText? To, string? Reason) : RotationCommand;

    /// <summary>Somebody, or the caller, is there again.</summary>
    public sealed record Back(string? User) : RotationCommand;

    /// <summary>The outgoing member's note, or the handoff itself.</summary>
    public sealed record HandOff(string? Note, bool Now) : RotationCommand;

    /// <summary>The incoming member has it.</summary>
    public sealed record Ack : RotationCommand;

    /// <summary>The checklist.</summary>
    public sealed record Duties : RotationCommand;

    /// <summary>Adds a line to the checklist.</summary>
    public sealed record AddDuty(string Text) : RotationCommand;

    /// <summary>Takes line <paramref name="Number"/> (from 1) off the checklist.</summary>
    public sealed record RemoveDuty(int Number) : RotationCommand;

    /// <summary>Past shifts.</summary>
    public sealed record History(int Count) : RotationCommand;

    /// <summary>How many shifts each has carried.</summary>
    public sealed record Stats : RotationCommand;

    /// <summary>The caller's private calendar address; a new one, if it is to be reset.</summary>
    public sealed record Calendar(bool Reset) : RotationCommand;

    /// <summary>The settings of the workspace and the rotation.</summary>
    public sealed record Settings : RotationCommand;

    /// <summary>Changes a setting.</summary>
    public sealed record Set(string Key, string Value) : RotationCommand;

    /// <summary>Deletes a rotation, after asking once more.</summary>
    public sealed record Delete(string Name) : RotationCommand;
}
