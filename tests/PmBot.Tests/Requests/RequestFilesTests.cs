using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using PmBot.Requests;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>Files in and out with the real bot: who may, where a file is found, how long it may be, and that it is imported once.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class RequestFilesTests
{
    private const string Csv = "title,customer\nDark mode,ACME\nAudit log,\n";

    private DirectoryInfo _folder = null!;
    private SandboxClock _clock = null!;
    private SandboxTeam _team = null!;

    private StandInServer Server => _team.Server;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("pmbot-files-");
        _clock = SandboxClock.Pinned(new DateTimeOffset(2026, 11, 25, 18, 0, 0, TimeSpan.Zero));
        _team = await SandboxTeam.StartAsync(_clock, _folder.FullName, settings: TestEngine.Current.Settings(_folder.FullName), engines: TestEngine.Engines);
        await _team.StartBotAsync((WebApplicationBuilder builder) => builder.Logging.ClearProviders());
    }

    [TearDown]
    public async Task StopAsync()
    {
        Assert.That(Server.UnexpectedCalls, Is.Empty);
        await _team.DisposeAsync();
        _clock.Dispose();
        _folder.Delete(recursive: true);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_post_that_the_caller_or_the_bot_cannot_see_is_as_if_it_did_not_exist()
    {
        var hidden = Server.AddChannel(_team.Team, "hidden", isPrivate: true);
        Server.Join(hidden, _team.Adam, _team.BotUser);
        var withoutBot = Server.AddChannel(_team.Team, "without-bot", isPrivate: true);
        Server.Join(withoutBot, _team.Adam, _team.Katie);
        var other = Server.AddTeam("other");
        var elsewhere = Server.AddChannel(other, "elsewhere");
        Server.Join(elsewhere, _team.Adam, _team.Katie, _team.BotUser);
        var deleted = await AttachAsync(_team.Adam, _team.ProductManagement, Csv);
        Server.DeletePost(deleted);

        var none = await ImportAsync(_team.Katie, "nosuchpostnosuchpostnosuch");
        Assert.That(none, Does.StartWith("I see no such post in this team"));
        ChatPost[] posts =
        [
            deleted, await AttachAsync(_team.Adam, hidden, Csv), await AttachAsync(_team.Adam, withoutBot, Csv),
            await AttachAsync(_team.Adam, elsewhere, Csv), await AttachAsync(_team.Adam, Server.DirectChannel(_team.Adam, _team.BotUser), Csv),
        ];
        foreach (var post in posts)
        {
            var answer = await ImportAsync(_team.Katie, post.Id);
            Assert.That(answer.Replace(post.Id, "nosuchpostnosuchpostnosuch", StringComparison.Ordinal), Is.EqualTo(none));
        }

        Assert.That(await CountAsync(), Is.Zero);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_permalink_is_taken_in_every_form_where_both_see_the_post()
    {
        var own = await AttachAsync(_team.Katie, Server.DirectChannel(_team.Katie, _team.BotUser), Csv);
        var others = await AttachAsync(_team.Sam, _team.ProductManagement, Csv);
        Assert.That(await ImportAsync(_team.Katie, $"<https://chat.example.com/core/pl/{own.Id}/>"), Does.Contain("are imported: CR-1 and CR-2"));
        Assert.That(await ImportAsync(_team.Katie, $"{others.Id} --dry-run"), Does.Contain("2 lines have the title and customer"));
        Assert.That(await ImportAsync(_team.Katie, others.Id), Does.Contain("are imported: CR-3 and CR-4"));
        Assert.That(await ImportAsync(_team.Adam, others.Id), Does.Contain("was imported already, by katie.w on Wed, Nov 25, 10:00 PST, as CR-3 and CR-4."));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Without_a_permalink_it_is_the_caller_s_newest_file_of_this_channel()
    {
        await AttachAsync(_team.Katie, _team.ProductManagement, "title\nold\n");
        await AttachAsync(_team.Katie, _team.ProductManagement, "title\nnew\nnewer\n", "NEW.CSV");
        await AttachAsync(_team.Katie, _team.ProductManagement, "title\nother\n", "new.txt");
        await AttachAsync(_team.Adam, _team.ProductManagement, "title\nadam's\n");
        await AttachAsync(_team.Katie, _team.Twitter, "title\nelsewhere\n");
        Assert.That(await ImportAsync(_team.Katie, "--dry-run"), Does.StartWith("**2 requests** of `NEW.CSV` would be imported"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Exactly_one_file_of_some_length_is_read()
    {
        var two = (await Server.TypeAsync(_team.Katie, _team.ProductManagement, "two", files: [new ChatFile("a.csv", Csv), new ChatFile("b.csv", Csv)])).Post!;
        Assert.That(await ImportAsync(_team.Katie, two.Id), Does.StartWith("That post has 2 CSV files"));
        var none = await AttachAsync(_team.Katie, _team.ProductManagement, Csv, "a.xlsx");
        Assert.That(await ImportAsync(_team.Katie, none.Id), Does.StartWith("That post has no CSV file"));
        await AttachAsync(_team.Katie, _team.ProductManagement, "title\n" + new string('x', 5_000_000));
        Assert.That(await ImportAsync(_team.Katie, ""), Does.StartWith("`list.csv` is longer than 5 MB."));
        await AttachAsync(_team.Katie, _team.ProductManagement, "title\n" + string.Concat(Enumerable.Repeat("x\n", 5_001)));
        Assert.That(await ImportAsync(_team.Katie, ""), Does.StartWith("`list.csv` has more than 5000 lines."));
        Assert.That(await CountAsync(), Is.Zero);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task The_same_file_at_the_same_time_is_imported_once()
    {
        await AttachAsync(_team.Katie, _team.ProductManagement, Csv);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ImportAsync(_team.Katie, "")));
        Assert.That(answers.Count(a => a.Contains("are imported: CR-1 and CR-2", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(answers.Count(a => a.Contains("was imported already, by katie.w", StringComparison.Ordinal)), Is.EqualTo(5));
        Assert.That(await CountAsync(), Is.EqualTo(2));
    }

    [TestCase("/api/v4/files/")]
    [TestCase("/api/v4/users/usernames")]
    [TestCase("/api/v4/teams/")]
    [CancelAfter(120_000)]
    public async Task What_Mattermost_does_not_tell_now_imports_nothing_even_in_part(string path)
    {
        await AttachAsync(_team.Katie, _team.ProductManagement, "title,assignee\nDark mode,adam.c\nAudit log,\n");
        Server.Faults.Add(new Fault(call => call.Path.StartsWith(path, StringComparison.Ordinal) && !call.Path.Contains("channels", StringComparison.Ordinal), new FaultKind.Status(503), int.MaxValue));
        Assert.That(await ImportAsync(_team.Katie, "--partial"), Does.Contain("Nothing was imported.").And.Contain("try again"));
        Assert.That(await CountAsync(), Is.Zero);

        Server.Faults.Clear();
        Assert.That(await ImportAsync(_team.Katie, ""), Does.Contain("are imported: CR-1 and CR-2"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_file_with_no_right_line_can_be_tried_again()
    {
        await AttachAsync(_team.Katie, _team.ProductManagement, "title,area\nDark mode,Mobile\n");
        Assert.That(await ImportAsync(_team.Katie, "--partial"), Does.Contain("there is no area `Mobile`").And.Contain("Nothing was imported."));
        await TypeAsync(_team.Katie, "area set Mobile @adam.c");
        Assert.That(await ImportAsync(_team.Katie, ""), Does.Contain("is imported: CR-1"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Many_wrong_lines_are_counted_and_the_answer_fits()
    {
        await AttachAsync(_team.Katie, _team.ProductManagement, "title,area\nright,\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"@channel,{new string('x', i)}\n")));
        var answer = await ImportAsync(_team.Katie, "");
        Assert.That(answer, Does.StartWith("**999 of 1001 lines**").And.Contain("- line 43: there is no area").And.Contain("- and 959 more\n").And.Contain("the 2 lines that are right"));
        Assert.That(answer, Has.Length.LessThan(16_000));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task The_longest_file_comes_in_and_goes_out_again(CancellationToken cancellationToken)
    {
        const int Rows = 5000;
        await AttachAsync(
            _team.Katie, _team.ProductManagement,
            "title,customer,assignee,decision,links,use_cases,filed\n" + string.Concat(Enumerable.Range(1, Rows).Select(i =>
                $"\"Request, number {i}\",Customer {i % 90},{(i % 2 == 0 ? "adam.c" : "")},{(i % 4 == 0 ? "v7.10" : "")},https://example.com/{i},\"one\ntwo\",2026-0{1 + (i % 9)}-01\n")));
        Assert.That(await ImportAsync(_team.Katie, ""), Does.StartWith($"**{Rows} requests** of `list.csv` are imported: CR-1 to CR-{Rows}, 2500 of them nobody's."));
        await _team.SettledAsync(cancellationToken);
        Assert.That(
            Server.Direct(_team.Adam, _team.BotUser).Single().Message,
            Does.StartWith("2500 requests are yours now: katie.w imported them for you.\n- CR-2 \"Request, number 2\"\n").And.Contain("- and 2490 more"));
        Assert.That(
            Server.Posts(_team.ProductManagement)[^1].Message,
            Is.EqualTo($"katie.w imported {Rows} requests: CR-1 to CR-{Rows}, 2500 of them nobody's. `/cr-assign list unassigned`"));

        Assert.That(await TypeAsync(_team.Sam, "export"), Is.EqualTo($"The file comes to you as a direct message: {Rows} requests."));
        await _team.SettledAsync(cancellationToken);
        var file = Server.Files(Server.Direct(_team.Sam, _team.BotUser).Single()).Single();
        Assert.That(file.Name, Is.EqualTo("customer-requests-2026-11-25.csv"));
        var table = (CsvContent.Table)RequestCsv.Read(Encoding.UTF8.GetBytes(file.Text), Rows);
        Assert.That(table.Header.Cells, Is.EqualTo(RequestColumns.Written));
        Assert.That(table.Lines.Select(l => l.Cells[0]), Is.EqualTo(Enumerable.Range(1, Rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"CR-{i}"))));
        Assert.That(
            string.Join('|', table.Lines[3].Cells),
            Is.EqualTo(
                "CR-4|Request, number 4|Customer 4||katie.w|adam.c|decided|v7.10|||https://example.com/4|one\ntwo|||2026-05-01T07:00:00Z|2026-11-25T18:00:00Z|2026-11-25T18:00:00Z||"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_was_exported_is_imported_as_it_was(CancellationToken cancellationToken)
    {
        string[] titles = ["=1+1", "'=1+1", "-- why", "@all hands", "\"quoted\", and more", "plain; or not", "Ünïcødé \U0001F600"];
        foreach (var title in titles)
        {
            await TypeAsync(_team.Sam, $"new {title}");
        }

        await TypeAsync(_team.Sam, "export");
        await _team.SettledAsync(cancellationToken);
        var file = Server.Files(Server.Direct(_team.Sam, _team.BotUser)[^1]).Single();
        var before = await TitlesAsync();
        await AttachAsync(_team.Katie, _team.ProductManagement, file.Text);
        Assert.That(await ImportAsync(_team.Katie, ""), Does.Contain($"are imported: CR-{before.Count + 1} to CR-{before.Count * 2}").And.Contain($"{before.Count} lines have the title and customer of an open request"));
        Assert.That((await TitlesAsync()).Skip(before.Count), Is.EqualTo(before));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_file_is_made_for_members_of_the_team_only(CancellationToken cancellationToken)
    {
        await TypeAsync(_team.Sam, "new Dark mode");
        var stranger = Server.AddUser("stranger", "Some", "One");
        var export = _team.Bot.GetRequiredService<RequestExport>();
        Assert.That(await export.ReadAsync(_team.Team.Id, stranger.Id, cancellationToken), Is.Null);
        Assert.That(await export.ReadAsync(_team.Team.Id, _team.Sam.Id, cancellationToken), Is.Not.Null);
    }

    private async Task<ChatPost> AttachAsync(ChatUser user, ChatChannel channel, string text, string name = "list.csv") =>
        (await Server.TypeAsync(user, channel, "a file", files: [new ChatFile(name, text)])).Post!;

    private Task<string> ImportAsync(ChatUser user, string rest) => TypeAsync(user, $"import {rest}".TrimEnd());

    private async Task<string> TypeAsync(ChatUser user, string text)
    {
        var result = await Server.TypeAsync(user, _team.ProductManagement, $"/cr-assign {text}");
        return result.Ephemerals[^1].Message;
    }

    private async Task<int> CountAsync() => (await TitlesAsync()).Count;

    private Task<IReadOnlyList<string>> TitlesAsync() => _team.Bot.GetRequiredService<IStore>().ReadAsync<IReadOnlyList<string>>(
        t => [.. t.NumberedAfter(_team.Team.Id, 0, 10_000).Select(r => r.Title)], CancellationToken.None);
}
