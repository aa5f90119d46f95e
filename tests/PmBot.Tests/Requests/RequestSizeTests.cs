using System.Text.RegularExpressions;
using NodaTime;
using NUnit.Framework;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.People;
using PmBot.Requests;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;
using PmBot.Workspaces;

namespace PmBot.Tests.Requests;

/// <summary>However much there is to say, it fits into a message, and what does not fit is on another page.</summary>
[Engines]
internal sealed partial class RequestSizeTests
{
    private static readonly string Pipes = new('|', RequestLimits.Title);
    private static readonly RequestTexts Texts = new("cr-assign");
    private static readonly Setting Setting = new(RequestBook.New("w", Samples.Now), Names.None, Samples.Now);

    [Test]
    public void A_page_of_a_list()
    {
        var page = new RequestPage([.. Enumerable.Range(1, RequestTexts.PageSize).Select(Long)], 1001);
        var text = Texts.List("Open requests", $"list {new string('|', RequestLimits.AreaName)}", "the oldest first", page, 2, Setting);
        Assert.That(text, Has.Length.AtMost(MattermostLimits.Message));
        Assert.That(Regex.Count(text, Regex.Escape(Markdown.Inline(Pipes))), Is.EqualTo(RequestTexts.PageSize));
        Assert.That(text, Does.Contain("--page 3"));
    }

    [Test]
    public void One_request_with_fifty_long_use_cases()
    {
        var request = Long(1) with
        {
            UseCases = [.. Enumerable.Range(1, CustomerRequest.MostDetails).Select(i => new Detail($"{new string('|', 990)} u{i}", "a", Samples.Now))],
            Links = [.. Enumerable.Range(1, CustomerRequest.MostDetails).Select(i => new Detail($"https://x/{new string('[', 980)}{i}", "a", Samples.Now))],
            Idea = new Detail(new string('|', 1000), "a", Samples.Now),
            Discuss = new Discussion(new string('|', 1000), "a", Samples.Now),
        };
        IReadOnlyList<HistoryEntry> history = [.. Enumerable.Range(1, 15).Select(i => new HistoryEntry(Samples.Now, "a", "edit title", Pipes, $"{Pipes} h{i}"))];
        var all = AllPages(n => Texts.Show(request, new Fit.NoArea(), history, n, Setting));
        for (var i = 1; i <= CustomerRequest.MostDetails; i++)
        {
            Assert.That(all, Does.Contain($"\n{i}. {Markdown.Inline($"{new string('|', 990)} u{i}")} (").And.Contain(Markdown.Inline(request.Links[i - 1].Text)));
        }

        Assert.That(history.All(h => all.Contains(Markdown.Inline(h.After!), StringComparison.Ordinal)), Is.True);
    }

    [Test]
    public void Two_hundred_areas()
    {
        Person[] owners = [.. Enumerable.Range(0, 3).Select(i => new Person($"u{i}", new string('n', 60)))];
        var areas = Enumerable.Range(1, RequestBook.MostAreas).Select(i => new Area($"{new string('|', 60)}{i}", owners, [.. Enumerable.Range(0, 30).Select(k => $"{new string('|', 60)}{k}")]));
        var setting = Setting with { Book = Setting.Book with { Areas = [.. areas] } };
        var all = AllPages(
            n => Texts.Areas(setting, n),
            page => Assert.That(page, Does.StartWith("| area | owners | keywords |\n| :-- | :-- | :-- |\n|"), "a table goes on as a table"));
        Assert.That(setting.Book.Areas.Where(a => !all.Contains($"| {Markdown.Inline(a.Name)} |", StringComparison.Ordinal)), Is.Empty);
    }

