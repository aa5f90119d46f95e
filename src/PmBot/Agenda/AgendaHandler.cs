using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.Meetings;
using PmBot.People;
using PmBot.Requests;

namespace PmBot.Agenda;

/// <summary>Answers <c>/agenda</c>: reads here, changes by the parts that make them.</summary>
internal sealed class AgendaHandler(
    AgendaDesk desk,
    AgendaItems items,
    AgendaDialogs dialogs,
    MeetingRunner runner,
    ActionSteps steps,
    MeetingMinutes minutes,
    MeetingEditor editor,
    RequestQuestions requests,
    AgendaTexts texts,
    Buttons buttons) : ICommandHandler
{
    /// <summary>The key of the command in the settings.</summary>
    public const string CommandName = "agenda";

    private readonly VerbAnswers<AgendaCommand> _answers = new(
        AgendaVerbs.All, buttons, "shows the agenda of the next PM sync",
        $"An item is its number on the agenda, `2` or `P1`; an action step `A7`; users are written `@name`; dates {DateText.Forms}. Quotes group words.\n"
        + "In public channels, not in private ones, a post that begins with `#agenda TEXT` queues an item.", "add");

    public string Command => CommandName;

    public ReadCommand Read(SlashCommand command) =>
        _answers.Read(command, AgendaVerbs.Parse(command.Text), (parsed, limit) => RunAsync(command, parsed, limit));

    private async Task<CommandReply> RunAsync(SlashCommand slash, AgendaCommand command, CancellationToken cancellationToken) => command switch
    {
        AgendaCommand.List list => await ListAsync(slash, list, cancellationToken),
        AgendaCommand.Add { Text: null } add => await dialogs.OpenAddAsync(slash, add, cancellationToken),
        AgendaCommand.Add add => await items.AddAsync(slash, add, cancellationToken),
        AgendaCommand.Demo { Feature: null } demo => await dialogs.OpenDemoAsync(slash, demo, cancellationToken),
        AgendaCommand.Demo demo => await items.DemoAsync(slash, demo, cancellationToken),
        AgendaCommand.Release { Text: null } => await dialogs.OpenReleaseAsync(slash, cancellationToken),
        AgendaCommand.Release { Text: { } text } => await items.ReleaseAsync(slash, text, cancellationToken),
        AgendaCommand.OfItem item => await items.RunAsync(slash, item, cancellationToken),
        AgendaCommand.Start or AgendaCommand.Next or AgendaCommand.Skip or AgendaCommand.End => await runner.RunAsync(slash, command, cancellationToken),
        AgendaCommand.AddStep or AgendaCommand.Steps or AgendaCommand.OfStep => await steps.RunAsync(slash, command, cancellationToken),
        AgendaCommand.Record record => await minutes.RunAsync(slash, record, cancellationToken),
        _ => await editor.RunAsync(slash, command, cancellationToken),
    };

    private async Task<CommandReply> ListAsync(SlashCommand slash, AgendaCommand.List list, CancellationToken cancellationToken)
    {
        var (found, problem) = await desk.ChooseAsync(slash.TeamId, list.Which.Meeting, MeetingUse.Queue, cancellationToken);
        if (found is null)
        {
            return AgendaItems.Refused(slash, problem);
        }

        var visit = await desk.EnterAsync(found, new Person(slash.UserId, slash.Username), slash.ChannelId, cancellationToken);
        var now = desk.Now();
        var meeting = found.Settled(now).Meeting;
        var setting = new AgendaSetting(meeting.Plan, visit.Names, now);
        var on = meeting.On;
        if (list.Which.Date is { } typed)
        {
            if (typed.Resolve(setting.Today) is not { } date)
            {
                return AgendaItems.Refused(slash, $"There is no such date. Dates are written {DateText.Forms}.");
            }

            if (date < meeting.On)
            {
                return new CommandReply(await minutes.TextAsync(meeting, date, visit, list.Page, cancellationToken));
            }

            on = meeting.Plan.OnOrAfter(date);
        }

        if (meeting.Plan.IsOver)
        {
            return new CommandReply(texts.Refused(AgendaRefusal.IsOver, meeting, null, setting));
        }

        AgendaMaterial? material = null;
        if (on == meeting.On)
        {
            var forMeeting = meeting.Plan.Kind == MeetingKind.Sync ? await requests.ForMeetingAsync(slash.TeamId, cancellationToken) : [];
            material = await desk.Store.ReadAsync(t => t.MaterialOf(meeting, forMeeting, visit.Names, now), cancellationToken);
            var stepOwners = material.Steps.Select(s => s.Owner.Id).ToList();
            if (stepOwners.Count > 0)
            {
                setting = setting with { Names = await desk.People.NamesAsync([.. stepOwners, .. AgendaDesk.Spoken(meeting), .. material.Missing.Select(m => m.UserId)], cancellationToken) };
            }
        }

        var again = $"list{AgendaTexts.Behind(meeting)}{(on == meeting.On ? "" : $" {AgendaTexts.Iso(on)}")}";
        var other = list.Which.Date?.Resolve(setting.Today) is { } asked && asked != on ? $"There is no {Markdown.Inline(meeting.Plan.Name)} on {setting.Date(asked)}; the next one from then on:\n" : "";
        var blocks = texts.Agenda(meeting, on, material, setting, visit.ReadIn);
        blocks[0] = other + blocks[0];
        blocks.Add(texts.Below(meeting, on));
        return new CommandReply(Pages.Of(blocks, list.Page, n => texts.Command(n == 1 ? again : $"{again} --page {n}")));
    }
}
