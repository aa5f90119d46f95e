using System.Globalization;
using System.Text.Json;
using NodaTime;
using PmBot.Agenda;
using PmBot.Delivery;
using PmBot.People;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Scheduling;
using PmBot.Storage;
using PmBot.Tests.Storage;
using PmBot.Workspaces;

namespace PmBot.Tests.Workspaces;

/// <summary>
/// Fills a store with marked teams that have used everything for a while. One is written as the bot writes it; the others are copies of
/// its rows in which another mark takes the place of its own.
/// </summary>
internal static class MarkedStore
{
    public const int Rotations = 10;

    private static readonly MarkedTeam Template = new(8000);

    private static readonly HashSet<string> Numeric = new(StringComparer.Ordinal)
    {
        "version", "next_due", "number", "starts_at", "ends_at", "at", "state", "created_at", "due_at", "expires_at", "attempts", "first_attempt_at", "uncertain", "lease", "lease_until",
        "finished_at", "open", "filed_at", "changed_at", "assigned_at", "discuss", "last", "made_at",
    };

    private static readonly string[] Tables =
    [
        "workspaces", "rotations", "shifts", "audit", "deliveries", "requests", "request_books", "request_numbers", "meetings", "meeting_records", "action_steps", "agenda_books", "calendars",
    ];

    /// <summary>Writes the teams of some numbers.</summary>
    /// <param name="engine">The engine of the store.</param>
    /// <param name="store">The store, empty until now.</param>
    /// <param name="now">The present.</param>
    /// <param name="numbers">Their numbers.</param>
    /// <param name="isAwake">Whether something comes due in a team within two weeks.</param>
    public static async Task WriteAsync(TestEngine engine, IStore store, Instant now, IEnumerable<int> numbers, Func<int, bool> isAwake)
    {
        foreach (var group in numbers.GroupBy(isAwake))
        {
            await store.ExecuteAsync(
                transaction =>
                {
                    new Writer(transaction, Template, group.Key, now).Write();
                    foreach (var table in Tables)
                    {
                        Copy(engine, transaction, table, [.. group]);
                    }

                    return true;
                },
                CancellationToken.None);
        }
    }

    private static void Copy(TestEngine engine, IWriteTransaction transaction, string table, IReadOnlyList<int> numbers)
    {
        // What the engine numbers by itself is left to it.
        var columns = engine.Columns(transaction, table).Where(c => (table, c) is not (("audit", "id") or ("deliveries", "seq"))).ToList();
        var copied = columns.Select(c => Numeric.Contains(c) ? c : $"replace({c}, '{Template.Mark}', n.column1)");
        var marks = string.Join(", ", numbers.Select(n => $"('{new MarkedTeam(n).Mark}')"));
        var key = columns.Contains("workspace_id") ? "workspace_id" : columns.Contains("rotation_id") ? "rotation_id" : "id";
        transaction.Run($"insert into {table} ({string.Join(", ", columns)}) select {string.Join(", ", copied)} from {table} cross join (values {marks}) n where {key} like '{Template.Mark}%'");
        transaction.Run($"delete from {table} where {key} like '{Template.Mark}%'");
    }

    private sealed class Writer(IWriteTransaction transaction, MarkedTeam team, bool isAwake, Instant now)
    {
        private static readonly Weekly Never = new(null, null, null);

        private static readonly LocalDate LastSync = new(2026, 11, 18);

