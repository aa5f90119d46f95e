using PmBot.Mattermost.Client;

namespace PmBot.Provisioning;

/// <summary>Takes back exactly what provisioning made, by its record: the last first.</summary>
/// <param name="admin">The server, for an administrator.</param>
/// <param name="bot">The server, for whoever has a token.</param>
/// <param name="file">The settings file.</param>
/// <param name="report">What the operator reads.</param>
/// <param name="time">The clock of pauses that the server asks for.</param>
internal sealed class Deprovisioner(IMattermostAdmin admin, Func<string, IMattermost> bot, ISettingsFile file, Report report, TimeProvider time)
{
    private const string Refused = "What was provisioned cannot be taken back.";

    private SettingsDocument _settings = null!;
    private ProvisionRecord _record = ProvisionRecord.Empty;
    private ServerState _state = null!;

    /// <summary>What became of a thing.</summary>
    private enum Outcome
    {
        /// <summary>It is not there any more.</summary>
        TakenBack,

        /// <summary>It was not there any more.</summary>
        Gone,

        /// <summary>It stays, for a reason that is said.</summary>
        Left,
    }

    /// <summary>Does it.</summary>
    /// <param name="url">The server's address.</param>
    /// <param name="dryRun">Whether it is only said what would be done.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The exit code: 0 if nothing of it is there any more, 1 if something stood in the way or failed.</returns>
    public async Task<int> RunAsync(string url, bool dryRun, CancellationToken cancellationToken)
    {
        string? text;
        try
        {
            text = file.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return report.Refuse(Refused, [$"{file.Name} cannot be read: {e.Message.TrimEnd('.')}. Run this as the user who may, or name another file with --settings."]);
        }

        if (SettingsDocument.Read(text, out var problem) is not { } settings)
        {
            return report.Refuse(Refused, [$"{file.Name} {problem}"]);
        }

        (_settings, _record) = (settings, settings.Record);
        if (_record.Made.IsEmpty && _record.Settings.IsEmpty)
        {
            report.Say(text is null
                ? $"There is no {file.Name}, and so no record of anything that pmbot provision made. Nothing was changed."
                : $"{file.Name} has no record of anything that pmbot provision made. Nothing was changed.");
            return 0;
        }

        var problems = new List<string>();
        if (settings.Get("Mattermost:Url") is { Length: > 0 } known && known.TrimEnd('/') != url.TrimEnd('/'))
        {
            problems.Add($"{file.Name} is for {known}, not for {url}. Name another file with --settings, or give --url as it stands in the file.");
        }
        else if (await new Survey(admin, bot, problems).LookAsync(url, _record, cancellationToken) is { } state)
        {
            _state = state;
            problems.AddRange(Objections.OfTakingBack(state, _record));
        }

        if (!dryRun && file.WhyNotWritable() is { } unwritable)
        {
            problems.Add(unwritable);
        }

        return problems.Count > 0 ? report.Refuse(Refused, problems) : await TakeBackAsync(url, dryRun, cancellationToken);
    }

    private async Task<int> TakeBackAsync(string url, bool dryRun, CancellationToken cancellationToken)
    {
        report.Say($"{url.TrimEnd('/')}, as @{_state.Me.Username}:");
        var there = Reconciliation.Of(_record, _state);
        foreach (var made in _record.Made.Reverse())
        {
            // The same thing may have got its id by looking; an intent that led to nothing is not worth a line.
            var now = there.Find(made.Kind, made.Team, made.Name);
            var thing = Describe(made);
            if (now is null || dryRun)
            {
                if ((made.Done || now is not null) && made.Kind != MadeKind.Picture)
                {
                    report.Line(now is null ? "gone already" : "would take", thing);
                }
            }
            else
            {
                var (outcome, failure) = await TakeBackAsync(now, cancellationToken);
                if (failure is not null)
                {
                    return report.Stop(thing, failure, file.Name);
                }

                if (made.Kind != MadeKind.Picture)
                {
                    report.Line(outcome switch { Outcome.TakenBack => "taken back", Outcome.Gone => "gone already", _ => "left" }, thing);
                }
            }

            if (!dryRun && Forget(made) is { } unwritten)
            {
                return report.Stop(thing, unwritten, file.Name);
            }
        }

        if (dryRun)
        {
            report.Line("would take", $"what was written into {file.Name}");
            report.Say("Nothing was changed. Without --dry-run this would be done.");
            return 0;
        }

        return TakeSettingsBack();
    }

    /// <summary>Notes that a thing is there no more.</summary>
    /// <returns>Why that could not be written; null if it was.</returns>
    private string? Forget(MadeThing made)
    {
        try
        {
            _settings.Record = _record = _record.Without(made);
            file.Write(_settings.ToString());
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{file.Name} cannot be written: {e.Message.TrimEnd('.')}.";
        }
    }

