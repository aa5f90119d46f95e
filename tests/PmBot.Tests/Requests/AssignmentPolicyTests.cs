using FsCheck.Fluent;
using NodaTime;
using NUnit.Framework;
using PmBot.People;
using PmBot.Requests;

namespace PmBot.Tests.Requests;

/// <summary>Whose a request is, and why.</summary>
[TestFixture]
public sealed class AssignmentPolicyTests
{
    private static readonly Person Katie = new("k", "katie.w");
    private static readonly Person Aaron = new("a", "aaron.r");
    private static readonly LocalDate Until = new(2026, 12, 4);
    private static readonly Dictionary<string, AbsentOwner> Nobody = new(StringComparer.Ordinal);

    [TestCase("saml", "SAML group sync", true)]
    [TestCase("SAML", "what of saml?", true)]
    [TestCase("saml", "(saml)", true)]
    [TestCase("saml", "\"saml\", please", true)]
    [TestCase("saml", "saml/oauth", true)]
    [TestCase("saml", "saml-based", true)]
    [TestCase("saml", "saml_sync", true)]
    [TestCase("saml", "saml2", false)]
    [TestCase("saml", "2saml", false)]
    [TestCase("saml", "samlet", false)]
    [TestCase("saml", "osaml", false)]
    [TestCase("saml", "osaml, samlet, and saml at last", true)]
    [TestCase("saml", "sa ml", false)]
    [TestCase("saml", "", false)]
    [TestCase("c++", "A plugin in C++", true)]
    [TestCase("c++", "c++17", true, Description = "a sign ends itself")]
    [TestCase("c++", "c+ +", false)]
    [TestCase("c++", "objc++", false)]
    [TestCase(".net", "a .NET client", true)]
    [TestCase(".net", "asp.net", true, Description = "a sign begins itself")]
    [TestCase(".net", ".nets", false)]
    [TestCase("group sync", "Group sync for guests", true)]
    [TestCase("group sync", "group\n  sync", true)]
    [TestCase("group  sync", "group\u00a0sync", true)]
    [TestCase("group sync", "groups sync", false)]
    [TestCase("group sync", "group-sync", false)]
    [TestCase("straße", "STRAßE", true)]
    [TestCase("straße", "strasse", false, Description = "another spelling is another word")]
    [TestCase("Übersicht", "übersicht", true)]
    [TestCase("bersicht", "Übersicht", false)]
    [TestCase("caf", "café", false)]
    [TestCase("caf", "cafe\u0301", false)]
    [TestCase("cafe", "cafe\u0301", false, Description = "the accent belongs to the letter")]
    [TestCase("café", "cafe\u0301", true)]
    [TestCase("n", "n\u0303\u0304", false)]
    [TestCase("ki", "ki\u0308ng", false)]
    [TestCase("поиск", "Поиск по файлам", true)]
    [TestCase("поис", "Поиск по файлам", false)]
    [TestCase("ΣΑΣ", "σας", true, Description = "a sigma is a sigma")]
    [TestCase("i", "I", true, Description = "as in English, whatever the server's language")]
    [TestCase("title", "TITLE", true)]
    [TestCase("搜索", "搜索", true)]
    [TestCase("搜索", "快速搜索", false, Description = "letters without spaces go on")]
    [TestCase("x", "𝐱x", false, Description = "a letter of two code units goes on, too")]
    [TestCase("x", "x𝐱", false)]
    [TestCase("x", "😀x😀", true, Description = "an emoji is no letter")]
    [TestCase("👩‍💻", "for 👩‍💻 only", true)]
    [TestCase("saml", "sa\u00adml", true, Description = "what cannot be seen does not count")]
    [TestCase("saml", "sa\u200bml", true)]
    [TestCase("|", "a | b", true)]
    [TestCase(" ", "a b", false)]
    [TestCase("\u200b", "a b", false)]
    [TestCase("a", "\ud800 a \udc00", true, Description = "half a character is no fault")]
    public void A_keyword_stands_as_a_whole_word(string keyword, string title, bool stands)
    {
        Area[] areas = [new("A", [Katie], [keyword])];
        Assert.That(AssignmentPolicy.Decide(Samples.Request(title), areas, Nobody) is Fit.Obvious, Is.EqualTo(stands), "in the title");
        Assert.That(AssignmentPolicy.Decide(Samples.Request("x-y", null, "other", title), areas, Nobody) is Fit.Obvious, Is.EqualTo(stands || keyword is "x"), "in a use case");
    }

