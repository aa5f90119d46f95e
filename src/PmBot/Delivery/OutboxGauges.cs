using System.Diagnostics.Metrics;
using PmBot.Storage;

namespace PmBot.Delivery;

/// <summary>How the outbox stands, as metrics. Each is read when it is asked for, from an index: it costs the same however much was ever sent.</summary>
internal static class OutboxGauges
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Adds them to a meter.</summary>
    public static void Add(Meter meter, Outbox outbox)
    {
        Observe("pmbot.outbox.waiting", "{delivery}", "Deliveries still to be made.", state => state.Waiting);
        Observe("pmbot.outbox.parked", "{delivery}", "Deliveries that could not succeed and wait for a person.", state => state.Parked);
        Observe("pmbot.outbox.oldest.age", "s", "How long the oldest delivery still to be made has waited; 0 if there is none.", state => state.OldestAge.TotalSeconds);

        void Observe<T>(string name, string unit, string description, Func<OutboxState, T> value)
            where T : struct => meter.CreateObservableGauge(name, () => Read(outbox).Select(state => new Measurement<T>(value(state))), unit, description);
    }

    /// <summary>The state; nothing while the store cannot be read, which health tells.</summary>
    private static IEnumerable<OutboxState> Read(Outbox outbox)
    {
        // Whoever asks cannot wait otherwise, and does so on a thread of its own.
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            return [outbox.StateAsync(limit.Token).GetAwaiter().GetResult()];
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            return [];
        }
    }
}
