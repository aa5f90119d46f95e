using PmBot.Mattermost.Commands;

namespace PmBot.Requests;

/// <summary>What a list is asked for.</summary>
public enum ListKind
{
    /// <summary>Those that are neither processed nor closed.</summary>
    Open,

    /// <summary>Those that are nobody's.</summary>
    Unassigned,

    /// <summary>Those that are somebody's and have no decision, snoozed ones left out.</summary>
    Undecided,

    /// <summary>The caller's open ones.</summary>
    Mine,

    /// <summary>The open ones of somebody who is named.</summary>
    Of,

    /// <summary>Those without a decision that nobody touched for two weeks.</summary>
    Stale,

    /// <summary>The open ones of an area that is named.</summary>
    Area,

    /// <summary>All, finished ones too.</summary>
    All,
}

/// <summary>What can be asked of <c>/cr-assign</c>. Names are as typed; whether they mean anything is the handler's matter.</summary>
public abstract record RequestCommand
{
    private RequestCommand()
    {
    }

    /// <summary>A list of requests. <paramref name="Name"/> is the username or the area where the kind needs one.</summary>
    public sealed record List(ListKind Kind, string? Name, int Page) : RequestCommand;

    /// <summary>A new request; without a title, a dialog.</summary>
    public sealed record Create(string? Title, string? Customer, string? Area, string? Link, string? Reporter) : RequestCommand;

    /// <summary>Who owns what.</summary>
    public sealed record Areas(int Page) : RequestCommand;

    /// <summary>An area, new or changed; without a name, a dialog. Without <paramref name="Keywords"/> they stay as they are.</summary>
    public sealed record SetArea(string? Name, IReadOnlyList<string> Owners, string? Keywords) : RequestCommand;

    /// <summary>An area is given up.</summary>
    public sealed record RemoveArea(string Name) : RequestCommand;

    /// <summary>All obvious ones are assigned, or only listed.</summary>
    public sealed record Auto(bool DryRun) : RequestCommand;

    /// <summary>The reminder of requests without a decision, now.</summary>
    public sealed record Remind : RequestCommand;

    /// <summary>Counts and ages.</summary>
    public sealed record Stats : RequestCommand;

    /// <summary>All requests as a file.</summary>
    public sealed record Export : RequestCommand;

    /// <summary>Requests from a file that was attached to a post; without a permalink, the caller's latest one here.</summary>
    public sealed record Import(string? Permalink, bool Partial, bool DryRun) : RequestCommand;

    /// <summary>Something about one request.</summary>
    /// <param name="Number">Its number.</param>
    public abstract record OfOne(long Number) : RequestCommand;

    /// <summary>One request in full.</summary>
    public sealed record Show(long Number, int Page) : OfOne(Number);

    /// <summary>It becomes somebody's.</summary>
    public sealed record Assign(long Number, string User) : OfOne(Number);

    /// <summary>It becomes the caller's.</summary>
    public sealed record Take(long Number) : OfOne(Number);

    /// <summary>It becomes nobody's.</summary>
    public sealed record Unassign(long Number) : OfOne(Number);

    /// <summary>Its Fix Version, timeframe or release.</summary>
    public sealed record Decide(long Number, string Value) : OfOne(Number);

    /// <summary>Engineering's estimate; null takes it away.</summary>
    public sealed record Effort(long Number, string? Value) : OfOne(Number);

    /// <summary>A use case more.</summary>
    public sealed record AddUseCase(long Number, string Text) : OfOne(Number);

    /// <summary>A use case less.</summary>
    public sealed record RemoveUseCase(long Number, int Line) : OfOne(Number);

    /// <summary>A link more.</summary>
    public sealed record AddLink(long Number, string Url) : OfOne(Number);

    /// <summary>A link less.</summary>
    public sealed record RemoveLink(long Number, int Line) : OfOne(Number);

    /// <summary>The feature idea it belongs to; null takes it away.</summary>
    public sealed record Idea(long Number, string? Text) : OfOne(Number);

    /// <summary>Another title, customer, area or reporter; a value of null takes it away.</summary>
    public sealed record Edit(long Number, string Field, string? Value) : OfOne(Number);

    /// <summary>It is queued for the PM sync.</summary>
    public sealed record Discuss(long Number, string? Why) : OfOne(Number);

    /// <summary>It is not to be talked about any more.</summary>
    public sealed record Undiscuss(long Number) : OfOne(Number);

    /// <summary>The reporter is told the outcome.</summary>
    public sealed record Process(long Number, string? Comment) : OfOne(Number);

    /// <summary>The feature is completed.</summary>
    public sealed record Close(long Number, string? Release) : OfOne(Number);

    /// <summary>It is open again.</summary>
    public sealed record Reopen(long Number) : OfOne(Number);

    /// <summary>It is kept off the reminders until a date; null ends that.</summary>
    public sealed record Snooze(long Number, DateText? Until) : OfOne(Number);
}
