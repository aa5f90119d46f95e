using System.Text.RegularExpressions;
using NodaTime;
using NUnit.Framework;
using PmBot.Mattermost.Commands;
using PmBot.Rotations;

namespace PmBot.Tests.Rotations;

/// <summary>What each typed text comes to. Dates are read on Wednesday, November 18, 2026.</summary>
[TestFixture]
public sealed partial class RotationVerbsTests
{
    private static readonly LocalDate Today = new(2026, 11, 18);

    [TestCase("", "Who")]
    [TestCase("   ", "Who")]
    [TestCase("who", "Who")]
    [TestCase("WHO", "Who")]
    [TestCase("who --rotation Support", "Who [Support]")]
    [TestCase("who --rotation \"PM rotation\"", "Who [PM rotation]")]
    [TestCase("schedule", "Schedule 8")]
    [TestCase("schedule 1", "Schedule 1")]
    [TestCase("schedule 60", "Schedule 60")]
    [TestCase("schedule 20 —rotation Support", "Schedule 20 [Support]")]
    [TestCase("create", "Create")]
    [TestCase("create PM rotation", "Create name=PM rotation")]
    [TestCase("create \"PM rotation\" --header ~twitter", "Create name=PM rotation header=~twitter")]
    [TestCase(
        "create Support --handoff \"friday 16:00\" --zone Europe/London --every 2w --announce ~pm",
        "Create name=Support handoff=friday 16:00 every=2w zone=Europe/London announce=~pm")]
    [TestCase("create --handoff “monday 09:00” Support", "Create name=Support handoff=monday 09:00")]
    [TestCase("add @adam.c @Katie.W", "Add adam.c,katie.w")]
    [TestCase("add @a, @b @a", "Add a,b")]
    [TestCase("add @a --from 2027-01-04", "Add a from 2027-01-04")]
    [TestCase("add --from \"dec 14\" @a", "Add a from 2026-12-14")]
    [TestCase("remove @a", "Remove a")]
    [TestCase("remove @a @b --from monday", "Remove a,b from 2026-11-23")]
    [TestCase("order alphabetical", "Order alphabetical")]
    [TestCase("order Alphabetically", "Order alphabetical")]
    [TestCase("order @c @a @b", "Order c,a,b")]
    [TestCase("cover monday @a", "Cover 2026-11-23 a")]
    [TestCase("cover @a monday", "Cover 2026-11-23 a")]
    [TestCase("cover dec 7 @a", "Cover 2026-12-07 a")]
    [TestCase("cover @a dec 7", "Cover 2026-12-07 a")]
    [TestCase("cover next week @a", "Cover 2026-11-23 a")]
    [TestCase("cover dec 7 2027 @a", "Cover 2027-12-07 a")]
    [TestCase("take", "Take")]
    [TestCase("take dec 7", "Take 2026-12-07")]
    [TestCase("swap 2026-12-07 2026-12-21", "Swap 2026-12-07 2026-12-21")]
    [TestCase("swap dec 7 dec 21", "Swap 2026-12-07 2026-12-21")]
    [TestCase("swap dec 7, dec 21", "Swap 2026-12-07 2026-12-21")]
    [TestCase("swap \"dec 7\" “dec 21”", "Swap 2026-12-07 2026-12-21")]
    [TestCase("swap monday next monday", "Swap 2026-11-23 2026-11-23")]
    [TestCase("swap @a @b", "Swap a b")]
    [TestCase("away 2026-12-21 2027-01-01 holidays", "Away 2026-12-21 2027-01-01: holidays")]
    [TestCase("away dec 21 jan 1 in the  mountains", "Away 2026-12-21 2027-01-01: in the  mountains")]
    [TestCase("away next week", "Away 2026-11-23 2026-11-29")]
    [TestCase("away next week ill", "Away 2026-11-23 2026-11-29: ill")]
    [TestCase("away today", "Away 2026-11-18 2026-11-18")]
    [TestCase("away @Adam.c today friday ill", "Away adam.c 2026-11-18 2026-11-20: ill")]
    [TestCase("away tomorrow \"a week off\"", "Away 2026-11-19 2026-11-19: a week off")]
    [TestCase("back", "Back")]
    [TestCase("back @a", "Back a")]
    [TestCase("handoff", "HandOff")]
    [TestCase("handoff Two SSO threads\nstill wait.", "HandOff: Two SSO threads\nstill wait.")]
    [TestCase("handoff --now", "HandOff now")]
    [TestCase("handoff —now all yours", "HandOff now: all yours")]
    [TestCase("handoff all yours --now", "HandOff now: all yours")]
    [TestCase("ack", "Ack")]
    [TestCase("duties", "Duties")]
    [TestCase("duties add Answer the \"loud\" ones", "AddDuty Answer the \"loud\" ones")]
    [TestCase("duties ADD x", "AddDuty x")]
    [TestCase("duties remove 2", "RemoveDuty 2")]
    [TestCase("duties remove 0", "RemoveDuty 0", Description = "the list itself says whether there is such a line")]
    [TestCase("history", "History 8")]
    [TestCase("history 20", "History 20")]
    [TestCase("stats", "Stats")]
    [TestCase("calendar", "Calendar")]
    [TestCase("calendar RESET", "Calendar reset")]
    [TestCase("calendar reset --rotation Support", "Calendar reset [Support]")]
    [TestCase("settings", "Settings")]
    [TestCase("set handoff \"tuesday 10:00\"", "Set handoff=tuesday 10:00")]
    [TestCase("set HANDOFF tuesday 10:00", "Set handoff=tuesday 10:00")]
    [TestCase("set channel.twitter ~social", "Set channel.twitter=~social")]
    [TestCase("delete PM rotation", "Delete PM rotation")]
    [TestCase("delete \"PM rotation\"", "Delete PM rotation")]
    public void Is_read_as(string typed, string command) => Assert.That(Show(RotationVerbs.Parse(typed)), Is.EqualTo(command));

