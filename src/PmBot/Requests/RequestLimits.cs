
namespace PmBot.Requests;

/// <summary>How long the texts of a request can be, in characters.</summary>
internal static class RequestLimits
{
    /// <summary>A title.</summary>
    public const int Title = 500;

    /// <summary>A customer's name.</summary>
    public const int Customer = 100;

    /// <summary>An area's name.</summary>
    public const int AreaName = 64;

    /// <summary>A keyword of an area.</summary>
    public const int Keyword = 64;

    /// <summary>The most keywords, and the most owners, of an area.</summary>
    public const int AreaEntries = 30;

    /// <summary>A use case, an idea, a comment, a reason.</summary>
    public const int Text = 1000;

    /// <summary>An estimate.</summary>
    public const int Short = 100;

    /// <summary>A link.</summary>
    public const int Link = PmBot.Mattermost.TypedText.LinkLength;
}