    [TestCase(60, 0)]
    [TestCase(60, 500)]
    [TestCase(5, 12)]
    public void The_reminder_of_many_product_managers(int people, int each)
    {
        var lines = Enumerable.Range(0, people).Select(i => new PersonsRequests(
            new RequestCount($"u{i}", each, Samples.Now.ToUnixTimeMilliseconds()),
            [.. Enumerable.Range(100_000, Math.Clamp(each, 1, RequestTexts.MostIds)).Select(n => Long(n) with { Assignee = new Person($"u{i}", "") })],
            true, null)).ToList();
        var names = new Names(lines.ToDictionary(
            l => l.Count.AssigneeId!, l => new MattermostUser { Id = l.Count.AssigneeId!, Username = l.Count.AssigneeId!.PadRight(64, 'n') }, StringComparer.Ordinal));
        var text = Texts.WithoutDecision(lines, Practice.Y2020, null, Setting with { Names = names });
        Assert.That(text, Has.Length.AtMost(MattermostLimits.Message));
        Assert.That(lines.Where(l => !text.Contains($"- @{names.Of(l.Count.AssigneeId!)}: **{each}**", StringComparison.Ordinal)), Is.Empty, "nobody is left out");
        Assert.That(text, Does.Contain("Please set at least the Fix Version"));
        Assert.That(text.Contains("CR-100009", StringComparison.Ordinal), Is.EqualTo(people == 5));
    }

