using NodaTime;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost.Commands;
using PmBot.People;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>
/// Tells the owners of action steps, Fridays, what is due within a week or late: each of them once, in one message. The ledger sees to
/// it that it is said once.
/// </summary>
internal sealed partial class StepClock(
    AgendaDesk desk, Channels channels, AgendaMessages messages, StepFrames frames, AgendaTexts texts, Alarms alarms, Telemetry telemetry, ILogger<StepClock> logger) : IAlarmed
{
    /// <summary>The kind of its alarms: one for each workspace's book.</summary>
    public const string AlarmKind = "steps";

    /// <summary>The ledger's kind.</summary>
    public const string DueKind = "steps.due";

    /// <summary>Steps that are due within so many days are told of.</summary>
    private const int DaysAhead = 7;

    /// <summary>Of use for a day.</summary>
    private static readonly Duration Useful = Duration.FromDays(1);

    /// <summary>Something told this much after its time says for when it was.</summary>
    private static readonly Duration Late = Duration.FromMinutes(5);

    public string Kind => AlarmKind;

    /// <inheritdoc/>
    public async Task RunAsync(string id, CancellationToken cancellationToken)
    {
        var seen = await desk.Store.ReadAsync(t => t.Find(AgendaStore.Books, id), cancellationToken);
        if (seen?.Steps.NextAt is not { } next || next > desk.Now())
        {
            alarms.Set(AlarmKind, id);
            return;
        }

        var steps = await desk.Store.ReadAsync(t => t.OpenSteps(id, Until(seen.DateOf(desk.Now())), int.MaxValue), cancellationToken);
        var names = await desk.People.NamesAsync(steps.Select(s => s.Owner.Id), cancellationToken);
        var places = await channels.NamesAsync(steps.Where(s => s.IsPrivate).Select(s => s.Origin.Post?.ChannelId), cancellationToken);
        await desk.Store.ExecuteAsync(
            transaction =>
            {
                var now = desk.Now();
                if (transaction.Find(AgendaStore.Books, id) is { } book && book.Steps.LatestDue(now, book.DateTimeZone()) is { } due)
                {
                    if (IsToBeSaid(transaction, id, due.On, due.At, now))
                    {
                        Tell(transaction, book, due.On, due.At, names, places, now);
                    }

                    transaction.Save(AgendaStore.Books, book with { Steps = book.Steps.Done(now, book.DateTimeZone()) });
                }

                transaction.AfterCommit(() => alarms.Set(AlarmKind, id));
                return true;
            },
            cancellationToken);
    }

    private void Tell(
        IWriteTransaction transaction, AgendaBook book, LocalDate on, Instant due, Names names, IReadOnlyDictionary<string, string> places, Instant now)
    {
        var lateFor = now - due > Late ? When.Time(due, book.DateTimeZone(), now) : null;
        foreach (var owned in transaction.OpenSteps(book.Id, Until(on), int.MaxValue).GroupBy(s => s.Owner.Id, StringComparer.Ordinal).Where(g => !names.IsGone(g.Key)))
        {
            var steps = owned.ToList();
            messages.Tell(
                transaction, book.Id, owned.Key, "", texts.StepsDue(steps, names, places, Until(on), book.DateOf(now), lateFor),
                [frames.Done([.. steps.Take(AgendaTexts.MostDue)])], due + Useful);
        }
    }

    private bool IsToBeSaid(IWriteTransaction transaction, string workspaceId, LocalDate on, Instant due, Instant now)
    {
        telemetry.Lag(DueKind, (now - due).ToTimeSpan());
        if (!transaction.TryOccur(DueKind, workspaceId, on, due, now))
        {
            return false;
        }

        if (now - due >= Useful)
        {
            Log.TooLate(logger, workspaceId);
            return false;
        }

        return true;
    }

    private static LocalDate Until(LocalDate on) => on.PlusDays(DaysAhead);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "What is due of the action steps of workspace {Workspace} was to be told more than a day ago and is of no more use")]
        public static partial void TooLate(ILogger logger, string workspace);
    }
}
