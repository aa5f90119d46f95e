using System.Globalization;
using System.Text;
using NodaTime;
using PmBot.People;

namespace PmBot.Requests;

/// <summary>An owner who is not there: away until a date, or no longer using Mattermost (no date).</summary>
public sealed record AbsentOwner(Person Owner, LocalDate? Until);

/// <summary>An area that a request may belong to, and the keywords that say so (none if it was filed under it).</summary>
public sealed record Candidate(Area Area, IReadOnlyList<string> Found);

/// <summary>Whose a request is, as far as a rule can tell, and why.</summary>
public abstract record Fit
{
    private Fit()
    {
    }

    /// <summary>One area, one owner who is there: it is theirs.</summary>
    public sealed record Obvious(Candidate By, Person Owner) : Fit;

    /// <summary>It was filed under an area that does not exist any more.</summary>
    public sealed record AreaGone(string Area) : Fit;

    /// <summary>No area's keywords stand in it.</summary>
    public sealed record NoArea : Fit;

    /// <summary>The keywords of several areas stand in it.</summary>
    public sealed record SeveralAreas(IReadOnlyList<Candidate> Areas) : Fit;

    /// <summary>One area, several owners who are there.</summary>
    public sealed record SeveralOwners(Candidate By, IReadOnlyList<Person> Present) : Fit;

    /// <summary>One area, and none of its owners is there.</summary>
    public sealed record OwnersAbsent(Candidate By, IReadOnlyList<AbsentOwner> Owners) : Fit;
}

/// <summary>Areas with their keywords as they are compared, which takes longer than a comparison: made once for all the requests to be judged.</summary>
public sealed class AreaIndex(IReadOnlyList<Area> areas)
{
    private IReadOnlyList<(Area Area, IReadOnlyList<(string Keyword, string Key)> Keywords)>? _keywords;

    /// <summary>The area of that name, or null.</summary>
    public Area? Find(string name)
    {
        var key = Area.KeyOf(name);
        return areas.FirstOrDefault(a => a.Key == key);
    }

    /// <summary>Each area with its keywords, as they are written and as they are compared.</summary>
    public IReadOnlyList<(Area Area, IReadOnlyList<(string Keyword, string Key)> Keywords)> Keywords =>
        _keywords ??= [.. areas.Select(a => (a, (IReadOnlyList<(string, string)>)[.. a.Keywords.Select(k => (k, Area.KeyOf(k)))]))];
}

/// <summary>
/// The rule by which requests find their owner (handbook, 2020 edition, "Customer Requests": what is obvious is assigned, the rest goes to
/// the weekly meeting). The area it was filed under counts alone; else the areas whose keywords stand in it as whole words.
/// </summary>
public static class AssignmentPolicy
{
    /// <summary>Whose a request is.</summary>
    /// <param name="request">The request.</param>
    /// <param name="areas">All areas of its workspace.</param>
    /// <param name="absent">The owners who are not there, by user id.</param>
    public static Fit Decide(CustomerRequest request, IReadOnlyList<Area> areas, IReadOnlyDictionary<string, AbsentOwner> absent) =>
        Decide(request, new AreaIndex(areas), absent);

    /// <inheritdoc cref="Decide(CustomerRequest, IReadOnlyList{Area}, IReadOnlyDictionary{string, AbsentOwner})"/>
    public static Fit Decide(CustomerRequest request, AreaIndex areas, IReadOnlyDictionary<string, AbsentOwner> absent)
    {
        if (request.Area is { } given)
        {
            return areas.Find(given) is { } area ? OfOne(new Candidate(area, []), absent) : new Fit.AreaGone(given);
        }

        var fitting = Fitting([request.Title, .. request.UseCases.Select(u => u.Text)], areas);
        return fitting.Count switch
        {
            0 => new Fit.NoArea(),
            1 => OfOne(fitting[0], absent),
            _ => new Fit.SeveralAreas(fitting),
        };
    }

    /// <summary>The areas whose keywords stand in one of the texts as whole words, without regard to case.</summary>
    private static List<Candidate> Fitting(IReadOnlyList<string> texts, AreaIndex areas)
    {
        var comparable = texts.Select(Area.KeyOf).ToList();
        return [.. areas.Keywords.Select(a => new Candidate(a.Area, [.. a.Keywords.Where(k => StandsInOne(k.Key)).Select(k => k.Keyword)])).Where(c => c.Found.Count > 0)];

        bool StandsInOne(string keyword) => comparable.Exists(t => Stands(keyword, t));
    }

    private static Fit OfOne(Candidate candidate, IReadOnlyDictionary<string, AbsentOwner> absent)
    {
        var present = candidate.Area.Owners.Where(o => !absent.ContainsKey(o.Id)).ToList();
        return present.Count switch
        {
            0 => new Fit.OwnersAbsent(candidate, [.. candidate.Area.Owners.Select(o => absent[o.Id])]),
            1 => new Fit.Obvious(candidate, present[0]),
            _ => new Fit.SeveralOwners(candidate, present),
        };
    }

    private static bool Stands(string keyword, string text)
    {
        if (keyword.Length == 0)
        {
            return false;
        }

        for (var at = text.IndexOf(keyword, StringComparison.Ordinal); at >= 0; at = text.IndexOf(keyword, at + 1, StringComparison.Ordinal))
        {
            var end = at + keyword.Length;

            // A keyword such as "c++" or ".net" ends itself; one that ends in a letter must not go on in the text.
            if ((at == 0 || !(IsWord(keyword, 0) && IsWord(text, at - 1)))
                && (end == text.Length || !(IsWord(keyword, keyword.Length - 1) && IsWord(text, end))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWord(string text, int index) =>
        char.IsLetterOrDigit(text[index]) || char.IsSurrogate(text[index]) && IsLetterPair(text, index)
        || char.GetUnicodeCategory(text[index]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsLetterPair(string text, int index)
    {
        var start = char.IsLowSurrogate(text[index]) ? index - 1 : index;
        return start >= 0 && Rune.TryGetRuneAt(text, start, out var rune) && Rune.IsLetterOrDigit(rune);
    }
}
