using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.People;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <content>
/// What is said of action steps. A confidential one is quoted only where <c>open</c> says that its readers may read it: in the channel
/// that it stands in.
/// </content>
internal sealed partial class AgendaTexts
{
    /// <summary>The most steps of one Friday's message; that is as many buttons.</summary>
    public const int MostDue = 10;

    /// <summary>What the audit trail calls a confidential step.</summary>
    public const string PrivateStep = "a confidential action step";

    /// <summary>A step in a sentence.</summary>
    /// <param name="step">The step.</param>
    /// <param name="open">Whether it may be quoted.</param>
    public static string Called(ActionStep step, bool open) => open ? $"{Id(step.Number)} \"{Markdown.Inline(step.Text)}\"" : $"{Id(step.Number)}, {PrivateStep},";

    /// <summary><c>due Wed, Dec 9 (late)</c>.</summary>
    public static string Due(ActionStep step, LocalDate today) =>
        $"due {When.Date(step.Due, today)}{(!step.IsOpen ? " (done)" : step.Due < today ? " (late)" : "")}";

    /// <summary>The post that says a step was noted, where it stands; for those who may read it.</summary>
    public static string StepNoted(ActionStep step, AgendaSetting setting) =>
        $"{Id(step.Number)} for {setting.Names.Of(step.Owner)}: {Markdown.Inline(step.Text)}, due {setting.Date(step.Due)}"
        + (step.By == step.Owner.Id ? "" : $" (noted by {setting.Names.Of(step.By)})");

    /// <summary>The post that says how a step stands, where it stands.</summary>
    public static string StepUpdated(ActionStep step, StepUpdate update, AgendaSetting setting) =>
        $"{Called(step, open: true)}, {setting.Names.Of(update.By)}: {Markdown.Inline(update.Text)}";

    /// <summary>The post of an update that was taken back.</summary>
    public static string StepUpdateGone(ActionStep step, StepUpdate update, AgendaSetting setting) =>
        $"{Id(step.Number)}: {setting.Names.Of(update.By)} took an update back.";

    /// <summary>The post that says a step is done, or open again, where it stands.</summary>
    public static string StepTurned(ActionStep step, string actor, AgendaSetting setting) =>
        $"{Called(step, open: true)} is {(step.IsOpen ? $"open again, due {setting.Date(step.Due)}" : "done")} ({setting.Names.Of(actor)}).";

    /// <summary>To the owner of a new step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="channel">The name of the channel a confidential one stands in.</param>
    /// <param name="setting">Names and dates.</param>
    public string StepIsYours(ActionStep step, string? channel, AgendaSetting setting) => step.IsPrivate
        ? $"{Called(step, open: false)} is yours, due **{setting.Date(step.Due)}**: it stands in {Place(channel)}."
        : $"{Called(step, open: true)} is yours, due **{setting.Date(step.Due)}**. {setting.Names.Of(step.By)} noted it, from {From(step, setting)}. "
            + $"Say how it stands: {Command($"update {Id(step.Number)} TEXT")}";

    /// <summary>To the owner, when somebody else says that it is done or is not.</summary>
    public string StepTurnedForOwner(ActionStep step, string actor, AgendaSetting setting) => step.IsOpen
        ? $"{Called(step, !step.IsPrivate)} is open again, due **{setting.Date(step.Due)}**: {setting.Names.Of(actor)} said so. Done after all: {Command($"done {Id(step.Number)}")}"
        : $"{Called(step, !step.IsPrivate)} is done: {setting.Names.Of(actor)} said so. Not done after all: {Command($"reopen {Id(step.Number)}")}";

    /// <summary>The answer to a new step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="open">Whether it may be quoted.</param>
    /// <param name="usual">Whether nobody said when it is due.</param>
    /// <param name="told">Whether the owner is told.</param>
    /// <param name="posted">Whether a post says it.</param>
    /// <param name="setting">Names and dates.</param>
    public string StepAnswer(ActionStep step, bool open, bool usual, bool told, bool posted, AgendaSetting setting) =>
        $"{Called(step, open)} is {(told ? $"{setting.Names.Of(step.Owner)}'s" : "yours")}, due **{setting.Date(step.Due)}**{(usual ? $", the date of the next {Markdown.Inline(setting.Plan.Name)}" : "")}."
        + (told ? " They have been told." : "")
        + (posted ? "" : $" {OnlyInTheList("actions")}")
        + $" How it stands: {Command($"update {Id(step.Number)} TEXT")}. Undo: {Command($"done {Id(step.Number)}")}";

