using System.Reflection;
using System.Text.Json;
using FsCheck.Fluent;
using NodaTime;
using NUnit.Framework;
using PmBot.Requests;
using PmBot.Storage;

namespace PmBot.Tests.Requests;

/// <summary>A request's life: every step in every state, and what stays true whatever happens.</summary>
[TestFixture]
public sealed class LifeTests
{
    private static readonly Instant Later = Samples.Now + Duration.FromHours(3);

    private static IEnumerable<TestCaseData> Cells => LifeTable.Cells.Select(c => new TestCaseData(c.Step, c.State, c.Expected).SetArgDisplayNames(c.Step, $"{c.State}"));

    [TestCaseSource(nameof(Cells))]
    public void Each_step_comes_to_what_the_table_says(string step, RequestState state, string expected)
    {
        var before = Samples.In(state);
        var copy = JsonSerializer.Serialize(before, StoreJson.Options);
        var said = LifeTable.Take(step, before, Later) switch
        {
            RequestStep.Done { Request: var after } => $"{after.State}",
            RequestStep.Refused refused => $"!{refused.Why}",
            var other => $"{other}",
        };
        Assert.That(said, Is.EqualTo(expected));
        Assert.That(JsonSerializer.Serialize(before, StoreJson.Options), Is.EqualTo(copy), "what was is left as it was");
    }

    [Test]
    public void The_table_has_every_step_and_every_state()
    {
        var steps = typeof(CustomerRequest).GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(m => m.ReturnType == typeof(RequestStep)).Select(m => m.Name);
        Assert.That(LifeTable.Steps.Select(s => s.Split(' ')[0]).Distinct(), Is.EquivalentTo(steps));
        Assert.That(LifeTable.States, Is.EqualTo(Enum.GetNames<RequestState>()));
        Assert.That(LifeTable.Cells.Select(c => c.Expected), Has.None.Empty);
    }

    [Test]
    public void Every_refusal_stands_in_the_table_but_that_of_a_full_list() =>
        Assert.That(
            LifeTable.Cells.Where(c => c.IsRefused).Select(c => c.Expected[1..]).Distinct(),
            Is.EquivalentTo(Enum.GetNames<Refusal>().Except([nameof(Refusal.IsFull)])));

    [Test]
    public void A_list_holds_fifty_and_says_so()
    {
        var full = Enumerable.Range(0, CustomerRequest.MostDetails).Aggregate(Samples.Request(), (r, i) => Samples.Done(Samples.Done(r.AddUseCase($"u{i}", "a", Later)).AddLink($"l{i}", "a", Later)));
        Assert.That(full.UseCases, Has.Count.EqualTo(50));
        Assert.That(full.AddUseCase("more", "a", Later), Is.EqualTo(new RequestStep.Refused(Refusal.IsFull)));
        Assert.That(full.AddLink("more", "a", Later), Is.EqualTo(new RequestStep.Refused(Refusal.IsFull)));
        Assert.That(full.AddLink("l7", "a", Later), Is.EqualTo(new RequestStep.Refused(Refusal.IsSo)));
        Assert.That(Samples.Done(full.RemoveUseCase(50, Later)).UseCases.Select(u => u.Text), Is.EqualTo(full.UseCases.SkipLast(1).Select(u => u.Text)));
        Assert.That(Samples.Done(full.RemoveLink(2, Later)).Links.Select(u => u.Text), Is.EqualTo(full.Links.Where(l => l.Text != "l1").Select(u => u.Text)));
    }

    [Test]
    public void A_decision_survives_that_nobody_has_it()
    {
        var unassigned = Samples.Done(Samples.In(RequestState.Decided).Unassign(Later));
        Assert.That((unassigned.State, unassigned.Decision?.Text, unassigned.AssignedAt), Is.EqualTo((RequestState.Unassigned, Samples.Decision, (Instant?)null)));
        var snoozed = Samples.Done(unassigned.Snooze(Samples.Today.PlusDays(3), Samples.Today, Later));
        var again = Samples.Done(snoozed.Assign(Samples.Other, Later));
        Assert.That((again.State, again.SnoozedUntil), Is.EqualTo((RequestState.Decided, (LocalDate?)null)), "what is decided is on no reminder, so it sleeps from none");
        Assert.That(Samples.Done(Samples.Done(Samples.In(RequestState.Assigned).Snooze(Samples.Today.PlusDays(3), Samples.Today, Later)).Assign(Samples.Other, Later)).SnoozedUntil, Is.Not.Null);
    }

