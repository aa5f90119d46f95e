using NodaTime;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Mattermost.Commands;

namespace PmBot.Tests.Agenda;

/// <summary>What each typed text comes to. It is Wednesday, November 25, 2026.</summary>
[TestFixture]
public sealed class AgendaVerbsTests
{
    private static readonly LocalDate Today = new(2026, 11, 25);

    private static IEnumerable<TestCaseData> Examples =>
        AgendaVerbs.All.Verbs.SelectMany(v => v.Examples.Select(e => new TestCaseData(v.Name, e).SetArgDisplayNames(v.Name, e)));

    private static IEnumerable<string> Usages => AgendaVerbs.All.Verbs.SelectMany(v => v.Usages);

    [TestCase("", "List [] - 1")]
    [TestCase("list", "List [] - 1")]
    [TestCase("LIST --page 2", "List [] - 2")]
    [TestCase("--page 3", "List [] - 3")]
    [TestCase("list Roadmap Q&A", "List [Roadmap Q&A] - 1")]
    [TestCase("list “Roadmap Q&A” dec 14", "List [Roadmap Q&A] 2026-12-14 1")]
    [TestCase("list Roadmap 14 dec 2026", "List [Roadmap] 2026-12-14 1")]
    [TestCase("list 2026-12-09", "List [] 2026-12-09 1")]
    [TestCase("list next week —page 2", "List [] 2026-11-30 2")]
    [TestCase("list nov", "List [nov] - 1")]
    [TestCase("list monday meeting", "List [monday meeting] - 1")]
    [TestCase("add", "Add [] - [] box= docs=")]
    [TestCase("add --private", "Add [] - [] box= docs= private")]
    [TestCase("add Pricing of guests --time 10m --doc https://x.y", "Add [] - [Pricing of guests] box=10 docs=https://x.y")]
    [TestCase("add Pricing --time 10 minutes", "Add [] - [Pricing] box=10 docs=")]
    [TestCase("add --time 10m Pricing of guests", "Add [] - [Pricing of guests] box=10 docs=")]
    [TestCase("add Pricing —time 1h30 –private", "Add [] - [Pricing] box=90 docs= private")]
    [TestCase("add Pricing --doc https://a --doc https://b", "Add [] - [Pricing] box= docs=https://a,https://b")]
    [TestCase("add Pricing --doc https://a, https://b", "Add [] - [Pricing] box= docs=https://a,https://b")]
    [TestCase("add Pricing --doc \"https://a https://b\"", "Add [] - [Pricing] box= docs=https://a,https://b")]
    [TestCase("add Pricing --date nov 30", "Add [] 2026-11-30 [Pricing] box= docs=")]
    [TestCase("add Pricing --date 30 nov 2026 --meeting Roadmap Q&A", "Add [Roadmap Q&A] 2026-11-30 [Pricing] box= docs=")]
    [TestCase("add “Pricing”", "Add [] - [Pricing] box= docs=")]
    [TestCase("add \"--private\"", "Add [] - [--private] box= docs=")]
    [TestCase("add Pricing\n of guests", "Add [] - [Pricing\n of guests] box= docs=")]
    [TestCase("edit 2 Pricing in 2027", "Edit [] - 2 [Pricing in 2027]")]
    [TestCase("edit #3 x", "Edit [] - 3 [x]")]
    [TestCase("edit 3. x", "Edit [] - 3 [x]")]
    [TestCase("edit P1 x --meeting Roadmap", "Edit [Roadmap] - P1 [x]")]
    [TestCase("edit p1: x --date dec 9", "Edit [] 2026-12-09 P1 [x]")]
    [TestCase("move 4 to 1", "Move [] - 4 1")]
    [TestCase("move 4 1", "Move [] - 4 1")]
    [TestCase("move #4 TO #1", "Move [] - 4 1")]
    [TestCase("move P2 to P1", "Move [] - P2 1")]
    [TestCase("move P2 to 1 --date dec 9", "Move [] 2026-12-09 P2 1")]
    [TestCase("remove 2", "Remove [] - 2")]
    [TestCase("remove P1 —meeting Roadmap Q&A", "Remove [Roadmap Q&A] - P1")]
    [TestCase("defer 2", "Defer [] - 2 -")]
    [TestCase("defer 2 dec 16", "Defer [] - 2 2026-12-16")]
    [TestCase("defer 2 to dec 16", "Defer [] - 2 2026-12-16")]
    [TestCase("defer P2 until next week", "Defer [] - P2 2026-11-30")]
    [TestCase("defer 2 dec 16 --date dec 9", "Defer [] 2026-12-09 2 2026-12-16")]
    [TestCase("time 2 10m", "Time [] - 2 10")]
    [TestCase("time 2 1h30", "Time [] - 2 90")]
    [TestCase("time 2 1h 30m", "Time [] - 2 90")]
    [TestCase("time 2 1 hour", "Time [] - 2 60")]
    [TestCase("time 2 2 hours", "Time [] - 2 120")]
    [TestCase("time 2 1h00", "Time [] - 2 60")]
    [TestCase("time 2 0h30", "Time [] - 2 30")]
    [TestCase("time 2 15", "Time [] - 2 15")]
    [TestCase("time 2 15 Min", "Time [] - 2 15")]
    [TestCase("time 2 “15 minutes”", "Time [] - 2 15")]
    [TestCase("time 2 8h", "Time [] - 2 480")]
    [TestCase("time 2 none", "Time [] - 2 -")]
    [TestCase("time 2 off", "Time [] - 2 -")]
    [TestCase("start", "Start []")]
    [TestCase("start Roadmap Q&A", "Start [Roadmap Q&A]")]
    [TestCase("start --meeting Roadmap Q&A", "Start [Roadmap Q&A]")]
    [TestCase("start --meeting “Roadmap Q&A”", "Start [Roadmap Q&A]")]
    [TestCase("next", "Next [] []")]
    [TestCase("next Ship it with 7.10", "Next [] [Ship it with 7.10]")]
    [TestCase("next --meeting Roadmap", "Next [Roadmap] []")]
    [TestCase("next Ship it --meeting Roadmap Q&A", "Next [Roadmap Q&A] [Ship it]")]
    [TestCase("skip", "Skip []")]
    [TestCase("skip —meeting PM sync", "Skip [PM sync]")]
    [TestCase("end", "End []")]
    [TestCase("end --meeting PM sync", "End [PM sync]")]
    [TestCase("decided 2 Ship it", "Decided [] - 2 [Ship it]")]
    [TestCase("decided P1 none", "Decided [] - P1 []")]
    [TestCase("decided 2 No", "Decided [] - 2 [No]")]
    [TestCase("decided 2 none of them", "Decided [] - 2 [none of them]")]
    [TestCase("action", "AddStep [] -  [] [] -")]
    [TestCase("action --due friday", "AddStep [] -  [] [] 2026-11-27")]
    [TestCase("action 2 @Adam.C Ask Sales --due dec 9", "AddStep [] - 2 [adam.c] [Ask Sales] 2026-12-09")]
    [TestCase("action P1 @adam.c, Ask Sales", "AddStep [] - P1 [adam.c] [Ask Sales] -")]
    [TestCase("action @katie.w Write the PR/FAQ", "AddStep [] -  [katie.w] [Write the PR/FAQ] -")]
    [TestCase("action #3 @katie.w Write —due “dec 9” --meeting Roadmap Q&A", "AddStep [Roadmap Q&A] - 3 [katie.w] [Write] 2026-12-09")]
    [TestCase("action @katie.w 2 of them", "AddStep [] -  [katie.w] [2 of them] -")]
    [TestCase("actions", "Steps [] 1")]
    [TestCase("actions @adam.c --page 2", "Steps [adam.c] 2")]
    [TestCase("update A7 Two have answered", "UpdateStep 7 [Two have answered]")]
    [TestCase("update 7 a\nb", "UpdateStep 7 [a\nb]")]
    [TestCase("done a7", "FinishStep 7")]
    [TestCase("done #7.", "FinishStep 7")]
    [TestCase("reopen A007", "ReopenStep 7")]
    [TestCase("release", "Release []")]
    [TestCase("release Guests: done", "Release [Guests: done]")]
    [TestCase("demo", "Demo [] [] ")]
    [TestCase("demo Shared channels --meeting Product-Sales call --time 10 min", "Demo [Product-Sales call] [Shared channels] 10")]
    [TestCase("minutes", "Record [] - rec=[] survey=[] 1")]
    [TestCase("minutes dec 2 --meeting Roadmap", "Record [Roadmap] 2026-12-02 rec=[] survey=[] 1")]
    [TestCase("minutes --meeting Roadmap Q&A", "Record [Roadmap Q&A] - rec=[] survey=[] 1")]
    [TestCase("minutes --meeting Roadmap Q&A dec 14", "Record [Roadmap Q&A] 2026-12-14 rec=[] survey=[] 1")]
    [TestCase("minutes --meeting Roadmap dec 14", "Record [Roadmap] 2026-12-14 rec=[] survey=[] 1")]
    [TestCase("minutes 2026-12-02 --recording https://r —survey https://s --page 2", "Record [] 2026-12-02 rec=[https://r] survey=[https://s] 2")]
    [TestCase("meetings", "Meetings")]
    [TestCase("meeting", "Meetings")]
    [TestCase("meeting create", "CreateMeeting [] every=[] at=[] minutes= zone=[] kind=[] channel=[]")]
    [TestCase("meeting create Design review --every every 2 weeks thursday --at 10:00", "CreateMeeting [Design review] every=[every 2 weeks thursday] at=[10:00] minutes= zone=[] kind=[] channel=[]")]
    [TestCase("meeting create “Design review” --every “2nd monday” --at 08:30 --minutes 1h --zone Europe/London --kind demos --channel ~design", "CreateMeeting [Design review] every=[2nd monday] at=[08:30] minutes=60 zone=[Europe/London] kind=[demos] channel=[~design]")]
    [TestCase("meeting create --at 10:00 Design review", "CreateMeeting [Design review] every=[] at=[10:00] minutes= zone=[] kind=[] channel=[]")]
    [TestCase("meeting set PM sync chair @katie.w", "SetMeeting [PM sync] chair [@katie.w]")]
    [TestCase("meeting SET “PM sync” Chair none", "SetMeeting [PM sync] chair [none]")]
    [TestCase("meeting set PM sync every 2nd monday", "SetMeeting [PM sync] every [2nd monday]")]
    [TestCase("meeting set PM sync cochairs @adam.c @jason.b", "SetMeeting [PM sync] cochairs [@adam.c @jason.b]")]
    [TestCase("meeting set PM sync call 1 day 09:00", "SetMeeting [PM sync] call [1 day 09:00]")]
    [TestCase("meeting set Product-Sales call chair @katie.w", "SetMeeting [Product-Sales call] chair [@katie.w]")]
    [TestCase("meeting set Product-Sales call call 3 days 09:00", "SetMeeting [Product-Sales call] call [3 days 09:00]")]
    [TestCase("meeting set “Product-Sales call” at 10:00", "SetMeeting [Product-Sales call] at [10:00]")]
    [TestCase("meeting set PM sync name Sales call", "SetMeeting [PM sync] name [Sales call]")]
    [TestCase("meeting set PM sync name Call", "SetMeeting [PM sync] name [Call]")]
    [TestCase("meeting set PM sync name “Call agenda”", "SetMeeting [PM sync] name [Call agenda]")]
    [TestCase("meeting set PM sync name “Call” agenda", "SetMeeting [PM sync] name [“Call” agenda]")]
    [TestCase("meeting set Minutes agenda off", "SetMeeting [Minutes] agenda [off]")]
    [TestCase("meeting cancel PM sync", "CancelMeeting [PM sync] - []")]
    [TestCase("meeting cancel PM sync --date 2026-12-23 --why Holidays, all of us", "CancelMeeting [PM sync] 2026-12-23 [Holidays, all of us]")]
    [TestCase("meeting cancel PM sync dec 23 --date dec 30", "CancelMeeting [PM sync] 2026-12-23,2026-12-30 []")]
    [TestCase("meeting cancel PM sync dec 23", "CancelMeeting [PM sync] 2026-12-23 []")]
    [TestCase("meeting remove “PM sync”", "CancelMeeting [PM sync] - []")]
    [TestCase("meeting restore PM sync --date dec 23", "RestoreMeeting [PM sync] 2026-12-23")]
    [TestCase("meeting restore PM sync 2026-12-23", "RestoreMeeting [PM sync] 2026-12-23")]
    public void Is_read_as(string typed, string command) => Assert.That(Show(AgendaVerbs.Parse(typed)), Is.EqualTo(command));

