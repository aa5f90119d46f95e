using NUnit.Framework;
using PmBot.Mattermost.Commands;
using PmBot.Requests;

namespace PmBot.Tests.Requests;

/// <summary>What each typed text comes to.</summary>
[TestFixture]
public sealed class RequestVerbsTests
{
    private static IEnumerable<string> Examples => RequestVerbs.All.Verbs.SelectMany(v => v.Examples);

    private static IEnumerable<string> Usages => RequestVerbs.All.Verbs.SelectMany(v => v.Usages.Append(v.Name));

    [TestCase("", "List Open 1")]
    [TestCase("list", "List Open 1")]
    [TestCase("list open", "List Open 1")]
    [TestCase("open", "List Open 1")]
    [TestCase("mine", "List Mine 1")]
    [TestCase("MINE --page 2", "List Mine 2")]
    [TestCase("list --page 3 mine", "List Mine 3")]
    [TestCase("--page 2", "List Open 2")]
    [TestCase("list unassigned", "List Unassigned 1")]
    [TestCase("stale", "List Stale 1")]
    [TestCase("list undecided", "List Undecided 1")]
    [TestCase("undecided --page 2", "List Undecided 2")]
    [TestCase("list all", "List All 1")]
    [TestCase("@Katie.W", "List Of [katie.w] 1")]
    [TestCase("@katie.w --page 2", "List Of [katie.w] 2")]
    [TestCase("list Private Cloud", "List Area [Private Cloud] 1")]
    [TestCase("list “Private Cloud”", "List Area [Private Cloud] 1")]
    [TestCase("list mine too", "List Area [mine too] 1")]
    [TestCase("17", "Show 17 1")]
    [TestCase("CR-17", "Show 17 1")]
    [TestCase("cr17", "Show 17 1")]
    [TestCase("#17", "Show 17 1")]
    [TestCase("CR-17.", "Show 17 1")]
    [TestCase("0017", "Show 17 1")]
    [TestCase("17 --page 2", "Show 17 2")]
    [TestCase("17 —page 2", "Show 17 2")]
    [TestCase("show --page 2 17", "Show 17 2")]
    [TestCase("17 show", "Show 17 1")]
    [TestCase("17 @pm", "Assign 17 [pm]")]
    [TestCase("CR-17 @Adam.C", "Assign 17 [adam.c]")]
    [TestCase("assign 17 @adam.c", "Assign 17 [adam.c]")]
    [TestCase("17 assign @adam.c", "Assign 17 [adam.c]")]
    [TestCase("assign 17 to @adam.c", "Assign 17 [adam.c]")]
    [TestCase("17 take", "Take 17")]
    [TestCase("17, take", "Take 17")]
    [TestCase("17 TAKE", "Take 17")]
    [TestCase("unassign CR-17", "Unassign 17")]
    [TestCase("17 decide won't do", "Decide 17 [won't do]")]
    [TestCase("decide 17 “won’t do”", "Decide 17 [won’t do]")]
    [TestCase("decide 17 6 months", "Decide 17 [6 months]")]
    [TestCase("effort 17 \"2 weeks\"", "Effort 17 [2 weeks]")]
    [TestCase("effort 17 none", "Effort 17 []")]
    [TestCase("idea 17 off", "Idea 17 []")]
    [TestCase("idea 17 none of them", "Idea 17 [none of them]")]
    [TestCase("usecase 17 a\n b", "AddUseCase 17 [a\n b]")]
    [TestCase("usecase 17 remove 2", "RemoveUseCase 17 2")]
    [TestCase("usecase 17 REMOVE 2", "RemoveUseCase 17 2")]
    [TestCase("usecase 17 remove two", "AddUseCase 17 [remove two]")]
    [TestCase("usecase 17 remove 2 of them", "AddUseCase 17 [remove 2 of them]")]
    [TestCase("link 17 https://x.y", "AddLink 17 [https://x.y]")]
    [TestCase("link 17 remove 1", "RemoveLink 17 1")]
    [TestCase("edit 17 title A | B", "Edit 17 title [A | B]")]
    [TestCase("edit 17 title none", "Edit 17 title [none]")]
    [TestCase("edit 17 Customer none", "Edit 17 customer []")]
    [TestCase("edit 17 area Private Cloud", "Edit 17 area [Private Cloud]")]
    [TestCase("edit 17 reporter @Sam.Sales", "Edit 17 reporter [sam.sales]")]
    [TestCase("edit 17 effort M", "Effort 17 [M]")]
    [TestCase("edit 17 decision none", "Decide 17 [none]")]
    [TestCase("discuss 17", "Discuss 17 []")]
    [TestCase("discuss 17 why so", "Discuss 17 [why so]")]
    [TestCase("discuss 17 off", "Undiscuss 17")]
    [TestCase("discuss 17 off-topic", "Discuss 17 [off-topic]")]
    [TestCase("process 17", "Process 17 []")]
    [TestCase("process 17 Good.", "Process 17 [Good.]")]
    [TestCase("close 17", "Close 17 []")]
    [TestCase("close 17 7.10", "Close 17 [v7.10]")]
    [TestCase("reopen 17", "Reopen 17")]
    [TestCase("snooze 17 2026-12-14", "Snooze 17 [2026-12-14]")]
    [TestCase("snooze 17 next week", "Snooze 17 [2026-11-30]")]
    [TestCase("snooze 17 off", "Snooze 17 []")]
    [TestCase("new", "Create [] customer=[] area=[] link=[] reporter=[]")]
    [TestCase("new A title --customer \"A B\" more", "Create [A title more] customer=[A B] area=[] link=[] reporter=[]")]
    [TestCase("new --reporter @Sam.Sales —area X A title", "Create [A title] customer=[] area=[X] link=[] reporter=[sam.sales]")]
    [TestCase("areas", "Areas 1")]
    [TestCase("areas --page 2", "Areas 2")]
    [TestCase("area", "Areas 1")]
    [TestCase("area set", "SetArea [] owners= keywords=[]")]
    [TestCase("area set Private Cloud @katie.w, @Adam.c @katie.w --keywords a,b", "SetArea [Private Cloud] owners=katie.w,adam.c keywords=[a,b]")]
    [TestCase("area set --keywords “a, b” Search", "SetArea [Search] owners= keywords=[a, b]")]
    [TestCase("area remove Private Cloud", "RemoveArea [Private Cloud]")]
    [TestCase("area delete \"Private Cloud\"", "RemoveArea [Private Cloud]")]
    [TestCase("auto", "Auto")]
    [TestCase("auto --dry-run", "Auto dry")]
    [TestCase("AUTO —dry-run", "Auto dry")]
    [TestCase("import --partial --dry-run", "Import [] partial dry")]
    [TestCase("import https://x/pl/y", "Import [https://x/pl/y]")]
    public void Is_read_as(string typed, string command) => Assert.That(Show(RequestVerbs.Parse(typed)), Is.EqualTo(command));