    [Test]
    public void The_list_before_the_meeting()
    {
        var page = new RequestPage([.. Enumerable.Range(1, RequestTexts.MostLines).Select(Long)], 40);
        Person[] owners = [.. Enumerable.Range(0, 9).Select(i => new Person($"u{i}", new string('n', 64)))];
        var area = new Area(new string('|', 64), owners, []);
        Candidate by = new(area, [new string('|', 64)]);
        foreach (var fits in new Func<int, Fit>[] { _ => new Fit.Obvious(by, owners[0]), _ => new Fit.SeveralAreas([by, by, by, by, by, by]), i => i % 2 == 0 ? new Fit.Obvious(by, owners[0]) : new Fit.SeveralOwners(by, owners) })
        {
            var text = Texts.StillUnassigned(page, [.. page.Requests.Select((r, i) => (r, fits(i)))], null, Setting);
            var shown = Regex.Count(text, "^- CR-", RegexOptions.Multiline);
            Assert.That(text, Has.Length.AtMost(MattermostLimits.Message));
            Assert.That(shown + More().Matches(text).Sum(m => int.Parse(m.Groups["n"].Value, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(RequestTexts.MostLines));
            Assert.That(text, Does.Contain("`/cr-assign list unassigned`"));
        }
    }

    [Test]
    public void A_footer_that_clients_would_cut_goes_to_the_text()
    {
        var request = Samples.Done(Samples.In(RequestState.Decided).Process($"{new string('x', 400)} end.", "a", Samples.Now));
        var card = RequestTexts.Card(request, null, Setting, []);
        Assert.That((card.Footer, card.Text), Is.EqualTo(((string?)null, $"ACME · Search · reported by sam.sales\nProcessed: {new string('x', 400)} end.")));
        Assert.That(RequestTexts.Card(Samples.In(RequestState.Processed), null, Setting, []).Footer, Is.EqualTo("Processed: Soon."));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Five_hundred_requests_are_assigned_at_once(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var (team, aaron) = (edge.Team.Team.Id, new Person(edge.Team.Aaron.Id, edge.Team.Aaron.Username));
        await edge.Store.ExecuteAsync(
            t =>
            {
                t.Save(RequestStore.Books, RequestBook.New(team, Samples.Now).With(new Area("A", [aaron], ["saml"])));
                for (var i = 1; i <= 500; i++)
                {
                    t.Save(RequestStore.Table, Long(i) with
                    {
                        Id = RequestStore.Id(team, i),
                        WorkspaceId = team,
                        Area = null,
                        Title = i % 2 == 0 ? $"saml {Pipes[..495]}" : Pipes,
                        Customer = null,
                        Assignee = null,
                        Decision = null,
                        Reporter = new Person(edge.Team.Sam.Id, "sam.sales"),
                        FiledAt = Samples.Now,
                    });
                }

                return true;
            },
            cancellationToken);
        foreach (var text in (string[])["auto --dry-run", "auto"])
        {
            var answer = (await edge.Team.Server.TypeAsync(edge.Team.Adam, edge.Team.ProductManagement, $"/cr-assign {text}")).Text;
            Assert.That(answer, Has.Length.LessThan(MattermostLimits.Message));
            Assert.That(answer, Does.Contain("**250 requests**").And.Contain("**250** are not obvious").And.Contain("more: `/cr-assign list`"));
            var shown = Regex.Count(answer, "^- CR-", RegexOptions.Multiline);
            Assert.That(shown + More().Matches(answer).Sum(m => int.Parse(m.Groups["n"].Value, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(500));
        }

        await edge.SettledAsync();
        Assert.That(edge.Team.Server.Direct(edge.Team.Aaron, edge.Team.BotUser)[^1].Message, Does.StartWith("250 requests are yours now").And.Contain("and 240 more"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_is_obvious_is_found_behind_hundreds_that_are_not(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var (team, aaron) = (edge.Team.Team.Id, new Person(edge.Team.Aaron.Id, edge.Team.Aaron.Username));
        await edge.Store.ExecuteAsync(
            t =>
            {
                t.Save(RequestStore.Books, RequestBook.New(team, Samples.Now).With(new Area("A", [aaron], ["saml"])));
                for (var i = 1; i <= 1200; i++)
                {
                    t.Save(RequestStore.Table, Samples.Request(i > 600 ? $"saml {i}" : $"anything {i}") with
                    {
                        Id = RequestStore.Id(team, i),
                        Number = i,
                        WorkspaceId = team,
                        Area = null,
                        Reporter = new Person(edge.Team.Sam.Id, "sam.sales"),
                    });
                }

                return true;
            },
            cancellationToken);
        Assert.That(await Auto("auto --dry-run"), Does.Contain("**500 requests** would be assigned").And.Contain("**600** are not obvious"));
        Assert.That(await Auto("auto"), Does.Contain("**500 requests** are assigned").And.Contain("More are unassigned: `/cr-assign list unassigned`"));
        Assert.That(await Auto("auto"), Does.Contain("**100 requests** are assigned").And.Contain("**600** are not obvious").And.Not.Contain("More are unassigned"));
        Assert.That(await Auto("auto"), Does.Contain("**600** are not obvious").And.Contain("Nothing was changed."));
        Assert.That(
            await edge.Store.ReadAsync(t => t.Query<long>("select count(*) from audit where action = 'assign' and subject like 'request:%'")[0], cancellationToken),
            Is.EqualTo(600));

        async Task<string> Auto(string text) => (await edge.Team.Server.TypeAsync(edge.Team.Adam, edge.Team.ProductManagement, $"/cr-assign {text}")).Text;
    }

    private static CustomerRequest Long(int number) => Samples.Request(Pipes) with
    {
        Number = number,
        Customer = new string('|', RequestLimits.Customer),
        Area = new string('|', RequestLimits.AreaName),
        FiledAt = Samples.Now - Duration.FromDays(2000),
        Decision = new Detail("Planned: Unscheduled", "a", Samples.Now),
        Assignee = new Person("p", new string('n', 64)),
        AssignedAt = Samples.Now,
    };

    private static string AllPages(Func<int, string> page, Action<string>? check = null)
    {
        var all = new List<string>();
        for (var n = 1; all.Count == 0 || all[^1].Contains($"--page {n}`", StringComparison.Ordinal); n++)
        {
            all.Add(page(n));
            Assert.That(all[^1], Has.Length.AtMost(MattermostLimits.Message));
            Assert.That(all[^1], Does.Contain($"\n\nPage {n} of "));
            check?.Invoke(all[^1]);
        }

        Assert.That(page(all.Count + 1), Does.StartWith($"There is no page {all.Count + 1}; there are {all.Count}"));
        return string.Join('\n', all);
    }

    [GeneratedRegex("^- and (?<n>[0-9]+) more", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex More();
}
