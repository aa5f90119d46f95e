using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using NUnit.Framework;
using PmBot.Sandbox;
using PmBot.Tests.Sandbox;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Conversations;

/// <summary>What a transcript can do and show beyond posts and buttons, played without the bot: a receiver answers in its place.</summary>
[Engines]
internal sealed class RunnerTests
{
    private DirectoryInfo _folder = null!;
    private SandboxClock _clock = null!;
    private SandboxTeam _team = null!;
    private Receiver _integration = null!;
    private Conversation _conversation = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("pmbot-test-");
        _clock = SandboxClock.Pinned(new DateTimeOffset(2026, 11, 30, 17, 0, 0, TimeSpan.Zero));
        _team = await SandboxTeam.StartAsync(_clock, _folder.FullName, settings: TestEngine.Current.Settings(_folder.FullName), engines: TestEngine.Engines);
        _integration = await Receiver.StartAsync();
        _conversation = new Conversation(_team);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _team.DisposeAsync();
        await _integration.DisposeAsync();
        _clock.Dispose();
        _folder.Delete(recursive: true);
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Menus_fields_and_threads(CancellationToken cancellationToken)
    {
        _team.Server.AddOutgoingWebhook(_team.Team, null, ["#try"], _integration.Url);
        var post = await PostAsync(new
        {
            channel_id = _team.ProductManagement.Id,
            message = "",
            props = new
            {
                attachments = new[]
                {
                    new
                    {
                        pretext = "Above", title = "CR-17", title_link = _team.Server.Url + "core", text = "ACME",
                        fields = new[]
                        {
                            new { title = "Assignee", value = "nobody", @short = true },
                            new { title = "Decision", value = "none yet", @short = true },
                            new { title = "Use case", value = "guests", @short = false },
                        },
                        footer = "Not obvious.",
                        actions = new[] { Menu("assign", "Assign to…", "users"), Menu("area", "Area", "") },
                    },
                },
            },
        });
        var played = await _conversation.PlayAsync("adam.c ~product-management> hello", cancellationToken);
        Assert.That(played, Is.EqualTo(
            """

            adam.c ~product-management> hello
              ~product-management, pm-bot:
              | Above
              | [CR-17](https://chat/core)
              | ACME
              | Assignee: nobody · Decision: none yet
              | Use case: guests
              | Not obvious.
              | [ Assign to… ▾ ] [ Area ▾ ]

            """));

        _integration.Answers(new { ephemeral_text = "Told." });
        await _conversation.PlayAsync("adam.c chooses katie.w in \"Assign to…\"", cancellationToken);
        Assert.That(Chosen(), Is.EqualTo(_team.Katie.Id));
        await _conversation.PlayAsync("adam.c chooses Private Cloud in \"Area\"", cancellationToken);
        Assert.That(Chosen(), Is.EqualTo("pc"));
        Assert.That(
            () => _conversation.PlayAsync("adam.c chooses walrus in \"Area\"", cancellationToken),
            Throws.TypeOf<FormatException>().With.Message.EqualTo("There is no option \"walrus\"."));

        _integration.Answers(500, "application/json", "{}");
        played = await _conversation.PlayAsync("adam.c chooses Guests in \"Area\"", cancellationToken);
        Assert.That(played, Does.EndWith("  adam.c sees the error: Action integration error. status=500\n"));

        await PostAsync(new { channel_id = _team.ProductManagement.Id, message = "It is katie.w's.", root_id = post });
        _integration.Answers(new { text = "Filed.", response_type = "comment" });
        played = await _conversation.PlayAsync("sam.sales ~product-management> #try one two three four five six", cancellationToken);
        Assert.That(played, Does.EndWith(
            """

            sam.sales ~product-management> #try one two three four five six
              ~product-management, in the thread of "#try one two three four five…", sysadmin (webhook):
              | Filed.
              ~product-management, in the thread of "CR-17", pm-bot:
              | It is katie.w's.

            """));

        string? Chosen() =>
            JsonSerializer.Deserialize<JsonElement>(_integration.Last.Body).GetProperty("context").GetProperty("selected_option").GetString();
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Files_are_given_and_shown(CancellationToken cancellationToken)
    {
        const string script =
            """

            sam.sales ~product-management attaches requests.csv> as agreed
            < title,customer
            <
            < SAML,ACME

            """;
        Assert.That(await _conversation.PlayAsync(script, cancellationToken), Is.EqualTo(script));
        var typed = _team.Server.Posts(_team.ProductManagement).Single();
        Assert.That(typed.Message, Is.EqualTo("as agreed"));
        Assert.That(_team.Server.Files(typed).Single().Text, Is.EqualTo("title,customer\n\nSAML,ACME\n"));

        var lines = string.Join("\r\n", Enumerable.Range(1, 22).Select(n => n.ToString(CultureInfo.InvariantCulture)));
        using var http = Http();
        using var content = new StringContent(lines);
        using var uploaded = await http.PostAsync(
            new Uri($"/api/v4/files?channel_id={_team.ProductManagement.Id}&filename=all.csv", UriKind.Relative), content, cancellationToken);
        var id = (await uploaded.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("file_infos")[0].GetProperty("id").GetString();
        await PostAsync(new { channel_id = _team.ProductManagement.Id, message = "All of it.", file_ids = new[] { id } });

        var played = await _conversation.PlayAsync("+ 1m", cancellationToken);
        Assert.That(played, Does.Contain("  | All of it.\n  | (file all.csv:)\n  |   1\n  |   2\n").And.EndWith("  |   20\n  |   … 2 more lines\n"));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task A_dialogs_choices_are_shown_and_made(CancellationToken cancellationToken)
    {
        var opened = new
        {
            trigger_id = _team.Server.NewTrigger(_team.Sam, _team.ProductManagement),
            url = _integration.Url,
            dialog = new
            {
                title = "A new request",
                elements = new object[]
                {
                    new { display_name = "Title", name = "title", type = "text" },
                    new { display_name = "Area", name = "area", type = "select", @default = "pc", options = Options },
                    new { display_name = "Size", name = "size", type = "radio", options = Enumerable.Range(1, 7).Select(n => new { text = $"{n}", value = $"v{n}" }) },
                    new { display_name = "Reporter", name = "reporter", type = "select", data_source = "users", @default = _team.Sam.Id },
                },
            },
        };
        using var http = Http();
        using var answer = await http.PostAsJsonAsync(new Uri("/api/v4/actions/dialogs/open", UriKind.Relative), opened, cancellationToken);

        var played = await _conversation.PlayAsync(
            "sam.sales ~product-management> hello\nsam.sales submits title=@here; area=Guests; size=3; reporter=@katie.w", cancellationToken);

        Assert.That(played, Is.EqualTo(
            """

            sam.sales ~product-management> hello
              sam.sales sees the dialog "A new request":
              | Title: []
              | Area: [Private Cloud] of Private Cloud, Guests
              | Size: [] of 7
              | Reporter: [sam.sales]

            sam.sales submits title=@here; area=Guests; size=3; reporter=@katie.w
              the dialog closes

            """));
        Assert.That(
            JsonSerializer.Deserialize<JsonElement>(_integration.Last.Body).GetProperty("submission").GetRawText(),
            Is.EqualTo($$"""{"area":"g","reporter":"{{_team.Katie.Id}}","size":"v3","title":"@here"}"""));
    }

    private static List<object> Options => [new { text = "Private Cloud", value = "pc" }, new { text = "Guests", value = "g" }];

    private object Menu(string id, string name, string source) =>
        new { id, name, type = "select", data_source = source, options = source.Length == 0 ? Options : [], integration = new { url = _integration.Url } };

    private HttpClient Http()
    {
        var http = new HttpClient { BaseAddress = _team.Server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _team.BotUser.Token);
        return http;
    }

    private async Task<string> PostAsync(object post)
    {
        using var http = Http();
        using var answer = await http.PostAsJsonAsync(new Uri("/api/v4/posts", UriKind.Relative), post);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }
}
