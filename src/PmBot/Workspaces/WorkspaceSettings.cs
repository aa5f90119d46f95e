using PmBot.Mattermost;
using PmBot.Storage;

namespace PmBot.Workspaces;

/// <summary>What became of a setting that somebody wanted to change.</summary>
internal abstract record SettingAnswer
{
    private SettingAnswer()
    {
    }

    /// <summary>It is changed.</summary>
    /// <param name="Fact">The new value and what follows from it, in full sentences.</param>
    /// <param name="Undo">The value before, as it is typed.</param>
    public sealed record Changed(string Fact, string Undo) : SettingAnswer;

    /// <summary>It stays as it was.</summary>
    /// <param name="Problem">Why, and what to do, in full sentences.</param>
    public sealed record Refused(string Problem) : SettingAnswer;
}

/// <summary>A setting of a workspace that an admin wants to change.</summary>
/// <param name="Key">The setting's key.</param>
/// <param name="Slash">The command as it was typed.</param>
/// <param name="Caller">Who typed it; an admin.</param>
/// <param name="Value">The value as typed.</param>
internal sealed record SettingRequest(string Key, SlashCommand Slash, Caller Caller, string Value)
{
    /// <summary>The workspace.</summary>
    public string WorkspaceId => Slash.TeamId;

    /// <summary>Another command of the same trigger, as code.</summary>
    public string Command(string rest) => Markdown.Code($"/{Slash.Trigger} {rest}");

    /// <summary>Adds the change to the audit trail, in the transaction of the change itself.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="now">When.</param>
    /// <param name="before">The value before; null if there was none.</param>
    public void Audit(IWriteTransaction transaction, NodaTime.Instant now, string? before) =>
        transaction.Audit(WorkspaceId, now, Caller.UserId, "workspace", $"set {Key}", before, Value);
}

/// <summary>A setting of a workspace. A feature registers its own; commands, help and the list of settings find them by themselves.</summary>
internal interface IWorkspaceSetting
{
    /// <summary>How it is typed, lower case, e.g. <c>channel.pm</c>.</summary>
    string Key { get; }

    /// <summary>
    /// A line of help: the key as code, what is typed for a value, what it means. Settings next to each other with the same line share it.
    /// </summary>
    string Explained { get; }

    /// <summary>The value as people read it in a table; safe Markdown.</summary>
    Task<string> ShowAsync(string workspaceId, CancellationToken cancellationToken);

    /// <summary>
    /// Changes it, audited by <see cref="SettingRequest.Audit"/>, or says why not. The same value as before is refused, too: there is
    /// nothing to undo.
    /// </summary>
    Task<SettingAnswer> SetAsync(SettingRequest request, CancellationToken cancellationToken);
}

/// <summary>The table of a workspace's settings. They need no rotation.</summary>
/// <param name="settings">Every feature's, in the order in which they are listed.</param>
internal sealed class WorkspaceSettings(IEnumerable<IWorkspaceSetting> settings)
{
    private readonly List<IWorkspaceSetting> _settings = [.. settings];

    /// <summary>Every key with its values, for help and errors.</summary>
    public string Explained => $"This team has\n{string.Join('\n', _settings.Select(s => $"- {s.Explained}").Distinct(StringComparer.Ordinal))}";

    /// <summary>Whether there is a setting of that key.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>All settings with their values.</summary>
    public async Task<IReadOnlyList<(string Key, string Value)>> ShowAsync(string workspaceId, CancellationToken cancellationToken)
    {
        var shown = new List<(string, string)>();
        foreach (var setting in _settings)
        {
            shown.Add((setting.Key, await setting.ShowAsync(workspaceId, cancellationToken)));
        }

        return shown;
    }

    /// <summary>Changes a setting, or says why not.</summary>
    /// <exception cref="ArgumentException">There is no such setting, see <see cref="Has"/>.</exception>
    public async Task<CommandReply> SetAsync(SettingRequest request, CancellationToken cancellationToken)
    {
        var setting = Find(request.Key) ?? throw new ArgumentException("There is no such setting.", nameof(request));
        if (!request.Caller.IsAdmin)
        {
            return new CommandReply(request.Caller.Refusal("change settings"));
        }

        return new CommandReply(await setting.SetAsync(request, cancellationToken) switch
        {
            SettingAnswer.Changed changed => $"{changed.Fact} Undo: {request.Command($"set {request.Key} {changed.Undo}")}",
            SettingAnswer.Refused refused => $"{refused.Problem} Nothing was changed. You typed: {Markdown.Code(request.Slash.Typed)}",
            var other => throw new InvalidOperationException(other.GetType().Name),
        });
    }

    private IWorkspaceSetting? Find(string key) => _settings.Find(s => s.Key == key);
}
