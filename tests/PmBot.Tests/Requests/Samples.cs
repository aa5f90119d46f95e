using FsCheck;
using Microsoft.FSharp.Core;
using NodaTime;
using PmBot.People;
using PmBot.Requests;

namespace PmBot.Tests.Requests;

/// <summary>Requests for tests. It is Wednesday, November 25, 2026, 10:00 in Palo Alto.</summary>
internal static class Samples
{
    public const string Decision = "Planned: Near Term";

    public static Instant Now { get; } = Instant.FromUtc(2026, 11, 25, 18, 0);

    public static LocalDate Today { get; } = new(2026, 11, 25);

    public static Person Pm { get; } = new("pm", "adam.c");

    public static Person Other { get; } = new("other", "jason.b");

    public static Person Sam { get; } = new("sam", "sam.sales");

    public static CustomerRequest Request(string title = "SAML", string? area = null, params string[] useCases) => new()
    {
        Id = "w:1",
        WorkspaceId = "w",
        Number = 1,
        Title = title,
        Area = area,
        Reporter = Sam,
        FiledBy = Sam.Id,
        FiledAt = Now,
        ChangedAt = Now,
        UseCases = [.. useCases.Select(u => new Detail(u, Sam.Id, Now))],
    };

    /// <summary>A request in that state, with one use case, one link and all that can be set.</summary>
    public static CustomerRequest In(RequestState state, Person? pm = null, Person? reporter = null)
    {
        var bare = Request() with
        {
            Reporter = reporter ?? Sam,
            Area = "Search",
            Customer = "ACME",
            UseCases = [new Detail("a case", Sam.Id, Now)],
            Links = [new Detail("https://example.com/1", Sam.Id, Now)],
            Idea = new Detail("an idea", Sam.Id, Now),
            Effort = new Detail("M", Sam.Id, Now),
        };
        var by = pm ?? Pm;
        CustomerRequest Assigned() => Done(bare.Assign(by, Now));
        CustomerRequest Decided() => Done(Assigned().Decide(Decision, by.Id, Now));
        return state switch
        {
            RequestState.Unassigned => bare,
            RequestState.Assigned => Assigned(),
            RequestState.Decided => Decided(),
            RequestState.Processed => Done(Decided().Process("Soon.", by.Id, Now)),
            _ => Done(Decided().Close(null, by.Id, Now)),
        };
    }

    public static CustomerRequest Done(RequestStep step) => ((RequestStep.Done)step).Request;

    /// <summary>Checks a property, repeatably.</summary>
    public static void Check(int times, ulong seed, Property property) => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(times)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed, 1), FSharpOption<int>.None))),
        property);

    /// <summary>Says what does not hold.</summary>
    public static void Hold(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"It does not hold that {what}.");
        }
    }
}