        public void Write()
        {
            transaction.Save(Workspace.Table, new Workspace { Id = team.Id, CreatedBy = team.Ann.Id, PmChannelId = team.ChannelId, PrivateChannelId = team.PrivateChannelId });
            for (var number = 0; number < Rotations; number++)
            {
                Rotate(number);
            }

            File();
            Meet();
            transaction.Run(
                "insert into calendars (workspace_id, user_id, secret, made_at) values (@workspace, @user, @secret, @at)",
                ("workspace", team.Id), ("user", MarkedTeam.Visitor.Id), ("secret", $"{team.Mark}visitor".PadRight(32, '0')), ("at", now.ToUnixTimeMilliseconds()));
            Content parked = new Content.Post(team.ChannelId, $"Parked of {team.Mark}", null);
            transaction.Run(
                """
                insert into deliveries (id, workspace_id, lane, body, state, created_at, due_at, attempts, uncertain, lease, error, finished_at)
                values (@id, @workspace, @lane, @body, 3, @at, @at, 1, 0, 1, 'refused', @at)
                """,
                ("id", $"{team.Mark}parked"), ("workspace", team.Id), ("lane", parked.Lane), ("body", JsonSerializer.Serialize(parked, StoreJson.Options)), ("at", now.ToUnixTimeMilliseconds()));
        }

        private void Rotate(int number)
        {
            // The first has the same name everywhere; the others' have the mark.
            var schedule = HandoffSchedule.Default with { Weeks = isAwake ? 1 : 4 };
            var begun = now - Duration.FromDays(isAwake ? 22 : 8) + Duration.FromSeconds(number);
            var id = string.Create(CultureInfo.InvariantCulture, $"{team.Mark}rotation{number}");
            var empty = Rotation.Create(id, team.Id, number == 0 ? "Support" : string.Create(CultureInfo.InvariantCulture, $"Duty {number} {team.Mark}"), team.Ann.Id, schedule, begun) with
            {
                IsFirst = number == 0,
                Notice = null,
                ReminderMinutes = null,
                Duties = [$"Answer what {team.Mark} asks"],
            };
            var made = team.People.Append(MarkedTeam.Visitor).Aggregate(empty, (r, p) => r.Add(new Member(p.Id, p.Name, First(p), "", []), schedule.DateOf(begun)));
            var going = made.AdvanceTo(now)!;
            foreach (var past in going.Past)
            {
                transaction.Append(id, past);
            }

            transaction.Save(RotationStore.Table, going.Rotation with
            {
                AnnounceChannelId = team.ChannelId,
                HeaderChannelId = number == 0 ? team.ChannelId : null,
                Notice = isAwake && number < 3 ? NoticeTime.Default : null,
                ReminderMinutes = isAwake && number < 3 ? 240 : null,
            });
            transaction.Audit(team.Id, begun, team.Ann.Id, $"rotation:{id}", "create", null, empty.Name);
        }

        private void File()
        {
            var book = RequestBook.New(team.Id, now);
            transaction.Save(RequestStore.Books, book with
            {
                Areas = [new Area("Cloud", [team.Ben], ["helm"]), new Area($"Area {team.Mark}", [team.Cat], [$"word{team.Mark}"]), new Area("Shared", [MarkedTeam.Visitor], ["shared"])],
                Decisions = isAwake ? book.Decisions : Never,
                Unassigned = isAwake ? book.Unassigned : Never,
            });
            Request("Helm charts", 1, (_, _) => null);
            Request("Something unclear", 1, (_, _) => null);
            Request("An old one", 40, (r, at) => r.Assign(team.Ben, at));
            Request("Of the visitor", 20, (r, at) => r.Assign(MarkedTeam.Visitor, at));
            Request("A decided one", 10, (r, at) => r.Assign(team.Cat, at), (r, at) => r.Decide("v7.10", team.Cat.Id, at));
            Request("A closed one", 10, (r, at) => r.Assign(team.Cat, at), (r, at) => r.Decide("v7.10", team.Cat.Id, at), (r, at) => r.Close(null, team.Cat.Id, at));
            Request("To be discussed", 3, (r, at) => r.InArea("Cloud", at), (r, at) => r.Queue($"why {team.Mark}", team.Ann.Id, at));
            Request("Of the admin", 5, (r, at) => r.Assign(team.Ann, at));
        }

