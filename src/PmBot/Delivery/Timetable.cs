using NodaTime;
using PmBot.Hosting;
using PmBot.Storage;

namespace PmBot.Delivery;

/// <summary>
/// What all that is said on schedule has in common: it is said once, it is not said when it is of no more use, and if it comes late it
/// says for when it was.
/// </summary>
internal sealed partial class Timetable(Telemetry telemetry, ILogger<Timetable> logger)
{
    /// <summary>Something told this much after its time says for when it was.</summary>
    public static readonly Duration Late = Duration.FromMinutes(5);

    /// <summary>Whether something that came due is to be said now; recorded in the ledger as having happened in any case.</summary>
    /// <param name="transaction">The transaction of what is said.</param>
    /// <param name="kind">The ledger's kind.</param>
    /// <param name="subject">The ledger's subject.</param>
    /// <param name="on">The local date for which it was due.</param>
    /// <param name="due">When it was due.</param>
    /// <param name="now">The present.</param>
    /// <param name="usefulUntil">From when on it is of no more use.</param>
    public bool IsToBeSaid(IWriteTransaction transaction, string kind, string subject, LocalDate on, Instant due, Instant now, Instant usefulUntil)
    {
        telemetry.Lag(kind, (now - due).ToTimeSpan());
        if (!transaction.TryOccur(kind, subject, on, due, now))
        {
            return false;
        }

        if (now >= usefulUntil)
        {
            Log.TooLate(logger, kind, subject);
            return false;
        }

        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Kind} of {Subject} came due too long ago and is of no more use")]
        public static partial void TooLate(ILogger logger, string kind, string subject);
    }
}
