using NodaTime;
using PmBot.People;
using PmBot.Storage;

namespace PmBot.Requests;

/// <summary>Where a customer request stands in its life. The order is that of the life; the numbers are stored.</summary>
public enum RequestState
{
    /// <summary>Nobody's yet, or nobody's any more.</summary>
    Unassigned = 0,

    /// <summary>Somebody's, without a decision.</summary>
    Assigned = 1,

    /// <summary>Somebody's, with a decision of which the outcome is still to come.</summary>
    Decided = 2,

    /// <summary>The reporter was told the outcome (2021 practice).</summary>
    Processed = 3,

    /// <summary>The feature is completed (2020 practice).</summary>
    Closed = 4,
}

/// <summary>Why a step in a request's life is refused.</summary>
public enum Refusal
{
    /// <summary>It is processed or closed; it must be reopened first.</summary>
    IsFinished,

    /// <summary>It is open already.</summary>
    IsOpen,

    /// <summary>It is nobody's.</summary>
    IsNobodys,

    /// <summary>It is somebody else's.</summary>
    HasAssignee,

    /// <summary>It is that one's already.</summary>
    IsTheirs,

    /// <summary>It has no decision yet.</summary>
    HasNoDecision,

    /// <summary>It has a decision, so it is on no reminder.</summary>
    HasDecision,

    /// <summary>That is how it is already.</summary>
    IsSo,

    /// <summary>It is not queued for the meeting.</summary>
    IsNotQueued,

    /// <summary>It is not snoozed.</summary>
    IsNotSnoozed,

    /// <summary>The date is not in the future.</summary>
    IsPast,

    /// <summary>It has as many of these as it can hold.</summary>
    IsFull,

    /// <summary>There is no line of that number.</summary>
    HasNoSuchLine,
}

/// <summary>What became of a step: the changed request, or the reason why nothing was changed.</summary>
public abstract record RequestStep
{
    private RequestStep()
    {
    }

    /// <summary>The step was taken.</summary>
    /// <param name="Request">The request after it.</param>
    public sealed record Done(CustomerRequest Request) : RequestStep;

    /// <summary>The step cannot be taken.</summary>
    /// <param name="Why">The reason.</param>
    public sealed record Refused(Refusal Why) : RequestStep;
}

/// <summary>A detail of a request: what was said, by whom (a user id) and when.</summary>
public sealed record Detail(string Text, string By, Instant At);

/// <summary>That a request is to be talked about in the PM sync.</summary>
/// <param name="Why">The reason given; null for none.</param>
/// <param name="By">The id of the user who queued it.</param>
/// <param name="At">When.</param>
public sealed record Discussion(string? Why, string By, Instant At);

/// <summary>How a request came to its end.</summary>
/// <param name="State"><see cref="RequestState.Processed"/> or <see cref="RequestState.Closed"/>.</param>
/// <param name="By">The id of the user who ended it.</param>
/// <param name="At">When.</param>
/// <param name="Comment">What the reporter was told beside the decision; null for nothing.</param>
public sealed record Ending(RequestState State, string By, Instant At, string? Comment);

/// <summary>The bot's own post about a request, with its buttons.</summary>
/// <param name="Delivery">The key of its delivery.</param>
/// <param name="ChannelId">Where it stands.</param>
public sealed record Card(string Delivery, string ChannelId);

/// <summary>The post that a request was filed from.</summary>
/// <param name="PostId">The post.</param>
/// <param name="ChannelId">Where it stands.</param>
/// <param name="Link">Its permalink.</param>
public sealed record SourcePost(string PostId, string ChannelId, string Link);

/// <summary>
/// A customer's request on its way to the product manager who owns its area, and to an outcome its reporter hears of. Immutable: each
/// step returns the changed request, or the reason why it cannot be taken. Whether somebody may take it is not its matter.
/// </summary>
public sealed record CustomerRequest : Aggregate
{
    /// <summary>The most use cases, and the most links, that a request holds.</summary>
    public const int MostDetails = 50;

    /// <summary>The Mattermost team.</summary>
    public required string WorkspaceId { get; init; }

    /// <summary>The number in <c>CR-17</c>: per workspace, from 1, never given twice.</summary>
    public required long Number { get; init; }

    /// <summary>What is asked for, in one line.</summary>
    public required string Title { get; init; }

    /// <summary>Which customer asks; null if it was not said.</summary>
    public string? Customer { get; init; }

    /// <summary>The area it was filed under; null if it was not said.</summary>
    public string? Area { get; init; }

    /// <summary>Who wants to hear of the outcome.</summary>
    public required Person Reporter { get; init; }

    /// <summary>The id of the user who filed it.</summary>
    public required string FiledBy { get; init; }

    /// <summary>When it was filed; ages are counted from here.</summary>
    public required Instant FiledAt { get; init; }

