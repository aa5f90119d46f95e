using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Requests;

namespace PmBot.Tests.Agenda;

/// <summary>
/// A team with an item, and a confidential one, on the agenda of Wed, Dec 2. Product managers are adam.c, katie.w (admin), jason.b and
/// aaron.r, who are in the private channel; sam.sales is neither.
/// </summary>
internal abstract class StepTeam : RequestTeam
{
    protected const string Secret = "Hush hiring plan";

    [SetUp]
    public async Task QueueAsync()
    {
        Assert.That(await TypeAsync(Team.Katie, "/cr-assign area set Integrations @katie.w @adam.c @jason.b @aaron.r"), Does.Contain("is owned together by"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda add Pricing of guests"), Does.StartWith("Item 1 "));
        Assert.That(await TypeAsync(Team.Jason, Team.PmPrivate, $"/agenda add {Secret} --private"), Does.StartWith("Item P1 "));
    }

    protected IReadOnlyList<ChatPost> Told(ChatUser user) => Server.Direct(Team.BotUser, user);

    /// <summary>What somebody heard directly of a step.</summary>
    protected IReadOnlyList<string> Told(ChatUser user, string about) => [.. Told(user).Select(p => p.Message).Where(m => m.Contains(about, StringComparison.Ordinal))];

    /// <summary>Fridays' messages.</summary>
    protected IReadOnlyList<string> Fridays(ChatUser user) => Told(user, "#### Your action steps");

    /// <summary>What was said under the oldest post with a text, the oldest first.</summary>
    protected IReadOnlyList<string> Thread(ChatChannel channel, string root)
    {
        var id = Server.Posts(channel).First(p => p.RootId.Length == 0 && p.Message.Contains(root, StringComparison.Ordinal)).Id;
        return [.. Server.Posts(channel).Where(p => p.RootId == id).Select(p => p.Message)];
    }

    /// <summary>Presses the newest such button in a user's direct messages.</summary>
    /// <returns>What they read.</returns>
    protected async Task<string> PressDirectAsync(ChatUser user, string button)
    {
        var post = Told(user).Last(p => p.Actions.Any(a => a.Name == button));
        return await PressAsync(user, post, button);
    }

    /// <summary>Presses the newest such button in a channel.</summary>
    protected Task<string> PressAsync(ChatUser user, ChatChannel channel, string button) => PressAsync(user, Server.Posts(channel).Last(p => p.Actions.Any(a => a.Name == button)), button);

    protected async Task<string> PressAsync(ChatUser user, ChatPost post, string button)
    {
        var result = await Server.PressAsync(user, post.Id, button);
        await Team.SettledAsync(Patience);
        return string.Concat(result.Ephemerals.Select(e => e.Message));
    }

    protected async Task<DialogResult> SubmitAsync(ChatUser user, params (string Name, string? Value)[] values)
    {
        var result = await Server.SubmitDialogAsync(user, values);
        await Team.SettledAsync(Patience);
        return result;
    }

    /// <summary>The meeting of Dec 2 is under way, at the release updates.</summary>
    protected async Task StartMeetingAsync()
    {
        await GoToAsync("2026-12-02 09:00");
        Assert.That(await TypeAsync(Team.Katie, "/agenda start"), Does.Contain("is under way"));
    }

    protected Task<IReadOnlyList<ActionStep>> StepsAsync() =>
        Store.ReadAsync(t => t.OpenSteps(Team.Team.Id, NodaTime.LocalDate.MaxIsoValue, int.MaxValue), Patience);

    /// <summary>The clock of action steps, as the alarm runs it.</summary>
    protected Task RunStepClockAsync() => Team.Bot.GetRequiredService<StepClock>().RunAsync(Team.Team.Id, Patience);
}
