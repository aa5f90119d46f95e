using System.Text.RegularExpressions;
using PmBot.People;

namespace PmBot.Tests.Workspaces;

/// <summary>A team of which every id, name and text carries a mark, so that anything of it is known wherever it turns up.</summary>
/// <param name="Number">From 0; teams of neighbouring numbers are neighbours in every order by id or name.</param>
internal sealed partial record MarkedTeam(int Number)
{
    private const int MattermostId = 26;

    /// <summary>Somebody who is in the rotations, requests and action steps of all teams.</summary>
    public static Person Visitor { get; } = new("visitor".PadRight(MattermostId, '0'), "visitor");

    /// <summary>The mark: letters and digits, of the same length for all.</summary>
    public string Mark => FormattableString.Invariant($"t{1000 + Number}x");

    public string Id => Padded("team");

    public string ChannelId => Padded("pmchannel");

    public string PrivateChannelId => Padded("private");

    /// <summary>The team's admin.</summary>
    public Person Ann => Named("ann");

    public Person Ben => Named("ben");

    public Person Cat => Named("cat");

    public IReadOnlyList<Person> People => [Ann, Ben, Cat];

    /// <summary>The marks that stand in a text, each once.</summary>
    public static IReadOnlyList<string> MarksIn(string text) =>
        [.. AnyMark().Matches(text).Select(m => m.Value.ToLowerInvariant()).Distinct(StringComparer.Ordinal)];

    private string Padded(string what) => (Mark + what).PadRight(MattermostId, '0');

    private Person Named(string name) => new(Padded(name), $"{Mark}.{name}");

    [GeneratedRegex("t[0-9]{4}x", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AnyMark();
}