    [TestCase("list --page 0", "`0` is no page.")]
    [TestCase("list --page x", "`x` is no page.")]
    [TestCase("list --page", "`--page` needs a value behind it.")]
    [TestCase("list --pages 2", "There is no flag `--pages` here.")]
    [TestCase("show", "Say which request, as `CR-17` or `17`.")]
    [TestCase("show x", "`x` is no request. Write it like `CR-17` or `17`.")]
    [TestCase("show 0", "`0` is no request.")]
    [TestCase("show -1", "`-1` is no request.")]
    [TestCase("show 1234567890123", "`1234567890123` is no request.")]
    [TestCase("show ١٧", "`١٧` is no request.")]
    [TestCase("show 17 18", "I don't know what `18` means here.")]
    [TestCase("17 take it", "I don't know what `it` means here.")]
    [TestCase("assign 17", "Say whose it is to be, as `@name`.")]
    [TestCase("assign 17 adam", "Say whose it is to be, as `@name`.")]
    [TestCase("17 @a @b", "Say whose it is to be, as `@name`.")]
    [TestCase("assign @pm 17", "`@pm` is no request.")]
    [TestCase("decide 17", "Say the decision: ")]
    [TestCase("decide", "Say which request")]
    [TestCase("effort 17", "Say the estimate.")]
    [TestCase("usecase 17", "Say the use case.")]
    [TestCase("link 17", "Say the link.")]
    [TestCase("idea 17", "Say the idea")]
    [TestCase("edit 17", "Say which field")]
    [TestCase("edit 17 title", "Say which field")]
    [TestCase("edit 17 colour red", "There is no field `colour`.")]
    [TestCase("edit 17 reporter sam", "Write the reporter as `@name`.")]
    [TestCase("close 17 soon", "`soon` is no release.")]
    [TestCase("close 17 v7", "`v7` is no release.")]
    [TestCase("snooze 17", "Say until when.")]
    [TestCase("snooze 17 someday", "`someday` is no date.")]
    [TestCase("snooze 17 monday please", "`monday please` is no date.")]
    [TestCase("area set @katie.w", "Say the area's name before its owners.")]
    [TestCase("area set X @katie.w and Y", "Behind the first owner there is room for owners only")]
    [TestCase("area remove", "Say which area by its name.")]
    [TestCase("area rename X", "`areas` shows them")]
    [TestCase("auto now", "I don't know what `now` means here.")]
    [TestCase("remind me", "I don't know what `me` means here.")]
    [TestCase("import a b", "Say one permalink")]
    [TestCase("discuss @all", "`@\u200ball` is no request.")]
    public void Is_incomplete(string typed, string sentence)
    {
        var parsed = RequestVerbs.Parse(typed);
        Assert.That(parsed, Is.TypeOf<Parsed<RequestCommand>.Incomplete>(), $"{parsed}");
        Assert.That(((Parsed<RequestCommand>.Incomplete)parsed).Problem, Does.StartWith(sentence));
    }

