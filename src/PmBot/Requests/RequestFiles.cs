using PmBot.Mattermost;

namespace PmBot.Requests;

/// <summary>Requests as files: out by direct message, in from a post.</summary>
internal sealed class RequestFiles
{
    public Task<string> ExportAsync(SlashCommand slash, CancellationToken cancellationToken) => throw new NotSupportedException(slash.Typed);

    public Task<string> ImportAsync(SlashCommand slash, RequestCommand.Import command, CancellationToken cancellationToken) => throw new NotSupportedException(slash.Typed);
}
