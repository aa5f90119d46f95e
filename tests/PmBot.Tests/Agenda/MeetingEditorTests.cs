using NodaTime;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Requests;
using PmBot.Tests.Storage;
using PmBot.Workspaces;

namespace PmBot.Tests.Agenda;

/// <summary>Meetings are made, moved, cancelled and restored, with the real bot; what is queued for them stays.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class MeetingEditorTests : RequestTeam
{
    [TestCase("meeting create PM-Sync --every friday --at 10:00", "already")]
    [TestCase("meeting create \"?\" --every friday --at 10:00", "letters or digits")]
    [TestCase("meeting create A234567890123456789012345678901234567890123456789012345678901234567890 --every friday --at 10:00", "64 characters")]
    [TestCase("meeting create One --every someday --at 10:00", "weekly wednesday")]
    [TestCase("meeting create One --every friday --at 99", "is no time")]
    [TestCase("meeting create One --every friday --at 10:00 --zone Nowhere", "no time zone")]
    [TestCase("meeting create One --every friday --at 10:00 --kind party", "no kind")]
    [TestCase("meeting create One --every friday --at 10:00 --kind sync", "already")]
    [TestCase("meeting create One --every friday --at 10:00 --channel ~town-square", "no member")]
    [TestCase("meeting create One --every friday --at 10:00 --channel ~pm-private", "both")]
    [TestCase("meeting create One --every friday --at 10:00 --minutes 9h", "no length")]
    [TestCase("meeting set PM sync chair @twitter-feed", "is a bot")]
    [TestCase("meeting set PM sync cochairs adam.c", "no user")]
    [TestCase("meeting set PM sync at 07:00", "after the meeting's start")]
    [TestCase("meeting set PM sync agenda 7 days 08:00", "at most")]
    [TestCase("meeting set PM sync agenda 09:01", "after the meeting's start")]
    [TestCase("meeting set PM sync private ~product-management", "no private channel")]
    [TestCase("meeting set PM sync channel ~pm-private", "both")]
    [TestCase("meeting set PM sync name Roadmap QA", "already")]
    [TestCase("meeting set Roadmap kind sync", "already")]
    [TestCase("meeting set PM sync every weekly wednesday", "already")]
    [TestCase("meeting cancel PM sync --date 2026-12-03", "The nearest dates are Wed, Dec 2 and Wed, Dec 9.")]
    [TestCase("meeting cancel PM sync --date 2026-11-18", "is over")]
    [TestCase("meeting cancel PM sync --date 2026-11-25", "is over")]
    [TestCase("meeting cancel PM sync --date 2030-01-02", "more than a year")]
    [TestCase("meeting restore PM sync", "is not cancelled")]
    [TestCase("meeting restore PM sync --date 2026-12-02", "is not cancelled")]
    [TestCase("meeting cancel Nothing", "no meeting")]
    public async Task What_is_refused_changes_nothing(string text, string why)
    {
        await TypeAsync(Team.Katie, "/agenda add Something");
        var (before, posts) = (await StateAsync(), Server.Posts().Count);
        var said = await TypeAsync(Team.Katie, $"/agenda {text}");
        Assert.That(said, Does.Contain(why).And.Contain("Nothing was changed."));
        Assert.That((await StateAsync(), Server.Posts().Count), Is.EqualTo((before, posts)));
    }

    [Test]
    public async Task Only_admins_and_officers_may()
    {
        await TypeAsync(Team.Katie, "/agenda add Something");
        var before = await StateAsync();
        foreach (var text in (string[])["create One --every friday --at 10:00", "set PM sync at 10:00", "cancel PM sync", "cancel PM sync --date 2026-12-02", "restore PM sync"])
        {
            Assert.That(await TypeAsync(Team.Adam, $"/agenda meeting {text}"), Does.Contain("Only admins").And.Contain("Nothing was changed."), text);
        }

        Assert.That(await StateAsync(), Is.EqualTo(before));
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting set PM sync chair @adam.c"), Does.Contain("is adam.c now (was: nobody)"));
        Assert.That(Server.Direct(Team.BotUser, Team.Adam).Single().Message, Does.Contain("You are the chair of the PM sync now; katie.w said so."));
        Assert.That(await TypeAsync(Team.Adam, "/agenda meeting set PM sync at 10:00"), Does.Contain("Undo:"));
        Assert.That(await TypeAsync(Team.Adam, "/agenda meeting set Roadmap at 10:00"), Does.Contain("Only admins"), "of another meeting he is none");
        Assert.That(await TypeAsync(Team.Adam, "/agenda meeting set PM sync vicechair @adam.c"), Does.Contain("Undo:"));
        Assert.That(Server.Direct(Team.BotUser, Team.Adam), Has.Count.EqualTo(1), "nobody is told of what they did");
    }

    [Test]
    public async Task Moved_while_its_agenda_is_posted_it_keeps_its_items_and_the_posts_follow()
    {
        await TypeAsync(Team.Katie, "/agenda add First");
        await TypeAsync(Team.Katie, "/agenda add Second");
        await TypeAsync(Team.Katie, "/agenda add Later --date 2026-12-09");
        await GoToAsync("2026-12-02 08:10");
        var agenda = Agendas().Single();
        Assert.That(Buttons(agenda), Is.Not.Empty);

        // Another time of the same day: the post says so and stays.
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting set PM sync at 15:00"), Does.Contain("Its 3 items stay queued, 2 of them for Wed, Dec 2."));
        Assert.That(Server.FindPost(agenda.Id).Message, Does.Contain("15:00 to 15:30"));
        Assert.That(Buttons(Server.FindPost(agenda.Id)), Is.Not.Empty);
        Assert.That(Texts(Team.ProductManagement), Has.One.StartsWith("The PM sync is every Wednesday at 15:00"));

        // Another day: the post is closed, and the other day gets its own.
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting set PM sync every thursday"), Does.Contain("on **Thu, Dec 3, 15:00 PST**").And.Contain("meeting set PM sync every weekly wednesday"));
        var closed = Server.FindPost(agenda.Id);
        Assert.That((Buttons(closed).Count, closed.Attachments.Single().Text), Is.EqualTo((0, "It was moved to Thu, Dec 3, 15:00 PST.")));
        Assert.That(Cards(), Is.EqualTo(["**1. First**\nPM sync, Thu, Dec 3", "**2. Second**\nPM sync, Thu, Dec 3", "**1. Later**\nPM sync, Thu, Dec 10"]));
        await GoToAsync("2026-12-03 08:00");
        Assert.That(Agendas(), Has.Count.EqualTo(2));

        // And back: that day is over by now.
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting set PM sync every weekly wednesday"), Does.Contain("Wed, Dec 9"));
        Assert.That(Cards(), Is.EqualTo(["**1. First**\nPM sync, Wed, Dec 9", "**2. Second**\nPM sync, Wed, Dec 9", "**3. Later**\nPM sync, Wed, Dec 9"]), "they are numbered anew");
    }

    [Test]
    public async Task Under_way_it_is_neither_moved_nor_cancelled()
    {
        await TypeAsync(Team.Katie, "/agenda add First");
        await GoToAsync("2026-12-02 09:00");
        Assert.That(await TypeAsync(Team.Katie, "/agenda start"), Does.Contain("under way"));
        var before = await StateAsync();
        foreach (var text in (string[])["set PM sync at 10:00", "set PM sync every friday", "set PM sync zone Europe/London", "set PM sync minutes 60", "set PM sync kind plain", "cancel PM sync", "cancel PM sync --date today"])
        {
            Assert.That(await TypeAsync(Team.Katie, $"/agenda meeting {text}"), Does.Contain("under way since").And.Contain("Nothing was changed."), text);
        }

        Assert.That(await StateAsync(), Is.EqualTo(before));
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting cancel PM sync --date 2026-12-09"), Does.Contain("on **Wed, Dec 16, 09:00 PST**"), "a later date can be");
        await TypeAsync(Team.Katie, "/agenda end");
        Assert.That((await MeetingAsync()).On, Is.EqualTo(new LocalDate(2026, 12, 16)));
    }

    [Test]
    public async Task Cancelled_on_the_day_after_its_agenda_it_can_come_back()
    {
        await TypeAsync(Team.Katie, "/agenda add First");
        await GoToAsync("2026-12-02 08:10");
        var agenda = Agendas().Single();
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting cancel PM sync --date today --why Power cut"), Does.Contain("Its 1 item stays queued for Wed, Dec 9."));
        Assert.That(Texts(Team.ProductManagement)[^1], Is.EqualTo("The PM sync of Wed, Dec 2 does not take place: Power cut. The next one is on **Wed, Dec 9, 09:00 PST**."));
        Assert.That(Buttons(Server.FindPost(agenda.Id)), Is.Empty);
        Assert.That(Server.FindPost(agenda.Id).Attachments.Single().Text, Is.EqualTo("It does not take place: Power cut. Its items stay queued for Wed, Dec 9, 09:00 PST."));
        Assert.That(await TypeAsync(Team.Katie, "/agenda start"), Does.Contain("Nothing was changed."));

        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting restore PM sync --date today"), Does.Contain("--why Power cut"));
        Assert.That((await MeetingAsync()).On, Is.EqualTo(new LocalDate(2026, 12, 2)));
        Assert.That(Agendas(), Has.Count.EqualTo(2), "its agenda comes back, too");
        Assert.That(Cards(), Is.EqualTo(["**1. First**\nPM sync, Wed, Dec 2"]));
        await GoToAsync("2026-12-02 09:00");
        Assert.That(await TypeAsync(Team.Katie, "/agenda start"), Does.Contain("is under way"));
    }

    [Test]
    public async Task A_cancelled_date_is_told_on_the_day_once_and_not_at_all_after_it()
    {
        await TypeAsync(Team.Katie, "/agenda meeting cancel PM sync --date 2026-12-02 --date 2026-12-09 --why Holidays");
        await GoToAsync("2026-12-02 08:00");
        await GoToAsync("2026-12-02 12:00");
        Assert.That(Today(), Is.EqualTo(["There is no PM sync today: Holidays. The next one is on **Wed, Dec 16, 09:00 PST**."]));
        await Team.StopBotAsync();
        Clock.MoveTo(At("2026-12-10 12:00"));
        await StartBotAsync();
        await Team.SettledAsync(Patience);
        Assert.That(Today(), Has.Count.EqualTo(1), "of the second one nobody needs to hear any more");
        Assert.That(Agendas(), Is.Empty);
        Assert.That((await MeetingAsync()).On, Is.EqualTo(new LocalDate(2026, 12, 16)));

        // Less than a day before, once is enough.
        await GoToAsync("2026-12-15 09:00");
        await TypeAsync(Team.Katie, "/agenda meeting cancel PM sync --date tomorrow");
        await GoToAsync("2026-12-16 09:00");
        Assert.That(Today(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task For_good_it_keeps_its_items_and_says_nothing_any_more()
    {
        await TypeAsync(Team.Katie, "/agenda add First");
        await TypeAsync(Team.Katie, "/agenda add Hidden --private");
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting cancel PM sync --why Enough"), Is.EqualTo("The PM sync takes place no more: Enough. Its 2 items are kept. Undo: `/agenda meeting restore PM sync`"));
        Assert.That((await MeetingAsync()).NextDue, Is.Null);
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting create Other --every friday --at 10:00 --kind sync"), Does.Contain("is made"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting restore PM sync"), Does.Contain("already").And.Contain("Nothing was changed."));
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting cancel Other"), Does.Contain("no more"));
        await GoToAsync("2026-12-09 08:10");
        Assert.That(Agendas(), Is.Empty);
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting restore PM sync"), Does.Contain("on **Wed, Dec 9, 09:00 PST**").And.Contain("Its 2 items stay queued for Wed, Dec 9."));
        Assert.That(Agendas(), Has.Count.EqualTo(1));
        Assert.That(Agendas()[0].Message, Does.Contain("First").And.Not.Contain("Hidden"));
    }

    [Test]
    public async Task The_form_makes_one_meeting_and_answers_by_field()
    {
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting create"), Does.Contain("opened a form"));
        var wrong = await Server.SubmitDialogAsync(Team.Katie, Fields("", "x", "y", "z", "q"));
        Assert.That(wrong.Errors.Keys, Is.EquivalentTo(["name", "every", "at", "minutes", "zone"]));
        await TypeAsync(Team.Katie, "/agenda meeting create Design");
        Assert.That((await Server.SubmitDialogAsync(Team.Katie, Fields("Design", "last friday", "10:00", "45", "Europe/London"))).Closed, Is.True);
        await Team.SettledAsync(Patience);
        Assert.That(Server.Direct(Team.BotUser, Team.Katie)[^1].Message, Does.StartWith("The Design is made: on the last Friday of the month at 10:00 (Europe/London), 45 minutes;"));
        Assert.That(Texts(Team.ProductManagement)[^1], Does.StartWith("There is a new meeting: Design,"));
        await TypeAsync(Team.Adam, "/agenda meeting create");
        Assert.That((await Server.SubmitDialogAsync(Team.Adam, Fields("Other", "last friday", "10:00", "45", "Europe/London"))).Error, Does.Contain("Only admins"));
        Assert.That((await Store.ReadAsync(t => t.MeetingsOf(Team.Team.Id, Now), Patience)).Select(m => m.Plan.Name), Is.EqualTo(["PM sync", "Roadmap Q&A", "Product-Sales call", "Design"]));
    }

    [Test]
    public async Task A_team_has_twenty_at_most()
    {
        foreach (var n in Enumerable.Range(4, 17))
        {
            Assert.That(await TypeAsync(Team.Katie, $"/agenda meeting create Number {n} --every friday --at 10:00"), Does.Contain("is made"));
        }

        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting create One more --every friday --at 10:00"), Does.Contain("20 meetings at most"));
        await TypeAsync(Team.Katie, "/agenda meeting cancel Number 4");
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting create One more --every friday --at 10:00"), Does.Contain("is made"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting restore Number 4"), Does.Contain("20 meetings at most"));
    }

    [Test]
    public async Task Where_confidential_items_stand_is_said_by_those_who_read_them()
    {
        var inner = Server.AddChannel(Team.Team, "inner", "Inner", isPrivate: true);
        Server.Join(inner, Team.Sam, Team.Adam, Team.BotUser);
        await TypeAsync(Team.Katie, "/agenda meeting set PM sync cochairs @sam.sales @adam.c");
        Assert.That(await TypeAsync(Team.Sam, "/agenda meeting set PM sync private ~inner"), Does.Contain("Only members of ~pm-private").And.Contain("Nothing was changed."));
        Assert.That(await TypeAsync(Team.Katie, "/agenda meeting set PM sync private ~inner"), Does.Contain("Only members of ~inner"));
        Assert.That(await TypeAsync(Team.Adam, "/agenda meeting set PM sync private ~inner"), Does.Contain("is ~inner now").And.Contain("private default"));
        Assert.That((await MeetingAsync()).Plan.PrivateChannelId, Is.EqualTo(inner.Id));
    }

    [Test]
    public async Task Where_those_of_the_whole_team_stand_is_said_by_those_who_read_them()
    {
        var inner = Server.AddChannel(Team.Team, "inner", "Inner", isPrivate: true);
        Server.Join(inner, Team.Sam, Team.BotUser);
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation set channel.private ~product-management"), Does.StartWith("~product-management is no private channel").And.Contain("Nothing was changed."));
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation set channel.private ~inner"), Does.StartWith("Only members of ~inner").And.Contain("Nothing was changed."));
        Server.Join(inner, Team.Katie);
        Server.Leave(Team.PmPrivate, Team.Katie);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation set channel.private ~inner"), Does.StartWith("Only members of ~pm-private").And.Contain("Nothing was changed."));
        Server.Join(Team.PmPrivate, Team.Katie);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.That(await TypeAsync(Team.Katie, "/pm-rotation set channel.private ~inner"), Does.StartWith("`channel.private` is ~inner now"));
    }

    [Test]
    public async Task A_public_channel_never_has_what_is_confidential()
    {
        await TypeAsync(Team.Katie, "/agenda add First");
        await Store.ExecuteAsync(
            t =>
            {
                t.Save(Workspace.Table, t.WorkspaceOf(Team.Team.Id, Team.Katie.Id) with { PrivateChannelId = Team.ProductManagement.Id });
                return true;
            },
            Patience);
        Assert.That(await TypeAsync(Team.Katie, "/agenda add Hush --private"), Does.StartWith("I am in no private channel").And.Contain("Nothing was changed."));
        Assert.That(Texts(Team.ProductManagement), Has.None.Contains("Hush"));
    }

    [Test]
    public async Task Two_teams_have_their_own()
    {
        var other = Server.AddTeam("other", "Other");
        var channel = Server.AddChannel(other, "product-management", "Product Management");
        Server.Join(channel, Team.Katie, Team.Jason, Team.BotUser);
        Server.MakeTeamAdmin(other, Team.Jason);
        var token = Server.AddCommand(other, "agenda", $"{Team.BotUrl}/mattermost/commands/agenda");
        await Team.StopBotAsync();
        Settings["Mattermost:CommandTokens:agenda:1"] = token;
        await StartBotAsync();
        await TypeAsync(Team.Katie, "/agenda meeting set PM sync at 10:00");
        await TypeAsync(Team.Katie, "/agenda meeting create Ours --every friday --at 10:00");
        Assert.That(await TypeAsync(Team.Jason, channel, "/agenda meetings"), Does.Contain("at 09:00").And.Not.Contain("Ours"));
        Assert.That(await TypeAsync(Team.Katie, channel, "/agenda meeting cancel PM sync"), Does.Contain("Only admins"));
        Assert.That(await TypeAsync(Team.Jason, channel, "/agenda meeting cancel PM sync"), Does.Contain("no more"));
        Assert.That(await TypeAsync(Team.Jason, channel, "/agenda meeting create Ours --every friday --at 10:00"), Does.Contain("is made"));
        Assert.That((await MeetingAsync()).Plan.IsOver, Is.False);
        Assert.That(Texts(channel), Has.Count.EqualTo(2).And.None.Contains("10:00 (America/Los_Angeles), 30 minutes, from now on"));
    }

    private static IEnumerable<(string, string?)> Fields(string name, string every, string at, string minutes, string zone) =>
        [("name", name), ("every", every), ("at", at), ("minutes", minutes), ("zone", zone), ("kind", "plain")];

    private static List<ChatAction> Buttons(ChatPost post) => [.. post.Actions];

    private List<ChatPost> Agendas() =>
        [.. Server.Posts(Team.ProductManagement).Where(p => p.UserId == Team.BotUser.Id && p.Message.StartsWith("#### PM sync: ", StringComparison.Ordinal))];

    private IReadOnlyList<string> Today() => [.. Texts(Team.ProductManagement).Where(t => t.StartsWith("There is no PM sync today", StringComparison.Ordinal))];

    /// <summary>The posts of items, without what stands behind the date.</summary>
    private IReadOnlyList<string> Cards() => [.. Texts(Team.ProductManagement).Where(t => t.StartsWith("**", StringComparison.Ordinal)).Select(t => t.Split(" · ")[0])];

    private async Task<Meeting> MeetingAsync() => (await Store.ReadAsync(t => t.MeetingsOf(Team.Team.Id, Now), Patience))[0];

    private async Task<string> StateAsync() => string.Join('\n', await Store.ReadAsync(
        t => t.Select(AgendaStore.Meetings, "workspace_id = @id", new { id = Team.Team.Id }).Select(m => System.Text.Json.JsonSerializer.Serialize(m, StoreJson.Options)).ToList(), Patience));
}
