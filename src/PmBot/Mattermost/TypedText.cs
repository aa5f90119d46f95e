using System.Globalization;
using System.Text;

namespace PmBot.Mattermost;

/// <summary>How what users typed is cleaned before it is kept.</summary>
internal static class TypedText
{
    /// <summary>The most characters of a link.</summary>
    public const int LinkLength = 1000;

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
        return url.Length <= LinkLength && !url.Any(char.IsWhiteSpace) && Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) && uri.Host.Length > 0
            ? uri.AbsoluteUri
            : null;
    }
}
