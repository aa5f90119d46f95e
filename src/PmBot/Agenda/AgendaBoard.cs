using System.Security.Cryptography;
using System.Text;
using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.Meetings;

namespace PmBot.Agenda;

/// <summary>The posts of a meeting: its agenda, and what is talked about while it is held, with their buttons.</summary>
internal sealed class AgendaBoard(AgendaMessages messages, AgendaTexts texts, Buttons buttons)
{
    /// <summary>How often the agenda's post is looked over until the meeting is started: what it says of requests, absences and action steps changes elsewhere.</summary>
    public static readonly Duration RefreshEvery = Duration.FromMinutes(1);

    private static readonly Duration ButtonLife = Duration.FromDays(14);

    /// <summary>A menu with more options is of no use; what it lacks can be queued by hand.</summary>
    private const int MostOptions = 30;

    /// <summary>What buttons about a meeting on a date are signed for.</summary>
    public static string Subject(string meetingId, LocalDate on, long? more = null) =>
        FormattableString.Invariant($"{meetingId} {AgendaTexts.Iso(on)}{(more is { } number ? $" {number}" : "")}");

    /// <summary>Reads <see cref="Subject"/>.</summary>
    public static (string MeetingId, LocalDate On, long? More) Read(string subject)
    {
        var parts = subject.Split(' ');
        return (
            parts[0], NodaTime.Text.LocalDatePattern.Iso.Parse(parts[1]).Value,
            parts.Length > 2 ? long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture) : null);
    }

    /// <summary>Posts the agenda of the current date.</summary>
    /// <returns>The meeting, which knows where its post is; as it was if there is no channel for it.</returns>
    public Meeting PostAgenda(AgendaWork work, Meeting meeting)
    {
        if (work.Visit.Places.Public is not { } channel)
        {
            return meeting;
        }

        var (text, frame, shown) = Render(work, meeting);
        var post = messages.Post(work.Transaction, work.WorkspaceId, channel.Id, text, frame, expires: meeting.Session is null ? meeting.Current.End : null);
        return meeting with { Progress = meeting.Progress with { Post = post, Shown = shown, RefreshAt = NextLook(work, meeting) } };
    }

    /// <summary>Makes the agenda's post say how things stand; left alone if it does.</summary>
    public Meeting Refresh(AgendaWork work, Meeting meeting)
    {
        if (meeting.Progress.Post is not { } post)
        {
            return meeting with { Progress = meeting.Progress with { RefreshAt = null } };
        }

        var (text, frame, shown) = Render(work, meeting);
        if (shown != meeting.Progress.Shown)
        {
            messages.Edit(work.Transaction, work.WorkspaceId, post, text, frame);
        }

        return meeting with
        {
            Progress = meeting.Progress with { Shown = shown, RefreshAt = NextLook(work, meeting) },
        };
    }

    /// <summary>When the agenda's post is looked over again by itself; from the meeting's time on only what is changed on the agenda changes it.</summary>
    private static Instant? NextLook(AgendaWork work, Meeting meeting) => meeting.Session is null && work.Now < meeting.Current.Start ? work.Now + RefreshEvery : null;

    /// <summary>Takes the buttons off the agenda's post, and says why.</summary>
    public void CloseAgenda(AgendaWork work, Meeting meeting, string why)
    {
        if (meeting.Progress.Post is { } post)
        {
            messages.Reframe(work.Transaction, work.WorkspaceId, post, new Attachment { Text = why, Fallback = why });
        }
    }

    /// <summary>Posts what is talked about now, and takes the buttons off what was before.</summary>
    /// <param name="work">The work.</param>
    /// <param name="before">The meeting before the move; null at its start.</param>
    /// <param name="meeting">The meeting after it.</param>
    /// <param name="left">The item that was left, with what became of it; null if it was none.</param>
    /// <returns>The meeting, which knows where its post is.</returns>
    public Meeting ShowPoint(AgendaWork work, Meeting? before, Meeting meeting, AgendaItem? left)
    {
        if (before is not null)
        {
            LeavePoint(work, before, left);
        }

        var session = meeting.Session!;
        var item = meeting.Talked;
        var frame = PointFrame(meeting);
        var open = work.Visit.Places.Public is { } channel
            ? messages.Post(work.Transaction, work.WorkspaceId, channel.Id, texts.Point(meeting, work.Material(meeting), work.Actor, work.Setting), frame, meeting.Progress.Post)
            : null;
        var hidden = item is { IsPrivate: true } && work.Visit.Places.Private is { } inner
            ? messages.Post(work.Transaction, work.WorkspaceId, inner.Id, AgendaTexts.PrivatePoint(meeting, item, work.Actor, work.Setting), frame)
            : null;
        var shown = session.At.Kind == StopKind.Requests ? work.Visit.Requests.Take(AgendaTexts.MostLines).Select(r => r.Number).ToList() : session.RequestsShown;
        return meeting with { Session = session with { Post = open, PrivatePost = hidden, RequestsShown = shown } };
    }

    /// <summary>Takes the buttons off what was talked about, and says what became of it.</summary>
    public void LeavePoint(AgendaWork work, Meeting meeting, AgendaItem? left)
    {
        if (meeting.Session?.Post is { } post)
        {
            messages.Edit(work.Transaction, work.WorkspaceId, post, AgendaTexts.PointLeft(meeting, left));
        }

        if (meeting.Session?.PrivatePost is { } hidden && left is not null)
        {
            messages.Edit(work.Transaction, work.WorkspaceId, hidden, AgendaTexts.PrivatePointLeft(meeting, left));
        }
    }

    /// <summary>Says that the time box is over, where the item is talked about.</summary>
    public void TimeUp(AgendaWork work, Meeting meeting)
    {
        if (meeting.Talked is { } item && (item.IsPrivate ? meeting.Session!.PrivatePost : meeting.Session!.Post) is { } post)
        {
            var turn = Subject(meeting.Id, meeting.On, meeting.Session!.Turn);
            var frame = new Attachment
            {
                Fallback = "Time is up",
                Actions =
                [
                    buttons.Button("next", "Next", Signed(meeting, AgendaActions.Next, turn), "primary"),
                    buttons.Button("more", "5 more minutes", Signed(meeting, AgendaActions.More, turn)),
                    buttons.Button("skip", "Carry it over", Signed(meeting, AgendaActions.Skip, turn)),
                ],
            };
            messages.Post(
                work.Transaction, work.WorkspaceId, post.ChannelId, AgendaTexts.TimeUp(meeting, item), frame, item.IsPrivate ? post : meeting.Progress.Post ?? post,
                expires: work.Now + Duration.FromHours(1));
        }
    }

    /// <summary>A button that ends the meeting, for the post that comes when its time is over.</summary>
    public Attachment EndFrame(Meeting meeting) => new()
    {
        Fallback = "End the meeting",
        Actions = [buttons.Button("end", "End the meeting", Signed(meeting, AgendaActions.End, Subject(meeting.Id, meeting.On)), "primary")],
    };

    /// <summary>The buttons of the posts that ask for something.</summary>
    public Attachment AskFrame(Meeting meeting) => new()
    {
        Fallback = meeting.Plan.Kind == MeetingKind.Demos ? "Show something" : "Send an update",
        Actions =
        [
            meeting.Plan.Kind == MeetingKind.Demos
                ? buttons.Button("demo", "Show something", Signed(meeting, AgendaActions.OpenDemo, meeting.Id), "primary")
                : buttons.Button("release", "Send an update", Signed(meeting, AgendaActions.OpenRelease, meeting.Id), "primary"),
        ],
    };

    /// <summary>The menu below the minutes that queues again what was talked about; null if nothing was.</summary>
    public Attachment? AgainFrame(MeetingRecord record)
    {
        var talked = record.Items.Where(i => i.Item is { Outcome: ItemOutcome.Discussed, IsPrivate: false }).ToList();
        return talked.Count == 0 ? null : new Attachment
        {
            Fallback = "Queue again",
            Actions =
            [
                buttons.Menu(
                    "again", "Queue again…", buttons.Signer.New(AgendaActions.Again, record.WorkspaceId, Subject(record.MeetingId, record.On), life: ButtonLife),
                    [.. talked.Take(MostOptions).Select(i => new ActionOption(Markdown.Shorten(Markdown.Plain(i.Item.Text), 60), FormattableString.Invariant($"{i.Item.Serial}")))]),
            ],
        };
    }

    /// <summary>The button that fills in recording and survey.</summary>
    public Attachment FollowUpFrame(MeetingRecord record) => new()
    {
        Fallback = "Fill in",
        Actions =
        [
            buttons.Button(
                "minutes", record.Recording is null && record.Survey is null ? "Fill in…" : "Change…",
                buttons.Signer.New(AgendaActions.OpenMinutes, record.WorkspaceId, Subject(record.MeetingId, record.On), life: Duration.FromDays(60))),
        ],
    };

    private (string Text, Attachment? Frame, string Shown) Render(AgendaWork work, Meeting meeting)
    {
        var lateFor = meeting.Progress.LateFor is { } due ? work.Setting.Time(due) : null;
        var plan = meeting.Plan;
        var text = Pages.Of(texts.Agenda(meeting, meeting.On, work.Material(meeting), work.Setting, null, lateFor), 1, n => texts.ListCommand(meeting, n));
        var actions = meeting.Session is not null ? [] : new List<PostAction>
        {
            buttons.Button("start", "Start the meeting", Signed(meeting, AgendaActions.Start, Subject(meeting.Id, meeting.On)), "primary"),
            plan.Kind == MeetingKind.Demos
                ? buttons.Button("demo", "Show something", Signed(meeting, AgendaActions.OpenDemo, meeting.Id))
                : buttons.Button("add", "Add an item", Signed(meeting, AgendaActions.OpenAdd, meeting.Id)),
        };
        if (plan.Kind == MeetingKind.Sync && meeting.Session is null)
        {
            actions.Add(buttons.Button("release", "Send a release update", Signed(meeting, AgendaActions.OpenRelease, meeting.Id)));
        }

        var frame = actions.Count > 0 ? new Attachment { Fallback = Markdown.Plain(plan.Name), Actions = actions }
            : new Attachment { Text = AgendaTexts.UnderWay(meeting, work.Setting), Fallback = Markdown.Plain(plan.Name) };

        // Signatures differ each time, so it is the text that tells whether anything has changed.
        return (text, frame, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{text}\n{actions.Count}")).AsSpan(0, 12)));
    }

    private Attachment PointFrame(Meeting meeting)
    {
        var session = meeting.Session!;
        var turn = Subject(meeting.Id, meeting.On, session.Turn);
        var actions = new List<PostAction>();
        if (session.At.Kind != StopKind.Through)
        {
            actions.Add(buttons.Button("next", "Next", Signed(meeting, AgendaActions.Next, turn), "primary"));
            actions.Add(buttons.Button("skip", session.At.Kind == StopKind.Item ? "Carry it over" : "Skip", Signed(meeting, AgendaActions.Skip, turn)));
        }

        if (meeting.Talked is { } item)
        {
            actions.Add(buttons.Button("decided", "Decision…", Signed(meeting, AgendaActions.OpenDecided, Subject(meeting.Id, meeting.On, item.Serial))));
        }

        actions.Add(buttons.Button("step", "Action step…", Signed(meeting, AgendaActions.OpenStep, Subject(meeting.Id, meeting.On, session.At.Serial ?? 0))));
        actions.Add(buttons.Button("end", "End the meeting", Signed(meeting, AgendaActions.End, Subject(meeting.Id, meeting.On)), session.At.Kind == StopKind.Through ? "primary" : null));
        return new Attachment { Fallback = Markdown.Plain(meeting.Plan.Name), Actions = actions };
    }

    private SignedAction Signed(Meeting meeting, string action, string subject) => buttons.Signer.New(action, meeting.WorkspaceId, subject, life: ButtonLife);
}