    [TestCase("list --page 0", "`0` is no page. Pages are counted from 1.")]
    [TestCase("list --page 9999999999", "`9999999999` is no page.")]
    [TestCase("list --pages 2", "There is no flag `--pages` here.")]
    [TestCase("add x --time soon", "`soon` is no length of time. Write it like `10m` or `1h`; 8 hours are the most.")]
    [TestCase("add x --time 0", "`0` is no length of time.")]
    [TestCase("add x --time 481", "`481` is no length of time.")]
    [TestCase("add x --time -5", "`-5` is no length of time.")]
    [TestCase("add x --time 99999999999999999999h", "`99999999999999999999h` is no length of time.")]
    [TestCase("add x --time ١٠", "`١٠` is no length of time.")]
    [TestCase("add x --time", "`--time` needs a value behind it.")]
    [TestCase("add x --date someday", "`someday` is no date. Dates are written `2026-11-30`, `nov 30`, `monday`, `next week`.")]
    [TestCase("add x --date nov 30 or so", "`nov 30 or so` is no date.")]
    [TestCase("add x --doc", "`--doc` needs a value behind it.")]
    [TestCase("add x --secret", "There is no flag `--secret` here.")]
    [TestCase("edit", "Say which item by its number on the agenda, such as `2`, or `P1` for a confidential one.")]
    [TestCase("edit Pricing now", "`Pricing` is no number of an item.")]
    [TestCase("edit 2", "Say the new text.")]
    [TestCase("edit 0 x", "`0` is no number of an item.")]
    [TestCase("edit P x", "`P` is no number of an item.")]
    [TestCase("edit P0 x", "`P0` is no number of an item.")]
    [TestCase("edit # x", "`#` is no number of an item.")]
    [TestCase("edit -1 x", "`-1` is no number of an item.")]
    [TestCase("edit 9999999999 x", "`9999999999` is no number of an item.")]
    [TestCase("edit ٣ x", "`٣` is no number of an item.")]
    [TestCase("edit A3 x", "`A3` is no number of an item.")]
    [TestCase("edit @all x", "`@\u200ball` is no number of an item.")]
    [TestCase("move", "Say which item")]
    [TestCase("move up", "`up` is no number of an item.")]
    [TestCase("move 4", "Say the number that it is to have, such as `move 4 to 1`.")]
    [TestCase("move 4 to", "Say the number that it is to have")]
    [TestCase("move 4 to top", "Say the number that it is to have")]
    [TestCase("move 4 to 1 now", "Say the number that it is to have")]
    [TestCase("move 4 to P1", "Confidential items are counted apart from the others.")]
    [TestCase("remove", "Say which item")]
    [TestCase("remove 1 2", "I don't know what `2` means here.")]
    [TestCase("defer", "Say which item")]
    [TestCase("defer 2 later", "`later` is no date.")]
    [TestCase("defer 2 to", "`to` is no date.")]
    [TestCase("defer 2 dec 16 please", "`dec 16 please` is no date.")]
    [TestCase("time", "Say which item")]
    [TestCase("time 2", "Say how long, such as `10m`, or `none`.")]
    [TestCase("time 2 long", "`long` is no length of time.")]
    [TestCase("time 2 9h", "`9h` is no length of time. Write it like `10m` or `1h`; 8 hours are the most.")]
    [TestCase("time 2 h", "`h` is no length of time.")]
    [TestCase("add Hiring plan -private", "It is written `--private`, with two dashes and no space,")]
    [TestCase("add Hiring plan -- private", "It is written `--private`, with two dashes and no space,")]
    [TestCase("add — private Hiring plan", "It is written `--private`, with two dashes and no space,")]
    [TestCase("time 2 0h", "`0h` is no length of time.")]
    [TestCase("time 2 1h-5", "`1h-5` is no length of time.")]
    [TestCase("start now --meeting Roadmap", "I don't know what `now` means here.")]
    [TestCase("minutes someday --meeting Roadmap", "`someday` is no date.")]
    [TestCase("next --meeting Roadmap Q&A", "Say what was decided before `--meeting`.")]
    [TestCase("decided", "Say which item")]
    [TestCase("decided 2", "Say what was decided.")]
    [TestCase("action 2", "Say who is to do it, as `@name`, behind the item's number.")]
    [TestCase("action 2 adam Ask", "Say who is to do it, as `@name`, behind the item's number.")]
    [TestCase("action 2 @adam.c", "Say what is to be done.")]
    [TestCase("action @adam.c --due friday", "Say what is to be done.")]
    [TestCase("action Ask Sales", "Say who is to do it, as `@name`")]
    [TestCase("action x", "`x` is no number of an item.")]
    [TestCase("action 2 @adam.c Ask --due never", "`never` is no date.")]
    [TestCase("actions adam.c", "Say whose, as `@name`, or nothing for all.")]
    [TestCase("actions @a @b", "Say whose, as `@name`, or nothing for all.")]
    [TestCase("actions --page x", "`x` is no page.")]
    [TestCase("update", "Say which action step, as `A7` or `7`.")]
    [TestCase("update A7", "Say how it stands.")]
    [TestCase("update P7 x", "`P7` is no action step. Write it like `A7` or `7`.")]
    [TestCase("done A", "`A` is no action step.")]
    [TestCase("done A99999999999", "`A99999999999` is no action step.")]
    [TestCase("done A7 A8", "I don't know what `A8` means here.")]
    [TestCase("reopen", "Say which action step")]
    [TestCase("release --date monday", "There is no flag `--date` here. This verb has none.")]
    [TestCase("demo x --time long", "`long` is no length of time.")]
    [TestCase("minutes --survey", "`--survey` needs a value behind it.")]
    [TestCase("minutes --page x", "`x` is no page.")]
    [TestCase("meetings all", "I don't know what `all` means here.")]
    [TestCase("meeting create x --minutes 9h", "`9h` is no length of time.")]
    [TestCase("meeting set", "Say the meeting, what is to change and the value. What can change: `name`, `every`,")]
    [TestCase("meeting set chair @katie.w", "Say the meeting, what is to change and the value.")]
    [TestCase("meeting set PM sync colour red", "Say the meeting, what is to change and the value.")]
    [TestCase("meeting set PM sync chair", "Say the value of `chair`.")]
    [TestCase("meeting set PM sync minutes 45 --at 10:00", "`--at` does not go with `meeting set`.")]
    [TestCase("meeting cancel", "Say which meeting.")]
    [TestCase("meeting cancel dec 23", "Say which meeting.")]
    [TestCase("meeting cancel PM sync --date someday", "`someday` is no date.")]
    [TestCase("meeting restore PM sync dec 23 --date dec 30", "Say one date.")]
    [TestCase("meeting create x --why y", "`--why` does not go with `meeting create`.")]
    [TestCase("meeting restore", "Say which meeting.")]
    [TestCase("meeting restore PM sync --why y", "`--why` does not go with `meeting restore`.")]
    public void Is_incomplete(string typed, string sentence)
    {
        var parsed = AgendaVerbs.Parse(typed);
        Assert.That(parsed, Is.TypeOf<Parsed<AgendaCommand>.Incomplete>(), Show(parsed));
        Assert.That(((Parsed<AgendaCommand>.Incomplete)parsed).Problem, Does.StartWith(sentence).And.EndsWith("."));
    }

