using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>What meetings came to: shows it, takes in recording and survey, queues again what was talked about.</summary>
internal sealed class MeetingMinutes(AgendaDesk desk, AgendaBoard board, AgendaMessages messages, AgendaTexts texts)
{
    /// <summary>Shows the minutes, or puts links into them.</summary>
    public async Task<CommandReply> RunAsync(SlashCommand slash, AgendaCommand.Record command, CancellationToken cancellationToken)
    {
        var fills = command.Recording is not null || command.Survey is not null;
        var (meeting, problem) = await ChooseAsync(slash, command, fills, cancellationToken);
        if (meeting is null)
        {
            return AgendaItems.Refused(slash, problem);
        }

        var visit = await desk.EnterAsync(meeting, new Person(slash.UserId, slash.Username), slash.ChannelId, cancellationToken, fills ? RightNeeded.ProductManager : RightNeeded.None);
        var today = meeting.Plan.DateOf(desk.Now());
        LocalDate? date = null;
        if (command.Which.Date is { } typed)
        {
            if (Past(typed, today) is not { } resolved)
            {
                return AgendaItems.Refused(slash, $"There is no such date. Dates are written {DateText.Forms}.");
            }

            date = resolved;
        }

        if (!fills)
        {
            return new CommandReply(await TextAsync(meeting, date, visit, command.Page, cancellationToken));
        }

        var on = date ?? await desk.Store.ReadAsync(t => t.RecordsOf(meeting.Id, 1).Select(r => (LocalDate?)r.On).FirstOrDefault(), cancellationToken);
        var result = on is { } known
            ? await FillAsync(visit, known, command.Recording, command.Survey, cancellationToken)
            : AgendaResult.Wrong($"The {Markdown.Inline(meeting.Plan.Name)} has not been held yet.");
        return result.Answer is { } answer ? new CommandReply(answer) : AgendaItems.Refused(slash, result.Problem);
    }

    /// <summary>The minutes of a meeting.</summary>
    /// <param name="meeting">The meeting.</param>
    /// <param name="date">The date; null for the last one.</param>
    /// <param name="visit">Who asks, and where.</param>
    /// <param name="page">Which page, from 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<string> TextAsync(Meeting meeting, LocalDate? date, AgendaVisit visit, int page, CancellationToken cancellationToken)
    {
        var (record, recent, steps) = await desk.Store.ReadAsync(
            t =>
            {
                var last = t.RecordsOf(meeting.Id, 5);
                var found = date is { } on ? t.RecordOf(meeting.Id, on) : last.Count > 0 ? last[0] : null;
                return (found, last, found is null ? [] : t.StepsOf(meeting.WorkspaceId, found.Actions));
            },
            cancellationToken);
        var setting = new AgendaSetting(meeting.Plan, visit.Names, desk.Now());
        var flags = AgendaTexts.Flag(meeting.Plan.Kind, meeting.Plan.Name);
        if (record is null)
        {
            var none = date is { } asked ? $"There are no minutes of the {Markdown.Inline(meeting.Plan.Name)} of {setting.Date(asked)}." : $"There are no minutes of the {Markdown.Inline(meeting.Plan.Name)} yet.";
            return recent.Count == 0 ? $"{none} The next one is on {setting.Time(meeting.Settled(setting.Now).Meeting.Current.Start)}: {texts.Command($"list{AgendaTexts.Behind(meeting)}")}"
                : $"{none} There are some of {string.Join(", ", recent.Select(r => $"{setting.Date(r.On)} ({texts.Command($"minutes {AgendaTexts.Iso(r.On)}{flags}")})"))}.";
        }

        var names = await desk.People.NamesAsync(
            [
                .. record.Items.Select(i => i.Item.Owner.Id), .. record.Updates.Select(u => u.By.Id), .. steps.Select(s => s.Owner.Id),
                .. record.EndedBy == "schedule" ? Array.Empty<string>() : [record.EndedBy],
            ],
            cancellationToken);
        return Pages.Of(
            AgendaTexts.Minutes(record, steps, meeting.Plan.NextAfter(record.On), visit.ReadIn, setting with { Names = names }), page,
            n => texts.Command($"minutes {AgendaTexts.Iso(record.On)}{flags}{(n == 1 ? "" : $" --page {n}")}"));
    }

