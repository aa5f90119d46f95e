namespace PmBot.Delivery;

/// <summary>A delivery that this process is sending, and what it knows of its lease.</summary>
/// <param name="delivery">The delivery.</param>
/// <param name="outbox">Asked whether the lease holds.</param>
/// <param name="time">Measures how old that knowledge is.</param>
/// <param name="since">A timestamp of <paramref name="time"/> from before the lease was taken.</param>
internal sealed class Sending(Leased delivery, Outbox outbox, TimeProvider time, long since) : IDisposable
{
    /// <summary>How long an attempt may take.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);

    /// <summary>A lease that was renewed so long ago is renewed before something is sent under it.</summary>
    private static readonly TimeSpan Fresh = LeaseWatch.Every * 1.5;

    /// <summary>Whoever knows so late that the lease held then, stood still meanwhile, and must ask again.</summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _limit = new(Longest);
    private long _renewed = since;

    /// <summary>The delivery.</summary>
    public Leased Delivery => delivery;

    /// <summary>Its attempt; completes when the outcome is recorded.</summary>
    public Task Attempt { get; private set; } = Task.CompletedTask;

    /// <summary>Ends the attempt when it takes too long, or when the lease is lost.</summary>
    public CancellationToken Limit => _limit.Token;

    /// <summary>Begins the attempt.</summary>
    public void Begin(Func<Sending, Task> attempt) => Attempt = attempt(this);

    /// <summary>Notes that the lease was renewed.</summary>
    /// <param name="asked">A timestamp from before that.</param>
    public void Renewed(long asked) => Interlocked.Exchange(ref _renewed, asked);

    /// <summary>Gives the attempt up, for others may have begun theirs.</summary>
    public async Task LoseAsync()
    {
        try
        {
            await _limit.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has just come to its end.
        }
    }

    /// <summary>
    /// Whether something may be sent now. Asked when all is ready for it, because the process may have stood still since the lease was taken,
    /// and others may have sent it meanwhile. In a store of its own nobody else can have.
    /// </summary>
    /// <exception cref="OperationCanceledException">The attempt was given up.</exception>
    public async ValueTask<bool> MayBeSentAsync(CancellationToken cancellationToken)
    {
        if (!outbox.IsShared)
        {
            return true;
        }

        var (asked, at) = (time.GetTimestamp(), time.GetUtcNow());
        bool holds;
        if (time.GetElapsedTime(Interlocked.Read(ref _renewed)) < Fresh)
        {
            holds = await outbox.HoldsAsync(delivery, cancellationToken);
        }
        else if (holds = (await outbox.RenewAsync([delivery], cancellationToken)).Count == 1)
        {
            Renewed(asked);
        }

        // Both clocks, for the one does not go on while a machine sleeps, and the other one can be set.
        return holds && time.GetElapsedTime(asked) < Prompt && time.GetUtcNow() - at < Prompt;
    }

    /// <inheritdoc/>
    public void Dispose() => _limit.Dispose();
}