    [Test]
    public void Details_know_who_and_when()
    {
        var request = Samples.In(RequestState.Assigned);
        var decided = Samples.Done(request.Decide("v7.10", "u", Later));
        Assert.That(decided.Decision, Is.EqualTo(new Detail("v7.10", "u", Later)));
        Assert.That(Samples.Done(request.SetIdea("i", "u", Later)).Idea, Is.EqualTo(new Detail("i", "u", Later)));
        Assert.That(Samples.Done(request.SetEffort("L", "u", Later)).Effort, Is.EqualTo(new Detail("L", "u", Later)));
        Assert.That(Samples.Done(request.AddUseCase("x", "u", Later)).UseCases[^1], Is.EqualTo(new Detail("x", "u", Later)));
        Assert.That(Samples.Done(request.AddLink("x", "u", Later)).Links[^1], Is.EqualTo(new Detail("x", "u", Later)));
        Assert.That(Samples.Done(request.Queue("x", "u", Later)).Discuss, Is.EqualTo(new Discussion("x", "u", Later)));
        Assert.That(Samples.Done(decided.Process("x", "v", Later)).Ending, Is.EqualTo(new Ending(RequestState.Processed, "v", Later, "x")));
        var closed = Samples.Done(request.Close("v8.0", "v", Later));
        Assert.That(closed.Ending, Is.EqualTo(new Ending(RequestState.Closed, "v", Later, null)));
        Assert.That(closed.Decision, Is.EqualTo(new Detail("v8.0", "v", Later)));
        Assert.That(Samples.Done(decided.Close("v7.10", "v", Later + Duration.FromHours(1))).Decision, Is.EqualTo(decided.Decision), "the same release is no new decision");
    }

    [Test]
    public void The_time_to_assignment_is_counted_to_the_first()
    {
        var first = Samples.Done(Samples.Request().Assign(Samples.Pm, Samples.Now));
        var second = Samples.Done(first.Assign(Samples.Other, Later));
        Assert.That((second.FirstAssignedAt, second.AssignedAt), Is.EqualTo(((Instant?)Samples.Now, (Instant?)Later)));
        Assert.That(Samples.Done(second.Unassign(Later)).FirstAssignedAt, Is.EqualTo(Samples.Now));
    }

    [Test]
    public void A_snooze_ends_on_its_date()
    {
        var request = Samples.Request() with { SnoozedUntil = Samples.Today };
        Assert.That((request.IsSnoozed(Samples.Today.PlusDays(-1)), request.IsSnoozed(Samples.Today)), Is.EqualTo((true, false)));
        Assert.That(Samples.Request().IsSnoozed(Samples.Today), Is.False);
        var snoozed = Samples.Done(Samples.Request().Snooze(Samples.Today.PlusDays(2), Samples.Today, Later));
        Assert.That(snoozed.Snooze(Samples.Today.PlusDays(2), Samples.Today, Later), Is.EqualTo(new RequestStep.Refused(Refusal.IsSo)));
        Assert.That(Samples.Done(snoozed.Wake(Later)).SnoozedUntil, Is.Null);
    }

    [Test]
    public void What_is_queued_is_queued_anew_only_with_another_reason()
    {
        var queued = Samples.Done(Samples.Request().Queue(null, "u", Later));
        Assert.That(queued.Queue(null, "v", Later), Is.EqualTo(new RequestStep.Refused(Refusal.IsSo)));
        Assert.That(Samples.Done(queued.Queue("why", "v", Later)).Discuss, Is.EqualTo(new Discussion("why", "v", Later)));
        Assert.That(Samples.Done(queued.Unqueue(Later)).Discuss, Is.Null);
    }

