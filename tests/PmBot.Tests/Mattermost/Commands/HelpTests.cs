using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Tests.Mattermost.Inbound;

namespace PmBot.Tests.Mattermost.Commands;

/// <summary>Help reads well: short lines, every verb once, examples that are understood.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class HelpTests
{
    /// <summary>The longest text of the second column; with the first it is what a phone shows without scrolling sideways, on two lines or three.</summary>
    private const int LongestDoes = 64;

    [Test]
    public void Every_verb_of_the_rotation_is_told_in_few_words() => Check(RotationVerbs.All, RotationVerbs.Parse);

    [Test]
    public void Every_verb_of_the_requests_is_told_in_few_words() => Check(RequestVerbs.All, RequestVerbs.Parse);

    [Test]
    public void Every_verb_of_the_agenda_is_told_in_few_words() => Check(AgendaVerbs.All, AgendaVerbs.Parse);

    [TestCase("pm-rotation")]
    [TestCase("cr-assign")]
    [TestCase("agenda")]
    public async Task All_of_it_is_one_message_and_names_every_verb_once(string trigger)
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        var shown = await edge.Team.Server.TypeAsync(edge.Team.Adam, edge.Team.ProductManagement, $"/{trigger} help");
        var text = shown.Ephemerals.Single().Message;
        Assert.That(text, Has.Length.LessThan(MattermostLimits.Message / 3), "room for verbs to come");
        var rows = text.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split(" | ")).ToList();
        Assert.That(rows, Has.All.Length.EqualTo(2), "two columns");
        Assert.That(rows.Select(r => r[0]), Has.All.Length.LessThanOrEqualTo(40));
        var names = trigger switch
        {
            "pm-rotation" => RotationVerbs.All.Verbs.Select(v => v.Name),
            "cr-assign" => RequestVerbs.All.Verbs.Select(v => v.Name),
            _ => AgendaVerbs.All.Verbs.Select(v => v.Name),
        };
        Assert.That(rows.Select(r => r[0].Split('`', ' ')[2]), Is.EqualTo(names));
    }

    private static void Check<T>(VerbTable<T> table, Func<string, Parsed<T>> parse)
    {
        Assert.That(table.First, Has.Count.EqualTo(3));
        Assert.That(table.Verbs.Select(v => v.Name), Is.Unique);
        var synonyms = table.Verbs.SelectMany(v => v.Synonyms).ToList();
        Assert.That(synonyms, Is.Unique, "a word stands for one verb");
        Assert.That(synonyms.Where(s => table.Find(s) is not null), Is.Empty, "a verb stands for itself");
        foreach (var verb in table.Verbs)
        {
            Assert.That(verb.Does, Has.Length.LessThanOrEqualTo(LongestDoes), verb.Name);
            Assert.That(verb.Does, Does.Not.EndWith(".").And.Not.Contain("|"), verb.Name);
            Assert.That(verb.Who, Is.Not.Empty.And.Not.EndsWith("."), verb.Name);
            foreach (var example in verb.Examples)
            {
                Assert.That(parse(example), Is.InstanceOf<Parsed<T>.Command>(), example);
            }
        }
    }
}
