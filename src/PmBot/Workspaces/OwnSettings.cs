using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Storage;

namespace PmBot.Workspaces;

/// <summary>Which of the workspace's channels has a purpose.</summary>
internal sealed class ChannelSetting(
    string key,
    string usual,
    Func<Workspace, string?> channelOf,
    Func<Workspace, string?, Workspace> withChannel,
    IStore store,
    Channels channels,
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
        var fact = $"`{key}` is the team's usual channel again, where there is one: {request.Command("settings")}.";
        if (request.Value.Trim().ToLowerInvariant() is not ("default" or "off" or "none"))
        {
            switch (await channels.ChooseAsync(request.WorkspaceId, request.Value, isId: false, cancellationToken))
            {
                case ChannelChoice.Usable usable:
                    (channelId, fact) = (usable.Channel.Id, $"`{key}` is ~{usable.Channel.Name} now.");
                    break;
                case ChannelChoice.Unusable unusable:
                    return new SettingAnswer.Refused(unusable.Problem);
            }
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
