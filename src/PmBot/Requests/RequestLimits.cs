using System.Globalization;
using System.Text;

namespace PmBot.Requests;

/// <summary>How long the texts of a request can be, in characters, and how they are cleaned before they are kept.</summary>
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
    public const int Link = 1000;

    /// <summary>A text as one line, without spaces at its ends; null if nothing is left that can be seen.</summary>
    public static string? Line(string? text)
    {
        var line = text is null ? "" : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.EnumerateRunes().All(r => Rune.IsControl(r) || Rune.GetUnicodeCategory(r) is UnicodeCategory.Format or UnicodeCategory.SpaceSeparator) ? null : line;
    }

    /// <summary>A link as it can be followed; null if it is none. Slack's and Mattermost's angle brackets around it are left out.</summary>
    public static string? Url(string text)
    {
        var url = text.Trim().TrimStart('<').TrimEnd('>');
        return url.Length <= Link && !url.Any(char.IsWhiteSpace) && Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) && uri.Host.Length > 0
            ? uri.AbsoluteUri
            : null;
    }
}
