using NodaTime;

namespace PmBot.Rotations;

/// <summary>How turns follow one another.</summary>
public enum RotationOrder
{
    /// <summary>By first name, then last name, then username (handbook, 2020 edition, "Twitter Rotation").</summary>
    Alphabetical,

    /// <summary>As an admin listed the members.</summary>
    Custom,
}

/// <summary>A span of time in which somebody belongs to the roster.</summary>
/// <param name="From">Shifts that start on this date or later may be theirs.</param>
/// <param name="Until">Shifts that start on this date or later are no longer theirs; null while they stay.</param>
public sealed record Tenure(LocalDate From, LocalDate? Until)
{
    /// <summary>Whether a shift that starts on <paramref name="date"/> lies in this span.</summary>
    public bool Contains(LocalDate date) => From <= date && (Until is not { } until || date < until);
}

/// <summary>
/// Somebody who takes, will take or took turns. Former members stay in the list, so that the order knows where it had got to and
/// history can name them.
/// </summary>
/// <param name="UserId">The Mattermost user id.</param>
/// <param name="Username">The name as last seen; renames are followed.</param>
/// <param name="FirstName">As last seen; may be empty.</param>
/// <param name="LastName">As last seen; may be empty.</param>
/// <param name="Tenures">When they belong to the roster, oldest first.</param>
public sealed record Member(string UserId, string Username, string FirstName, string LastName, IReadOnlyList<Tenure> Tenures)
{
    /// <summary>Whether a shift that starts on <paramref name="date"/> may be theirs.</summary>
    public bool IsIn(LocalDate date)
    {
        for (var i = 0; i < Tenures.Count; i++)
        {
            if (Tenures[i].Contains(date))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether they belong to the roster on <paramref name="date"/> or will later.</summary>
    public bool IsInOrWillBe(LocalDate date) => Tenures.Any(t => t.Until is not { } until || until > date);

    /// <summary>First name, then last name, then username; those without a first name are sorted by their username.</summary>
    public static IComparer<Member> Alphabetical { get; } = Comparer<Member>.Create(static (a, b) =>
    {
        var byName = StringComparer.InvariantCultureIgnoreCase;
        var order = byName.Compare(a.SortName, b.SortName);
        order = order != 0 ? order : byName.Compare(a.LastName, b.LastName);
        order = order != 0 ? order : string.CompareOrdinal(a.Username, b.Username);
        return order != 0 ? order : string.CompareOrdinal(a.UserId, b.UserId);
    });

    private string SortName => FirstName.Length > 0 ? FirstName : Username;
}

/// <summary>Dates on which somebody cannot be on duty.</summary>
/// <param name="UserId">Who.</param>
/// <param name="From">The first day away, in the rotation's zone.</param>
/// <param name="To">The last day away.</param>
/// <param name="Reason">As they gave it, or null.</param>
public sealed record Absence(string UserId, LocalDate From, LocalDate To, string? Reason)
{
    /// <summary>Whether any day from <paramref name="start"/> up to, not including, <paramref name="end"/> is a day away.</summary>
    public bool Overlaps(LocalDate start, LocalDate end) => From < end && To >= start;
}