    [TestCase("ad Pricing", "add")]
    [TestCase("discuss Pricing", "add")]
    [TestCase("show", "list")]
    [TestCase("delete 2", "remove")]
    [TestCase("postpone 2", "defer")]
    [TestCase("strat", "start")]
    [TestCase("todo @adam.c x", "action")]
    [TestCase("recording", "minutes")]
    [TestCase("xyzzy", "add")]
    public void Is_unknown(string typed, string nearest)
    {
        var parsed = AgendaVerbs.Parse(typed);
        Assert.That(parsed, Is.TypeOf<Parsed<AgendaCommand>.Unknown>(), Show(parsed));
        Assert.That(((Parsed<AgendaCommand>.Unknown)parsed).Nearest is [var first, ..] ? first.Name : "", Is.EqualTo(nearest));
    }

    [TestCaseSource(nameof(Examples))]
    public void Every_example_is_a_command_of_its_verb(string verb, string example)
    {
        Assert.That(example.Split(' ')[0], Is.EqualTo(verb));
        Assert.That(AgendaVerbs.Parse(example), Is.TypeOf<Parsed<AgendaCommand>.Command>());
    }

    [TestCaseSource(nameof(Usages))]
    public void Every_usage_is_a_command(string usage)
    {
        var typed = new[]
        {
            ("[", ""), ("]", ""), ("page N", "page 2"), (" N", " 2"), ("to M", "to 1"), ("MEETING", "Roadmap"), ("--meeting M", "--meeting Roadmap"), ("DATE", "2026-12-09"), ("--date D", "--date 2026-12-09"),
            ("@owner", "@adam.c"), ("update A", "update A7"), ("done A", "done A7"), ("reopen A", "reopen A7"), ("URL", "https://x.y"), ("--zone Z", "--zone Europe/London"), ("sync, demos, plain", "demos"),
            ("KEY VALUE", "at 10:00"), (" 2AME", " PM sync"),
        }.Aggregate(usage, (text, word) => text.Replace(word.Item1, word.Item2, StringComparison.Ordinal));
        Assert.That(AgendaVerbs.Parse(typed), Is.TypeOf<Parsed<AgendaCommand>.Command>(), typed);
    }

