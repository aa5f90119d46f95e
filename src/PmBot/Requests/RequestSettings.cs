using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Rotations;
using PmBot.Scheduling;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>A changed book, and what to say of it.</summary>
/// <param name="Book">The book after the change.</param>
/// <param name="Fact">The new value and what follows from it, in full sentences.</param>
/// <param name="Undo">The value before, as it is typed.</param>
internal sealed record BookChange(RequestBook Book, string Fact, string Undo);

/// <summary>Changes when and where requests are called to mind. The alarm follows each change.</summary>
internal sealed class RequestSettings(IStore store, NewWorkspaces workspaces, Alarms alarms, TimeProvider time)
{
    /// <summary>The workspace's book as it is now.</summary>
    public Task<RequestBook> BookAsync(string workspaceId, CancellationToken cancellationToken) =>
        store.BookOfAsync(workspaceId, Now(), cancellationToken);

    /// <summary>Changes the book.</summary>
    /// <param name="request">What was typed.</param>
    /// <param name="change">What it comes to; null if all is so already.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<SettingAnswer> ChangeAsync(
        SettingRequest request, Func<IReadTransaction, RequestBook, Instant, BookChange?> change, CancellationToken cancellationToken) =>
        store.ExecuteAsync<SettingAnswer>(
            transaction =>
            {
                var now = Now();
                if (change(transaction, transaction.BookOf(request.WorkspaceId, now), now) is not { } changed)
                {
                    return new SettingAnswer.Refused($"That is how it is: {request.Command("settings")}.");
                }

                workspaces.Open(transaction, request.WorkspaceId, request.Caller.UserId);

                transaction.Save(RequestStore.Books, changed.Book);
                transaction.AfterCommit(() => alarms.Set(RequestClock.AlarmKind, request.WorkspaceId));
                request.Audit(transaction, now, changed.Undo);
                return new SettingAnswer.Changed(changed.Fact, changed.Undo);
            },
            cancellationToken);

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}

/// <summary>When one of the reminders comes: <c>monday 09:05</c>, <c>off</c>, <c>default</c>.</summary>
internal abstract class ReminderTimeSetting(RequestSettings settings) : IWorkspaceSetting
{
    public abstract string Key { get; }

    public string Explained =>
        "`schedule.decisions`, `schedule.unassigned`: weekday and time of the reminders of customer requests without a decision and without an owner, "
        + "such as `monday 09:05`, or `off`, or `default`";

    /// <summary>The ledger's kind.</summary>
    protected abstract string Kind { get; }

    public async Task<string> ShowAsync(string workspaceId, CancellationToken cancellationToken) =>
        WeeklySettings.Shown(Of(await settings.BookAsync(workspaceId, cancellationToken)).When);

    public async Task<SettingAnswer> SetAsync(SettingRequest request, CancellationToken cancellationToken)
    {
        var typed = request.Value;
        var at = RotationSettings.DayAndTime(typed);
        if (at is null && !RotationSettings.IsOff(typed) && !WeeklySettings.IsDefault(typed))
        {
            return new SettingAnswer.Refused($"{Markdown.Code(typed)} is no weekday and time. Write it like `monday 09:05`, or `off`, or `default`.");
        }

        return await settings.ChangeAsync(
            request,
            (transaction, book, now) =>
            {
                var before = Of(book);
                var when = at is { } given ? new WeeklyTime(given.Day, given.Time)
                    : WeeklySettings.IsDefault(typed) ? Of(RequestBook.New(book.Id, now)).When
                    : null;
                if (when == before.When)
                {
                    return null;
                }

                var after = WeeklySettings.Next(transaction, Kind, book.Id, when, now, book.DateTimeZone());
                var fact = after is { When: { } set, NextAt: { } next }
                    ? $"{On($"{WeeklySettings.Shown(set)} ({book.Zone})")}, next on **{When.Time(next, book.DateTimeZone(), now)}**."
                    : Off();
                return new BookChange(With(book, after), fact, WeeklySettings.Typed(before.When));
            },
            cancellationToken);
    }

    protected abstract Weekly Of(RequestBook book);

    protected abstract RequestBook With(RequestBook book, Weekly weekly);

    /// <summary>What happens then, as a sentence without its end.</summary>
    /// <param name="every">How often and at what time.</param>
    protected abstract string On(string every);

    /// <summary>What does not happen any more.</summary>
    protected abstract string Off();
}

/// <summary>When people are reminded of their requests without a decision.</summary>
internal sealed class DecisionsTimeSetting(RequestSettings settings, RequestTexts texts) : ReminderTimeSetting(settings)
{
    public override string Key => "schedule.decisions";

    protected override string Kind => RequestClock.DecisionsKind;

    protected override Weekly Of(RequestBook book) => book.Decisions;

    protected override RequestBook With(RequestBook book, Weekly weekly) => book with { Decisions = weekly };

    protected override string On(string every) => $"PMs are reminded of their requests without a decision {every}";

    protected override string Off() => $"PMs are not reminded of their requests without a decision any more, unless somebody types {texts.Command("remind")}.";
}