    [Test]
    public void A_keyword_does_not_go_over_from_one_text_to_the_next() =>
        Assert.That(AssignmentPolicy.Decide(Samples.Request("group", null, "sync"), [new("A", [Katie], ["group sync"])], Nobody), Is.TypeOf<Fit.NoArea>());

    [Test]
    public void The_area_given_counts_alone()
    {
        Area[] areas = [new("Search", [Katie], ["elastic"]), new("Mobile", [Aaron], ["saml"])];
        var fit = AssignmentPolicy.Decide(Samples.Request("saml and mobile", " SEARCH "), areas, Nobody);
        Assert.That(fit, Is.TypeOf<Fit.Obvious>());
        Assert.That(((Fit.Obvious)fit).Owner, Is.EqualTo(Katie));
        Assert.That(((Fit.Obvious)fit).By.Found, Is.Empty);
    }

    [Test]
    public void An_area_that_is_gone_is_said_and_keywords_do_not_replace_it() =>
        Assert.That(AssignmentPolicy.Decide(Samples.Request("saml", "Old"), [new("New", [Katie], ["saml"])], Nobody), Is.EqualTo(new Fit.AreaGone("Old")));

    [Test]
    public void No_area() => Assert.That(AssignmentPolicy.Decide(Samples.Request(), [], Nobody), Is.TypeOf<Fit.NoArea>());

    [Test]
    public void Several_areas_are_not_obvious_even_of_one_owner()
    {
        Area[] areas = [new("A", [Katie], ["saml", "ldap", "SSO"]), new("B", [Katie], ["sso"]), new("C", [Aaron], ["x"])];
        var fit = AssignmentPolicy.Decide(Samples.Request("sso", null, "with saml"), areas, Nobody);
        Assert.That(fit, Is.TypeOf<Fit.SeveralAreas>());
        var fitting = ((Fit.SeveralAreas)fit).Areas;
        Assert.That(fitting.Select(c => c.Area.Name), Is.EqualTo((string[])["A", "B"]));
        Assert.That(fitting[0].Found, Is.EqualTo((string[])["saml", "SSO"]));
    }

    [Test]
    public void Two_owners_are_not_obvious()
    {
        var fit = AssignmentPolicy.Decide(Samples.Request("saml"), [new("A", [Katie, Aaron], ["saml"])], Nobody);
        Assert.That(((Fit.SeveralOwners)fit).Present, Is.EqualTo((Person[])[Katie, Aaron]));
    }

    [TestCase(null)]
    [TestCase("A")]
    public void Of_two_owners_the_one_who_is_there_is_obvious(string? given)
    {
        var fit = AssignmentPolicy.Decide(Samples.Request("saml", given), [new("A", [Katie, Aaron], ["saml"])], Absent(Katie, Until));
        Assert.That(((Fit.Obvious)fit).Owner, Is.EqualTo(Aaron));
    }

    [Test]
    public void Of_absent_owners_it_is_said_until_when()
    {
        var absent = Absent(Katie, Until);
        absent["a"] = new AbsentOwner(Aaron, null);
        var fit = AssignmentPolicy.Decide(Samples.Request("saml"), [new("A", [Katie, Aaron], ["saml"])], absent);
        Assert.That(((Fit.OwnersAbsent)fit).Owners, Is.EqualTo((AbsentOwner[])[new(Katie, Until), new(Aaron, null)]));
        var setting = new Setting(RequestBook.New("w", Samples.Now), Names.None, Samples.Now);
        Assert.That(
            RequestTexts.Why(fit, setting, t => t),
            Is.EqualTo("\"saml\" fits A, and katie.w is away until Fri, Dec 4, aaron.r has no account in use any more. Not obvious."));
    }