    [Test]
    public void Every_command_can_be_typed()
    {
        var typed = Examples.Select(e => (string)e.Arguments[1]!).Append("meeting restore PM sync").Select(AgendaVerbs.Parse).OfType<Parsed<AgendaCommand>.Command>().Select(c => c.Value.GetType());
        var all = typeof(AgendaCommand).GetNestedTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(AgendaCommand)));
        Assert.That(typed.Distinct(), Is.EquivalentTo(all));
    }

    [Test]
    public void Help_names_every_key_that_can_be_set() =>
        Assert.That(AgendaVerbs.All.Find("meeting")!.Notes, Does.Contain(string.Join(", ", AgendaVerbs.MeetingKeys.Select(k => $"`{k}`"))));

    private static string Show(Parsed<AgendaCommand> parsed)
    {
        static string Date(DateText? date) => date is null ? "-" : $"{date.Resolve(Today):uuuu-MM-dd}";
        static string On(Which which) => $"[{which.Meeting}] {Date(which.Date)}";
        return parsed is not Parsed<AgendaCommand>.Command { Value: var command } ? $"{parsed}" : command switch
        {
            AgendaCommand.List c => $"List {On(c.Which)} {c.Page}",
            AgendaCommand.Add c => $"Add {On(c.Which)} [{c.Text}] box={c.Minutes} docs={string.Join(',', c.Docs)}{(c.IsPrivate ? " private" : "")}",
            AgendaCommand.Demo c => $"Demo [{c.Meeting}] [{c.Feature}] {c.Minutes}",
            AgendaCommand.Release c => $"Release [{c.Text}]",
            AgendaCommand.Edit c => $"Edit {On(c.Which)} {c.Number} [{c.Text}]",
            AgendaCommand.Move c => $"Move {On(c.Which)} {c.Number} {c.To}",
            AgendaCommand.Defer c => $"Defer {On(c.Which)} {c.Number} {Date(c.To)}",
            AgendaCommand.Time c => $"Time {On(c.Which)} {c.Number} {(c.Minutes is { } box ? $"{box}" : "-")}",
            AgendaCommand.Decided c => $"Decided {On(c.Which)} {c.Number} [{c.Text}]",
            AgendaCommand.OfItem c => $"{c.GetType().Name} {On(c.Which)} {c.Number}",
            AgendaCommand.Start c => $"Start [{c.Meeting}]",
            AgendaCommand.Next c => $"Next [{c.Meeting}] [{c.Decision}]",
            AgendaCommand.Skip c => $"Skip [{c.Meeting}]",
            AgendaCommand.End c => $"End [{c.Meeting}]",
            AgendaCommand.AddStep c => $"AddStep {On(c.Which)} {c.Number} [{c.Owner}] [{c.Text}] {Date(c.Due)}",
            AgendaCommand.Steps c => $"Steps [{c.Owner}] {c.Page}",
            AgendaCommand.UpdateStep c => $"UpdateStep {c.Step} [{c.Text}]",
            AgendaCommand.OfStep c => $"{c.GetType().Name} {c.Step}",
            AgendaCommand.Record c => $"Record {On(c.Which)} rec=[{c.Recording}] survey=[{c.Survey}] {c.Page}",
            AgendaCommand.CreateMeeting c => $"CreateMeeting [{c.Name}] every=[{c.Every}] at=[{c.At}] minutes={c.Minutes} zone=[{c.Zone}] kind=[{c.Kind}] channel=[{c.Channel}]",
            AgendaCommand.SetMeeting { Readings: [.., var longest] } => $"SetMeeting [{longest.Meeting}] {longest.Key} [{longest.Value}]",
            AgendaCommand.CancelMeeting c => $"CancelMeeting [{c.Meeting}] {string.Join(',', c.Dates.DefaultIfEmpty().Select(Date))} [{c.Why}]",
            AgendaCommand.RestoreMeeting c => $"RestoreMeeting [{c.Meeting}] {Date(c.Date)}",
            _ => command.GetType().Name,
        };
    }
}
