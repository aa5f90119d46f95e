using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Mattermost.Commands;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Sandbox;

namespace PmBot.Tests.Docs;

/// <summary>The pages of the commands say what help says, for both come from the tables of verbs. PMBOT_ACCEPT=1 writes the pages.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed partial class CommandPageTests
{
    private static string Folder => Path.Combine(RepositoryRoot.Path, "docs");

    [Test]
    public async Task The_page_of_the_rotation_says_what_help_says()
    {
        // What can be set is known to the features, each of its own; help asks them, too.
        await using var edge = await Edge.StartAsync(rotation: false);
        var explained = edge.Team.Bot.GetRequiredService<RotationSetter>().Explained;
        var groups = RotationVerbs.All.Groups.Select(g => g with { Verbs = [.. g.Verbs.Select(v => v.Name == "set" ? v with { Notes = $"\n\n{explained}" } : v)] });
        await CheckAsync("pm-rotation", new VerbTable<RotationCommand>([.. groups], [], "who", new Dictionary<string, bool>(StringComparer.Ordinal)));
    }

    [Test]
    public Task The_page_of_the_requests_says_what_help_says() => CheckAsync("cr-assign", RequestVerbs.All);

    [Test]
    public Task The_page_of_the_agenda_says_what_help_says() => CheckAsync("agenda", AgendaVerbs.All);

    [Test]
    public async Task The_index_lists_every_page()
    {
        var index = await File.ReadAllTextAsync(Path.Combine(Folder, "README.md"));
        var pages = Directory.GetFiles(Folder, "*.md").Select(f => Path.GetFileName(f)).Where(f => f != "README.md").ToList();
        Assert.That(pages, Is.Not.Empty);
        Assert.That(pages.Where(p => !index.Contains($"]({p})", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase("pm-rotation")]
    [TestCase("cr-assign")]
    [TestCase("agenda")]
    public async Task Links_within_a_page_lead_somewhere(string trigger)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Folder, $"{trigger}.md"));
        var headings = Heading().Matches(page).Select(m => Punctuation().Replace(m.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-')).ToHashSet(StringComparer.Ordinal);
        var links = Link().Matches(page).Select(m => m.Groups["to"].Value).ToList();
        Assert.That(links, Is.Not.Empty);
        Assert.That(links.Where(l => !headings.Contains(l)), Is.Empty);
    }

    private static async Task CheckAsync<T>(string trigger, VerbTable<T> table)
    {
        var file = Path.Combine(Folder, $"{trigger}.md");
        var written = (await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n");
        var now = CommandPage.WithVerbs(written, trigger, table);
        if (Environment.GetEnvironmentVariable("PMBOT_ACCEPT") == "1")
        {
            await File.WriteAllTextAsync(file, now);
        }
        else
        {
            Assert.That(written, Is.EqualTo(now));
        }
    }

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(#(?<to>[^)]+)\)")]
    private static partial Regex Link();

    // As GitHub makes an anchor of a heading.
    [GeneratedRegex(@"[^\p{L}\p{N} \-_]")]
    private static partial Regex Punctuation();
}
