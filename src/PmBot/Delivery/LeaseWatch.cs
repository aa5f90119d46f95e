using NodaTime;

namespace PmBot.Delivery;

/// <summary>A delivery that some process is sending.</summary>
/// <param name="Seq">Its place in the outbox.</param>
/// <param name="Lease">The number of its lease.</param>
/// <param name="LeaseUntil">Changes whenever the lease is renewed.</param>
public sealed record UnderWay(long Seq, long Lease, long LeaseUntil);

/// <summary>
/// Tells the leases of processes that are gone, or stand still, from those of others: nobody renewed them between several looks. Clocks are
/// not compared, so it makes no difference how much those of two machines differ, or that one is set; and a process that stood still itself
/// has not looked meanwhile.
/// </summary>
internal sealed class LeaseWatch
{
    /// <summary>How often leases are renewed and looked at.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(4);

    /// <summary>How long a lease holds at least after it was renewed.</summary>
    public static readonly Duration LeaseTime = Duration.FromTimeSpan(Every * (Looks - 1));

    private const int Looks = 4;

    private Dictionary<UnderWay, int> _looks = [];

    /// <summary>Looks at all leases of others.</summary>
    /// <returns>Those that nobody renewed in this look and the three before.</returns>
    public IReadOnlyList<UnderWay> Look(IEnumerable<UnderWay> present)
    {
        _looks = present.ToDictionary(p => p, p => _looks.GetValueOrDefault(p) + 1);
        return [.. _looks.Where(l => l.Value >= Looks).Select(l => l.Key)];
    }
}