        private void Request(string title, int days, params IReadOnlyList<Func<CustomerRequest, Instant, RequestStep?>> steps)
        {
            var number = transaction.TakeNumbers(team.Id, 1);
            var at = now - Duration.FromDays(days);
            var request = new CustomerRequest
            {
                Id = RequestStore.Id(team.Id, number),
                WorkspaceId = team.Id,
                Number = number,
                Title = $"{title} {team.Mark}",
                Reporter = team.Cat,
                FiledBy = team.Cat.Id,
                FiledAt = at,
                ChangedAt = at,
                Customer = $"Customer {team.Mark}",
                UseCases = [new Detail($"Use {team.Mark}", team.Cat.Id, at)],
            };
            transaction.Audit(team.Id, at, team.Cat.Id, RequestStore.Subject(number), "file", null, request.Title);
            foreach (var step in steps)
            {
                request = step(request, at) is RequestStep.Done done ? done.Request : request;
            }

            transaction.Save(RequestStore.Table, request);
        }

        private void Meet()
        {
            var meetings = AgendaStore.DefaultsOf(team.Id, now);
            var review = meetings[0].Plan with { Name = $"Review {team.Mark}", Kind = PmBot.Meetings.MeetingKind.Plain, Call = null, Start = new LocalTime(11, 0) };
            foreach (var meeting in meetings.Append(Meeting.New($"{team.Id}:4", team.Id, review, now)))
            {
                transaction.Save(AgendaStore.Meetings, Queued(isAwake ? meeting : meeting with { Plan = meeting.Plan with { Agenda = null, Call = null, After = false } }));
            }

            var book = AgendaBook.New(team.Id, now) with { LastStep = 4 };
            transaction.Save(AgendaStore.Books, isAwake ? book : book with { Steps = Never });
            var sync = new StepOrigin(meetings[0].Id, "PM sync", LastSync, $"Item of {team.Mark}", null);
            Step(1, team.Ann, s => s);
            Step(2, MarkedTeam.Visitor, s => s);
            Step(3, team.Ben, s => s with { Done = new StepUpdate("", team.Ben.Id, now) });
            Step(4, team.Ann, s => s with { IsPrivate = true });
            transaction.Save(AgendaStore.Records, new MeetingRecord
            {
                Id = AgendaStore.RecordId(meetings[0].Id, LastSync),
                WorkspaceId = team.Id,
                MeetingId = meetings[0].Id,
                MeetingName = "PM sync",
                On = LastSync,
                Zone = meetings[0].Plan.Zone,
                StartedAt = now - Duration.FromDays(7),
                EndedAt = now - Duration.FromDays(7),
                EndedBy = team.Ann.Id,
                Items = [new RecordedItem(Item(1, "Minuted", isPrivate: false), new ItemNumber(1, IsPrivate: false))],
                Actions = [1, 2],
            });

            void Step(long number, Person owner, Func<ActionStep, ActionStep> change) => transaction.Save(AgendaStore.Steps, change(new ActionStep
            {
                Id = AgendaStore.StepId(team.Id, number),
                WorkspaceId = team.Id,
                Number = number,
                Text = $"Do {team.Mark}",
                Owner = owner,
                Due = new LocalDate(2026, 11, 27),
                By = team.Ann.Id,
                At = now - Duration.FromDays(7),
                Origin = sync,
            }));
        }

        private Meeting Queued(Meeting meeting) => meeting with
        {
            Plan = meeting.Plan with { Chair = team.Ann },
            Items = [Item(1, "Pricing", isPrivate: false), Item(2, "Themes", isPrivate: false), Item(3, "Hiring", isPrivate: true)],
            LastSerial = 3,
            LastEnded = meeting.Plan.Name == "PM sync" ? LastSync : null,
            CreatedAt = now - Duration.FromDays(30),
        };

        private AgendaItem Item(long serial, string text, bool isPrivate) => new()
        {
            Serial = serial,
            Text = $"{text} {team.Mark}",
            Owner = team.Ben,
            QueuedAt = now - Duration.FromDays(2),
            FirstOn = new LocalDate(2026, 12, 2),
            IsPrivate = isPrivate,
        };

        private static string First(Person person) => person.Name[(person.Name.IndexOf('.', StringComparison.Ordinal) + 1)..];
    }
}
