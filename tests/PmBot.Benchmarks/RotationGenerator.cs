using System.Globalization;
using NodaTime;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Benchmarks;

/// <summary>A workspace to be filled with rotations.</summary>
/// <param name="TeamId">The team.</param>
/// <param name="ChannelId">Where its rotations are announced; null for nowhere.</param>
/// <param name="People">Who is in them.</param>
internal sealed record RotatingTeam(string TeamId, string? ChannelId, IReadOnlyList<Person> People)
{
    /// <summary>A team that nobody announces anything to, for stores that are only read.</summary>
    public static RotatingTeam Silent(int number) => new(
        $"rotating{number.ToString("D5", CultureInfo.InvariantCulture)}".PadRight(26, 'x'), null,
        [.. Enumerable.Range(1, 5).Select(n => new Person($"turn{n}of{number}".PadRight(26, 'x'), $"turn.{n}.of.{number}"))]);
}

/// <summary>Fills a store with rotations that have been going on for a while.</summary>
internal static class RotationGenerator
{
    private const int PastShifts = 12;

    /// <summary>Writes them.</summary>
    /// <param name="store">The store.</param>
    /// <param name="teams">The workspaces.</param>
    /// <param name="each">How many rotations each has; the bot itself makes no more than 50.</param>
    /// <param name="schedule">When their duty changes hands, by their number in the team.</param>
    /// <param name="now">The present.</param>
    public static async Task WriteAsync(IStore store, IEnumerable<RotatingTeam> teams, int each, Func<int, HandoffSchedule> schedule, Instant now)
    {
        foreach (var some in teams.SelectMany(team => Enumerable.Range(0, each).Select(n => (Team: team, Number: n))).Chunk(500))
        {
            await store.ExecuteAsync(
                t =>
                {
                    foreach (var (team, number) in some)
                    {
                        Write(t, team, number, schedule(number), now);
                    }

                    return true;
                },
                CancellationToken.None);
        }
    }

    private static void Write(IWriteTransaction transaction, RotatingTeam team, int number, HandoffSchedule schedule, Instant now)
    {
        if (number == 0 && transaction.Find(Workspace.Table, team.TeamId) is null)
        {
            transaction.Save(Workspace.Table, new Workspace { Id = team.TeamId, CreatedBy = team.People[0].Id });
        }

        // Made so long ago that the past shifts, of a week each, lie between then and now; the channel comes last, for nothing is to be announced of them.
        var begun = now - Duration.FromDays(7 * PastShifts) + Duration.FromSeconds(number);
        var id = $"{team.TeamId[..13]}-{number.ToString("D6", CultureInfo.InvariantCulture)}";
        var empty = Rotation.Create(id, team.TeamId, number == 0 ? "PM rotation" : $"Rotation {number}", team.People[0].Id, schedule, begun) with
        {
            IsFirst = number == 0,
            Notice = null,
            ReminderMinutes = null,
            Duties = RotationTexts.DefaultDuties(Practice.Y2020),
        };
        var made = team.People.Aggregate(empty, (r, p) => r.Add(new Member(p.Id, p.Name, p.Name, "", []), schedule.DateOf(begun)));
        var going = made.AdvanceTo(now)!;
        foreach (var past in going.Past)
        {
            transaction.Append(id, past);
        }

        transaction.Save(RotationStore.Table, going.Rotation with { AnnounceChannelId = team.ChannelId });
    }
}