    /// <summary>The answer to an update.</summary>
    public string StepUpdateAnswer(ActionStep step, StepUpdate update, bool open) =>
        $"{Called(step, open)} {(open ? $"has your update: \"{Markdown.Inline(update.Text)}\"." : "has your update.")}{(update.Post is null ? $" {OnlyInTheList("actions")}" : "")} "
        + $"Undo: {Command($"update {Id(step.Number)} none")}";

    /// <summary>The answer to an update that was taken back.</summary>
    public string StepUpdateBack(ActionStep step, StepUpdate update, bool open) =>
        $"Your update on {Id(step.Number)} is taken back{(open ? $": \"{Markdown.Inline(update.Text)}\"" : "")}. Undo: {Command($"update {Id(step.Number)} {(open ? update.Text : "…")}")}";

    /// <summary>The answer to whoever said that a step is done, or is not.</summary>
    public string StepTurnAnswer(ActionStep step, bool open, bool told, bool posted, AgendaSetting setting) =>
        $"{Called(step, open)} is {(step.IsOpen ? $"open again, due **{setting.Date(step.Due)}**" : "done")}.{(told ? $" {setting.Names.Of(step.Owner)} has been told." : "")}"
        + (posted ? "" : $" {OnlyInTheList(step.IsOpen ? "actions" : null)}")
        + $" Undo: {Command($"{(step.IsOpen ? "done" : "reopen")} {Id(step.Number)}")}";

    /// <summary>That a step is as somebody wants to have it.</summary>
    public string StepIsSo(ActionStep step, bool open, AgendaSetting setting) => step.Done is { } done
        ? $"{Called(step, open)} is done already: {setting.Names.Of(done.By)} said so {setting.Time(done.At)}. Not done after all: {Command($"reopen {Id(step.Number)}")}."
        : $"{Called(step, open)} is open already, due {setting.Date(step.Due)}.";

    /// <summary>That there is no such step.</summary>
    public string NoSuchStep(long number) => $"There is no action step {Id(number)}. Those that are open: {Command("actions")}.";

    /// <summary>The refusal to those who have nothing to do with a step.</summary>
    public static string StepIsNotYours(ActionStep step, Caller caller, AgendaSetting setting)
    {
        var who = string.Join(", ", new[] { setting.Names.Of(step.Owner), setting.Names.Of(step.By) }.Distinct(StringComparer.Ordinal));
        return $"Only {who}, product managers, the meeting's chairs and admins may change {Id(step.Number)}"
            + (caller.Right is AdminRight.Unknown unknown ? $", and I could not find out whether you are an admin: {unknown.Reason} Please try again." : ".");
    }

    /// <summary>That it has to be said which item is meant.</summary>
    public string WhichItem() =>
        $"No meeting is under way, so say by its number which item it comes from: {Command("action N @owner TEXT")}. The items with their numbers: {Command("list")}.";

    /// <summary>That a date alone names no item.</summary>
    public string WhichItemOfDate() => $"A date names an agenda, so say by its number which of its items is meant: {Command("action N @owner TEXT --date D")}.";

    /// <summary>The open steps, in blocks that are not torn apart.</summary>
    /// <param name="steps">The steps, in their order.</param>
    /// <param name="owner">Whose they are, safe Markdown; null for all.</param>
    /// <param name="channelId">Where it is read: confidential ones that stand there are shown, others are counted.</param>
    /// <param name="names">The users spoken of.</param>
    /// <param name="today">The date.</param>
    public List<string> Steps(IReadOnlyList<ActionStep> steps, string? owner, string channelId, Names names, LocalDate today)
    {
        if (steps.Count == 0)
        {
            return [$"{(owner is null ? "No action steps are open." : $"{owner} has no open action steps.")} Note one: {Command("action N @owner TEXT")}"];
        }

        var hidden = steps.Count(s => !StandsIn(s, channelId));
        return
        [
            $"#### {When.Count(steps.Count, "open action step")}{(owner is null ? "" : $" of {owner}")}\n",
            .. steps.Where(s => StandsIn(s, channelId)).Select(s => $"- {Line(s)}\n"),
            .. hidden > 0 ? [$"{(hidden == steps.Count ? "" : "and ")}{When.Count(hidden, "confidential one")}: typed in the private channel, this shows them\n"] : Array.Empty<string>(),
            $"\nHow one stands: {Command("update A TEXT")}; done: {Command("done A")}\n",
        ];

        string Line(ActionStep step) =>
            $"{Id(step.Number)} {Markdown.Inline(step.Text)} · {names.Of(step.Owner)}, {Due(step, today)}"
            + (step.Updates.Count > 0 ? $" · {names.Of(step.Updates[^1].By)}: {Markdown.Inline(step.Updates[^1].Text)}" : "");
    }

    /// <summary>To somebody, on Fridays: what of theirs is due.</summary>
    /// <param name="steps">Their open steps, in their order.</param>
    /// <param name="names">The users spoken of.</param>
    /// <param name="places">The names of the channels that confidential ones stand in.</param>
    /// <param name="until">The last date that is looked at.</param>
    /// <param name="today">The date.</param>
    /// <param name="lateFor">For when it was, if it comes late; null otherwise.</param>
    public string StepsDue(
        IReadOnlyList<ActionStep> steps, Names names, IReadOnlyDictionary<string, string> places, LocalDate until, LocalDate today, string? lateFor)
    {
        var more = steps.Count - MostDue;
        return $"#### Your action steps that are due by {When.Date(until, today)}\n{(lateFor is null ? "" : $"(for {lateFor})\n")}"
            + string.Concat(steps.Take(MostDue).Select(s => $"- {Line(s)}\n"))
            + (more > 0 ? $"and {more} more: {Command($"actions @{names.Of(steps[0].Owner)}")}\n" : "")
            + $"How one stands: {Command("update A TEXT")}; done: {Command("done A")} or a button";

        string Line(ActionStep step) => step.IsPrivate
            ? $"{Called(step, open: false)} {Due(step, today)}: it stands in {Place(places.GetValueOrDefault(step.Origin.Post?.ChannelId ?? ""))}"
            : $"{Id(step.Number)} {Markdown.Inline(step.Text)}, {Due(step, today)}";
    }

    /// <summary>Whether a step may be read in a channel.</summary>
    public static bool StandsIn(ActionStep step, string? channelId) => !step.IsPrivate || (channelId is not null && step.Origin.Post?.ChannelId == channelId);

    private static string From(ActionStep step, AgendaSetting setting) =>
        (step.Origin.ItemText is { } item ? $"\"{Markdown.Inline(item)}\" in " : "") + $"the {Markdown.Inline(step.Origin.MeetingName)} of {setting.Date(step.Origin.On)}";

    private static string Place(string? channel) => channel is null ? "the private channel" : $"~{channel}";

    private string OnlyInTheList(string? list) => $"There is no post to say it under{(list is null ? "" : $"; it is only in the list, {Command(list)}")}.";
}
