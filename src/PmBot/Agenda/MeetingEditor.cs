using NodaTime;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Commands;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>Shows the meetings themselves, and changes what <c>meeting set</c> can change; the other verbs about them go on from here.</summary>
internal sealed class MeetingEditor(
    AgendaDesk desk, Channels channels, MeetingPlanner planner, MeetingMaker maker, MeetingCanceller canceller, AgendaMessages messages, AgendaTexts texts)
{
    private const int MostCoChairs = 5;

    /// <summary>What is not changed while a meeting is held.</summary>
    private static readonly string[] FixedUnderWay = ["every", "at", "minutes", "zone", "kind"];

    /// <summary>What everybody must know, for it says when to come.</summary>
    private static readonly string[] Announced = ["every", "at", "minutes", "zone"];

    /// <summary>Carries out a verb about meetings themselves.</summary>
    public Task<CommandReply> RunAsync(SlashCommand slash, AgendaCommand command, CancellationToken cancellationToken) => command switch
    {
        AgendaCommand.Meetings list => ListAsync(slash, list, cancellationToken),
        AgendaCommand.CreateMeeting create => maker.CreateAsync(slash, create, cancellationToken),
        AgendaCommand.SetMeeting set => SetAsync(slash, set, cancellationToken),
        AgendaCommand.CancelMeeting cancel => canceller.CancelAsync(slash, cancel, cancellationToken),
        AgendaCommand.RestoreMeeting restore => canceller.RestoreAsync(slash, restore, cancellationToken),
        _ => throw new InvalidOperationException(command.GetType().Name),
    };

    private async Task<CommandReply> ListAsync(SlashCommand slash, AgendaCommand.Meetings list, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var meetings = await desk.Store.ReadAsync(t => t.MeetingsOf(slash.TeamId, now), cancellationToken);
        if (list.Meeting is { } name)
        {
            var (one, problem) = AgendaDesk.Named(meetings, name);
            if (one is null)
            {
                return AgendaItems.Refused(slash, $"{problem} A meeting is made with {texts.Command("meeting create")}, and changed with `set`, `cancel` and `restore`.");
            }

            meetings = [one];
        }

        var settled = meetings.Select(m => m.Settled(now).Meeting).OrderBy(m => m.Plan.IsOver).ToList();
        var names = await desk.People.NamesAsync(settled.SelectMany(m => m.Plan.Officers.Append(m.Plan.ReleaseManager).OfType<Person>()).Select(p => p.Id), cancellationToken);
        var known = await channels.NamesAsync(settled.Select(m => m.Plan.ChannelId), cancellationToken);
        var blocks = settled.Select(m => texts.Overview(m, known, new AgendaSetting(m.Plan, names, now)))
            .Append(settled.Find(m => !m.Plan.IsOver) is { } example ? texts.BelowMeetings(example.Plan.Name) : $"Make one: {texts.Command("meeting create NAME")}\n").ToList();
        return new CommandReply(Pages.Of(blocks, list.Page, n => texts.Command(n == 1 ? "meetings" : $"meetings --page {n}")));
    }

    private async Task<CommandReply> SetAsync(SlashCommand slash, AgendaCommand.SetMeeting command, CancellationToken cancellationToken)
    {
        var now = desk.Now();
        var meetings = await desk.Store.ReadAsync(t => t.MeetingsOf(slash.TeamId, now), cancellationToken);
        var (set, meeting, problem) = Choose(meetings, command.Readings);
        if (meeting is null)
        {
            return AgendaItems.Refused(slash, problem);
        }

        var (value, wrong) = await LookUpAsync(slash, meeting, set, cancellationToken);
        if (value is null)
        {
            return AgendaItems.Refused(slash, wrong);
        }

        var visit = await desk.EnterAsync(
            meeting, new Person(slash.UserId, slash.Username), slash.ChannelId, cancellationToken, RightNeeded.Office, others: value.People.Select(p => p.Id));
        if (Forbidden(visit, set.Key, value, await ForeignAsync(slash, meeting, set.Key, value, cancellationToken)) is { } why)
        {
            return AgendaItems.Refused(slash, why);
        }

        var result = await desk.ExecuteAsync(visit, work => Change(work, set, value), cancellationToken);
        return result.Answer is { } answer ? new CommandReply(answer) : AgendaItems.Refused(slash, result.Problem);
    }

    /// <summary>The reading that is meant: the longest name that a meeting has exactly, else the first one that a meeting can be found by.</summary>
    private static (MeetingSetting Set, Meeting? Meeting, string Problem) Choose(IReadOnlyList<Meeting> meetings, IReadOnlyList<MeetingSetting> readings)
    {
        foreach (var reading in readings.Reverse())
        {
            if (meetings.FirstOrDefault(m => AgendaStore.Key(m.Plan.Name) == AgendaStore.Key(reading.Meeting)) is { } exact)
            {
                return (reading, exact, "");
            }
        }

        var named = readings.Select(r => (Set: r, Found: AgendaDesk.Named(meetings, r.Meeting))).ToList();
        var (set, found) = named.Find(n => n.Found.Meeting is not null) is { Set: not null } known ? known : named[0];
        return (set, found.Meeting, found.Problem);
    }

    /// <summary>Looks up, before the transaction, the people or the channel that the value names.</summary>
    private async Task<(SetValue? Value, string Problem)> LookUpAsync(SlashCommand slash, Meeting meeting, MeetingSetting set, CancellationToken cancellationToken)
    {
        var before = await channels.NamesAsync([meeting.Plan.ChannelId, meeting.Plan.PrivateChannelId], cancellationToken);
        switch (set.Key)
        {
            case "chair" or "cochairs" or "vicechair" or "releasemanager" when !RotationSettings.IsOff(set.Value):
                var people = new List<Person>();
                foreach (var word in set.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(w => w is not "and" and not ","))
                {
                    if (VerbInput.Username(word) is not { } name)
                    {
                        return (null, $"{Markdown.Code(Markdown.Shorten(word, 64))} is no user. Write users as `@name`; `none` empties it.");
                    }

                    switch (await desk.People.MentionedAsync(slash, name, cancellationToken))
                    {
                        case UserChoice.Known known:
                            people.Add(known.Person);
                            break;
                        case UserChoice.Unknown unknown:
                            return (null, unknown.Problem);
                    }
                }

                return (new SetValue([.. people.DistinctBy(p => p.Id)], null, before), "");
            case "channel" or "private" when !IsDefault(set.Value):
                return await channels.ChooseAsync(slash.TeamId, set.Value, isId: false, cancellationToken) switch
                {
                    ChannelChoice.Usable { Channel: var channel } => (new SetValue([], channel, new Dictionary<string, string>(before, StringComparer.Ordinal) { [channel.Id] = channel.Name }), ""),
                    ChannelChoice.Unusable { Problem: var problem } => (null, problem),
                    var other => throw new InvalidOperationException(other.GetType().Name),
                };
            default:
                return (new SetValue([], null, before), "");
        }
    }

    /// <summary>How things would be with another private channel; null if it stays the same.</summary>
    private async Task<AgendaVisit?> ForeignAsync(SlashCommand slash, Meeting meeting, string key, SetValue value, CancellationToken cancellationToken) => key is "private" or "channel"
        ? await desk.EnterAsync(
            meeting with { Plan = key == "private" ? meeting.Plan with { PrivateChannelId = value.Channel?.Id } : meeting.Plan with { ChannelId = value.Channel?.Id } },
            new Person(slash.UserId, slash.Username), slash.ChannelId, cancellationToken)
        : null;

    /// <summary>What is confidential must not come to where it is read by more than those who read it now.</summary>
    private static string? Forbidden(AgendaVisit visit, string key, SetValue value, AgendaVisit? then)
    {
        if (visit.Places.Problem is { } unknown && (then is not null || Announced.Contains(key)))
        {
            return $"{unknown} Please try again in a minute.";
        }

        if (then is null)
        {
            return null;
        }

        return then.Places.Problem is { } problem ? $"{problem} Please try again in a minute."
            : key == "private" && value.Channel is { Type: not "P" } open ? $"~{open.Name} is no private channel, and confidential items stand in private ones only."
            : key == "private" && visit.Places.Private is { } inner && !visit.IsInPrivate ? $"Only members of ~{inner.Name} can say where confidential items stand."
            : key == "private" && then.Places.Private is { } next && !then.IsInPrivate ? $"Only members of ~{next.Name} can say that confidential items stand there."
            : then.Places is { Public: { } one, Private: { } other } && one.Id == other.Id ? $"~{one.Name} would be both the meeting's channel and that of its confidential items."
            : null;
    }

    private AgendaResult Change(AgendaWork work, MeetingSetting set, SetValue value)
    {
        var (meeting, before, key, setting) = (work.Meeting, work.Meeting.Plan, set.Key, work.Setting);
        if (!work.CallerHasOffice)
        {
            return AgendaResult.Wrong(AgendaTexts.NotYours(work.Visit.Caller, "change a meeting"));
        }

        if (before.IsOver || (meeting.Session is not null && FixedUnderWay.Contains(key)))
        {
            return AgendaResult.Wrong(texts.Refused(before.IsOver ? AgendaRefusal.IsOver : AgendaRefusal.IsUnderWay, meeting, null, setting));
        }

        var (plan, problem) = Read(work, set, value);
        if (plan is null)
        {
            return AgendaResult.Wrong(problem);
        }

        var (was, typed) = (AgendaTexts.Typed(before, key, value.Channels, setting), AgendaTexts.Typed(plan, key, value.Channels, setting));
        if (was == typed)
        {
            return AgendaResult.Wrong($"That is how it is already: `{key}` of the {Markdown.Inline(before.Name)} is {AgendaTexts.Said(before, key, value.Channels, setting)}.");
        }

        if ((key is "every" or "at" or "agenda" or "call" ? texts.Wrong(plan) : null) is { } wrong)
        {
            return AgendaResult.Wrong(wrong);
        }

        var (saved, refusal) = planner.Save(work, plan, after => Prepared(after, key, work.Now), $"set {key}", was, typed, after => AgendaTexts.MovedTo(after, setting with { Plan = plan }));
        if (saved is null)
        {
            return AgendaResult.Wrong(texts.Refused(refusal, meeting, null, setting));
        }

        var now = setting with { Plan = plan };
        var nowhere = Announced.Contains(key) ? planner.Announce(work, AgendaTexts.Moved(saved, now)) : "";
        Tell(work, before, saved, key, now);
        return AgendaResult.Of($"{texts.Changed(key, meeting, saved, value.Channels, now)}{nowhere}");
    }

    /// <summary>What would have been said by now at a time that was only just set is not said any more, as of a new meeting.</summary>
    private static Meeting Prepared(Meeting after, string key, Instant now) => after.Session is not null ? after : key switch
    {
        "agenda" => after with { Progress = after.Progress with { IsPosted = after.Progress.Post is not null || (after.Plan.Agenda is { } agenda && after.Plan.At(after.On, agenda) <= now) } },
        "call" => after with { Progress = after.Progress with { IsCalled = after.Plan.Call is { } call && after.Plan.At(after.On, call) <= now } },
        _ => after,
    };

    private void Tell(AgendaWork work, MeetingPlan before, Meeting after, string key, AgendaSetting setting)
    {
        var (office, had, has) = key switch
        {
            "chair" => ("the chair", Of(before.Chair), Of(after.Plan.Chair)),
            "cochairs" => ("a co-chair", before.CoChairs, after.Plan.CoChairs),
            "vicechair" => ("the vice chair", Of(before.ViceChair), Of(after.Plan.ViceChair)),
            "releasemanager" => ("the Release Manager", Of(before.ReleaseManager), Of(after.Plan.ReleaseManager)),
            _ => ("", [], []),
        };
        foreach (var person in has.Where(p => had.All(h => h.Id != p.Id)))
        {
            messages.Tell(work.Transaction, work.WorkspaceId, person.Id, work.Actor, texts.YouAre(after, office, setting.Names.Of(work.Actor), setting));
        }

        static IReadOnlyList<Person> Of(Person? person) => person is null ? [] : [person];
    }

    private (MeetingPlan? Plan, string Problem) Read(AgendaWork work, MeetingSetting set, SetValue value)
    {
        var (meeting, plan, text) = (work.Meeting, work.Meeting.Plan, set.Value.Trim());
        work.Transaction.Lock(AgendaStore.MeetingsLock(work.WorkspaceId));
        var others = work.Transaction.MeetingsOf(work.WorkspaceId, work.Now).Where(m => m.Id != meeting.Id).ToList();
        switch (set.Key)
        {
            case "name":
                var name = TypedText.Line(text) ?? "";
                return MeetingFields.WrongName(name, others) is { } wrongName ? (null, wrongName) : (plan with { Name = name }, "");
            case "every":
                return RecurrenceText.Parse(text, MeetingFields.Earliest(plan, meeting.LastEnded, work.Now)) is { } recurrence ? (plan with { Recurrence = recurrence }, "") : (null, MeetingFields.WrongEvery(text));
            case "at":
                return MeetingFields.Time(text) is { } time ? (plan with { Start = time }, "") : (null, MeetingFields.WrongTime(text));
            case "minutes":
                return AgendaVerbs.Minutes(text) is { } minutes ? (plan with { Minutes = minutes }, "") : (null, MeetingFields.WrongMinutes(text));
            case "zone":
                return RotationSettings.Zone(text) is { } zone ? (plan with { Zone = zone }, "") : (null, MeetingFields.WrongZone(text));
            case "kind":
                if (MeetingFields.Kind(text) is not { } kind)
                {
                    return (null, MeetingFields.WrongKind(text));
                }

                // The usual call of the old kind is of no use to the new one.
                var turned = plan with { Kind = kind, Call = plan.Call == MeetingPlan.UsualCall(plan.Kind) ? MeetingPlan.UsualCall(kind) : plan.Call };
                return texts.NoRoom(others, turned, meeting.Id) is { } noRoom ? (null, noRoom) : (turned, "");
            case "chair":
                return Single(value) ? (plan with { Chair = First(value) }, "") : (null, "There is one chair; others are `cochairs`.");
            case "cochairs":
                return value.People.Count <= MostCoChairs ? (plan with { CoChairs = value.People }, "") : (null, $"A meeting has {MostCoChairs} co-chairs at most.");
            case "vicechair":
                return Single(value) ? (plan with { ViceChair = First(value) }, "") : (null, "There is one vice chair; others are `cochairs`.");
            case "releasemanager":
                return Single(value) ? (plan with { ReleaseManager = First(value) }, "") : (null, "There is one Release Manager.");
            case "channel":
                return (plan with { ChannelId = value.Channel?.Id }, "");
            case "private":
                return (plan with { PrivateChannelId = value.Channel?.Id }, "");
            case "posts":
                return IsDefault(text) ? (plan with { ItemPosts = null }, "") : OnOff(text) is { } posts ? (plan with { ItemPosts = posts }, "")
                    : (null, $"{Markdown.Code(text)} is none of `on`, `off` and `default`, which is what the team's practice says.");
            case "agenda":
                return RotationSettings.IsOff(text) ? (plan with { Agenda = null }, "")
                    : (IsDefault(text) ? AgendaTexts.UsualAgenda(plan.Start) : AheadText.Parse(text)) is { } agenda ? (plan with { Agenda = agenda }, "")
                    : (null, WrongAhead(text));
            case "call":
                return plan.Kind == MeetingKind.Plain ? (null, "For this meeting nobody is asked for anything: a call is for release updates (kind `sync`) or demos (kind `demos`).")
                    : RotationSettings.IsOff(text) ? (plan with { Call = null }, "")
                    : (IsDefault(text) ? MeetingPlan.UsualCall(plan.Kind) : AheadText.Parse(text)) is { } call ? (plan with { Call = call }, "")
                    : (null, WrongAhead(text));
            case "after":
                return OnOff(text) is { } after ? (plan with { After = after }, "") : (null, $"{Markdown.Code(text)} is none of `on` and `off`.");
            default:
                throw new InvalidOperationException(set.Key);
        }
    }

    private static Person? First(SetValue value) => value.People.Count > 0 ? value.People[0] : null;

    private static bool Single(SetValue value) => value.People.Count <= 1;

    private static bool IsDefault(string text) => text.Trim().Equals("default", StringComparison.OrdinalIgnoreCase);

    private static bool? OnOff(string text) => text.ToLowerInvariant() switch
    {
        "on" or "yes" => true,
        "off" or "no" or "none" => false,
        _ => null,
    };

    private static string WrongAhead(string text) => $"{Markdown.Code(Markdown.Shorten(text, 100))} is no time before a meeting. Write it like {AheadText.Forms}; or `off`, or `default`.";

    /// <summary>What a value names, looked up.</summary>
    /// <param name="People">The people; none to empty it.</param>
    /// <param name="Channel">The channel; null for the usual one.</param>
    /// <param name="Channels">The names of channels by id.</param>
    private sealed record SetValue(IReadOnlyList<Person> People, Channel? Channel, IReadOnlyDictionary<string, string> Channels);
}
