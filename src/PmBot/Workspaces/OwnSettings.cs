using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Storage;

namespace PmBot.Workspaces;

/// <summary>Which of the workspace's channels has a purpose.</summary>
/// <param name="key">The setting's key.</param>
/// <param name="usual">The name of the channel that is meant while none is set.</param>
/// <param name="isConfidential">Whether what stands there is for its members only.</param>
/// <param name="channelOf">What is set.</param>
/// <param name="withChannel">Sets it.</param>
/// <param name="store">Keeps it.</param>
/// <param name="channels">Looks channels up.</param>
/// <param name="directory">Tells who is a member.</param>
/// <param name="workspaces">Opens a workspace with its first change.</param>
/// <param name="time">The present.</param>
internal sealed class ChannelSetting(
    string key,
    string usual,
    bool isConfidential,
    Func<Workspace, string?> channelOf,
    Func<Workspace, string?, Workspace> withChannel,
    IStore store,
    Channels channels,
    IDirectory directory,
    NewWorkspaces workspaces,
    TimeProvider time) : IWorkspaceSetting
{
    public string Key => key;

    public string Explained => "`channel.pm`, `channel.private`, `channel.twitter`: its channels";

    public async Task<string> ShowAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var set = await SetChannelAsync(workspaceId, cancellationToken);
        return await channels.ForPurposeAsync(workspaceId, set, usual, cancellationToken) is { } channel ? $"~{channel.Name}"
            : set is null ? $"none (I can see no ~{usual})"
            : "a channel that I cannot see any more";
    }

    public async Task<SettingAnswer> SetAsync(SettingRequest request, CancellationToken cancellationToken)
    {
        // What takes a request is looked up before the transaction.
        string? channelId = null;
        Channel? chosen = null;
        var fact = $"`{key}` is the team's usual channel again, where there is one: {request.Command("settings")}.";
        if (request.Value.Trim().ToLowerInvariant() is not ("default" or "off" or "none"))
        {
            switch (await channels.ChooseAsync(request.WorkspaceId, request.Value, isId: false, cancellationToken))
            {
                case ChannelChoice.Usable usable:
                    (chosen, channelId, fact) = (usable.Channel, usable.Channel.Id, $"`{key}` is ~{usable.Channel.Name} now.");
                    break;
                case ChannelChoice.Unusable unusable:
                    return new SettingAnswer.Refused(unusable.Problem);
            }
        }

        if (isConfidential && await ForbiddenAsync(request, chosen, cancellationToken) is { } forbidden)
        {
            return new SettingAnswer.Refused(forbidden);
        }

        var names = await channels.NamesAsync([await SetChannelAsync(request.WorkspaceId, cancellationToken)], cancellationToken);
        return await store.ExecuteAsync<SettingAnswer>(
            transaction =>
            {
                var workspace = transaction.WorkspaceOf(request.WorkspaceId, request.Caller.UserId);
                var before = channelOf(workspace);
                if (channelId == before)
                {
                    return new SettingAnswer.Refused($"That is how it is: {request.Command("settings")}.");
                }

                transaction.Save(Workspace.Table, withChannel(workspaces.Open(transaction, workspace.Id, request.Caller.UserId), channelId));
                request.Audit(transaction, Instant.FromDateTimeOffset(time.GetUtcNow()), before);
                return new SettingAnswer.Changed(fact, before is null ? "default" : names.TryGetValue(before, out var name) ? $"~{name}" : "~channel");
            },
            cancellationToken);
    }

    /// <summary>What is confidential must not come to where it is read by others than those who read it now; null if it does not.</summary>
    private async Task<string?> ForbiddenAsync(SettingRequest request, Channel? chosen, CancellationToken cancellationToken)
    {
        var (before, unknown) = await channels.ToPostAsync(
            request.WorkspaceId, await SetChannelAsync(request.WorkspaceId, cancellationToken), usual, "the private channel", cancellationToken);
        var (after, problem) = chosen is null ? await channels.ToPostAsync(request.WorkspaceId, null, usual, "the private channel", cancellationToken) : (chosen, null);
        if ((unknown ?? problem) is { } trouble)
        {
            return $"{trouble} Please try again in a minute.";
        }

        if (chosen is { Type: not "P" } open)
        {
            return $"~{open.Name} is no private channel, and confidential items stand in private ones only.";
        }

        foreach (var place in new[] { before, after }.OfType<Channel>().Where(c => c.Type == "P"))
        {
            if (await directory.IsInChannelAsync(place.Id, request.Caller.UserId, cancellationToken) is not MattermostResult<bool>.Ok { Value: true })
            {
                return $"Only members of ~{place.Name} can say where confidential items stand.";
            }
        }

        return null;
    }

    private Task<string?> SetChannelAsync(string workspaceId, CancellationToken cancellationToken) =>
        store.ReadAsync(t => t.Find(Workspace.Table, workspaceId) is { } workspace ? channelOf(workspace) : null, cancellationToken);
}

/// <summary>Which edition of the practice the workspace follows.</summary>
internal sealed class PracticeSetting(IStore store, NewWorkspaces workspaces, IOptions<PmBotOptions> options, TimeProvider time) : IWorkspaceSetting
{
    public string Key => "practice";

    public string Explained => "`practice`: `2020` (the one on duty watches Twitter too) or `2021` (marketing does)";

    public async Task<string> ShowAsync(string workspaceId, CancellationToken cancellationToken) =>
        Year(await store.ReadAsync(t => t.Find(Workspace.Table, workspaceId), cancellationToken));

    public async Task<SettingAnswer> SetAsync(SettingRequest request, CancellationToken cancellationToken)
    {
        var year = request.Value.Trim();
        if (year is not ("2020" or "2021"))
        {
            return new SettingAnswer.Refused($"{Markdown.Code(request.Value)} is no practice that I know. There is `2020` and `2021`.");
        }

        return await store.ExecuteAsync<SettingAnswer>(
            transaction =>
            {
                var workspace = transaction.WorkspaceOf(request.WorkspaceId, request.Caller.UserId);
                var before = Year(workspace);
                if (year == before)
                {
                    return new SettingAnswer.Refused($"That is how it is: {request.Command("settings")}.");
                }

                var opened = workspaces.Open(transaction, workspace.Id, request.Caller.UserId);
                transaction.Save(Workspace.Table, opened with { Practice = year == "2021" ? Practice.Y2021 : Practice.Y2020 });
                request.Audit(transaction, Instant.FromDateTimeOffset(time.GetUtcNow()), before);
                var meaning = year == "2020" ? "whoever is on duty watches Twitter too" : "marketing watches Twitter";
                return new SettingAnswer.Changed(
                    $"This team follows the {year} practice: {meaning}. The checklists stay as they are: {request.Command("duties")}.", before);
            },
            cancellationToken);
    }

    private string Year(Workspace? workspace) => workspace.PracticeOr(options.Value.Practice) == Practice.Y2021 ? "2021" : "2020";
}
