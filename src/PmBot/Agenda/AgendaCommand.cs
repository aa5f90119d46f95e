using PmBot.Mattermost.Commands;

namespace PmBot.Agenda;

/// <summary>Which agenda is meant, as typed.</summary>
/// <param name="Meeting">The meeting's name, or the beginning of it; null for the usual one.</param>
/// <param name="Date">The date; null for the next one.</param>
public sealed record Which(string? Meeting, DateText? Date)
{
    /// <summary>The usual meeting's next date.</summary>
    public static Which Usual { get; } = new(null, null);
}

/// <summary>What is to change of a meeting, as typed.</summary>
/// <param name="Meeting">The meeting's name, or the beginning of it.</param>
/// <param name="Key">What changes, one of <see cref="AgendaVerbs.MeetingKeys"/>.</param>
/// <param name="Value">The new value.</param>
public sealed record MeetingSetting(string Meeting, string Key, string Value);

/// <summary>What can be asked of <c>/agenda</c>. Names are as typed; whether they mean anything is the handler's matter.</summary>
public abstract record AgendaCommand
{
    private AgendaCommand()
    {
    }

    /// <summary>An agenda.</summary>
    public sealed record List(Which Which, int Page) : AgendaCommand;

    /// <summary>A new item; without a text, a dialog. A time box is in minutes.</summary>
    public sealed record Add(Which Which, string? Text, int? Minutes, IReadOnlyList<string> Docs, bool IsPrivate) : AgendaCommand;

    /// <summary>A feature that the caller will show; without one, a dialog.</summary>
    public sealed record Demo(string? Meeting, string? Feature, int? Minutes) : AgendaCommand;

    /// <summary>The caller's update for the release plan; without one, a dialog. <c>none</c> takes it back.</summary>
    public sealed record Release(string? Text) : AgendaCommand;

    /// <summary>Something about one item.</summary>
    /// <param name="Which">On which agenda.</param>
    /// <param name="Number">Its number there.</param>
    public abstract record OfItem(Which Which, ItemNumber Number) : AgendaCommand;

    /// <summary>It says something else.</summary>
    public sealed record Edit(Which Which, ItemNumber Number, string Text) : OfItem(Which, Number);

    /// <summary>It gets another place.</summary>
    public sealed record Move(Which Which, ItemNumber Number, int To) : OfItem(Which, Number);

    /// <summary>It is taken off.</summary>
    public sealed record Remove(Which Which, ItemNumber Number) : OfItem(Which, Number);

    /// <summary>It waits for a later meeting: that of a date, else the one after.</summary>
    public sealed record Defer(Which Which, ItemNumber Number, DateText? To) : OfItem(Which, Number);

    /// <summary>It gets a time box in minutes; null takes it away.</summary>
    public sealed record Time(Which Which, ItemNumber Number, int? Minutes) : OfItem(Which, Number);

    /// <summary>What was decided on it in the meeting under way; null takes it away.</summary>
    public sealed record Decided(Which Which, ItemNumber Number, string? Text) : OfItem(Which, Number);

    /// <summary>The meeting begins.</summary>
    public sealed record Start(string? Meeting) : AgendaCommand;

    /// <summary>The next item, with what was decided on the one that is left.</summary>
    public sealed record Next(string? Meeting, string? Decision) : AgendaCommand;

    /// <summary>The next item; the one that is left is carried to the next meeting.</summary>
    public sealed record Skip(string? Meeting) : AgendaCommand;

    /// <summary>The meeting is over.</summary>
    public sealed record End(string? Meeting) : AgendaCommand;

    /// <summary>A new action step of an item; without a number, of the one that is talked about; without an owner, a dialog.</summary>
    public sealed record AddStep(Which Which, ItemNumber? Number, string? Owner, string? Text, DateText? Due) : AgendaCommand;

    /// <summary>The open action steps, all or somebody's.</summary>
    public sealed record Steps(string? Owner, int Page) : AgendaCommand;

    /// <summary>Something about one action step.</summary>
    /// <param name="Step">Its number.</param>
    public abstract record OfStep(long Step) : AgendaCommand;

    /// <summary>How it stands.</summary>
    public sealed record UpdateStep(long Step, string Text) : OfStep(Step);

    /// <summary>It is done.</summary>
    public sealed record FinishStep(long Step) : OfStep(Step);

    /// <summary>It is not done after all.</summary>
    public sealed record ReopenStep(long Step) : OfStep(Step);

    /// <summary>The record of a meeting; with links, they are put into it.</summary>
    public sealed record Record(Which Which, string? Recording, string? Survey, int Page) : AgendaCommand;

    /// <summary>The meetings, all or one.</summary>
    public sealed record Meetings(string? Meeting, int Page) : AgendaCommand;

    /// <summary>A new meeting; without a name, dates or a time, a dialog.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Every">On which dates, as typed, e.g. <c>2nd monday</c>.</param>
    /// <param name="At">When, as typed, e.g. <c>08:30</c>.</param>
    /// <param name="Minutes">How long.</param>
    /// <param name="Zone">In which zone, as typed.</param>
    /// <param name="Kind">What it is for, as typed.</param>
    /// <param name="Channel">Its channel, as <c>~name</c>.</param>
    public sealed record CreateMeeting(string? Name, string? Every, string? At, int? Minutes, string? Zone, string? Kind, string? Channel) : AgendaCommand;

    /// <summary>A meeting is changed.</summary>
    /// <param name="Readings">What can be meant, one or more: names may have words in them that are keys, too.</param>
    public sealed record SetMeeting(IReadOnlyList<MeetingSetting> Readings) : AgendaCommand;

    /// <summary>A meeting does not take place on some dates, or, without any, any more.</summary>
    public sealed record CancelMeeting(string Meeting, IReadOnlyList<DateText> Dates, string? Why) : AgendaCommand;

    /// <summary>It takes place all the same.</summary>
    public sealed record RestoreMeeting(string Meeting, DateText? Date) : AgendaCommand;
}
