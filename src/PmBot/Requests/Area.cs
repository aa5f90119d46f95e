using System.Globalization;
using System.Text;
using PmBot.People;

namespace PmBot.Requests;

/// <summary>An area of ownership.</summary>
/// <param name="Name">As people read it; compared without regard to case.</param>
/// <param name="Owners">The product managers who own it; at least one.</param>
/// <param name="Keywords">Words, or groups of words, by which a request is known to be of this area.</param>
public sealed record Area(string Name, IReadOnlyList<Person> Owners, IReadOnlyList<string> Keywords)
{
    /// <summary>The name as it is compared.</summary>
    public string Key => KeyOf(Name);

    /// <summary>One spelling for what looks the same: spaces, case, the way letters are composed and invisible characters do not count.</summary>
    public static string KeyOf(string name)
    {
        var visible = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            // What is half a character comes as U+FFFD, which can be normalized; a lone surrogate cannot.
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format)
            {
                visible.Append(rune);
            }
        }

        var line = string.Join(' ', visible.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        // Up and down again: letters with two small forms, such as the Greek sigma, have one capital.
        return line.Normalize(NormalizationForm.FormC).ToUpperInvariant().ToLowerInvariant();
    }
}
