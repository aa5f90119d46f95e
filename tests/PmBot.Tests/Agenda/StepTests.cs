using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Agenda;

/// <summary>Who is told of an action step what and where; who may change it; when it is due.</summary>
[Engines]
internal sealed class StepTests : StepTeam
{
    [Test]
    public async Task An_owner_is_told_once_unless_they_did_it_themselves_and_nobody_is_mentioned()
    {
        await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Ask Sales");
        await TypeAsync(Team.Adam, "/agenda action 1 @adam.c Collect numbers");
        Assert.That(Told(Team.Adam, "Ask Sales"), Has.One.Items.And.All.StartsWith("A1 \"Ask Sales\" is yours"));
        Assert.That(Told(Team.Adam, "Collect numbers"), Is.Empty);
        Assert.That(Thread(Team.ProductManagement, "Pricing of guests"), Is.EqualTo(["A1 for adam.c: Ask Sales, due Wed, Dec 9 (noted by katie.w)", "A2 for adam.c: Collect numbers, due Wed, Dec 9"]));
        Assert.That(Texts(Team.ProductManagement), Has.None.Contains("@adam.c"));

        await TypeAsync(Team.Katie, "/agenda update A1 No answer yet");
        Assert.That(Told(Team.Adam, "No answer yet"), Is.Empty);
        await TypeAsync(Team.Katie, "/agenda done A1");
        await TypeAsync(Team.Katie, "/agenda reopen A1");
        await TypeAsync(Team.Adam, "/agenda done A1");
        Assert.That(Told(Team.Adam, "A1 \"Ask Sales\" is").Select(m => m.Split(':')[0].Split(',')[0]), Is.EqualTo(["A1 \"Ask Sales\" is yours", "A1 \"Ask Sales\" is done", "A1 \"Ask Sales\" is open again"]));
    }

    [Test]
    public async Task Its_owner_who_noted_it_product_managers_officers_and_admins_may_change_a_step_and_others_not()
    {
        var nina = Server.AddUser("nina.new", "Nina", "New");
        Server.Join(Team.ProductManagement, nina);
        await TypeAsync(Team.Sam, "/agenda action 1 @nina.new Show it");
        foreach (var typed in new[] { "update A1 Later", "done A1", "reopen A1" })
        {
            Assert.That(await TypeAsync(Team.Jason, $"/agenda {typed}"), typed.StartsWith("reopen", StringComparison.Ordinal) ? Does.Contain("is open again") : Does.StartWith("A1 \"Show it\""));
        }

        Assert.That(await TypeAsync(Team.Sam, "/agenda update A1 Mine"), Does.Contain("has your update"), "who noted it");
        Assert.That(await TypeAsync(nina, "/agenda done A1"), Does.Contain("is done."), "its owner");
        await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Ask Sales");
        foreach (var typed in new[] { "update A2 Later", "done A2", "reopen A2" })
        {
            Assert.That(await TypeAsync(Team.Sam, $"/agenda {typed}"), Does.StartWith("Only adam.c, katie.w, product managers, the meeting's chairs and admins may change A2. Nothing was changed."));
        }

        Server.MakeTeamAdmin(Team.Team, Team.Sam);
        Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.That(await TypeAsync(Team.Sam, "/agenda done A2"), Does.Contain("is done."), "an admin");
    }