    [TestCase("schedule 0", "Say how many, from 1 to 60.")]
    [TestCase("schedule 61", "Say how many, from 1 to 60.")]
    [TestCase("schedule -1", "Say how many, from 1 to 60.")]
    [TestCase("schedule many", "Say how many, from 1 to 60.")]
    [TestCase("schedule 3 4", "Say how many, from 1 to 60.")]
    [TestCase("history 99999999999", "Say how many, from 1 to 60.")]
    [TestCase("add", "Say who is to be added, each as `@name`.")]
    [TestCase("add adam", "Say who is to be added, each as `@name`.")]
    [TestCase("add @adam ben", "Say who is to be added, each as `@name`.")]
    [TestCase("add @adam --from soon", "`soon` is no date that I know.")]
    [TestCase("add @adam --from", "`--from` needs a value behind it.")]
    [TestCase("add @adam --until monday", "There is no flag `--until` here.")]
    [TestCase("remove", "Say who is to be taken out, each as `@name`.")]
    [TestCase("remove @a --from someday", "`someday` is no date that I know.")]
    [TestCase("order", "Say `alphabetical`, or list all members")]
    [TestCase("order by age", "Say `alphabetical`, or list all members")]
    [TestCase("order @a b", "Say `alphabetical`, or list all members")]
    [TestCase("cover", "Say which shift, by a date in it, and who is to take it")]
    [TestCase("cover monday", "Say which shift, by a date in it, and who is to take it")]
    [TestCase("cover @a", "Say which shift, by a date in it, and who is to take it")]
    [TestCase("cover someday @a", "`someday` is no date that I know.")]
    [TestCase("cover @a someday", "`someday` is no date that I know.")]
    [TestCase("cover monday @a please", "I don't know what `please` means here.")]
    [TestCase("cover monday @all x", "I don't know what `x` means here.")]
    [TestCase("take someday", "`someday` is no date that I know.")]
    [TestCase("take monday please", "`please` is no date that I know.")]
    [TestCase("take @all", "`@\u200ball` is no date that I know.")]
    [TestCase("swap", "Say two dates, one in each shift, or two members")]
    [TestCase("swap @a", "Say two dates, one in each shift, or two members")]
    [TestCase("swap @a @a", "These are the same person twice.")]
    [TestCase("swap @a @b @c", "Say two dates, one in each shift, or two members")]
    [TestCase("swap @a monday", "Say two dates, one in each shift, or two members")]
    [TestCase("swap monday", "Say two dates, one in each shift, or two members")]
    [TestCase("swap monday friday sunday", "Say two dates, one in each shift, or two members")]
    [TestCase("away", "Say the first and the last day away.")]
    [TestCase("away @a", "Say the first and the last day away.")]
    [TestCase("away soon", "`soon` is no date that I know.")]
    [TestCase("away @a soon", "`soon` is no date that I know.")]
    [TestCase("back adam", "Say who is back as `@name`, or nothing for yourself.")]
    [TestCase("back @a @b", "Say who is back as `@name`, or nothing for yourself.")]
    [TestCase("handoff --later", "There is no flag `--later` here. There is `--now`, `--rotation`.")]
    [TestCase("duties add", "Say what is to be added.")]
    [TestCase("duties remove", "Say the number of the line that is to go.")]
    [TestCase("duties remove two", "Say the number of the line that is to go.")]
    [TestCase("duties remove -2", "Say the number of the line that is to go.")]
    [TestCase("duties remove 1 2", "Say the number of the line that is to go.")]
    [TestCase("duties clear", "`duties` shows the list")]
    [TestCase("calendar new", "`calendar` shows your address, `calendar reset` makes a new one.")]
    [TestCase("calendar reset please", "`calendar` shows your address, `calendar reset` makes a new one.")]
    [TestCase("set", "Say which setting, and its new value.")]
    [TestCase("set zone", "Say the new value of `zone`.")]
    [TestCase("delete", "Say which rotation by its name.")]
    [TestCase("who --rotation", "`--rotation` needs a value behind it.")]
    public void Lacks_something(string typed, string problem)
    {
        var parsed = RotationVerbs.Parse(typed);
        Assert.That(parsed, Is.InstanceOf<Parsed<RotationCommand>.Incomplete>());
        var incomplete = (Parsed<RotationCommand>.Incomplete)parsed;
        Assert.That(incomplete.Problem, Does.StartWith(problem));
        Assert.That(incomplete.Problem, Does.EndWith(".").Or.EndWith("`"));
        Assert.That(incomplete.Verb.Name, Is.EqualTo(typed.Split(' ')[0]));
    }

