using PmBot.Mattermost;
using PmBot.Mattermost.Inbound;
using PmBot.People;

namespace PmBot.Requests;

/// <summary>The buttons and menus of a request's post. They are everybody's who sees it; whether one may is checked at each press.</summary>
internal abstract class RequestButton(RequestChanges changes, RequestDesk desk) : IActionHandler
{
    public abstract string Action { get; }

    public async Task<ActionReply> HandleAsync(ActionPress press, CancellationToken cancellationToken)
    {
        var workspace = press.Action.WorkspaceId;

        // A press carries no token, so neither the user's name nor their choice is believed without looking.
        var who = await desk.People.ByIdAsync(workspace, press.UserId, cancellationToken);
        if (who is not UserChoice.Known { Person: var presser })
        {
            return new ActionReply(RequestTexts.Unchanged(((UserChoice.Unknown)who).Problem));
        }

        var (number, shown) = RequestActions.Read(press.Action.Subject);
        var (command, person, problem) = await ChosenAsync(press, number, cancellationToken);
        if (command is null)
        {
            return new ActionReply(RequestTexts.Unchanged(problem));
        }

        var (answer, changed) = await changes.ApplyAsync(
            workspace, presser.Id, presser.Name, command, person, cancellationToken,
            (request, setting) => Overtaken(request, shown, setting));
        return new ActionReply(changed ? answer : RequestTexts.Unchanged(answer));
    }

    /// <summary>What the press asks for; or, with a sentence, that it asks for nothing.</summary>
    protected abstract Task<(RequestCommand.OfOne? Command, Person? Person, string Problem)> ChosenAsync(ActionPress press, long number, CancellationToken cancellationToken);

    /// <summary>That somebody else was faster; null if that does not matter here.</summary>
    protected virtual string? Overtaken(CustomerRequest request, string? shown, Setting setting) => null;
}

/// <summary>"Take".</summary>
internal sealed class TakeButton(RequestChanges changes, RequestDesk desk) : RequestButton(changes, desk)
{
    public override string Action => RequestActions.Take;

    protected override Task<(RequestCommand.OfOne?, Person?, string)> ChosenAsync(ActionPress press, long number, CancellationToken cancellationToken) =>
        Task.FromResult<(RequestCommand.OfOne?, Person?, string)>((new RequestCommand.Take(number), null, ""));
}

/// <summary>"Assign to…".</summary>
internal sealed class AssignMenu(RequestChanges changes, RequestDesk desk) : RequestButton(changes, desk)
{
    public override string Action => RequestActions.Assign;

    protected override async Task<(RequestCommand.OfOne?, Person?, string)> ChosenAsync(ActionPress press, long number, CancellationToken cancellationToken) =>
        press.Selected is not { Length: > 0 } chosen ? (null, null, "Nobody was chosen.")
        : await Desk.People.ByIdAsync(press.Action.WorkspaceId, chosen, cancellationToken) switch
        {
            UserChoice.Known known => (new RequestCommand.Assign(number, known.Person.Name), known.Person, ""),
            UserChoice.Unknown unknown => (null, null, unknown.Problem),
            _ => throw new InvalidOperationException(Action),
        };

    /// <summary>Whoever chose saw another assignee than the one it has by now.</summary>
    protected override string? Overtaken(CustomerRequest request, string? shown, Setting setting) =>
        request.Assignee?.Id == shown || request.Assignee is null ? null
        : $"Somebody was faster: {RequestTexts.Called(request)} is {setting.Names.Of(request.Assignee)}'s since {setting.Time(request.AssignedAt!.Value)}. Choose again if it is still to be another's.";

    private RequestDesk Desk { get; } = desk;
}

/// <summary>"Area…".</summary>
internal sealed class AreaMenu(RequestChanges changes, RequestDesk desk) : RequestButton(changes, desk)
{
    public override string Action => RequestActions.Area;

    protected override Task<(RequestCommand.OfOne?, Person?, string)> ChosenAsync(ActionPress press, long number, CancellationToken cancellationToken) =>
        Task.FromResult<(RequestCommand.OfOne?, Person?, string)>(
            press.Selected is { Length: > 0 } chosen ? (new RequestCommand.Edit(number, "area", chosen), null, "") : (null, null, "No area was chosen."));
}

/// <summary>"Discuss on Wednesday".</summary>
internal sealed class DiscussButton(RequestChanges changes, RequestDesk desk) : RequestButton(changes, desk)
{
    public override string Action => RequestActions.Discuss;

    protected override Task<(RequestCommand.OfOne?, Person?, string)> ChosenAsync(ActionPress press, long number, CancellationToken cancellationToken) =>
        Task.FromResult<(RequestCommand.OfOne?, Person?, string)>((new RequestCommand.Discuss(number, null), null, ""));

    /// <summary>Somebody queued it with a reason, which the button would take away.</summary>
    protected override string? Overtaken(CustomerRequest request, string? shown, Setting setting) =>
        request.Discuss?.Why is { } why ? $"{RequestTexts.Called(request)} is queued for the PM sync already: \"{Markdown.Inline(why)}\"." : null;
}
