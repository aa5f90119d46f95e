using NodaTime;

namespace PmBot.Agenda;

/// <summary>Where a meeting under way has got to, in their order (PRODUCT.md, section 1).</summary>
public enum StopKind
{
    /// <summary>Updates on the release plan's items.</summary>
    Release,

    /// <summary>Requests that are not obvious.</summary>
    Requests,

    /// <summary>A queued item.</summary>
    Item,

    /// <summary>Action steps that are due.</summary>
    Actions,

    /// <summary>All is through.</summary>
    Through,
}

/// <summary>A place on the way through an agenda.</summary>
/// <param name="Kind">What is talked about.</param>
/// <param name="Serial">The item's serial, for an item.</param>
public sealed record Stop(StopKind Kind, long? Serial = null);

/// <summary>Which of the parts that are not queued have something in them; parts that are empty are passed by.</summary>
/// <param name="Release">Release updates.</param>
/// <param name="Requests">Requests that are not obvious.</param>
/// <param name="Actions">Action steps that are due.</param>
public sealed record AgendaParts(bool Release, bool Requests, bool Actions);

/// <summary>A meeting under way.</summary>
public sealed record Session
{
    /// <summary>When it was started.</summary>
    public required Instant StartedAt { get; init; }

    /// <summary>The user id of who started it.</summary>
    public required string StartedBy { get; init; }

    /// <summary>Whether somebody who may by their office has run it; until then others may stand in.</summary>
    public bool OfficerIsThere { get; init; }

    /// <summary>Whether the action steps were gone through; items that came late stand behind them.</summary>
    public bool ActionsWere { get; init; }

    /// <summary>Counted up with each move, so that of two who move on at once one is too late.</summary>
    public int Turn { get; init; }

    /// <summary>What is talked about.</summary>
    public required Stop At { get; init; }

    /// <summary>Since when.</summary>
    public required Instant Since { get; init; }

    /// <summary>Who moved there: a user id.</summary>
    public required string MovedBy { get; init; }

    /// <summary>When the time box is over; null if there is none, or it was said.</summary>
    public Instant? TimeUpAt { get; init; }

    /// <summary>The post about what is talked about, with the buttons.</summary>
    public AgendaPost? Post { get; init; }

    /// <summary>The post in the private channel, while a confidential item is talked about; null otherwise.</summary>
    public AgendaPost? PrivatePost { get; init; }

    /// <summary>The requests that were gone through, by their numbers.</summary>
    public IReadOnlyList<long> Requests { get; init; } = [];

    /// <summary>The requests that are shown while the meeting is at them, by their numbers; others were not talked about.</summary>
    public IReadOnlyList<long> RequestsShown { get; init; } = [];

    /// <summary>The action steps that were noted, by their numbers.</summary>
    public IReadOnlyList<long> Actions { get; init; } = [];
}