    [TestCase("schedul", "", "schedule")]
    [TestCase("shcedule", "", "schedule")]
    [TestCase("Sced", "", "")]
    [TestCase("sched", "", "schedule")]
    [TestCase("se", "", "set,settings")]
    [TestCase("awya next week", "next week", "away")]
    [TestCase("cove monday @a", "monday @a", "cover")]
    [TestCase("ad @a", "@a", "add")]
    [TestCase("tak", "", "take")]
    [TestCase("hand off", "off", "handoff")]
    [TestCase("del x", "x", "delete")]
    [TestCase("rotate", "", "")]
    [TestCase("@adam", "", "")]
    [TestCase("x", "", "")]
    [TestCase("whoo  is   it", "is   it", "who")]
    public void Is_no_verb_but_near_to(string typed, string rest, string nearest)
    {
        var unknown = (Parsed<RotationCommand>.Unknown)RotationVerbs.Parse(typed);
        Assert.That(typed, Does.StartWith(unknown.Typed));
        Assert.That(unknown.Rest, Is.EqualTo(rest), "nothing typed is lost");
        Assert.That(unknown.Nearest.Select(v => v.Name), nearest.Length == 0 ? Is.Empty : Is.SupersetOf(nearest.Split(',')));
        Assert.That(unknown.Nearest.Select(v => v.Name).FirstOrDefault() ?? "", Is.EqualTo(nearest.Split(',')[0]), "the likeliest first");
        Assert.That(unknown.Nearest, Has.Count.AtMost(3));
    }

    [Test]
    public void A_very_long_word_is_near_to_nothing()
    {
        var word = new string('s', 10_000);
        Assert.That(((Parsed<RotationCommand>.Unknown)RotationVerbs.Parse(word)).Nearest, Is.Empty);
    }

    [TestCase("--rotation Support")]
    [TestCase("—rotation \"Support\"")]
    public void Flags_alone_belong_to_the_bare_command(string typed) => Assert.That(
        RotationVerbs.Parse(typed),
        Is.EqualTo(new Parsed<RotationCommand>.Command(new RotationCommand.Who { RotationName = "Support" }, "who")));

    [TestCase("--who")]
    [TestCase("-h")]
    public void What_is_no_flag_of_it_shows_how_it_is_typed_or_is_ignored(string typed) => Assert.That(
        RotationVerbs.Parse(typed), Is.InstanceOf<Parsed<RotationCommand>.Incomplete>().Or.InstanceOf<Parsed<RotationCommand>.Command>());

    [TestCase("help", null)]
    [TestCase("HELP", null)]
    [TestCase("?", null)]
    [TestCase("help cover", "cover")]
    [TestCase("help  Cover please", "cover")]
    public void Help(string typed, string? of) =>
        Assert.That(((Parsed<RotationCommand>.Help)RotationVerbs.Parse(typed)).Of?.Name, Is.EqualTo(of));

