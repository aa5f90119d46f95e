using NUnit.Framework;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Requests;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Agenda;

/// <summary>What is not taken, and can be sent again: by command while Mattermost cannot be asked, by a form that was not right.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class MeetingTroubleTests : RequestTeam
{
    [Test]
    public async Task A_meeting_is_not_run_while_it_is_not_known_where_to_post()
    {
        await TypeAsync(Team.Katie, "/agenda add First");
        await GoToAsync("2026-12-02 09:00");
        await RestartAsync();
        Assert.That(await TypeAsync(Team.Katie, "/agenda start"), Does.StartWith("I could not look up the meeting's channel:").And.Contain("Nothing was changed."));
        Server.Faults.Clear();
        Assert.That(await TypeAsync(Team.Katie, "/agenda start"), Does.Contain("is under way"));
        await RestartAsync();
        Assert.That(await TypeAsync(Team.Katie, "/agenda next"), Does.StartWith("I could not look up the meeting's channel:").And.Contain("Nothing was changed."));
        Assert.That(await TypeAsync(Team.Katie, "/agenda end"), Does.StartWith("I could not look up the meeting's channel:").And.Contain("Nothing was changed."));
        Server.Faults.Clear();
        Assert.That(await TypeAsync(Team.Katie, "/agenda end"), Does.Contain("its minutes are in the thread"));
        Assert.That(Texts(Team.ProductManagement), Has.Some.StartWith("#### Minutes: PM sync"));
    }

    [Test]
    public async Task A_form_that_was_refused_is_submitted_again_corrected()
    {
        await TypeAsync(Team.Adam, "/agenda release Guests: done");
        await TypeAsync(Team.Adam, "/agenda release");
        Assert.That((await Server.SubmitDialogAsync(Team.Adam, [("text", "Guests: done")])).Error, Does.StartWith("That is what your update says already."));
        Assert.That((await Server.SubmitDialogAsync(Team.Adam, [("text", "Guests: in 7.10")])).Closed, Is.True);
        Assert.That(await TypeAsync(Team.Adam, "/agenda"), Does.Contain("Guests: in 7.10"));
    }

    /// <summary>A new process knows no channel yet, and is not told of any.</summary>
    private async Task RestartAsync()
    {
        await Team.StopBotAsync();
        Server.Faults.Add(new Fault(r => r.Method == "GET" && r.Path.Contains("/channels/name/", StringComparison.Ordinal), new FaultKind.Status(401), int.MaxValue));
        await StartBotAsync();
    }
}
