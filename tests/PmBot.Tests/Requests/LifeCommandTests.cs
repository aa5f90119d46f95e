using NUnit.Framework;
using PmBot.People;
using PmBot.Requests;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Requests;

/// <summary>The table of a request's life, typed: what is refused says why and changes nothing, what is done leaves one entry.</summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class LifeCommandTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task Each_step_is_done_or_refused_as_the_table_says(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var (adam, jason, sam) = (Of(edge.Team.Adam), Of(edge.Team.Jason), Of(edge.Team.Sam));
        await edge.Store.ExecuteAsync(
            t =>
            {
                t.Save(RequestStore.Books, RequestBook.New(edge.Team.Team.Id, Samples.Now).With(new Area("Search", [adam], [])));
                for (var i = 0; i < LifeTable.Cells.Count; i++)
                {
                    var request = Samples.In(LifeTable.Cells[i].State, adam, sam);
                    t.Save(RequestStore.Table, request with { Id = RequestStore.Id(edge.Team.Team.Id, i + 1), WorkspaceId = edge.Team.Team.Id, Number = i + 1, FiledBy = sam.Id });
                }

                return true;
            },
            cancellationToken);
        Assert.Multiple(async () =>
        {
            for (var i = 0; i < LifeTable.Cells.Count; i++)
            {
                var cell = LifeTable.Cells[i];
                var before = await SeenAsync(edge, i + 1);
                var answer = await TypeAsync(edge, cell.Step == "Take other" ? edge.Team.Jason : edge.Team.Adam, Typed(cell.Typed, i + 1));
                var after = await SeenAsync(edge, i + 1);
                var sentence = answer.Split(" You typed: ")[0];
                if (cell.IsRefused)
                {
                    Assert.That(after, Is.EqualTo(before), $"{cell} changes nothing");
                    Assert.That(sentence, Does.Contain($"CR-{i + 1} \"SAML\"").And.EndWith("Nothing was changed.").And.Contain("`/cr-assign "), $"{cell} says why");
                    Assert.That(answer, Does.EndWith($"You typed: `/cr-assign {Typed(cell.Typed, i + 1)}`"), $"{cell}");
                }
                else
                {
                    Assert.That((after.Audit, after.Version, after.State), Is.EqualTo((before.Audit + 1, before.Version + 1, (long)Enum.Parse<RequestState>(cell.Expected))), $"{cell}: {answer}");
                    Assert.That(sentence, Does.Contain($"CR-{i + 1}").And.Contain("Undo: `/cr-assign ").And.Not.Contain("Nothing was changed."), $"{cell}");
                }
            }
        });
        Assert.That(jason.Id, Is.Not.EqualTo(adam.Id));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_an_undo_says_can_be_typed(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var wrong = new List<string>();
        foreach (var cell in LifeTable.Cells.Where(c => !c.IsRefused && !c.Step.StartsWith("Take other", StringComparison.Ordinal)))
        {
            var request = Samples.In(cell.State, Of(edge.Team.Adam), Of(edge.Team.Sam));
            await edge.Store.ExecuteAsync(
                t =>
                {
                    t.Run("delete from requests");
                    t.Save(RequestStore.Table, request with { Id = RequestStore.Id(edge.Team.Team.Id, 1), WorkspaceId = edge.Team.Team.Id, Number = 1, Area = null });
                    return true;
                },
                cancellationToken);
            var typed = cell.Step == "InArea none" ? "edit 1 customer none" : cell.Typed;
            var answer = await TypeAsync(edge, edge.Team.Adam, typed);
            var undo = answer[(answer.LastIndexOf("/cr-assign ", StringComparison.Ordinal) + "/cr-assign ".Length)..].TrimEnd('`');
            var said = await TypeAsync(edge, edge.Team.Adam, undo);
            if (!said.Contains("Undo: ", StringComparison.Ordinal))
            {
                wrong.Add($"{cell}: {answer} -> {said}");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    private static string Typed(string typed, int number) => string.Join(' ', typed.Split(' ').Select((w, i) => i < 2 && w == "1" ? $"{number}" : w));

    private static Person Of(ChatUser user) => new(user.Id, user.Username);

    private static async Task<string> TypeAsync(Edge edge, ChatUser user, string text)
    {
        var token = edge.Team.CommandTokens["cr-assign"];
        var form = edge.Form(text, user, token).Select(f => f.Key == "command" ? new KeyValuePair<string, string>(f.Key, "/cr-assign") : f);
        return (await edge.PostFormAsync(edge.Url("/mattermost/commands/cr-assign"), form, $"Token {token}")).Text;
    }

    private static Task<Seen> SeenAsync(Edge edge, int number) => edge.Store.ReadAsync(
        t => t.Query<Seen>(
            "select body, version, state, (select count(*) from audit) as audit, (select max(seq) from deliveries) as deliveries from requests where number = @number", new { number })[0],
        CancellationToken.None);

    /// <summary>What is kept of a request, and how much of everything else.</summary>
    private sealed record Seen(string Body, long Version, long State, long Audit, long Deliveries);
}