    [Test]
    public void A_reason_stays_a_sentence_however_many_areas_and_owners_there_are()
    {
        Person[] owners = [.. Enumerable.Range(0, 30).Select(i => new Person($"u{i}", new string('n', 64)))];
        Area[] areas = [.. Enumerable.Range(0, RequestBook.MostAreas).Select(i => new Area($"{new string('|', 60)}{i}", owners, ["saml", new string('|', 64)]))];
        var setting = new Setting(RequestBook.New("w", Samples.Now), Names.None, Samples.Now);
        foreach (var some in new[] { areas, areas[..1] })
        {
            foreach (var absent in new[] { Nobody, owners.ToDictionary(o => o.Id, o => new AbsentOwner(o, Until), StringComparer.Ordinal) })
            {
                var why = RequestTexts.Why(AssignmentPolicy.Decide(Samples.Request($"saml {new string('|', 64)}"), some, absent), setting, PmBot.Mattermost.Markdown.Inline);
                Assert.That(why, Has.Length.LessThan(2500).And.EndsWith("Not obvious.").And.Contain(some.Length == 1 ? "and 26 more" : "and 196 more"));
            }
        }
    }

    [Test]
    public void The_order_of_areas_and_who_is_away_change_nothing_else()
    {
        string[] words = ["saml", "sso", "search", "mobile", "plugins"];
        Person[] people = [Katie, Aaron, Samples.Pm, Samples.Other];
        var area = from name in Gen.Choose(0, 9)
                   from owners in Gen.SubListOf(people)
                   from keywords in Gen.SubListOf(words)
                   select new Area($"Area {name}", owners.Count == 0 ? [Katie] : [.. owners], [.. keywords]);
        var cases = from areas in area.ListOf(6)
                    from title in Gen.SubListOf(words)
                    from given in Gen.Choose(-9, 9)
                    from away in Gen.SubListOf(people)
                    select (areas.DistinctBy(a => a.Key).ToArray(), string.Join(' ', title), given < 0 ? null : $"area {given}", away.ToArray());
        Samples.Check(1000, 5, Prop.ForAll(Arb.From(cases), c =>
        {
            var (areas, title, given, away) = c;
            var absent = away.ToDictionary(p => p.Id, p => new AbsentOwner(p, Until), StringComparer.Ordinal);
            var request = Samples.Request($"x {title}", given);
            var fit = AssignmentPolicy.Decide(request, areas, absent);
            var reversed = AssignmentPolicy.Decide(request, [.. areas.Reverse()], absent);
            Samples.Hold(Said(fit) == Said(reversed), "the order of areas does not matter");
            var fitting = given is null ? areas.Where(a => a.Keywords.Any(k => title.Split(' ').Contains(k))).ToList() : areas.Where(a => a.Key == given).ToList();
            var present = fitting.Count == 1 ? fitting[0].Owners.Where(o => !absent.ContainsKey(o.Id)).ToList() : [];
            Samples.Hold(fit is Fit.Obvious == (present.Count == 1), "one area and one owner who is there, and nothing else, is obvious");
            Samples.Hold(fit is not Fit.Obvious obvious || !absent.ContainsKey(obvious.Owner.Id), "nothing is given to who is not there");
            Samples.Hold(fit is Fit.SeveralAreas == fitting.Count > 1, "several areas are said");
            Samples.Hold(fit is Fit.AreaGone == (given is not null && fitting.Count == 0), "an area that is gone is said");
        }));

        static string Said(Fit fit) => fit switch
        {
            Fit.Obvious o => $"{o.Owner.Id} {o.By.Area.Name} {string.Join(',', o.By.Found)}",
            Fit.SeveralAreas s => string.Join(';', s.Areas.Select(a => $"{a.Area.Name} {string.Join(',', a.Found)}").Order(StringComparer.Ordinal)),
            Fit.SeveralOwners s => $"{s.By.Area.Name} {string.Join(',', s.Present.Select(p => p.Id))}",
            Fit.OwnersAbsent a => $"{a.By.Area.Name} {string.Join(',', a.Owners.Select(p => p.Owner.Id))}",
            _ => $"{fit}",
        };
    }

    [TestCase("  Private   Cloud ", "private cloud")]
    [TestCase("CAFE\u0301", "café")]
    [TestCase("@\u200ball hands", "@all hands")]
    [TestCase("", "")]
    public void A_name_is_compared_as(string name, string key) => Assert.That(Area.KeyOf(name), Is.EqualTo(key));

    private static Dictionary<string, AbsentOwner> Absent(Person person, LocalDate? until) => new(StringComparer.Ordinal) { [person.Id] = new AbsentOwner(person, until) };
}