    /// <summary>When anything of it last changed.</summary>
    public required Instant ChangedAt { get; init; }

    /// <summary>What customers would use it for.</summary>
    public IReadOnlyList<Detail> UseCases { get; init; } = [];

    /// <summary>Where more of it can be read.</summary>
    public IReadOnlyList<Detail> Links { get; init; } = [];

    /// <summary>The feature idea it is attached to (2021 practice).</summary>
    public Detail? Idea { get; init; }

    /// <summary>Engineering's estimate (2021 practice).</summary>
    public Detail? Effort { get; init; }

    /// <summary>The Fix Version, timeframe or release; see <see cref="DecisionValue"/>.</summary>
    public Detail? Decision { get; init; }

    /// <summary>The product manager whose it is.</summary>
    public Person? Assignee { get; init; }

    /// <summary>Since when it is theirs.</summary>
    public Instant? AssignedAt { get; init; }

    /// <summary>When it was assigned for the first time; the time to assignment is counted until here.</summary>
    public Instant? FirstAssignedAt { get; init; }

    /// <summary>That it is to be talked about in the PM sync.</summary>
    public Discussion? Discuss { get; init; }

    /// <summary>The date from which it stands on reminders again.</summary>
    public LocalDate? SnoozedUntil { get; init; }

    /// <summary>How it ended; null while it is open.</summary>
    public Ending? Ending { get; init; }

    /// <summary>The bot's post about it; null if there is none.</summary>
    public Card? Card { get; init; }

    /// <summary>The post it was filed from; null if it was not.</summary>
    public SourcePost? Source { get; init; }

    /// <summary>Where it stands; follows from the facts above.</summary>
    public RequestState State =>
        Ending is { } ending ? ending.State
        : Assignee is null ? RequestState.Unassigned
        : Decision is null ? RequestState.Assigned
        : RequestState.Decided;

    /// <summary>Whether it is processed or closed.</summary>
    public bool IsFinished => Ending is not null;

    /// <summary>Whether it is kept off the reminders on that date.</summary>
    public bool IsSnoozed(LocalDate today) => SnoozedUntil > today;

    /// <summary>It becomes somebody's, whoever's it was.</summary>
    public RequestStep Assign(Person to, Instant now) =>
        IsFinished ? No(Refusal.IsFinished)
        : Assignee?.Id == to.Id ? No(Refusal.IsTheirs)
        : Yes(
            this with
            {
                Assignee = to,
                AssignedAt = now,
                FirstAssignedAt = FirstAssignedAt ?? now,

                // With the decision that it kept while it was nobody's it is on no reminder.
                SnoozedUntil = Decision is null ? SnoozedUntil : null,
            },
            now);

    /// <summary>Somebody makes it theirs, unless it is another's: of two who take it at once, the second must hear of the first.</summary>
    public RequestStep Take(Person by, Instant now) =>
        !IsFinished && Assignee is { } other && other.Id != by.Id ? No(Refusal.HasAssignee) : Assign(by, now);

    /// <summary>It becomes nobody's.</summary>
    public RequestStep Unassign(Instant now) =>
        IsFinished ? No(Refusal.IsFinished)
        : Assignee is null ? No(Refusal.IsNobodys)
        : Yes(this with { Assignee = null, AssignedAt = null }, now);

    /// <summary>Its Fix Version, timeframe or release is set, or set anew; null takes it away.</summary>
    public RequestStep Decide(string? value, string by, Instant now) =>
        IsFinished ? No(Refusal.IsFinished)
        : Assignee is null ? No(Refusal.IsNobodys)
        : Decision?.Text == value ? No(Refusal.IsSo)
        : value is null ? Yes(this with { Decision = null }, now)
        : Yes(this with { Decision = new Detail(value, by, now), Discuss = null, SnoozedUntil = null }, now);

    /// <summary>The reporter is told the outcome, which ends it.</summary>
    public RequestStep Process(string? comment, string by, Instant now) =>
        IsFinished ? No(Refusal.IsFinished)
        : Assignee is null ? No(Refusal.IsNobodys)
        : Decision is null ? No(Refusal.HasNoDecision)
        : Yes(this with { Ending = new Ending(RequestState.Processed, by, now, comment), Discuss = null, SnoozedUntil = null }, now);

    /// <summary>The feature is completed, which ends it; a release given is the decision from now on.</summary>
    public RequestStep Close(string? release, string by, Instant now) =>
        State == RequestState.Closed ? No(Refusal.IsFinished)
        : Assignee is null ? No(Refusal.IsNobodys)
        : Decision is null && release is null ? No(Refusal.HasNoDecision)
        : Yes(
            this with
            {
                Decision = release is null || release == Decision?.Text ? Decision : new Detail(release, by, now),
                Ending = new Ending(RequestState.Closed, by, now, null),
                Discuss = null,
                SnoozedUntil = null,
            },
            now);

