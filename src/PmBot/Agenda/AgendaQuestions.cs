using NodaTime;
using PmBot.Meetings;
using PmBot.Rotations;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>What other features may ask of a workspace's agendas.</summary>
internal sealed class AgendaQuestions(IStore store) : IWaiting
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<WaitingLine>> WaitingAsync(Workspace workspace, DateTimeZone zone, Instant now, CancellationToken cancellationToken)
    {
        var meetings = await store.ReadAsync(t => t.MeetingsOf(workspace.Id, now), cancellationToken);
        if (meetings.FirstOrDefault(m => m.Plan.Kind == MeetingKind.Sync && !m.Plan.IsOver)?.Settled(now).Meeting is not { } meeting || meeting.Items.All(i => meeting.DateOf(i) != meeting.On))
        {
            return [];
        }

        return [AgendaTexts.Waiting(meeting, now)];
    }
}