    [Test]
    public void Help_of_an_unknown_verb_names_the_nearest() =>
        Assert.That(((Parsed<RotationCommand>.Unknown)RotationVerbs.Parse("help covr")).Nearest.Select(v => v.Name), Does.Contain("cover"));

    public static IEnumerable<TestCaseData> Examples() =>
        RotationVerbs.All.Verbs.SelectMany(v => v.Examples.Select(e => new TestCaseData(v.Name, e).SetArgDisplayNames(e)));

    [TestCaseSource(nameof(Examples))]
    public void The_examples_of_help_are_commands(string verb, string example)
    {
        Assert.That(RotationVerbs.Parse(example), Is.InstanceOf<Parsed<RotationCommand>.Command>());
        Assert.That(example.Split(' ')[0], Is.EqualTo(verb));
    }

    [Test]
    public void Every_verb_has_what_help_shows()
    {
        Assert.That(RotationVerbs.All.Verbs.Select(v => v.Name), Is.Unique);
        foreach (var verb in RotationVerbs.All.Verbs)
        {
            Assert.That(verb.Usages, Is.Not.Empty.And.All.StartsWith(verb.Name));
            Assert.That(verb.Examples, Is.Not.Empty);
            Assert.That(verb.Does, Is.Not.Empty.And.Not.EndsWith("."));
            Assert.That(verb.Flags.Keys, Is.SupersetOf(verb.Usages.SelectMany(u => Flag().Matches(u).Select(m => m.Value[2..]))), "documented flags are read");
        }
    }

    [Test]
    public void All_verbs_of_the_contract_are_there() =>
        Assert.That(
            RotationVerbs.All.Verbs.Select(v => v.Name),
            Is.SupersetOf("who schedule create add remove order cover take swap away back handoff ack duties history stats calendar settings set delete".Split(' ')));

    [GeneratedRegex("--[a-z]+")]
    private static partial Regex Flag();

    private static string Show(Parsed<RotationCommand> parsed)
    {
        Assert.That(parsed, Is.InstanceOf<Parsed<RotationCommand>.Command>());
        var command = ((Parsed<RotationCommand>.Command)parsed).Value;
        var text = command switch
        {
            RotationCommand.Schedule c => $"Schedule {c.Count}",
            RotationCommand.Create c => "Create" + Part("name", c.Name) + Part("handoff", c.Handoff) + Part("every", c.Every) + Part("zone", c.Zone)
                + Part("announce", c.Announce) + Part("header", c.Header),
            RotationCommand.Add c => $"Add {string.Join(',', c.Users)}{(c.From is null ? "" : " from " + Date(c.From))}",
            RotationCommand.Remove c => $"Remove {string.Join(',', c.Users)}{(c.From is null ? "" : " from " + Date(c.From))}",
            RotationCommand.Order c => $"Order {(c.Users.Count == 0 ? "alphabetical" : string.Join(',', c.Users))}",
            RotationCommand.Cover c => $"Cover {Date(c.On)} {c.User}",
            RotationCommand.Take c => $"Take{(c.On is null ? "" : " " + Date(c.On))}",
            RotationCommand.SwapDates c => $"Swap {Date(c.First)} {Date(c.Second)}",
            RotationCommand.SwapUsers c => $"Swap {c.First} {c.Second}",
            RotationCommand.Away c => $"Away{(c.User is null ? "" : " " + c.User)} {Date(c.From)} {(c.To ?? c.From).ResolveEnd(Today):uuuu-MM-dd}{(c.Reason is null ? "" : ": " + c.Reason)}",
            RotationCommand.Back c => $"Back{(c.User is null ? "" : " " + c.User)}",
            RotationCommand.HandOff c => $"HandOff{(c.Now ? " now" : "")}{(c.Note is null ? "" : ": " + c.Note)}",
            RotationCommand.AddDuty c => $"AddDuty {c.Text}",
            RotationCommand.RemoveDuty c => $"RemoveDuty {c.Number}",
            RotationCommand.History c => $"History {c.Count}",
            RotationCommand.Calendar c => $"Calendar{(c.Reset ? " reset" : "")}",
            RotationCommand.Set c => $"Set {c.Key}={c.Value}",
            RotationCommand.Delete c => $"Delete {c.Name}",
            _ => command.GetType().Name,
        };
        return text + (command.RotationName is { } name ? $" [{name}]" : "");

        static string Part(string key, string? value) => value is null ? "" : $" {key}={value}";

        static string Date(DateText date) => $"{date.Resolve(Today):uuuu-MM-dd}";
    }
}
