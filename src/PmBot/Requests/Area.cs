namespace PmBot.Requests;

/// <summary>An area of ownership.</summary>
/// <param name="Name">As people read it; compared without regard to case.</param>
/// <param name="Owners">The product managers who own it; at least one.</param>
/// <param name="Keywords">Words, or groups of words, by which a request is known to be of this area.</param>
public sealed record Area(string Name, IReadOnlyList<Person> Owners, IReadOnlyList<string> Keywords)
{
    /// <summary>The name as it is compared.</summary>
    public string Key => KeyOf(Name);

    /// <summary>A name as it is compared: spaces and case do not count.</summary>
    public static string KeyOf(string name) => string.Join(' ', name.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();
}