    private int TakeSettingsBack()
    {
        var isNew = _record.NewFile;
        foreach (var setting in _record.Settings.Reverse())
        {
            if (setting.InList)
            {
                _settings.Take(setting.Path, setting.Value);
            }
            else if (_settings.Get(setting.Path) == setting.Value)
            {
                // What somebody has changed since is theirs.
                _settings.Set(setting.Path, setting.Before);
            }
        }

        _settings.Record = ProvisionRecord.Empty;
        var isGone = isNew && _settings.IsEmpty;
        var thing = isGone ? file.Name : $"what was written into {file.Name}";
        try
        {
            if (isGone)
            {
                file.Delete();
            }
            else
            {
                file.Write(_settings.ToString());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return report.Stop(thing, $"{file.Name} cannot be written: {e.Message.TrimEnd('.')}.", file.Name);
        }

        report.Line("taken back", thing);

        report.Say("All that pmbot provision made is taken back. Stop the bot, if it runs; its data stays where it is.");
        return 0;
    }

    private async Task<(Outcome Outcome, string? Failure)> TakeBackAsync(MadeThing made, CancellationToken cancellationToken)
    {
        switch (made.Kind)
        {
            case MadeKind.Hello:
                return await TakeHelloAsync(made, cancellationToken);
            case MadeKind.Hook:
                return Of(await AskAsync(() => admin.DeleteHookAsync(made.Id ?? "", cancellationToken), cancellationToken));
            case MadeKind.Command:
                return Of(await AskAsync(() => admin.DeleteCommandAsync(made.Id ?? "", cancellationToken), cancellationToken));
            case MadeKind.ChannelMember:
                var left = await AskAsync(() => admin.RemoveFromChannelAsync(made.Channel ?? "", BotId, cancellationToken), cancellationToken);

                // Nobody leaves a team's default channel but with the team.
                return left is MattermostResult<ServerStatus>.Refused { Error.Id: "api.channel.remove.default.app_error" } ? (Outcome.Left, null) : Of(left);
            case MadeKind.TeamMember:
                return Of(await AskAsync(() => admin.RemoveFromTeamAsync(made.Team, BotId, cancellationToken), cancellationToken));
            case MadeKind.Token:
                var id = made.Done ? made.Id : Reconciliation.Lost(made, _state).FirstOrDefault()?.Id;
                return Of(await AskAsync(() => admin.RevokeTokenAsync(id ?? "", cancellationToken), cancellationToken));
            case MadeKind.Bot or MadeKind.Enabled when _state.BotUser is { IsDeactivated: true }:
                return (Outcome.Gone, null);
            case MadeKind.Bot or MadeKind.Enabled:
                return Of(await AskAsync(() => admin.EnableBotAsync(BotId, enable: false, cancellationToken), cancellationToken));
            default:
                // A picture is not taken away: nobody sees it where its account is disabled.
                return (Outcome.Left, null);
        }
    }

    private async Task<(Outcome Outcome, string? Failure)> TakeHelloAsync(MadeThing made, CancellationToken cancellationToken)
    {
        var id = made.Id;
        if (id is null)
        {
            var found = await Hello.FindAsync(bot(_settings.Get(SettingsUpdate.BotToken) ?? ""), made.Channel ?? "", BotId, cancellationToken);
            if (found is MattermostResult<Hello.Found>.Refused { Error.StatusCode: 401 or 403 })
            {
                // Nobody can look for it: the bot's token works no more, or the bot is not in the channel. There may be none.
                return (Outcome.Left, null);
            }

            if (found is not MattermostResult<Hello.Found>.Ok { Value.PostId: var post })
            {
                return (Outcome.Gone, found.IsNotFound ? null : found.Describe());
            }

            id = post;
        }

        if (id is null)
        {
            return (Outcome.Gone, null);
        }

        // With the first post of a thread go all replies, and these are people's own words.
        var asked = await admin.PostAsync(id, cancellationToken);
        return asked switch
        {
            MattermostResult<Post>.Ok { Value.ReplyCount: > 0 } => (Outcome.Left, null),
            MattermostResult<Post>.Ok => Of(await AskAsync(() => admin.DeletePostAsync(id, cancellationToken), cancellationToken)),
            _ when asked.IsNotFound => (Outcome.Gone, null),
            _ => (Outcome.Gone, asked.Describe()),
        };
    }

    private string BotId => _state.BotUser?.Id ?? "";

    private string Describe(MadeThing made)
    {
        var team = _record.Teams.Find(t => t.Id == made.Team)?.Name ?? made.Team;
        var inTeam = _record.Teams.Count > 1 && made.Team.Length > 0 ? $" in the team {team}" : "";
        return made.Kind switch
        {
            MadeKind.Bot => $"bot account @{made.Name}: disabled, for it cannot be deleted",
            MadeKind.Enabled => $"bot account @{made.Name}: disabled again, as it was",
            MadeKind.Token => "access token",
            MadeKind.TeamMember => $"membership in the team {made.Name}",
            MadeKind.ChannelMember => $"membership in ~{made.Name}{inTeam}",
            MadeKind.Command => $"command {Trigger(made)}{inTeam}",
            MadeKind.Hook => $"webhook for {string.Join(' ', ProvisionDefaults.Words.FirstOrDefault(w => made.Name.EndsWith($" {w.Key}", StringComparison.Ordinal))?.Words ?? [])} in ~{made.Name.Split(' ')[0]}{inTeam}",
            MadeKind.Hello => $"first words in ~{made.Name}{inTeam}",
            _ => $"{made.Kind} {made.Name}{inTeam}",
        };
    }

    private string Trigger(MadeThing made) => $"/{_state.Commands.Find(c => c.Id == made.Id)?.Trigger ?? _settings.Get($"PmBot:Triggers:{made.Name}") ?? made.Name}";

    private Task<MattermostResult<T>> AskAsync<T>(Func<Task<MattermostResult<T>>> ask, CancellationToken cancellationToken) => Patience.AskAsync(ask, time, cancellationToken);

    private static (Outcome Outcome, string? Failure) Of<T>(MattermostResult<T> result) =>
        result is MattermostResult<T>.Ok ? (Outcome.TakenBack, null) : result.IsNotFound ? (Outcome.Gone, null) : (Outcome.Gone, result.Describe());
}
