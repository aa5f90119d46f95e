using System.Collections.Frozen;

namespace PmBot.Requests;

/// <summary>The columns of a file of requests.</summary>
internal static class RequestColumns
{
    public const string Title = "title";
    public const string Customer = "customer";
    public const string Area = "area";
    public const string Reporter = "reporter";
    public const string Assignee = "assignee";
    public const string Decision = "decision";
    public const string Effort = "effort";
    public const string Idea = "idea";
    public const string Links = "links";
    public const string UseCases = "use_cases";
    public const string Filed = "filed";

    /// <summary>Those of a file that the bot writes, in their order.</summary>
    public static IReadOnlyList<string> Written { get; } =
    [
        "number", Title, Customer, Area, Reporter, Assignee, "state", Decision, Effort, Idea, Links, UseCases, "discuss", "snoozed_until", Filed, "assigned",
        "decided", "finished", "post",
    ];

    /// <summary>Those that are written and not read again: what they tell is the request's own life here.</summary>
    public static FrozenSet<string> OwnOnly { get; } =
        FrozenSet.Create(StringComparer.Ordinal, "number", "state", "discuss", "snoozeduntil", "assigned", "decided", "finished", "post");

    private static readonly FrozenDictionary<string, string> Read = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["title"] = Title,
        ["request"] = Title,
        ["summary"] = Title,
        ["customer"] = Customer,
        ["company"] = Customer,
        ["account"] = Customer,
        ["area"] = Area,
        ["component"] = Area,
        ["reporter"] = Reporter,
        ["reportedby"] = Reporter,
        ["requester"] = Reporter,
        ["assignee"] = Assignee,
        ["owner"] = Assignee,
        ["assignedto"] = Assignee,
        ["pm"] = Assignee,
        ["decision"] = Decision,
        ["fixversion"] = Decision,
        ["timeframe"] = Decision,
        ["release"] = Decision,
        ["effort"] = Effort,
        ["estimate"] = Effort,
        ["idea"] = Idea,
        ["featureidea"] = Idea,
        ["links"] = Links,
        ["link"] = Links,
        ["url"] = Links,
        ["urls"] = Links,
        ["usecases"] = UseCases,
        ["usecase"] = UseCases,
        ["filed"] = Filed,
        ["created"] = Filed,
        ["date"] = Filed,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The column that a header means, whatever its case and however its words are joined; null if it is none that is read.</summary>
    public static string? Meant(string header) => Read.GetValueOrDefault(Key(header));

    /// <summary>Whether a header is one that the bot writes and does not read.</summary>
    public static bool IsOwn(string header) => OwnOnly.Contains(Key(header));

    private static string Key(string header) => string.Concat(header.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
