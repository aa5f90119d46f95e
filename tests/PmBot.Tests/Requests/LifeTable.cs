using NodaTime;
using PmBot.Requests;

namespace PmBot.Tests.Requests;

/// <summary>What each step comes to in each state: a state, or after an exclamation mark why it is refused.</summary>
internal static class LifeTable
{
    /// <summary>
    /// A request that is somebody's is adam.c's, who also types; its decision is "Planned: Near Term". What is typed has <c>1</c> for its
    /// number. "other" is jason.b.
    /// </summary>
    private const string Table =
        """
        step                  | typed                           | Unassigned    | Assigned       | Decided       | Processed     | Closed
        Assign pm             | 1 @adam.c                       | Assigned      | !IsTheirs      | !IsTheirs     | !IsFinished   | !IsFinished
        Assign other          | assign 1 @jason.b               | Assigned      | Assigned       | Decided       | !IsFinished   | !IsFinished
        Take pm               | take 1                          | Assigned      | !IsTheirs      | !IsTheirs     | !IsFinished   | !IsFinished
        Take other            | take 1                          | Assigned      | !HasAssignee   | !HasAssignee  | !IsFinished   | !IsFinished
        Unassign              | unassign 1                      | !IsNobodys    | Unassigned     | Unassigned    | !IsFinished   | !IsFinished
        Decide same           | decide 1 near term              | !IsNobodys    | Decided        | !IsSo         | !IsFinished   | !IsFinished
        Decide another        | decide 1 v7.10                  | !IsNobodys    | Decided        | Decided       | !IsFinished   | !IsFinished
        Decide none           | decide 1 none                   | !IsNobodys    | !IsSo          | Assigned      | !IsFinished   | !IsFinished
        Process               | process 1 Soon.                 | !IsNobodys    | !HasNoDecision | Processed     | !IsFinished   | !IsFinished
        Close                 | close 1                         | !IsNobodys    | !HasNoDecision | Closed        | Closed        | !IsFinished
        Close release         | close 1 7.10                    | !IsNobodys    | Closed         | Closed        | Closed        | !IsFinished
        Reopen                | reopen 1                        | !IsOpen       | !IsOpen        | !IsOpen       | Decided       | Decided
        Queue                 | discuss 1 pricing               | Unassigned    | Assigned       | Decided       | !IsFinished   | !IsFinished
        Unqueue               | discuss 1 off                   | !IsNotQueued  | !IsNotQueued   | !IsNotQueued  | !IsNotQueued  | !IsNotQueued
        Snooze tomorrow       | snooze 1 tomorrow               | Unassigned    | Assigned       | !HasDecision  | !IsFinished   | !IsFinished
        Snooze today          | snooze 1 today                  | !IsPast       | !IsPast        | !HasDecision  | !IsFinished   | !IsFinished
        Wake                  | snooze 1 off                    | !IsNotSnoozed | !IsNotSnoozed  | !IsNotSnoozed | !IsNotSnoozed | !IsNotSnoozed
        AddUseCase new        | usecase 1 another case          | Unassigned    | Assigned       | Decided       | Processed     | Closed
        AddUseCase same       | usecase 1 a case                | !IsSo         | !IsSo          | !IsSo         | !IsSo         | !IsSo
        RemoveUseCase first   | usecase 1 remove 1              | Unassigned    | Assigned       | Decided       | Processed     | Closed
        RemoveUseCase second  | usecase 1 remove 2              | !HasNoSuchLine | !HasNoSuchLine | !HasNoSuchLine | !HasNoSuchLine | !HasNoSuchLine
        AddLink new           | link 1 https://example.com/2    | Unassigned    | Assigned       | Decided       | Processed     | Closed
        AddLink same          | link 1 https://example.com/1    | !IsSo         | !IsSo          | !IsSo         | !IsSo         | !IsSo
        RemoveLink first      | link 1 remove 1                 | Unassigned    | Assigned       | Decided       | Processed     | Closed
        RemoveLink zeroth     | link 1 remove 0                 | !HasNoSuchLine | !HasNoSuchLine | !HasNoSuchLine | !HasNoSuchLine | !HasNoSuchLine
        SetIdea new           | idea 1 another idea             | Unassigned    | Assigned       | Decided       | Processed     | Closed
        SetIdea same          | idea 1 an idea                  | !IsSo         | !IsSo          | !IsSo         | !IsSo         | !IsSo
        SetEffort none        | effort 1 none                   | Unassigned    | Assigned       | Decided       | Processed     | Closed
        SetEffort same        | effort 1 M                      | !IsSo         | !IsSo          | !IsSo         | !IsSo         | !IsSo
        Rename new            | edit 1 title SCIM               | Unassigned    | Assigned       | Decided       | Processed     | Closed
        Rename same           | edit 1 title SAML               | !IsSo         | !IsSo          | !IsSo         | !IsSo         | !IsSo
        OfCustomer new        | edit 1 customer Umbrella        | Unassigned    | Assigned       | Decided       | Processed     | Closed
        OfCustomer same       | edit 1 customer ACME            | !IsSo         | !IsSo          | !IsSo         | !IsSo         | !IsSo
        InArea none           | edit 1 area none                | Unassigned    | Assigned       | Decided       | Processed     | Closed
        InArea same           | edit 1 area search              | !IsSo         | !IsSo          | !IsSo         | !IsSo         | !IsSo
        ReportedBy other      | edit 1 reporter @jason.b        | Unassigned    | Assigned       | Decided       | Processed     | Closed
        ReportedBy same       | edit 1 reporter @sam.sales      | !IsSo         | !IsSo          | !IsSo         | !IsSo         | !IsSo
        """;