/// <summary>When the one on duty hears what is still nobody's.</summary>
internal sealed class UnassignedTimeSetting(RequestSettings settings, RequestTexts texts) : ReminderTimeSetting(settings)
{
    public override string Key => "schedule.unassigned";

    protected override string Kind => RequestClock.UnassignedKind;

    protected override Weekly Of(RequestBook book) => book.Unassigned;

    protected override RequestBook With(RequestBook book, Weekly weekly) => book with { Unassigned = weekly };

    protected override string On(string every) => $"Whoever is on duty is told {every} which requests are still nobody's";

    protected override string Off() =>
        $"Whoever is on duty is not told any more which requests are still nobody's. They can see it themselves: {texts.Command("list unassigned")}.";
}

/// <summary>In which zone the reminders' times are meant.</summary>
internal sealed class ReminderZoneSetting(RequestSettings settings) : IWorkspaceSetting
{
    public string Key => "schedule.zone";

    public string Explained => "`schedule.zone`: the time zone of these, such as `America/Los_Angeles`, or `default`";

    public async Task<string> ShowAsync(string workspaceId, CancellationToken cancellationToken) =>
        (await settings.BookAsync(workspaceId, cancellationToken)).Zone;

    public async Task<SettingAnswer> SetAsync(SettingRequest request, CancellationToken cancellationToken)
    {
        if ((WeeklySettings.IsDefault(request.Value) ? RequestBook.DefaultZone : RotationSettings.Zone(request.Value)) is not { } zone)
        {
            return new SettingAnswer.Refused(
                $"{Markdown.Code(request.Value)} is no time zone that I know. Write it like `America/Los_Angeles` or `Europe/London`, or `default`.");
        }

        return await settings.ChangeAsync(
            request,
            (transaction, book, now) =>
            {
                if (book.Zone == zone)
                {
                    return null;
                }

                var moved = book with { Zone = zone };
                moved = moved with
                {
                    Decisions = WeeklySettings.Next(transaction, RequestClock.DecisionsKind, book.Id, book.Decisions.When, now, moved.DateTimeZone()),
                    Unassigned = WeeklySettings.Next(transaction, RequestClock.UnassignedKind, book.Id, book.Unassigned.When, now, moved.DateTimeZone()),
                };
                return new BookChange(
                    moved,
                    $"The reminders keep to the clocks of {zone}. Requests without a decision: {Next(moved.Decisions)}. Requests without an owner: {Next(moved.Unassigned)}. "
                        + "Dates of requests are told in that zone, too.",
                    book.Zone);

                string Next(Weekly weekly) => weekly.NextAt is { } at ? $"next on **{When.Time(at, moved.DateTimeZone(), now)}**" : "off";
            },
            cancellationToken);
    }
}

/// <summary>Where the reminders are posted.</summary>
internal sealed class ReminderChannelSetting(RequestSettings settings, RequestDesk desk, Channels channels) : IWorkspaceSetting
{
    public string Key => "channel.reminders";

    public string Explained => "`channel.reminders`: where these are posted; `default` for `channel.pm`";

    public async Task<string> ShowAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var own = (await settings.BookAsync(workspaceId, cancellationToken)).RemindersChannelId is not null;
        return await desk.RemindersChannelAsync(workspaceId, cancellationToken) is MattermostResult<Channel>.Ok { Value: var channel }
            ? $"~{channel.Name}{(own ? "" : " (as `channel.pm`)")}"
            : own ? "a channel that I cannot see any more" : "none (as `channel.pm`)";
    }

    public async Task<SettingAnswer> SetAsync(SettingRequest request, CancellationToken cancellationToken)
    {
        // What takes a request is looked up before the transaction.
        var (id, where) = ((string?)null, "in the channel that is `channel.pm`");
        if (!WeeklySettings.IsDefault(request.Value))
        {
            switch (await channels.ChooseAsync(request.WorkspaceId, request.Value, isId: false, cancellationToken))
            {
                case ChannelChoice.Usable usable:
                    (id, where) = (usable.Channel.Id, $"in ~{usable.Channel.Name}");
                    break;
                case ChannelChoice.Unusable unusable:
                    return new SettingAnswer.Refused(unusable.Problem);
            }
        }

        var old = (await settings.BookAsync(request.WorkspaceId, cancellationToken)).RemindersChannelId;
        var names = await channels.NamesAsync([old], cancellationToken);
        return await settings.ChangeAsync(
            request,
            (_, book, now) => book.RemindersChannelId == id
                ? null
                : new BookChange(
                    book with { RemindersChannelId = id },
                    $"Reminders of requests are posted {where}, "
                        + (book.Decisions.NextAt is { } next ? $"next on **{When.Time(next, book.DateTimeZone(), now)}**." : "when somebody asks for one; on schedule they are off."),
                    book.RemindersChannelId is not { } before ? "default" : names.TryGetValue(before, out var name) ? $"~{name}" : "~channel"),
            cancellationToken);
    }
}
