namespace PmBot.Sandbox;

/// <summary>
/// A clock that one can move, with timers that live in its time. Pinned, it stands still until it is moved; running, it is the
/// real time with an offset. Moving backwards is allowed: a timer then waits no longer than it was asked to.
/// </summary>
public sealed class SandboxClock : TimeProvider, IDisposable
{
    // The system's timer takes at most 49 days; waking up once a day for nothing costs nothing.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly HashSet<VirtualTimer> _timers = [];
    private readonly ITimer? _alarm;
    private DateTimeOffset _pinnedAt;
    private TimeSpan _offset;

    private SandboxClock(DateTimeOffset at, bool running)
    {
        _pinnedAt = at.ToUniversalTime();
        _offset = at - System.GetUtcNow();
        _alarm = running ? System.CreateTimer(_ => FireDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) : null;
    }

    /// <summary>Raised after each move, on the mover's thread.</summary>
    // There is nothing to tell but that it moved; sender and arguments would only be noise at every listener.
#pragma warning disable MA0046
    public event Action? Moved;
#pragma warning restore MA0046

    /// <summary>Whether real time flows; otherwise the clock stands still between moves.</summary>
    public bool IsRunning => _alarm is not null;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>A clock that stands still at the given time until it is moved.</summary>
    public static SandboxClock Pinned(DateTimeOffset at) => new(at, running: false);

    /// <summary>A clock that flows like real time from the given time on (from the real now if none is given).</summary>
    public static SandboxClock Running(DateTimeOffset? from = null) => new(from ?? System.GetUtcNow(), running: true);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return Now();
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Sets the time, forwards or backwards, and fires the timers that became due.</summary>
    public void MoveTo(DateTimeOffset time) => Move(_ => time);

    /// <summary>Moves the time by a span, and fires the timers that became due.</summary>
    public void Advance(TimeSpan by) => Move(now => now + by);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Stops the flow of real time into the timers.</summary>
    public void Dispose() => _alarm?.Dispose();

    private DateTimeOffset Now() => IsRunning ? System.GetUtcNow() + _offset : _pinnedAt;

    private void Move(Func<DateTimeOffset, DateTimeOffset> target)
    {
        lock (_gate)
        {
            _pinnedAt = target(Now()).ToUniversalTime();
            _offset = _pinnedAt - System.GetUtcNow();
            foreach (var timer in _timers)
            {
                timer.ShortenTo(_pinnedAt);
            }
        }

        FireDue();
        Moved?.Invoke();
    }

    private void FireDue()
    {
        List<VirtualTimer> due;
        lock (_gate)
        {
            var now = Now();
            due = [.. _timers.Where(timer => timer.DueAt <= now).OrderBy(timer => timer.DueAt)];
            foreach (var timer in due)
            {
                if (!timer.Rearm(now))
                {
                    _timers.Remove(timer);
                }
            }

            SetAlarm(now);
        }

        foreach (var timer in due)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static fired => fired.Fire(), timer, preferLocal: false);
        }
    }

    private void SetAlarm(DateTimeOffset now)
    {
        if (_alarm is null || _timers.Count == 0)
        {
            return;
        }

        var wait = _timers.Min(timer => timer.DueAt) - now;
        // A millisecond more than asked: the system's timer rounds down, and would wake up just before the time.
        var sleep = TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, LongestSleep.Ticks)) + TimeSpan.FromMilliseconds(1);
        _alarm.Change(sleep, Timeout.InfiniteTimeSpan);
    }

    private sealed class VirtualTimer(SandboxClock clock, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private TimeSpan _delay;
        private TimeSpan _period;
        private bool _disposed;

        public DateTimeOffset DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                clock._timers.Remove(this);
                _delay = dueTime;
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    DueAt = clock.Now() + dueTime;
                    clock._timers.Add(this);
                }
            }

            clock.FireDue();
            return true;
        }

        public void ShortenTo(DateTimeOffset now)
        {
            if (DueAt > now + _delay)
            {
                DueAt = now + _delay;
            }
        }

        // However many periods a move has jumped over, the timer fires once, as a system timer does after the machine slept.
        public bool Rearm(DateTimeOffset now)
        {
            if (_period <= TimeSpan.Zero)
            {
                return false;
            }

            _delay = _period;
            DueAt = now + _period;
            return true;
        }

        public void Fire()
        {
            if (_context is null)
            {
                callback(state);
            }
            else
            {
                ExecutionContext.Run(_context, _ => callback(state), null);
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
