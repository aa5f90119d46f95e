using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using PmBot.People;
using PmBot.Requests;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Benchmarks;

/// <summary>
/// Writes a store with as many requests as one likes, the same ones each time: 20 areas, a dozen product managers of whom some have far
/// more than others, three years of requests in every state, with the entries in the audit trail that their lives would have left.
/// </summary>
internal sealed class RequestGenerator
{
    /// <summary>The workspace.</summary>
    public const string TeamId = "generatedteamxxxxxxxxxxxxx";

    private const int PerTransaction = 1000;

    private static readonly Duration Years = Duration.FromDays(3 * 365);

    private static readonly string[] AreaNames =
    [
        "Private Cloud", "Integrations", "Mobile", "Compliance", "Channels", "Calls", "Playbooks", "Boards", "Search", "Notifications", "Authentication", "Guest Access",
        "Administration", "Performance", "Plugins", "Desktop", "Analytics", "Localization", "Onboarding", "Accessibility",
    ];

    private static readonly string[] Keywords =
    [
        "kubernetes", "webhooks", "android", "audit logs", "sidebar", "screen sharing", "runbooks", "kanban", "full text", "push", "saml", "guests", "system console", "latency",
        "marketplace", "electron", "dashboards", "translations", "tutorial", "screen reader",
    ];

    private static readonly string[] Wishes = ["Export of", "Support for", "Faster", "Finer permissions for", "An API for", "Bulk changes of", "Scheduled", "Dark mode for", "History of", "Limits for"];

    private static readonly string[] Things =
        ["reports", "large teams", "archived channels", "group sync", "custom emoji", "message retention", "shared files", "threads", "the web client", "user profiles", "licences", "backups"];

    private static readonly string[] Ends = ["", " for partners", " across time zones", " without an outage", " per department, with an approval by its lead", " in air-gapped networks", " on small screens"];

    private static readonly string[] Customers = ["ACME", "Umbrella Corp", "Initech", "Hooli", "Globex", "Stark Industries", "Wayne Enterprises", "Wonka", "Tyrell", "Cyberdyne"];

    private static readonly IReadOnlyList<string> Decisions = [.. DecisionValue.FixVersions, .. DecisionValue.Timeframes, DecisionValue.WontDo, "v7.8", "v7.9", "v7.10", "v8.0"];

    // The same requests are wanted each time; nothing secret depends on them.
#pragma warning disable CA5394
    private readonly Random _random = new(17);

    /// <summary>The instant at which the last of them was filed.</summary>
    public static Instant End { get; } = Instant.FromUtc(2026, 11, 25, 18, 0);

    /// <summary>The product managers. The first has the most requests.</summary>
    public static IReadOnlyList<Person> Managers { get; } = [.. Enumerable.Range(1, 12).Select(n => PersonOf("manager", n))];

    /// <summary>Who reports.</summary>
    public static IReadOnlyList<Person> Reporters { get; } = [.. Enumerable.Range(1, 40).Select(n => PersonOf("seller", n))];

    /// <summary>An area with about one in twenty of the requests.</summary>
    public static string AnArea => AreaNames[4];

    /// <summary>Writes a new store.</summary>
    /// <param name="count">How many requests.</param>
    /// <param name="file">The file, which must not exist.</param>
    public async Task WriteAsync(int count, string file)
    {
        await using var store = SqliteStore.Open($"Data Source={file}", TimeProvider.System, NullLogger<SqliteStore>.Instance);
        await store.ExecuteAsync(
            t =>
            {
                t.Save(Workspace.Table, new Workspace { Id = TeamId, CreatedBy = Managers[0].Id });
                t.Save(RequestStore.Books, RequestBook.New(TeamId, End) with
                {
                    Areas = [.. AreaNames.Select((name, n) => new Area(name, [Managers[n % Managers.Count]], [Keywords[n]]))],
                });
                return true;
            },
            CancellationToken.None);
        for (var written = 0; written < count; written += PerTransaction)
        {
            var lives = Enumerable.Range(written + 1, Math.Min(PerTransaction, count - written)).Select(n => New(n, count)).ToList();
            await store.ExecuteAsync(
                t =>
                {
                    t.TakeNumbers(TeamId, lives.Count);
                    foreach (var (request, steps) in lives)
                    {
                        t.Save(RequestStore.Table, request);
                        foreach (var (at, actor, action, before, after) in steps)
                        {
                            t.Audit(TeamId, at, actor, RequestStore.Subject(request.Number), action, before, after);
                        }
                    }

                    return true;
                },
                CancellationToken.None);
        }
    }

