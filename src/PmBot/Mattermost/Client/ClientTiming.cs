namespace PmBot.Mattermost.Client;

/// <summary>How patient the client is. All of it is real time: another machine does not follow a clock that was moved by hand.</summary>
public sealed record ClientTiming
{
    /// <summary>How long connecting may take; shorter than an attempt, so that a dead address is known as "not sent".</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one attempt may take, its whole answer included; also the longest that a read waits for the rate limit.</summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The delay before a read's first repetition; the next is about twice that, each with a random part.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The window in which at least half of eight or more attempts must fail for the circuit to open.</summary>
    public TimeSpan BreakerWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the circuit stays open.</summary>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of the rate limit.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
