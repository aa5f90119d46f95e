using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.Backups;

/// <summary>After the restore of an older backup nothing that was announced since is announced twice, and what was not is not lost.</summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(120_000)]
internal sealed class RestoredTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 30, 17, 0, 0, TimeSpan.Zero);

    [Test]
    public async Task A_handoff_that_was_announced_after_the_backup_is_there_once(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        await BackupAsync(edge, cancellationToken);
        edge.Clock.MoveTo(Monday);
        await edge.SettledAsync();
        var before = Posts(edge);
        Assert.That(Announcements(edge), Is.EqualTo(1));

        await RestoreAsync(edge, cancellationToken);
        await edge.SettledAsync();
        Assert.That(Posts(edge), Is.EqualTo(before), "announcement and direct messages");

        // It knows the post as its own: the button works, and what stands there follows.
        var acknowledged = await edge.PressAsync(edge.Team.Adam, edge.Button("I've got it"));
        Assert.That(acknowledged.Status, Is.EqualTo(200));
        await edge.SettledAsync();
        Assert.That(edge.Team.Server.Posts(edge.Team.ProductManagement).Last(p => p.Message.StartsWith("#### PM rotation: week of Mon, Nov 30", StringComparison.Ordinal)).Actions, Is.Empty);

        // And from then on all is as ever.
        edge.Clock.MoveTo(Monday.AddDays(7));
        await edge.SettledAsync();
        Assert.That(edge.Team.Server.Posts(edge.Team.ProductManagement).Count(p => p.Message.StartsWith("#### PM rotation: week of Mon, Dec 7", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task A_handoff_that_nobody_announced_is_announced(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        await BackupAsync(edge, cancellationToken);
        edge.Clock.MoveTo(Monday.AddDays(-1));
        await edge.SettledAsync();
        await edge.Team.StopBotAsync();
        edge.Clock.MoveTo(Monday.AddMinutes(1));
        await RestoreAsync(edge, cancellationToken);
        await edge.SettledAsync();
        Assert.That(Announcements(edge), Is.EqualTo(1));
    }

    [Test]
    public async Task What_waited_at_the_backup_and_was_sent_since_is_there_once(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        edge.Team.Server.Faults.Add("POST", "/api/v4/posts", new FaultKind.Status(401), int.MaxValue);
        await edge.MustAsync("cover next monday @jason.b", "jason.b has");
        while (await WaitingAsync(edge, "state = 0 and attempts > 0") == 0)
        {
            await Task.Delay(5, cancellationToken);
        }

        await BackupAsync(edge, cancellationToken);
        edge.Team.Server.Faults.Clear();
        edge.Clock.Advance(TimeSpan.FromMinutes(2));
        await edge.SettledAsync();
        while (await WaitingAsync(edge, "state < 2") > 0)
        {
            edge.Clock.Advance(TimeSpan.FromMinutes(1));
            await edge.SettledAsync();
        }

        var before = Posts(edge);
        await RestoreAsync(edge, cancellationToken);
        while (await WaitingAsync(edge, "state < 2") > 0)
        {
            edge.Clock.Advance(TimeSpan.FromMinutes(1));
            await edge.SettledAsync();
        }

        Assert.That(Posts(edge), Is.EqualTo(before));
    }

    [Test]
    public async Task A_week_of_the_schedule_is_told_once(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["PmBot:Admins:0"] = "katie.w" });
        await edge.Team.Server.TypeAsync(edge.Team.Sam, edge.Team.ProductManagement, "/cr-assign new SAML group sync --customer ACME");
        await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, "/agenda add Pricing of guests --time 10m");
        await edge.SettledAsync();
        await BackupAsync(edge, cancellationToken);

        // Monday's handoff and reminder with nobody's acknowledgement, Tuesday's, Wednesday's agenda.
        await edge.Team.PassTimeAsync(Monday.AddDays(2).AddMinutes(-30), null, cancellationToken);
        await edge.SettledAsync();
        var before = Posts(edge);
        await RestoreAsync(edge, cancellationToken);
        await edge.SettledAsync();
        var after = Posts(edge);
        Assert.That(before.Count(p => p.Contains("week of Mon, Nov 30", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(before, Has.Some.Contains("Pricing of guests"));
        Assert.That(after, Is.EqualTo(before));
    }

    [TestCase(true, Description = "said since the backup")]
    [TestCase(false, Description = "not said yet; what was said when the time was over is not taken for them")]
    public async Task The_minutes_of_a_meeting_that_nobody_ended_are_posted_once(bool isOver, CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, "/agenda add Pricing of guests --time 10m");
        await edge.Team.PassTimeAsync(Monday.AddDays(2), null, cancellationToken);
        await edge.SettledAsync();
        await edge.Team.Server.TypeAsync(edge.Team.Katie, edge.Team.ProductManagement, "/agenda start");
        await edge.SettledAsync();
        if (!isOver)
        {
            await BackupAsync(edge, cancellationToken);
        }

        await edge.Team.PassTimeAsync(Monday.AddDays(2).AddHours(1), null, cancellationToken);
        await edge.SettledAsync();
        Assert.That(Posts(edge), Has.One.Contains("The time of the PM sync is over"));
        if (isOver)
        {
            await BackupAsync(edge, cancellationToken);
            await edge.Team.PassTimeAsync(Monday.AddDays(8).AddMinutes(1), null, cancellationToken);
            await edge.SettledAsync();
        }
        else
        {
            await edge.Team.StopBotAsync();
            edge.Clock.MoveTo(Monday.AddDays(8).AddMinutes(1));
        }

        await RestoreAsync(edge, cancellationToken);
        await edge.SettledAsync();
        Assert.That(Posts(edge), Has.One.Contains("; nobody ended it"));
    }

    private static string Copy(Edge edge) => Path.Combine(edge.Folder, "copy.db");

    private static SqliteBackup Engine(Edge edge) => new($"Data Source={Path.Combine(edge.Folder, "pmbot.db")}", edge.Clock);

    private static Task<BackupMade> BackupAsync(Edge edge, CancellationToken cancellationToken) => Engine(edge).MakeAsync(Copy(edge), overwrite: false, cancellationToken);

    private static async Task RestoreAsync(Edge edge, CancellationToken cancellationToken)
    {
        await edge.Team.StopBotAsync();

        // The server has forgotten the pending ids by then; what is found is found by its key.
        edge.Clock.Advance(TimeSpan.FromMinutes(5));
        await Engine(edge).RestoreAsync(Copy(edge), cancellationToken);
        await edge.StartBotAsync();
    }

    private static Task<long> WaitingAsync(Edge edge, string where) =>
        edge.Store.ReadAsync(t => t.Query<long>($"select count(*) from deliveries where {where}")[0], CancellationToken.None);

    private static int Announcements(Edge edge) => edge.Team.Server.Posts(edge.Team.ProductManagement)
        .Count(p => p.UserId == edge.Team.BotUser.Id && p.Message.StartsWith("#### PM rotation: week of Mon, Nov 30", StringComparison.Ordinal));

    private static List<string> Posts(Edge edge) =>
        [.. edge.Team.Server.Posts().Where(p => p.UserId == edge.Team.BotUser.Id).Select(p => $"{p.Channel}: {p.Message}")];
}
