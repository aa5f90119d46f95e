using PmBot.Mattermost;

namespace PmBot.Agenda;

internal sealed class MeetingEditor(AgendaTexts texts)
{
    public Task<CommandReply> RunAsync(SlashCommand slash, AgendaCommand command, CancellationToken cancellationToken) =>
        throw new NotSupportedException(command.GetType().Name + slash.Trigger + texts.Trigger + cancellationToken.IsCancellationRequested);
}
