using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Workspaces;

/// <summary>Something that was done, and all that came back.</summary>
/// <param name="What">Who did what.</param>
/// <param name="Sent">What they sent.</param>
/// <param name="Answer">The body of the answer, and the forms that were opened, as they came.</param>
internal sealed record Exchange(string What, string Sent, string Answer);

/// <summary>What the people of a team do in two weeks, and what comes back; the same each time, but for the mark.</summary>
internal sealed partial class TeamLife(ManyTeams server, MarkedTeam team, MarkedTeam neighbour)
{
    private readonly List<Exchange> _exchanges = [];

    public MarkedTeam Team { get; } = team;

    public MarkedTeam Neighbour { get; } = neighbour;

    /// <summary>All that was done, in its order.</summary>
    public IReadOnlyList<Exchange> Exchanges => _exchanges;

    private ChatUser Ann => server.User(Team.Ann.Id);

    /// <summary>Everything is typed and posted, and each form that opens is submitted as it is.</summary>
    public async Task TypeAsync()
    {
        foreach (var (userId, trigger, text) in TeamScript.Of(Team, Neighbour))
        {
            var user = server.User(userId);
            await DoAsync($"{user.Username}: /{trigger} {text}", text, user, () => server.TypeAsync(Team, user, trigger, text));
        }

        await PostAsync("#cr", $"#cr By a post of {Team.Mark} helm --customer Customer");
        await PostAsync("#agenda", $"#agenda By a post of {Team.Mark}");
        await PostAsync("#escalate", $"#escalate 1 @{Neighbour.Ann.Name}");
    }

    /// <summary>Every kind of button that there is by now is pressed, each form submitted.</summary>
    public async Task PressAsync()
    {
        foreach (var (context, action) in server.Buttons(Team))
        {
            var user = (string?)context["u"] is { Length: > 0 } only ? server.User(only) : Ann;
            foreach (var selected in action.Options is [] && action.DataSource.Length == 0 ? (string?[])[null] : [Neighbour.Ben.Id, action.Options is [var option, ..] ? option.Value : Team.Ben.Id])
            {
                await DoAsync($"{user.Username} presses {(string?)context["a"]} {selected}", selected ?? "", user, () => server.PressAsync(Team, user, context, selected));
            }
        }
    }

    /// <summary>The calendars of the team's admin and of the visitor.</summary>
    public async Task<IReadOnlyList<string>> CalendarsAsync()
    {
        var calendars = new List<string>();
        foreach (var user in new[] { Ann, server.User(MarkedTeam.Visitor.Id) })
        {
            var answer = await server.TypeAsync(Team, user, "pm-rotation", "calendar");
            calendars.Add(await server.CalendarAsync(Address().Match(answer).Value));
        }

        return calendars;
    }

    /// <summary>A form as somebody of a team fills it in: what it holds stays, and what it needs is there.</summary>
    public static Dictionary<string, string?> Filled(ChatDialog dialog, MarkedTeam by) => dialog.Elements.ToDictionary(
        e => e.GetProperty("name").GetString()!,
        e => e.TryGetProperty("default", out var value) && value.ToString() is { Length: > 0 } given ? given
            : e.TryGetProperty("data_source", out var source) && source.ToString() == "users" ? by.Ben.Id
            : e.TryGetProperty("optional", out var optional) && optional.ValueKind == JsonValueKind.True ? null
            : $"Typed in {by.Mark}",
        StringComparer.Ordinal);

    /// <summary>A text as it is in every team: with words in the place of marks, and without what is new each time.</summary>
    public string Neutral(string text)
    {
        var plain = text.Replace(Team.Mark, "OWN", StringComparison.OrdinalIgnoreCase).Replace(Neighbour.Mark, "OTHER", StringComparison.OrdinalIgnoreCase);
        return Unique().Replace(plain, "NEW");
    }

    /// <summary>The exchanges, so that those of two teams can be compared.</summary>
    public IReadOnlyList<string> NeutralExchanges() => [.. _exchanges.Select(e => Neutral($"{e.What}\n{WithoutContexts(e.Answer)}"))];

    private static string WithoutContexts(string answer) => string.Join('\n', answer.Split('\n').Select(line =>
    {
        var json = line.IndexOf('{', StringComparison.Ordinal);
        if (json < 0)
        {
            return line;
        }

        var node = JsonNode.Parse(line[json..])!;
        Strip(node);
        return line[..json] + node.ToJsonString();
    }));

    /// <summary>What is signed is new each time.</summary>
    private static void Strip(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                Strip(item);
            }
        }
        else if (node is JsonObject json)
        {
            json.Remove("context");
            json.Remove("state");
            foreach (var (_, value) in json)
            {
                Strip(value);
            }
        }
    }

    private async Task PostAsync(string word, string text) => await DoAsync($"{Ann.Username} posts {text}", text, Ann, () => server.PostAsync(Team, Ann, word, text));

    private async Task DoAsync(string what, string sent, ChatUser user, Func<Task<string>> act)
    {
        var open = server.Server.Dialogs(user).Count;
        var answer = await act();
        var dialogs = server.Server.Dialogs(user).Skip(open).ToList();
        _exchanges.Add(new Exchange(what, sent, string.Join('\n', dialogs.Select(d => JsonSerializer.Serialize(d.Definition)).Prepend(answer))));
        foreach (var dialog in dialogs)
        {
            var submitted = await server.SubmitAsync(Team, user, dialog.State, Filled(dialog, Team));
            _exchanges.Add(new Exchange($"{user.Username} submits the form of {what}", sent, submitted));
        }

        await server.SettledAsync();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:[0-9]+/calendar/[A-Za-z0-9_-]+\.ics")]
    private static partial Regex Address();

    [GeneratedRegex(@"127\.0\.0\.1:[0-9]+(/calendar/[A-Za-z0-9_-]+)?|\b[a-z0-9]{26}\b|\b[0-9a-f]{32}\b|fault `[0-9a-f]{8}`")]
    private static partial Regex Unique();
}