    [TestCase(RequestState.Assigned, "Decide another")]
    [TestCase(RequestState.Assigned, "Close release")]
    [TestCase(RequestState.Decided, "Process")]
    [TestCase(RequestState.Decided, "Close")]
    public void What_is_decided_or_ended_is_neither_queued_nor_snoozed(RequestState state, string step)
    {
        var waiting = Samples.In(state) with { Discuss = new Discussion("why", "u", Later), SnoozedUntil = Samples.Today.PlusDays(9) };
        var after = Samples.Done(LifeTable.Take(step, waiting, Later));
        Assert.That((after.Discuss, after.SnoozedUntil), Is.EqualTo(((Discussion?)null, (LocalDate?)null)));
    }

    [Test]
    public void A_clock_set_back_does_not_make_it_look_older() =>
        Assert.That(Samples.Done(Samples.Request().Rename("x", Samples.Now - Duration.FromDays(2))).ChangedAt, Is.EqualTo(Samples.Now));

    [TestCase(20_261_125u)]
    [TestCase(17u)]
    public void Whatever_happens_it_stays_a_request(uint seed)
    {
        var steps = from names in Gen.Elements(LifeTable.Steps.ToArray()).ArrayOf(60) from minutes in Gen.Choose(0, 500).ArrayOf(60) select names.Zip(minutes).ToArray();
        Samples.Check(400, seed, Prop.ForAll(Arb.From(steps), taken =>
        {
            var (request, now) = (Samples.Request(), Samples.Now);
            foreach (var (step, minutes) in taken)
            {
                now += Duration.FromMinutes(minutes);
                var before = request;
                if (LifeTable.Take(step, before, now) is RequestStep.Done { Request: var after })
                {
                    Samples.Hold(after.ChangedAt == now, $"{step} changes it now");
                    Samples.Hold(!ReferenceEquals(after, before) && after with { ChangedAt = before.ChangedAt, Version = before.Version } != before, $"{step} changes something");
                    Samples.Hold(before.Ending is not null || after.Ending is null || before.Assignee is not null, "only what is somebody's ends");
                    Samples.Hold(step != "Reopen" || (after with { Ending = before.Ending, ChangedAt = before.ChangedAt }) == before, "reopening changes the end and nothing else");
                    request = after;
                }

                Check(request, before);
            }
        }));
    }

    private static void Check(CustomerRequest request, CustomerRequest before)
    {
        var expected = request.Ending?.State ?? (request.Assignee is null ? RequestState.Unassigned : request.Decision is null ? RequestState.Assigned : RequestState.Decided);
        Samples.Hold(request.State == expected && request.IsFinished == (expected >= RequestState.Processed), "the state follows from the facts");
        Samples.Hold(!request.IsFinished || (request.Discuss is null && request.SnoozedUntil is null), "what is finished is neither queued nor snoozed");
        Samples.Hold(!request.IsFinished || (request.Assignee is not null && request.Decision is not null), "what is finished has an assignee and a decision");
        Samples.Hold(request.State != RequestState.Decided || request.SnoozedUntil is null, "what is decided is not snoozed");
        Samples.Hold(request.Assignee is null == request.AssignedAt is null, "what is somebody's is so since a time");
        Samples.Hold(request.FirstAssignedAt is not null || request.Assignee is null, "the first assignment is known");
        Samples.Hold(before.FirstAssignedAt is null || request.FirstAssignedAt == before.FirstAssignedAt, "and is the first for ever");
        Samples.Hold(request.Decision == before.Decision || request.Decision is null || request.Assignee is not null, "a decision is somebody's when it is made");
        Samples.Hold(request.ChangedAt >= before.ChangedAt && request.FiledAt == Samples.Now && request.Number == 1, "time goes on, and what it is stays");
        Samples.Hold(request.UseCases.Select(u => u.Text).Distinct().Count() == request.UseCases.Count, "no use case stands twice");
        var back = JsonSerializer.Deserialize<CustomerRequest>(JsonSerializer.Serialize(request, StoreJson.Options), StoreJson.Options)!;
        Samples.Hold(JsonSerializer.Serialize(back, StoreJson.Options) == JsonSerializer.Serialize(request, StoreJson.Options) && back.State == request.State, "nothing is lost by being stored");
    }
}