    [Test]
    public async Task It_is_due_on_the_date_of_the_meeting_after_its_item_s_unless_said_otherwise()
    {
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c One"), Does.Contain("due **Wed, Dec 9**, the date of the next PM sync."));
        await TypeAsync(Team.Katie, "/agenda add Later --date 2026-12-16");
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Two --date 2026-12-16"), Does.Contain("due **Wed, Dec 23**, the date of the next PM sync."));
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Three --due today"), Does.Contain("due **Wed, Nov 25**."));
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Four --due 2027-11-25"), Does.Contain("due **Thu, Nov 25, 2027**."));
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Five --due 2027-11-26"), Does.Contain("is more than a year away. Nothing was changed."));
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Five --due 2026-11-24"), Does.Contain("is over. Nothing was changed."));
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Five --due feb 30"), Does.Contain("There is no such date").And.Contain("Nothing was changed."));
        Assert.That(await TypeAsync(Team.Katie, $"/agenda action 1 @adam.c {new string('x', AgendaTexts.ItemLength + 1)}"), Does.Contain("500 characters at most"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Five"), Does.StartWith("A5 "), "what was refused has no number");
        await GoToAsync("2026-11-26 00:01");
        Assert.That(await TypeAsync(Team.Katie, "/agenda actions"), Does.Contain("A3 Three · adam.c, due Wed, Nov 25 (late)").And.Contain("A1 One · adam.c, due Wed, Dec 9\n"));
    }

    [Test]
    public async Task In_a_meeting_the_minutes_have_the_step_whatever_was_talked_about()
    {
        await StartMeetingAsync();
        await TypeAsync(Team.Katie, "/agenda action @adam.c From no item");
        await TypeAsync(Team.Katie, "/agenda next");
        await TypeAsync(Team.Katie, "/agenda action @adam.c From the item");
        Assert.That(Thread(Team.ProductManagement, "#### PM sync"), Has.One.EqualTo("A1 for adam.c: From no item, due Wed, Dec 9 (noted by katie.w)"));
        Assert.That(Thread(Team.ProductManagement, "1. Pricing of guests"), Has.One.EqualTo("A2 for adam.c: From the item, due Wed, Dec 9 (noted by katie.w)"));
        var steps = await StepsAsync();
        Assert.That(steps.Select(s => s.Origin.ItemText), Is.EqualTo([null, "Pricing of guests"]));
        await TypeAsync(Team.Katie, "/agenda end");
        Assert.That(await TypeAsync(Team.Katie, "/agenda minutes"), Does.Contain("**Action steps**\n- A1 From no item · adam.c, due Wed, Dec 9\n- A2 From the item · adam.c, due Wed, Dec 9"));
        await TypeAsync(Team.Adam, "/agenda update A2 Half done");
        Assert.That(Thread(Team.ProductManagement, "Pricing of guests"), Has.Some.EqualTo("A2 \"From the item\", adam.c: Half done"), "the item is gone from the queue, its post is not");
    }

    [Test]
    public async Task Where_the_origin_s_post_is_gone_nothing_is_posted_and_the_answer_says_so()
    {
        await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Ask Sales");
        Server.DeletePost(Server.Posts(Team.ProductManagement).Single(p => p.RootId.Length == 0 && p.Message.Contains("Pricing of guests", StringComparison.Ordinal)));
        var posts = Server.Posts(Team.ProductManagement).Count;
        Assert.That(await TypeAsync(Team.Adam, "/agenda update A1 Half done"), Does.Contain("There is no post to say it under; it is only in the list, `/agenda actions`."));
        Assert.That(await TypeAsync(Team.Adam, "/agenda done A1"), Does.Contain("There is no post to say it under."));
        Assert.That(Server.Posts(Team.ProductManagement), Has.Count.EqualTo(posts));
    }

    [Test]
    public async Task Without_posts_of_items_a_step_is_in_the_list_only()
    {
        await TypeAsync(Team.Katie, "/pm-rotation set practice 2021");
        await TypeAsync(Team.Katie, "/agenda add Without a post");
        var posts = Server.Posts(Team.ProductManagement).Count;
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 2 @adam.c Ask Sales"), Does.Contain("There is no post to say it under; it is only in the list, `/agenda actions`."));
        Assert.That(Server.Posts(Team.ProductManagement), Has.Count.EqualTo(posts));
        Assert.That(Told(Team.Adam, "Ask Sales"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Numbers_are_unique_for_ever_however_many_note_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Server.TypeAsync(n % 2 == 0 ? Team.Katie : Team.Jason, Team.ProductManagement, $"/agenda action 1 @adam.c Step {n}")));
        await Team.SettledAsync(Patience);
        Assert.That((await StepsAsync()).Select(s => s.Number), Is.EquivalentTo(Enumerable.Range(1, 12)));
        await TypeAsync(Team.Adam, "/agenda done A12");
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Another"), Does.StartWith("A13 "));
    }

    [Test]
    public async Task Of_two_who_finish_it_at_once_one_is_told_of_the_other()
    {
        await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Ask Sales");
        var answers = await Task.WhenAll(new[] { Team.Katie, Team.Jason }.Select(u => Server.TypeAsync(u, Team.ProductManagement, "/agenda done A1")));
        await Team.SettledAsync(Patience);
        Assert.That(answers.Select(a => a.Text).Order(StringComparer.Ordinal).Select(t => t.Split(':')[0]), Is.EqualTo(["A1 \"Ask Sales\" is done already", "A1 \"Ask Sales\" is done. adam.c has been told. Undo"]));
        Assert.That(Thread(Team.ProductManagement, "Pricing of guests").Count(t => t.Contains(" is done (", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(Told(Team.Adam, "is done"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_users_type_mentions_nobody_wherever_it_is_said()
    {
        await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Tell @channel and @jason.b");
        await TypeAsync(Team.Katie, "/agenda update A1 Told @all");
        await TypeAsync(Team.Katie, "/agenda done A1");
        await TypeAsync(Team.Katie, "/agenda reopen A1");
        await GoToAsync("2026-12-04 09:00");
        var said = Server.Posts().Where(p => p.UserId == Team.BotUser.Id).Select(p => p.Message).ToList();
        Assert.That(said, Has.Some.Contains("channel and"));
        foreach (var mention in new[] { "@channel", "@jason.b", "@all" })
        {
            Assert.That(said.Where(t => t.Contains(mention, StringComparison.Ordinal)), Is.Empty);
        }
    }

    [Test]
    public async Task Somebody_whose_account_is_gone_has_their_steps_in_the_list()
    {
        await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Ask Sales");
        Server.Deactivate(Team.Adam);
        Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.That(await TypeAsync(Team.Katie, "/agenda actions @adam.c"), Does.Contain("A1 Ask Sales"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda action 1 @adam.c More"), Does.Contain("The account of adam.c is deactivated."));
    }

    [Test]
    public async Task A_long_list_has_pages()
    {
        foreach (var n in Enumerable.Range(1, 26))
        {
            await Server.TypeAsync(Team.Katie, Team.ProductManagement, $"/agenda action 1 @adam.c {n} {new string('x', 480)}");
        }

        await Team.SettledAsync(Patience);
        Assert.That(await TypeAsync(Team.Katie, "/agenda actions @adam.c"), Does.StartWith("#### 26 open action steps of adam.c\n").And.EndWith("Page 1 of 2. Next: `/agenda actions @adam.c --page 2`"));
        Assert.That(await TypeAsync(Team.Katie, "/agenda actions @adam.c --page 2"), Does.Contain("- A26 26 xxx").And.EndWith("Page 2 of 2."));
    }

    [Test]
    public async Task The_trail_has_who_did_what()
    {
        await TypeAsync(Team.Katie, "/agenda action 1 @adam.c Ask Sales");
        await TypeAsync(Team.Adam, "/agenda update A1 Half done");
        await TypeAsync(Team.Adam, "/agenda update A1 none");
        await TypeAsync(Team.Adam, "/agenda done A1");
        await TypeAsync(Team.Katie, "/agenda reopen A1");
        var trail = await Store.ReadAsync(t => t.Query<string>("select actor_id || ' ' || action || ' ' || coalesce(before, '-') || ' ' || coalesce(after, '-') from audit where subject = 'step:1' order by id"), Patience);
        Assert.That(trail, Is.EqualTo(
            [$"{Team.Katie.Id} new - Ask Sales", $"{Team.Adam.Id} update - Half done", $"{Team.Adam.Id} update Half done -", $"{Team.Adam.Id} done - -", $"{Team.Katie.Id} reopen - -"]));
    }
}
