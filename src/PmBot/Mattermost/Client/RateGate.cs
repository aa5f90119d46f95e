namespace PmBot.Mattermost.Client;

/// <summary>Holds back every request while the server wants none. One 429 closes it for all.</summary>
internal sealed class RateGate(TimeProvider clock)
{
    /// <summary>A server's odd header must not silence the bot for longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private DateTimeOffset _opensAt = DateTimeOffset.MinValue;

    /// <summary>How long it stays closed; zero when it is open.</summary>
    public TimeSpan Remaining
    {
        get
        {
            lock (_lock)
            {
                var remaining = _opensAt - clock.GetUtcNow();
                return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Closes it for that long, unless it is already closed for longer.</summary>
    public void CloseFor(TimeSpan wait)
    {
        lock (_lock)
        {
            var opensAt = clock.GetUtcNow() + (wait < Longest ? wait : Longest);
            _opensAt = opensAt > _opensAt ? opensAt : _opensAt;
        }
    }

    /// <summary>Waits until it is open, even if it is closed again meanwhile, but no longer than <paramref name="patience"/>.</summary>
    /// <returns>Zero when it is open, else how long it stays closed.</returns>
    public async Task<TimeSpan> WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var giveUpAt = clock.GetUtcNow() + patience;
        while (Remaining is var remaining && remaining > TimeSpan.Zero)
        {
            if (clock.GetUtcNow() + remaining > giveUpAt)
            {
                return remaining;
            }

            await Task.Delay(remaining, clock, cancellationToken);
        }

        return TimeSpan.Zero;
    }

    /// <summary>
    /// What a 429 asks for: the larger of X-Ratelimit-Reset (seconds; taken for a Unix time when it is one) and Retry-After, at least
    /// one second.
    /// </summary>
    public TimeSpan Asked(HttpResponseMessage answer)
    {
        var now = clock.GetUtcNow();
        var asked = TimeSpan.FromSeconds(1);
        if (answer.Headers.TryGetValues("X-Ratelimit-Reset", out var values)
            && double.TryParse(values.First(), out var reset)
            && double.IsFinite(reset))
        {
            // No server asks for thirty years: such a number is a point in time.
            asked = Larger(asked, reset > 1e9 ? reset - now.ToUnixTimeSeconds() : reset);
        }

        if (answer.Headers.RetryAfter is { } after)
        {
            asked = Larger(asked, (after.Delta ?? after.Date - now ?? TimeSpan.Zero).TotalSeconds);
        }

        return asked;

        static TimeSpan Larger(TimeSpan a, double seconds) =>
            TimeSpan.FromSeconds(Math.Clamp(seconds, a.TotalSeconds, Longest.TotalSeconds));
    }
}