    /// <summary>It is open again, with the assignee and the decision it had.</summary>
    public RequestStep Reopen(Instant now) => IsFinished ? Yes(this with { Ending = null }, now) : No(Refusal.IsOpen);

    /// <summary>It is queued for the PM sync.</summary>
    public RequestStep Queue(string? why, string by, Instant now) =>
        IsFinished ? No(Refusal.IsFinished)
        : Discuss is { } queued && queued.Why == why ? No(Refusal.IsSo)
        : Yes(this with { Discuss = new Discussion(why, by, now) }, now);

    /// <summary>It is not to be talked about any more.</summary>
    public RequestStep Unqueue(Instant now) => Discuss is null ? No(Refusal.IsNotQueued) : Yes(this with { Discuss = null }, now);

    /// <summary>It is kept off the reminders until a date.</summary>
    public RequestStep Snooze(LocalDate until, LocalDate today, Instant now) =>
        IsFinished ? No(Refusal.IsFinished)
        : State == RequestState.Decided ? No(Refusal.HasDecision)
        : until <= today ? No(Refusal.IsPast)
        : SnoozedUntil == until ? No(Refusal.IsSo)
        : Yes(this with { SnoozedUntil = until }, now);

    /// <summary>It is on the reminders again.</summary>
    public RequestStep Wake(Instant now) => SnoozedUntil is null ? No(Refusal.IsNotSnoozed) : Yes(this with { SnoozedUntil = null }, now);

    /// <summary>A use case is added; in every state, for demand may grow after a refusal.</summary>
    public RequestStep AddUseCase(string text, string by, Instant now) =>
        Added(UseCases, text, by, now) is { } added ? Yes(this with { UseCases = added }, now) : No(Blocked(UseCases, text));

    /// <summary>A use case is taken out.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="now">The present.</param>
    public RequestStep RemoveUseCase(int number, Instant now) =>
        Without(UseCases, number) is { } left ? Yes(this with { UseCases = left }, now) : No(Refusal.HasNoSuchLine);

    /// <summary>A link is added; in every state.</summary>
    public RequestStep AddLink(string url, string by, Instant now) =>
        Added(Links, url, by, now) is { } added ? Yes(this with { Links = added }, now) : No(Blocked(Links, url));

    /// <summary>A link is taken out.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="now">The present.</param>
    public RequestStep RemoveLink(int number, Instant now) =>
        Without(Links, number) is { } left ? Yes(this with { Links = left }, now) : No(Refusal.HasNoSuchLine);

    /// <summary>The feature idea it belongs to is set; null takes it away.</summary>
    public RequestStep SetIdea(string? text, string by, Instant now) =>
        Idea?.Text == text ? No(Refusal.IsSo) : Yes(this with { Idea = text is null ? null : new Detail(text, by, now) }, now);

    /// <summary>Engineering's estimate is set; null takes it away.</summary>
    public RequestStep SetEffort(string? text, string by, Instant now) =>
        Effort?.Text == text ? No(Refusal.IsSo) : Yes(this with { Effort = text is null ? null : new Detail(text, by, now) }, now);

    /// <summary>It gets another title.</summary>
    public RequestStep Rename(string title, Instant now) => Title == title ? No(Refusal.IsSo) : Yes(this with { Title = title }, now);

    /// <summary>It is another customer's; null for nobody in particular.</summary>
    public RequestStep OfCustomer(string? customer, Instant now) =>
        Customer == customer ? No(Refusal.IsSo) : Yes(this with { Customer = customer }, now);

    /// <summary>It belongs to another area; null for none.</summary>
    public RequestStep InArea(string? area, Instant now) => Area == area ? No(Refusal.IsSo) : Yes(this with { Area = area }, now);

    /// <summary>Another hears of its outcome.</summary>
    public RequestStep ReportedBy(Person reporter, Instant now) =>
        Reporter.Id == reporter.Id ? No(Refusal.IsSo) : Yes(this with { Reporter = reporter }, now);

    // A clock that was set back must not make it look untouched.
    private static RequestStep.Done Yes(CustomerRequest request, Instant now) => new(request with { ChangedAt = Instant.Max(request.ChangedAt, now) });

    private static RequestStep.Refused No(Refusal why) => new(why);

    private static List<Detail>? Added(IReadOnlyList<Detail> details, string text, string by, Instant now) =>
        details.Count >= MostDetails || details.Any(d => d.Text == text) ? null : [.. details, new Detail(text, by, now)];

    private static Refusal Blocked(IReadOnlyList<Detail> details, string text) => details.Any(d => d.Text == text) ? Refusal.IsSo : Refusal.IsFull;

    private static List<Detail>? Without(IReadOnlyList<Detail> details, int number) =>
        number < 1 || number > details.Count ? null : [.. details.Where((_, i) => i != number - 1)];
}
