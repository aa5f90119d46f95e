using NodaTime;
using PmBot.Agenda;
using PmBot.Rotations;
using PmBot.Storage;

namespace PmBot.Sandbox.Page;

/// <summary>What the team waits for, as the bot knows it.</summary>
/// <param name="Handoff">When a duty changes hands next; null if none does.</param>
/// <param name="Meeting">When a meeting begins next; null if none does.</param>
/// <param name="MeetingName">What that meeting is called.</param>
internal sealed record Upcoming(DateTimeOffset? Handoff, DateTimeOffset? Meeting, string MeetingName)
{
    private static readonly Duration Horizon = Duration.FromDays(100);

    /// <summary>Asks the bot's own store; null while the bot does not run.</summary>
    public static async Task<Upcoming?> OfAsync(SandboxTeam? team, CancellationToken cancellationToken)
    {
        if (team is not { IsBotRunning: true })
        {
            return null;
        }

        var now = Instant.FromDateTimeOffset(team.Clock.GetUtcNow());
        return await team.Bot.GetRequiredService<IStore>().ReadAsync(
            t =>
            {
                var handoff = t.RotationsOf(team.Team.Id).Min(r => (Instant?)r.NextHandoff);
                var meeting = t.MeetingsOf(team.Team.Id, now)
                    .SelectMany(m => m.Plan.Between(now, now + Horizon).Where(o => o.Start > now).Take(1), (m, o) => (m.Plan.Name, o.Start))
                    .OrderBy(m => m.Start)
                    .FirstOrDefault();
                return new Upcoming(
                    handoff?.ToDateTimeOffset(), meeting.Name is null ? null : meeting.Start.ToDateTimeOffset(), meeting.Name ?? "");
            },
            cancellationToken);
    }
}
