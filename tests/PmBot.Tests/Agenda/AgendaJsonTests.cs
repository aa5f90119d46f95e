using System.Collections;
using System.Reflection;
using System.Text.Json;
using NodaTime;
using NUnit.Framework;
using PmBot.Agenda;
using PmBot.Meetings;
using PmBot.Storage;
using static PmBot.Tests.Agenda.AgendaExample;

namespace PmBot.Tests.Agenda;

/// <summary>What is stored of meetings comes back whole.</summary>
[TestFixture]
public sealed class AgendaJsonTests
{
    private static readonly AgendaPost Post = new("delivery", "channel");

    private static readonly AgendaItem FullItem = Item("a", isPrivate: true, minutes: 10, notBefore: Wednesday.PlusWeeks(1)) with
    {
        Serial = 7,
        Docs = ["https://x", "https://y"],
        Carried = 2,
        IsDemo = true,
        Post = Post,
        Source = "https://post",
        FollowUpOf = 2,
        Outcome = ItemOutcome.Skipped,
        Decided = "Ship it",
    };

    private static readonly ReleaseUpdate Update = new(Person("adam"), "done", Made);

    private static IEnumerable<TestCaseData> Everything =>
    [
        new TestCaseData(FullMeeting()).SetArgDisplayNames("meeting"),
        new TestCaseData(new MeetingRecord
        {
            Id = "m:2026-11-25",
            WorkspaceId = "w",
            MeetingId = "m",
            MeetingName = "PM sync",
            Kind = MeetingKind.Demos,
            On = Wednesday,
            Zone = "Europe/London",
            StartedAt = Nine,
            EndedAt = Nine + Duration.FromNanoseconds(1),
            EndedBy = "katie",
            Items = [new RecordedItem(FullItem, new ItemNumber(1, true)), new RecordedItem(Item("b"), new ItemNumber(3, false))],
            Updates = [Update],
            Requests = [17, 21],
            Actions = [7],
            Recording = "https://rec",
            Survey = "https://form",
            FollowUp = Post,
            Agenda = Post,
        }).SetArgDisplayNames("record"),
        new TestCaseData(new ActionStep
        {
            Id = "w:7",
            WorkspaceId = "w",
            Number = 7,
            Text = "Ask",
            Owner = Person("adam"),
            Due = Wednesday,
            By = "katie",
            At = Nine,
            Origin = new StepOrigin("m", "PM sync", Wednesday, "a", Post),
            IsPrivate = true,
            Updates = [new StepUpdate("one", "adam", Nine) { Post = new AgendaPost("u0", "c1") }, new StepUpdate("two", "katie", Nine) { Post = new AgendaPost("u1", "c1") }],
            Done = new StepUpdate("done", "adam", Nine) { Post = new AgendaPost("u2", "c1") },
        }).SetArgDisplayNames("step"),
        new TestCaseData(AgendaBook.New("w", Made) with { LastStep = 7, Zone = "Europe/London" }).SetArgDisplayNames("book"),
    ];

    private static IEnumerable<Recurrence> Recurrences =>
        [new Recurrence.EveryWeeks(IsoDayOfWeek.Thursday, 2, Wednesday.PlusDays(1)), new Recurrence.NthOfMonth(2, IsoDayOfWeek.Monday), new Recurrence.LastOfMonth(IsoDayOfWeek.Friday)];

    [TestCaseSource(nameof(Everything))]
    public void It_comes_back_whole(object stored)
    {
        Assert.That(Unset(stored).Order(), Is.Empty, "the example has everything in it");
        var json = JsonSerializer.Serialize(stored, stored.GetType(), StoreJson.Options);
        var back = JsonSerializer.Deserialize(json, stored.GetType(), StoreJson.Options)!;
        Assert.That(JsonSerializer.Serialize(back, stored.GetType(), StoreJson.Options), Is.EqualTo(json));
        Assert.That(Differences(stored, back, stored.GetType().Name), Is.Empty);
    }

    [TestCaseSource(nameof(Recurrences))]
    public void Each_recurrence_comes_back(Recurrence recurrence) =>
        Assert.That(JsonSerializer.Deserialize<Recurrence>(JsonSerializer.Serialize(recurrence, StoreJson.Options), StoreJson.Options), Is.EqualTo(recurrence));

