using PmBot.Sandbox.StandIn;

namespace PmBot.Sandbox.Page;

/// <summary>A passage of time under way: until when, and what came last.</summary>
/// <param name="Until">When it ends.</param>
/// <param name="IsPlay">Whether it pauses at what happens, for people to follow.</param>
/// <param name="Latest">What came last on the way; empty as long as nothing did.</param>
internal sealed record Passing(DateTimeOffset Until, bool IsPlay, string Latest);

/// <summary>
/// Lets time pass in the sandbox. Onwards the clock halts wherever something is due, so that the bot does it at its time; one passage is
/// under way at most, and a new one ends it.
/// </summary>
/// <param name="server">The server, whose clock is moved.</param>
/// <param name="team">The team with its bot; null if there is none, then the clock jumps.</param>
/// <param name="wall">How times are written.</param>
/// <param name="changes">Told of each step.</param>
internal sealed class Passage(StandInServer server, Func<SandboxTeam?> team, WallClock wall, Changes changes)
{
    // Longer than that nobody wants to wait for; the bot catches up as after an outage.
    private static readonly TimeSpan LongestWalk = TimeSpan.FromDays(35);

    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;
    private CancellationTokenSource? _stop;
    private Passing? _now;
    private int _seen;

    /// <summary>What is under way; null if nothing is.</summary>
    public Passing? Now
    {
        get
        {
            lock (_gate)
            {
                return _now;
            }
        }
    }

    /// <summary>Ends what is under way; the clock stays where it is.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stop?.Cancel();
        }
    }

    /// <summary>Moves the clock; ends when it has arrived, or was stopped on the way.</summary>
    /// <param name="to">Where to; back and very far it jumps.</param>
    /// <param name="pause">How long to stay, in real time, wherever people see something new; null for not at all.</param>
    public Task MoveAsync(DateTimeOffset to, TimeSpan? pause)
    {
        var stop = new CancellationTokenSource();
        lock (_gate)
        {
            _stop?.Cancel();
            _stop = stop;
            _last = MoveAfterAsync(_last, to, pause, stop);
            return _last;
        }
    }

    private async Task MoveAfterAsync(Task before, DateTimeOffset to, TimeSpan? pause, CancellationTokenSource stop)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        using var own = stop;
        try
        {
            Set(new Passing(to, pause is not null, ""));
            _seen = server.Journal.Count;
            await PassAsync(to, pause, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped, or another passage begins.
        }
        finally
        {
            lock (_gate)
            {
                _stop = _stop == stop ? null : _stop;
            }

            Set(null);
        }
    }

    private async Task PassAsync(DateTimeOffset to, TimeSpan? pause, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var far = to - server.Clock.GetUtcNow();
        if (team() is not { IsBotRunning: true } walking || far <= TimeSpan.Zero || far > LongestWalk)
        {
            server.Clock.MoveTo(to);
            return;
        }

        await walking.PassTimeAsync(to, HaltedAsync, cancellationToken);
        await walking.SettledAsync(cancellationToken);

        async Task HaltedAsync()
        {
            if (Fresh() is not { Count: > 0 } places)
            {
                return;
            }

            Set(new Passing(to, pause is not null, $"{wall.Short}, new in {string.Join(", ", places)}"));
            if (pause is { } time)
            {
                await Task.Delay(time, cancellationToken);
            }
        }
    }

    /// <summary>Where posts have come since the last look.</summary>
    private List<string> Fresh()
    {
        var journal = server.Journal;
        var places = journal.Skip(_seen).OfType<JournalEntry.PostCreated>()
            .Select(created => created.Channel.StartsWith('@') ? "direct messages" : "~" + created.Channel)
            .Distinct(StringComparer.Ordinal)
            .OrderByDescending(place => place, StringComparer.Ordinal)
            .ToList();
        _seen = journal.Count;
        return places;
    }

    private void Set(Passing? now)
    {
        lock (_gate)
        {
            _now = now;
        }

        changes.Note();
    }
}
