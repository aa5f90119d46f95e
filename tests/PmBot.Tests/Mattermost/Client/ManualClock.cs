using System.Threading.Channels;

namespace PmBot.Tests.Mattermost.Client;

/// <summary>A clock that moves only when it is told to. It says when somebody begins to wait for it.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private readonly Channel<bool> _begun = Channel.CreateUnbounded<bool>();
    private DateTimeOffset _now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes once for each time that somebody began to wait.</summary>
    public async Task SomebodyWaits()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _begun.Reader.ReadAsync(patience.Token);
    }

    public void Advance(TimeSpan by)
    {
        List<Timer> due;
        lock (_lock)
        {
            _now += by;
            due = _timers.FindAll(t => t.Due <= _now);
            _timers.RemoveAll(due.Contains);
        }

        due.ForEach(t => t.Callback());
    }

    private sealed class Timer(ManualClock clock, Action callback) : ITimer
    {
        public Action Callback { get; } = callback;

        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                if (dueTime >= TimeSpan.Zero)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                    clock._begun.Writer.TryWrite(true);
                }
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