    [Test]
    public void The_least_that_there_is_comes_back()
    {
        // As a meeting that was stored before anything optional was added to it.
        var meeting = JsonSerializer.Deserialize<Meeting>(
            """{"id":"m","workspaceId":"w","plan":{"name":"x","kind":"Sync","recurrence":{"type":"last","day":"Friday"},"start":"09:00","minutes":30},"on":"2026-11-27","createdAt":"2026-11-23T18:00:00Z"}""",
            StoreJson.Options)!;
        Assert.That(
            (meeting.Plan.Zone, meeting.Plan.After, meeting.Items.Count, meeting.Updates.Count, meeting.Plan.Cancelled.Count, meeting.Plan.CoChairs.Count, meeting.Session, meeting.Progress),
            Is.EqualTo((MeetingPlan.DefaultZone, true, 0, 0, 0, 0, (Session?)null, new Progress())));
        Assert.That(meeting.NextDue, Is.EqualTo(meeting.Current.End));
    }

    private static Meeting FullMeeting() => new()
    {
        Id = "m",
        WorkspaceId = "w",
        Plan = Plan() with
        {
            ReleaseManager = Person("rm"),
            ChannelId = "c",
            PrivateChannelId = "p",
            ItemPosts = true,
            Zone = "Europe/London",
            Cancelled = [new Cancellation(new LocalDate(2026, 12, 23), "Holidays", "katie", true)],
            Agenda = new Ahead(2, new LocalTime(8, 0)),
            IsOver = true,
            Kind = MeetingKind.Demos,
        },
        On = Wednesday.PlusWeeks(1),
        LastEnded = Wednesday,
        CreatedAt = Made,
        Progress = Filled(new Progress(true, true, Post, "shown", Nine, true)),
        Items = [FullItem],
        LastSerial = 7,
        Updates = [Update],
        Session = Filled(FullSession()),
    };

    /// <summary>What stands at its default somewhere in it: nothing of it would be missed.</summary>
    private static IEnumerable<string> Unset(object value) => Stored(value).SelectMany(p => p.GetValue(value) switch
    {
        null => [$"{value.GetType().Name}.{p.Name}"],
        false or 0 or 0L => [$"{value.GetType().Name}.{p.Name}"],
        _ when IsLeaf(p.PropertyType) => [],
        IEnumerable list => list.Cast<object>().FirstOrDefault() is not { } first ? [$"{value.GetType().Name}.{p.Name}"] : IsLeaf(first.GetType()) ? [] : Unset(first),
        var inner => Unset(inner),
    });

    private static IEnumerable<string> Differences(object one, object other, string path) => Stored(one).SelectMany(p =>
    {
        var (a, b, at) = (p.GetValue(one), p.GetValue(other), $"{path}.{p.Name}");
        return a is null || b is null || IsLeaf(p.PropertyType) ? Equals(a, b) ? [] : [$"{at}: {a}, then {b}"]
            : a is IEnumerable list ? Differences([.. list.Cast<object>()], [.. ((IEnumerable)b).Cast<object>()], at)
            : Differences(a, b, at);
    });

    private static IEnumerable<string> Differences(object[] ones, object[] others, string path) => ones.Length != others.Length
        ? [$"{path}: {ones.Length}, then {others.Length}"]
        : ones.Zip(others).SelectMany(x => !IsLeaf(x.First.GetType()) ? Differences(x.First, x.Second, path) : Equals(x.First, x.Second) ? [] : [$"{path}: {x.First}, then {x.Second}"]);

    private static IEnumerable<PropertyInfo> Stored(object value) =>
        value.GetType().GetProperties().Where(p => p.SetMethod is not null && p.GetIndexParameters().Length == 0 && p.Name is not nameof(Aggregate.Version));

    private static bool IsLeaf(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string) || type.Namespace == "NodaTime" || Nullable.GetUnderlyingType(type) is not null;

    private static Session FullSession() => new()
    {
        StartedAt = Nine,
        StartedBy = "katie",
        OfficerIsThere = true,
        ActionsWere = true,
        Turn = 3,
        At = new Stop(StopKind.Item, 7),
        Since = Nine,
        MovedBy = "jason",
        TimeUpAt = Nine,
        Post = Post,
        Requests = [17],
        RequestsShown = [17],
        Actions = [7],
    };

    /// <summary>Fills what is still empty, so that something added later is tried, too.</summary>
    private static T Filled<T>(T value)
        where T : class
    {
        foreach (var property in Stored(value).Where(p => p.GetValue(value) is null))
        {
            property.SetValue(value, property.PropertyType == typeof(AgendaPost) ? Post : property.PropertyType == typeof(Instant?) ? Nine : null);
        }

        return value;
    }
}
