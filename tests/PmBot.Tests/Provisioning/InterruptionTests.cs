using NUnit.Framework;
using PmBot.Provisioning;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Provisioning;

/// <summary>
/// A run that ends too early, wherever it does, is finished by the next one: the same is there afterwards as if it had run through.
/// </summary>
[Parallelizable(ParallelScope.All)]
internal sealed class InterruptionTests
{
    private static readonly FaultKind[] Faults = [new FaultKind.DropBefore(), new FaultKind.DropAfter(), new FaultKind.Status(500)];

    [TestCaseSource(nameof(Faults))]
    [CancelAfter(180_000)]
    public async Task A_call_that_fails_at_any_place(FaultKind fault)
    {
        var (setUp, settings, writes, _) = await ThroughAsync();
        for (var n = 1; n <= writes; n++)
        {
            await using var team = await ProvisionTeam.StartAsync();
            Break(team, n, fault);
            var broken = await team.ProvisionAsync();
            Assert.That(broken.Code, Is.EqualTo(1), $"call {n} of {writes}");
            Assert.That(broken.Error, Does.StartWith("Stopped at: ").And.Contain("Run the same again"));

            await FinishAsync(team, setUp, settings, $"call {n} of {writes}: {fault}");
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    [CancelAfter(180_000)]
    public async Task The_process_dies_at_any_write_of_its_file(bool afterwards)
    {
        var (setUp, settings, _, saves) = await ThroughAsync();
        for (var n = 1; n <= saves; n++)
        {
            await using var team = await ProvisionTeam.StartAsync();
            await DiesAsync(() => team.ProvisionAsync(file: new DeadlyFile(new SettingsFile(team.Path), n, afterwards)));

            await FinishAsync(team, setUp, settings, $"write {n} of {saves}");
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task The_process_dies_again_and_again()
    {
        var (setUp, settings, _, saves) = await ThroughAsync();
        await using var team = await ProvisionTeam.StartAsync();

        // Seeded, so that a run can be repeated; nothing secret depends on it.
#pragma warning disable CA5394
        var random = new Random(5);
        var deaths = 0;
        while (true)
        {
            try
            {
                await team.ProvisionAsync(file: new DeadlyFile(new SettingsFile(team.Path), random.Next(1, 5), afterwards: random.Next(2) == 0));
                break;
            }
            catch (ThreadInterruptedException)
            {
                Assert.That(++deaths, Is.LessThanOrEqualTo(saves * 4), "it gets on");
            }
        }
#pragma warning restore CA5394

        Assert.That(deaths, Is.GreaterThan(5));
        await FinishAsync(team, setUp, settings, "after many deaths");
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task Deprovision_that_is_interrupted_is_finished_by_the_next()
    {
        int deletes, saves;
        IReadOnlyList<string> setUp;
        await using (var team = await ProvisionTeam.StartAsync())
        {
            await team.ProvisionAsync();
            var before = team.Writes.Count;
            var file = new DeadlyFile(new SettingsFile(team.Path), 0, afterwards: false);
            Assert.That((await team.DeprovisionAsync(file: file)).Code, Is.Zero);
            (deletes, saves, setUp) = (team.Writes.Count - before, file.Writes, team.Server.SetUp());
            Assert.That(setUp, Has.Count.EqualTo(1));
        }

        for (var n = 1; n <= deletes; n++)
        {
            foreach (var fault in Faults)
            {
                await using var team = await ProvisionTeam.StartAsync();
                await team.ProvisionAsync();
                Break(team, n, fault);
                Assert.That((await team.DeprovisionAsync()).Code, Is.EqualTo(1), $"call {n}: {fault}");
                var next = await team.DeprovisionAsync();
                Assert.That(next.Code, Is.Zero, $"call {n}: {fault}: {next.Error}");
                Assert.That(team.Server.SetUp(), Is.EqualTo(setUp), $"call {n}: {fault}");
                Assert.That(File.Exists(team.Path), Is.False);
            }
        }

        for (var n = 1; n <= saves; n++)
        {
            await using var team = await ProvisionTeam.StartAsync();
            await team.ProvisionAsync();
            await DiesAsync(() => team.DeprovisionAsync(file: new DeadlyFile(new SettingsFile(team.Path), n, afterwards: false)));
            Assert.That((await team.DeprovisionAsync()).Code, Is.Zero, $"write {n}");
            Assert.That(team.Server.SetUp(), Is.EqualTo(setUp), $"write {n}");
            Assert.That(File.Exists(team.Path), Is.False);
        }
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task A_provisioning_that_was_interrupted_can_be_taken_back()
    {
        var (_, _, writes, _) = await ThroughAsync();
        for (var n = 1; n <= writes; n++)
        {
            await using var team = await ProvisionTeam.StartAsync();
            var clean = team.Server.SetUp();
            Break(team, n, new FaultKind.DropAfter());
            await team.ProvisionAsync();
            var back = await team.DeprovisionAsync();
            Assert.That(back.Code, Is.Zero, $"call {n}: {back.Error}");
            Assert.That(team.Server.SetUp().Where(l => !l.StartsWith("bot ", StringComparison.Ordinal)), Is.EqualTo(clean), $"call {n}");
            Assert.That(team.Server.SetUp().Single(l => l.StartsWith("bot ", StringComparison.Ordinal)), Does.Contain(" disabled").And.Contain("tokens: 0"), $"call {n}");
            Assert.That(File.Exists(team.Path), Is.False, $"call {n}");
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task First_words_that_nobody_can_look_for_any_more_do_not_stop_deprovision()
    {
        await using var team = await ProvisionTeam.StartAsync();
        team.Server.Faults.Add("POST", "/api/v4/posts", new FaultKind.DropAfter());
        Assert.That((await team.ProvisionAsync()).Error, Does.StartWith("Stopped at: first words in ~"));
        team.Server.RevokeToken(team.Server.Tokens(team.Server.FindUser("pm-bot")!).Single().Id);
        var back = await team.DeprovisionAsync();
        Assert.That(back.Code, Is.Zero, back.Error);
        Assert.That(back.Output, Does.Contain("left           first words in ~"));
        Assert.That(team.Server.SetUp().Where(l => !l.StartsWith("post of ", StringComparison.Ordinal)).Single(), Does.StartWith("bot pm-bot ").And.Contain(" disabled"));
    }

    [Test]
    [CancelAfter(180_000)]
    public async Task A_file_that_cannot_be_written_any_more_is_told_and_the_next_run_goes_on()
    {
        await using var team = await ProvisionTeam.StartAsync();
        var clean = team.Server.SetUp();
        foreach (var n in new[] { 1, 2, 9 })
        {
            var made = await team.ProvisionAsync(file: new DeadlyFile(new SettingsFile(team.Path), n, afterwards: false, new IOException("No space left on device")));
            Assert.That(made.Code, Is.EqualTo(1));
            Assert.That(made.Error, Does.StartWith("Stopped at: ").And.Contain("pmbot.json cannot be written: No space left on device.").And.Contain("Run the same again"));
        }

        Assert.That((await team.ProvisionAsync()).Code, Is.Zero);
        foreach (var n in new[] { 1, 2, 9 })
        {
            var back = await team.DeprovisionAsync(file: new DeadlyFile(new SettingsFile(team.Path), n, afterwards: false, new IOException("No space left on device")));
            Assert.That(back.Code, Is.EqualTo(1));
            Assert.That(back.Error, Does.StartWith("Stopped at: ").And.Contain("pmbot.json cannot be written: No space left on device.").And.Contain("Run the same again"));
        }

        Assert.That((await team.DeprovisionAsync()).Code, Is.Zero);
        Assert.That(team.Server.SetUp().Where(l => !l.StartsWith("bot ", StringComparison.Ordinal)), Is.EqualTo(clean));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task An_account_that_somebody_else_made_meanwhile_is_not_taken_for_ours()
    {
        await using var team = await ProvisionTeam.StartAsync();
        Break(team, 1, new FaultKind.DropBefore());
        Assert.That((await team.ProvisionAsync()).Error, Does.StartWith("Stopped at: bot account @pm-bot."));
        team.Server.Faults.Clear();
        team.Server.AddBot("pm-bot", "Theirs");
        Assert.That((await team.ProvisionAsync()).Code, Is.Zero);
        Assert.That((await team.DeprovisionAsync()).Code, Is.Zero);
        Assert.That(team.Server.SetUp().Single(), Does.StartWith("bot pm-bot \"Theirs\"").And.Not.Contain("disabled"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_pause_that_the_server_asks_for_is_waited_for()
    {
        await using var team = await ProvisionTeam.StartAsync();
        Break(team, 3, new FaultKind.RateLimited(1));
        var run = await team.ProvisionAsync();
        Assert.That(run.Code, Is.Zero, run.Error);
    }

    /// <summary>What an undisturbed run leads to, and how many calls and writes it takes.</summary>
    private static async Task<(IReadOnlyList<string> SetUp, string Settings, int Writes, int Saves)> ThroughAsync()
    {
        await using var team = await ProvisionTeam.StartAsync();
        var file = new DeadlyFile(new SettingsFile(team.Path), 0, afterwards: false);
        var run = await team.ProvisionAsync(file: file);
        Assert.That(run.Code, Is.Zero, run.Error);
        Assert.That(team.Writes, Has.Count.GreaterThan(15));
        return (team.Server.SetUp(), team.Settings(), team.Writes.Count, file.Writes);
    }

    private static async Task DiesAsync(Func<Task> run)
    {
        try
        {
            await run();
            Assert.Fail("It lived.");
        }
        catch (ThreadInterruptedException)
        {
            // As it was meant to.
        }
    }

    private static void Break(ProvisionTeam team, int n, FaultKind kind)
    {
        var count = 0;
        team.Server.Faults.Add(new Fault(call => ProvisionTeam.IsWrite(call.Method, call.Path) && ++count == n, kind));
    }

    private static async Task FinishAsync(ProvisionTeam team, IReadOnlyList<string> setUp, string settings, string where)
    {
        team.Server.Faults.Clear();
        var next = await team.ProvisionAsync();
        Assert.That(next.Code, Is.Zero, $"{where}: {next.Error}");
        Assert.That(team.Server.SetUp(), Is.EqualTo(setUp), where);
        Assert.That(team.Settings(), Is.EqualTo(settings), where);
        await ProvisionTests.AssertTokensAsync(team);
        var writes = team.Writes.Count;
        Assert.That((await team.ProvisionAsync()).Output, Does.EndWith("Nothing was changed.\n"), where);
        Assert.That(team.Writes, Has.Count.EqualTo(writes), where);
    }
}
