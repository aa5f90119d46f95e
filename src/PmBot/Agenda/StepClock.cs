using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost.Commands;
using PmBot.People;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>
/// Tells the owners of action steps, Fridays, what is due within a week or late: each of them once, in one message. The ledger sees to
/// it that it is said once.
/// </summary>
internal sealed class StepClock(
    AgendaDesk desk, Channels channels, AgendaMessages messages, StepFrames frames, AgendaTexts texts, Alarms alarms, Timetable timetable) : IAlarmed
{
    /// <summary>The kind of its alarms: one for each workspace's book.</summary>
    public const string AlarmKind = "steps";

    /// <summary>The ledger's kind.</summary>
    public const string DueKind = "steps.due";

    /// <summary>Steps that are due within so many days are told of.</summary>
    private const int DaysAhead = 7;

    /// <summary>Of use for a day.</summary>
    private static readonly Duration Useful = Duration.FromDays(1);

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
                    if (timetable.IsToBeSaid(transaction, DueKind, id, due.On, due.At, now, due.At + Useful))
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
        var lateFor = now - due > Timetable.Late ? When.Time(due, book.DateTimeZone(), now) : null;
        foreach (var owned in transaction.OpenSteps(book.Id, Until(on), int.MaxValue).GroupBy(s => s.Owner.Id, StringComparer.Ordinal).Where(g => !names.IsGone(g.Key)))
        {
            var steps = owned.ToList();
            messages.Tell(
                transaction, book.Id, owned.Key, "", texts.StepsDue(steps, names, places, Until(on), book.DateOf(now), lateFor),
                [frames.Done([.. steps.Take(AgendaTexts.MostDue)])], due + Useful);
        }
    }

    private static LocalDate Until(LocalDate on) => on.PlusDays(DaysAhead);
}
