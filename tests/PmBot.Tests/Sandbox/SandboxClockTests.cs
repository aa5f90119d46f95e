using NUnit.Framework;
using PmBot.Sandbox;

namespace PmBot.Tests.Sandbox;

internal sealed class SandboxClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 30, 17, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Test]
    public void Pinned_it_stands_still_until_it_is_moved()
    {
        using var clock = SandboxClock.Pinned(Start);
        var moves = 0;
        clock.Moved += () => moves++;

        Assert.That(clock.GetUtcNow(), Is.EqualTo(Start));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.That(clock.GetUtcNow(), Is.EqualTo(Start.AddHours(1)));
        clock.MoveTo(Start.AddDays(-1));
        Assert.That(clock.GetUtcNow(), Is.EqualTo(Start.AddDays(-1)));
        Assert.That(moves, Is.EqualTo(2));
    }

    [Test]
    public void Timestamps_measure_the_virtual_time()
    {
        using var clock = SandboxClock.Pinned(Start);
        var before = clock.GetTimestamp();

        clock.Advance(TimeSpan.FromMinutes(90));

        Assert.That(clock.GetElapsedTime(before), Is.EqualTo(TimeSpan.FromMinutes(90)));
    }

    [Test]
    public async Task A_delay_ends_when_the_clock_has_moved_far_enough_and_not_before()
    {
        using var clock = SandboxClock.Pinned(Start);
        var delay = Task.Delay(TimeSpan.FromHours(4), clock);
        // Due at the same moment as the first move's end: it proves that the move's timers have fired.
        var sooner = Task.Delay(TimeSpan.FromHours(3), clock);

        clock.Advance(TimeSpan.FromHours(3));
        await sooner.WaitAsync(Patience);
        Assert.That(delay.IsCompleted, Is.False);

        clock.Advance(TimeSpan.FromHours(1));
        await delay.WaitAsync(Patience);
    }

    [Test]
    public async Task A_periodic_timer_goes_on_from_where_the_clock_was_moved_to()
    {
        using var clock = SandboxClock.Pinned(Start);
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), clock);

        clock.Advance(TimeSpan.FromDays(7));
        Assert.That(await timer.WaitForNextTickAsync().AsTask().WaitAsync(Patience), Is.True);

        var next = timer.WaitForNextTickAsync().AsTask();
        Assert.That(next.IsCompleted, Is.False, "a jump over many periods is one tick");
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(await next.WaitAsync(Patience), Is.True);
    }

    [Test]
    public async Task After_a_move_backwards_a_timer_waits_no_longer_than_it_was_asked_to()
    {
        using var clock = SandboxClock.Pinned(Start);
        var delay = Task.Delay(TimeSpan.FromMinutes(5), clock);

        clock.MoveTo(Start.AddDays(-7));
        clock.Advance(TimeSpan.FromMinutes(5));

        await delay.WaitAsync(Patience);
    }

    [Test]
    public async Task A_disposed_timer_does_not_fire()
    {
        using var clock = SandboxClock.Pinned(Start);
        var fired = false;
        var timer = clock.CreateTimer(_ => fired = true, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);
        var later = Task.Delay(TimeSpan.FromMinutes(2), clock);

        await timer.DisposeAsync();
        clock.Advance(TimeSpan.FromMinutes(2));
        await later.WaitAsync(Patience);

        Assert.That(fired, Is.False);
        Assert.That(timer.Change(TimeSpan.Zero, TimeSpan.Zero), Is.False);
    }

    [Test]
    public async Task A_move_does_not_run_the_callbacks_under_the_movers_feet()
    {
        using var clock = SandboxClock.Pinned(Start);
        var seen = new TaskCompletionSource<DateTimeOffset>(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new Lock();
        await using var timer = clock.CreateTimer(_ =>
        {
            lock (gate)
            {
                seen.SetResult(clock.GetUtcNow());
            }
        }, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan);

        lock (gate)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            Assert.That(seen.Task.IsCompleted, Is.False);
        }

        Assert.That(await seen.Task.WaitAsync(Patience), Is.EqualTo(Start.AddMinutes(1)));
    }

    [Test]
    public async Task Running_it_flows_and_fires_by_real_time_and_by_moves()
    {
        using var clock = SandboxClock.Running(Start);
        Assert.That(clock.GetUtcNow(), Is.GreaterThanOrEqualTo(Start).And.LessThan(Start.AddMinutes(1)));

        await Task.Delay(TimeSpan.FromMilliseconds(20), clock).WaitAsync(Patience);

        var far = Task.Delay(TimeSpan.FromDays(40), clock);
        clock.Advance(TimeSpan.FromDays(40));
        await far.WaitAsync(Patience);
        Assert.That(clock.GetUtcNow(), Is.GreaterThan(Start.AddDays(40)));
    }
}