    private static Person PersonOf(string what, int number) =>
        new($"{what}{number.ToString("D2", CultureInfo.InvariantCulture)}".PadRight(26, 'x'), $"{what}.{number.ToString("D2", CultureInfo.InvariantCulture)}");

    /// <summary>A request, by the steps that its people would have taken, and what each left in the audit trail.</summary>
    private (CustomerRequest Request, List<(Instant At, string Actor, string Action, string? Before, string? After)> Steps) New(int number, int count)
    {
        var at = End - Years + (Years / count * number);
        var reporter = Pick(Reporters);
        var area = _random.Next(AreaNames.Length);
        var owner = Managers[Math.Min(_random.Next(Managers.Count), _random.Next(Managers.Count))];
        var request = new CustomerRequest
        {
            Id = RequestStore.Id(TeamId, number),
            WorkspaceId = TeamId,
            Number = number,
            Title = Title(area),
            Reporter = reporter,
            FiledBy = reporter.Id,
            FiledAt = at,
            ChangedAt = at,
            Customer = OneIn(3) ? null : Pick(Customers),
            Area = OneIn(4) ? null : AreaNames[area],
            UseCases = [.. Enumerable.Range(1, _random.Next(4)).Select(n => new Detail($"{n}: {Title(area)}", reporter.Id, at))],
            Links = OneIn(2) ? [new Detail($"https://example.com/tickets/{number}", reporter.Id, at)] : [],
            Card = new Card($"{number:x32}", "generatedchannelxxxxxxxxxx"),
        };
        var steps = new List<(Instant At, string Actor, string Action, string? Before, string? After)> { (at, reporter.Id, "file", null, request.Title) };
        var kind = _random.Next(100);
        if (kind < 2)
        {
            Do(r => OneIn(4) ? r.Queue("pricing is unclear", reporter.Id, at) : null, "discuss", "pricing is unclear");
            return (request, steps);
        }

        Later(96);
        Do(r => r.Assign(owner, at), "assign", owner.Id);
        if (kind < 22)
        {
            Do(r => OneIn(10) ? r.Snooze(new LocalDate(2026, 12, 14), new LocalDate(2026, 11, 25), at) : null, "snooze", "2026-12-14");
            return (request, steps);
        }

        Later(480);
        var decision = Pick(Decisions);
        Do(r => r.Decide(decision, owner.Id, at), "decide", decision);
        Do(r => OneIn(3) ? r.SetEffort("M", owner.Id, at) : null, "effort", "M");
        Do(r => OneIn(3) ? r.SetIdea($"https://example.com/ideas/{number % 1000}", owner.Id, at) : null, "idea", $"https://example.com/ideas/{number % 1000}");
        if (kind >= 40)
        {
            Later(960);
            Do(r => kind < 70 ? r.Process("It comes with the next release.", owner.Id, at) : r.Close(null, owner.Id, at), kind < 70 ? "process" : "close", null);
        }

        return (request, steps);

        void Later(int mostHours)
        {
            var later = at + Duration.FromMinutes(_random.Next(mostHours * 60));
            at = later < End ? later : End;
        }

        void Do(Func<CustomerRequest, RequestStep?> step, string action, string? after)
        {
            if (step(request) is RequestStep.Done { Request: var next })
            {
                request = next;
                steps.Add((at, owner.Id, action, null, after));
            }
        }
    }

    /// <summary>A title of 20 to 120 characters; in one of three there stands a keyword of its area.</summary>
    private string Title(int area)
    {
        var title = $"{Pick(Wishes)} {(OneIn(3) ? $"{Keywords[area]} and " : "")}{Pick(Things)}{Pick(Ends)}";
        return title.Length < 20 ? title + ", please, soon" : title.Length > 120 ? title[..120].TrimEnd() : title;
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    private bool OneIn(int many) => _random.Next(many) == 0;
#pragma warning restore CA5394
}
