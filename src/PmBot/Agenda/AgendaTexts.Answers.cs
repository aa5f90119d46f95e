using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <content>Answers to changes, and refusals.</content>
internal sealed partial class AgendaTexts
{
    /// <summary>The refusal of something that only product managers and officers may do.</summary>
    public static string NotForYou(Caller caller, string what) => caller.Right is AdminRight.Unknown unknown
        ? $"Only product managers and the meeting's chairs may {what}, and I could not find out whether you are an admin: {unknown.Reason} Nothing was changed; please try again."
        : $"Only product managers and the meeting's chairs may {what}. Nothing was changed.";

    /// <summary>That an item is too long.</summary>
    public static string TooLong(string text) => $"An item has {ItemLength} characters at most, and this one has {text.Length}. Say it shorter; the rest belongs into a document, `--doc URL`.";

    /// <summary>That there is no such item, and which there are.</summary>
    public string NoSuchItem(Meeting meeting, LocalDate on, ItemNumber number, AgendaSetting setting)
    {
        var count = meeting.ItemsOn(on, number.IsPrivate).Count;
        var which = number.IsPrivate ? "confidential item" : "item";
        return $"There is no {which} {number} on {Called(meeting, on, setting)}. It has {(count == 0 ? $"no {which}" : $"{(count == 1 ? $"one {which}" : $"{count} {which}s")}")}: {ListCommand(meeting, on)}";
    }

    /// <summary>The answer to a queued item.</summary>
    public string Queued(Meeting meeting, AgendaItem item, MeetingPlaces places, AgendaSetting setting, bool inPrivate)
    {
        var on = meeting.DateOf(item);
        var number = meeting.NumberOf(item);
        var what = item.IsPrivate && !inPrivate ? $"Confidential item {number}" : $"{(item.IsDemo ? "Demo" : "Item")} {number} \"{Markdown.Inline(item.Text)}\"";
        var where = item.Post is not null ? $", and posted in ~{(item.IsPrivate ? places.Private : places.Public)!.Name}{(item.IsPrivate ? " only" : "")}"
            : places.Public is null ? "; it is posted nowhere, for I am in no channel of the product managers (invite me to theirs; another than ~product-management is the setting `channel.pm`)"
            : "";
        return $"{what} is {(item.IsDemo ? "on the list" : "queued")} for {Called(meeting, on, setting)}{(item.Minutes is { } minutes ? $" with {Mattermost.Commands.When.Count(minutes, "minute")}" : "")}{where}. "
            + $"The agenda has {Load(meeting, on, inPrivate)}. Undo: {Command($"remove {number}{Flags(meeting, on)}")}";
    }

    /// <summary>Why a step was refused, and what to type instead.</summary>
    /// <param name="why">The reason.</param>
    /// <param name="meeting">The meeting as it is.</param>
    /// <param name="item">The item it was about; null for none.</param>
    /// <param name="setting">Names and dates.</param>
    public string Refused(AgendaRefusal why, Meeting meeting, AgendaItem? item, AgendaSetting setting)
    {
        var name = Markdown.Inline(meeting.Plan.Name);
        var flags = Flag(meeting.Plan.Kind, meeting.Plan.Name);
        return why switch
        {
            AgendaRefusal.NoSuchItem => "There is no such item any more.",
            AgendaRefusal.NoSuchPlace => $"There is no such place; the agenda has {When.Count(item is null ? 0 : meeting.ItemsOn(meeting.DateOf(item), item.IsPrivate).Count, "item")}.",
            AgendaRefusal.IsSo => "That is how it is already.",
            AgendaRefusal.IsFull => $"The queue of the {name} is full: it has {Meeting.MostItems} items. Take some off first: {Command("list")}",
            AgendaRefusal.IsCurrent => $"That item is being talked about. To leave it for the next meeting: {Command($"skip{flags}")}",
            AgendaRefusal.IsPassed => "The meeting has been through with that item.",
            AgendaRefusal.IsUnderWay => $"The {name} is under way since {setting.Time(meeting.Session!.StartedAt)}. Go on with it: {Command($"next{flags}")}; end it: {Command($"end{flags}")}",
            AgendaRefusal.IsNotUnderWay => $"The {name} is not under way. It is on {setting.Time(meeting.Current.Start)}; start it then: {Command($"start{flags}")}",
            AgendaRefusal.IsOvertaken => $"{setting.Names.Of(meeting.Session!.MovedBy)} has moved on at this moment; the meeting is at {At(meeting)}. To go on from there: {Command($"next{flags}")}",
            AgendaRefusal.IsThrough => $"All is through. End the meeting: {Command($"end{flags}")}",
            AgendaRefusal.IsNotOnThatDay => $"The {name} is on {setting.Time(meeting.Current.Start)}; it can be started on that day.",
            AgendaRefusal.IsOver => $"The {name} takes place no more. To have it again: {Command($"meeting restore {meeting.Plan.Name}")}",
            AgendaRefusal.IsPast => "That meeting is over.",
            _ => throw new InvalidOperationException(why.ToString()),
        };
    }

    /// <summary>Where a meeting under way has got to.</summary>
    public static string At(Meeting meeting) => meeting.Session?.At.Kind switch
    {
        StopKind.Release => "the release updates",
        StopKind.Requests => "the requests",
        StopKind.Item => meeting.Talked is { } item ? item.IsPrivate ? $"confidential item {meeting.NumberOf(item)}" : $"item {meeting.NumberOf(item)}, \"{Markdown.Inline(item.Text)}\"" : "an item",
        StopKind.Actions => "the action steps",
        _ => "its end: all is through",
    };
}