    [TestCase("tkae 17", "take")]
    [TestCase("17 tkae", "take")]
    [TestCase("add Dark mode", "new")]
    [TestCase("Create Dark mode", "new")]
    [TestCase("status 17", "show")]
    [TestCase("17 done", "process")]
    [TestCase("17 me", "take")]
    [TestCase("17 near term", "decide")]
    [TestCase("CR-17 7.10", "decide")]
    [TestCase("17 katie.w", "assign")]
    [TestCase("xyzzy", "")]
    public void Is_unknown(string typed, string nearest)
    {
        var parsed = RequestVerbs.Parse(typed);
        Assert.That(parsed, Is.TypeOf<Parsed<RequestCommand>.Unknown>(), $"{parsed}");
        Assert.That(((Parsed<RequestCommand>.Unknown)parsed).Nearest is [var first, ..] ? first.Name : "", Is.EqualTo(nearest));
    }

    [TestCaseSource(nameof(Examples))]
    public void Every_example_is_a_command(string example) => Assert.That(RequestVerbs.Parse(example), Is.TypeOf<Parsed<RequestCommand>.Command>());

    [TestCaseSource(nameof(Usages))]
    public void Every_usage_finds_its_verb(string usage)
    {
        var typed = usage.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace("ID", "17", StringComparison.Ordinal)
            .Replace("@owner…", "@katie.w", StringComparison.Ordinal).Replace("DATE", "tomorrow", StringComparison.Ordinal)
            .Replace("VERSION", "v7.10", StringComparison.Ordinal).Replace("FIELD", "title", StringComparison.Ordinal).Replace("page N", "page 2", StringComparison.Ordinal).Replace("remove N", "remove 1", StringComparison.Ordinal);
        Assert.That(RequestVerbs.Parse(typed), usage.Contains(' ', StringComparison.Ordinal)
            ? Is.TypeOf<Parsed<RequestCommand>.Command>()
            : Is.TypeOf<Parsed<RequestCommand>.Command>().Or.TypeOf<Parsed<RequestCommand>.Incomplete>(), typed);
    }

    [Test]
    public void Every_command_can_be_typed()
    {
        var typed = Examples.Append("list").Append("show 17").Append("discuss 17 off").Select(RequestVerbs.Parse).OfType<Parsed<RequestCommand>.Command>().Select(c => c.Value.GetType());
        var all = typeof(RequestCommand).GetNestedTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(RequestCommand)));
        Assert.That(typed.Distinct(), Is.EquivalentTo(all));
    }

    private static string Show(Parsed<RequestCommand> parsed) => parsed is not Parsed<RequestCommand>.Command { Value: var command } ? $"{parsed}" : command switch
    {
        RequestCommand.List c => $"List {c.Kind}{(c.Name is null ? "" : $" [{c.Name}]")} {c.Page}",
        RequestCommand.Show c => $"Show {c.Number} {c.Page}",
        RequestCommand.Create c => $"Create [{c.Title}] customer=[{c.Customer}] area=[{c.Area}] link=[{c.Link}] reporter=[{c.Reporter}]",
        RequestCommand.Areas c => $"Areas {c.Page}",
        RequestCommand.SetArea c => $"SetArea [{c.Name}] owners={string.Join(',', c.Owners)} keywords=[{c.Keywords}]",
        RequestCommand.RemoveArea c => $"RemoveArea [{c.Name}]",
        RequestCommand.Auto c => $"Auto{(c.DryRun ? " dry" : "")}",
        RequestCommand.Import c => $"Import [{c.Permalink}]{(c.Partial ? " partial" : "")}{(c.DryRun ? " dry" : "")}",
        RequestCommand.Assign c => $"Assign {c.Number} [{c.User}]",
        RequestCommand.Decide c => $"Decide {c.Number} [{c.Value}]",
        RequestCommand.Effort c => $"Effort {c.Number} [{c.Value}]",
        RequestCommand.AddUseCase c => $"AddUseCase {c.Number} [{c.Text}]",
        RequestCommand.RemoveUseCase c => $"RemoveUseCase {c.Number} {c.Line}",
        RequestCommand.AddLink c => $"AddLink {c.Number} [{c.Url}]",
        RequestCommand.RemoveLink c => $"RemoveLink {c.Number} {c.Line}",
        RequestCommand.Idea c => $"Idea {c.Number} [{c.Text}]",
        RequestCommand.Edit c => $"Edit {c.Number} {c.Field} [{c.Value}]",
        RequestCommand.Discuss c => $"Discuss {c.Number} [{c.Why}]",
        RequestCommand.Process c => $"Process {c.Number} [{c.Comment}]",
        RequestCommand.Close c => $"Close {c.Number} [{c.Release}]",
        RequestCommand.Snooze c => $"Snooze {c.Number} [{c.Until?.Resolve(Samples.Today):uuuu-MM-dd}]",
        RequestCommand.OfOne c => $"{c.GetType().Name} {c.Number}",
        _ => command.GetType().Name,
    };
}