    /// <summary>Puts links into what a meeting came to, and into the post that has the places for them.</summary>
    /// <param name="visit">Who does.</param>
    /// <param name="on">The meeting's date.</param>
    /// <param name="recording">Where the recording is, as typed; null to leave it; <c>none</c> takes it away.</param>
    /// <param name="survey">Where feedback can be given, likewise.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<AgendaResult> FillAsync(AgendaVisit visit, LocalDate on, string? recording, string? survey, CancellationToken cancellationToken)
    {
        foreach (var (field, typed) in new[] { ("recording", recording), ("survey", survey) })
        {
            if (typed is not null && !IsNone(typed) && TypedText.Url(typed) is null)
            {
                return AgendaResult.Wrong($"{Markdown.Code(Markdown.Shorten(typed, 100))} is no link. It begins with `https://` or `http://` and has {TypedText.LinkLength} characters at most.", field);
            }
        }

        return await desk.ExecuteAsync(
            visit,
            work =>
            {
                var meeting = work.Stored;
                if (!work.CallerIsPm)
                {
                    return AgendaResult.Wrong(AgendaTexts.NotForYou(work.Visit.Caller, "change what a meeting came to"));
                }

                if (work.Transaction.RecordOf(meeting.Id, on) is not { } record)
                {
                    return AgendaResult.Wrong($"{work.Setting.Date(on)} has no minutes of the {Markdown.Inline(meeting.Plan.Name)}: it was not held then, or is not ended yet.");
                }

                var after = record with { Recording = Link(recording, record.Recording), Survey = Link(survey, record.Survey) };
                if (after == record)
                {
                    return AgendaResult.Wrong("That is how it is already.");
                }

                work.Transaction.Save(AgendaStore.Records, after);
                work.Transaction.Audit(
                    work.WorkspaceId, work.Now, work.Actor, AgendaStore.Subject(meeting), $"minutes {AgendaTexts.Iso(on)}", $"{record.Recording} {record.Survey}".Trim(), $"{after.Recording} {after.Survey}".Trim());
                if (after.FollowUp is { } post)
                {
                    messages.Edit(work.Transaction, work.WorkspaceId, post, texts.FollowUp(after, work.Setting), board.FollowUpFrame(after));
                }

                var flags = AgendaTexts.Flag(meeting.Plan.Kind, meeting.Plan.Name);
                return AgendaResult.Of(
                    $"{AgendaTexts.Links(after).Replace("\n", ". ", StringComparison.Ordinal)}. They stand in the minutes of {AgendaTexts.Called(meeting, on, work.Setting)}{(after.FollowUp is null ? "" : " and in its post")}. "
                    + $"Undo: {texts.Command($"minutes {AgendaTexts.Iso(on)}{flags} --recording {record.Recording ?? "none"} --survey {record.Survey ?? "none"}")}");
            },
            cancellationToken,
            settle: false);

        static string? Link(string? typed, string? before) => typed is null ? before : IsNone(typed) ? null : TypedText.Url(typed);
    }

    /// <summary>Queues again, for the next meeting, what was talked about on a date.</summary>
    /// <param name="visit">Who wants it.</param>
    /// <param name="on">The date.</param>
    /// <param name="serial">The item's serial.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AgendaResult> AgainAsync(AgendaVisit visit, LocalDate on, long serial, CancellationToken cancellationToken) => desk.ExecuteAsync(
        visit,
        work =>
        {
            var meeting = work.Meeting;
            if (work.Transaction.RecordOf(meeting.Id, on)?.Items.FirstOrDefault(i => i.Item.Serial == serial && !i.Item.IsPrivate)?.Item is not { } item)
            {
                return AgendaResult.Wrong("There is no such item in those minutes.");
            }

            if (meeting.Items.FirstOrDefault(i => i.FollowUpOf == serial) is { } queued)
            {
                return AgendaResult.Wrong($"It is queued again already: {meeting.NumberOf(queued)} on {AgendaTexts.Called(meeting, meeting.DateOf(queued), work.Setting)}.");
            }

            var again = item with { Outcome = null, Decided = null, Carried = 0, FirstOn = meeting.On, NotBefore = null, QueuedAt = work.Now, Post = null, FollowUpOf = serial };
            if (meeting.Add(again) is not AgendaStep.Done { Meeting: var after, Item: { } added })
            {
                return AgendaResult.Wrong(texts.Refused(meeting.Plan.IsOver ? AgendaRefusal.IsOver : AgendaRefusal.IsFull, meeting, null, work.Setting));
            }

            if (work.ItemsHavePosts && work.Visit.Places.Public is { } channel)
            {
                added = added with { Post = messages.Post(work.Transaction, work.WorkspaceId, channel.Id, AgendaTexts.Card(after, added, work.Setting)) };
                after = after.With(added);
            }

            var saved = work.Save(after, "again", null, added.Text);
            return AgendaResult.Of(texts.Queued(saved, added, work.Visit.Places, work.Setting, inPrivate: false));
        },
        cancellationToken);

    private async Task<(Meeting? Meeting, string Problem)> ChooseAsync(SlashCommand slash, AgendaCommand.Record command, bool fills, CancellationToken cancellationToken)
    {
        var (usual, problem) = await desk.ChooseAsync(slash.TeamId, command.Which.Meeting, MeetingUse.Queue, cancellationToken);
        if (!fills || command.Which.Meeting is not null)
        {
            return (usual, problem);
        }

        // Recordings and surveys are of meetings with demos: of the one that was held last.
        var now = desk.Now();
        var last = await desk.Store.ReadAsync(
            t => t.MeetingsOf(slash.TeamId, now).Where(m => m.Plan.Kind == MeetingKind.Demos)
                .SelectMany(m => t.RecordsOf(m.Id, 1), (m, r) => (Meeting: m, r.EndedAt)).OrderByDescending(m => m.EndedAt).Select(m => m.Meeting).FirstOrDefault(),
            cancellationToken);
        return last is null ? (usual, problem) : (last, "");
    }

    /// <summary>A date as it is meant where all dates are past: a weekday is the last one, a day of a month that of the last twelve months.</summary>
    private static LocalDate? Past(DateText typed, LocalDate today) =>
        typed.Resolve(today) is { } soon && soon > today.PlusDays(6) && soon < today.PlusMonths(2)
            ? soon
            : new[] { today, today.PlusDays(-6), today.PlusYears(-1).PlusDays(1) }.Select(typed.Resolve).FirstOrDefault(d => d <= today) ?? typed.Resolve(today);

    private static bool IsNone(string text) => text.Trim().ToLowerInvariant() is "none" or "off";
}
