using NodaTime;
using PmBot.Mattermost;
using PmBot.Meetings;
using PmBot.Rotations;

namespace PmBot.Agenda;

/// <summary>Reads what is typed of a meeting, in commands and forms, and says what is wrong with it.</summary>
internal static class MeetingFields
{
    private const int Shown = 100;

    /// <summary>Why a meeting cannot be called so; null if it can.</summary>
    /// <param name="name">The name, one line.</param>
    /// <param name="others">The team's other meetings.</param>
    public static string? WrongName(string name, IEnumerable<Meeting> others) =>
        AgendaStore.Key(name).Length == 0 ? "A name has letters or digits."
        : name.Length > AgendaTexts.NameLength ? $"A name has {AgendaTexts.NameLength} characters at most, and this one has {name.Length}."
        : name.Any(c => c is '"' or '“' or '”' or '„' or '@') || name.Split(' ').Any(w => w[0] is '-' or '–' or '—' && w.Length > 1) ? "A name has no quotes, no `@` and no word that begins with a dash: it stands in commands."
        : others.FirstOrDefault(m => AgendaStore.Key(m.Plan.Name) == AgendaStore.Key(name)) is { } same
            ? $"There is a meeting {Markdown.Code(same.Plan.Name)} already{(same.Plan.IsOver ? ", which is cancelled for good and can be restored" : "")}."
        : null;

    /// <summary>The first date that a meeting with other dates can be on.</summary>
    public static LocalDate Earliest(MeetingPlan plan, LocalDate? lastEnded, Instant now)
    {
        var today = plan.DateOf(now);
        return plan.Occurrence(today).End <= now || today <= lastEnded ? today.PlusDays(1) : today;
    }

    /// <summary>A time such as <c>09:00</c> or <c>9 am</c>; null if it is none.</summary>
    public static LocalTime? Time(string text) => RotationSettings.Time(string.Concat(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>What a meeting is for; null if it is none that there is.</summary>
    public static MeetingKind? Kind(string text) => text.Trim().ToLowerInvariant() switch
    {
        "sync" => MeetingKind.Sync,
        "demos" or "demo" => MeetingKind.Demos,
        "plain" => MeetingKind.Plain,
        _ => null,
    };

    public static string WrongEvery(string text) =>
        $"{Markdown.Code(Markdown.Shorten(text, Shown))} does not say on which dates. Write it like {RecurrenceText.Forms}; {RecurrenceText.MostWeeks} weeks are the most.";

    public static string WrongTime(string text) => $"{Markdown.Code(Markdown.Shorten(text, Shown))} is no time. Write it like `09:00` or `9am`.";

    public static string WrongMinutes(string text) => $"{Markdown.Code(Markdown.Shorten(text, Shown))} is no length of time. Write it like `30` or `1h`; {AgendaVerbs.MostMinutes / 60} hours are the most.";

    public static string WrongZone(string text) => $"{Markdown.Code(Markdown.Shorten(text, Shown))} is no time zone that I know. Write it like `America/Los_Angeles` or `Europe/London`.";

    public static string WrongKind(string text) => $"{Markdown.Code(Markdown.Shorten(text, Shown))} is no kind of meeting. There is `sync`, `demos` and `plain`.";
}