    private static readonly string[][] Lines =
        [.. Table.ReplaceLineEndings("\n").Split('\n').Select(l => l.Split('|').Select(c => c.Trim()).ToArray())];

    /// <summary>The states, in the order of the columns.</summary>
    public static IReadOnlyList<string> States { get; } = Lines[0][2..];

    /// <summary>The steps as the table names them.</summary>
    public static IReadOnlyList<string> Steps { get; } = [.. Lines.Skip(1).Select(l => l[0])];

    /// <summary>All cells.</summary>
    public static IReadOnlyList<Cell> Cells { get; } =
        [.. Lines.Skip(1).SelectMany(l => States.Select((s, i) => new Cell(l[0], l[1], Enum.Parse<RequestState>(s), l[i + 2])))];

    /// <summary>Takes a step of the table.</summary>
    public static RequestStep Take(string step, CustomerRequest request, Instant now) => step switch
    {
        "Assign pm" => request.Assign(Samples.Pm, now),
        "Assign other" => request.Assign(Samples.Other, now),
        "Take pm" => request.Take(Samples.Pm, now),
        "Take other" => request.Take(Samples.Other, now),
        "Unassign" => request.Unassign(now),
        "Decide same" => request.Decide(Samples.Decision, "pm", now),
        "Decide another" => request.Decide("v7.10", "pm", now),
        "Decide none" => request.Decide(null, "pm", now),
        "Process" => request.Process("Soon.", "pm", now),
        "Close" => request.Close(null, "pm", now),
        "Close release" => request.Close("v7.10", "pm", now),
        "Reopen" => request.Reopen(now),
        "Queue" => request.Queue("pricing", "pm", now),
        "Unqueue" => request.Unqueue(now),
        "Snooze tomorrow" => request.Snooze(Samples.Today.PlusDays(1), Samples.Today, now),
        "Snooze today" => request.Snooze(Samples.Today, Samples.Today, now),
        "Wake" => request.Wake(now),
        "AddUseCase new" => request.AddUseCase("another case", "pm", now),
        "AddUseCase same" => request.AddUseCase("a case", "pm", now),
        "RemoveUseCase first" => request.RemoveUseCase(1, now),
        "RemoveUseCase second" => request.RemoveUseCase(2, now),
        "AddLink new" => request.AddLink("https://example.com/2", "pm", now),
        "AddLink same" => request.AddLink("https://example.com/1", "pm", now),
        "RemoveLink first" => request.RemoveLink(1, now),
        "RemoveLink zeroth" => request.RemoveLink(0, now),
        "SetIdea new" => request.SetIdea("another idea", "pm", now),
        "SetIdea same" => request.SetIdea("an idea", "pm", now),
        "SetEffort none" => request.SetEffort(null, "pm", now),
        "SetEffort same" => request.SetEffort("M", "pm", now),
        "Rename new" => request.Rename("SCIM", now),
        "Rename same" => request.Rename("SAML", now),
        "OfCustomer new" => request.OfCustomer("Umbrella", now),
        "OfCustomer same" => request.OfCustomer("ACME", now),
        "InArea none" => request.InArea(null, now),
        "InArea same" => request.InArea("Search", now),
        "ReportedBy other" => request.ReportedBy(Samples.Other, now),
        "ReportedBy same" => request.ReportedBy(Samples.Sam, now),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "The table has no such step."),
    };

    /// <summary>One cell: a step in a state, and what it comes to.</summary>
    public sealed record Cell(string Step, string Typed, RequestState State, string Expected)
    {
        public bool IsRefused => Expected.StartsWith('!');

        public override string ToString() => $"{Step} when {State}";
    }
}
