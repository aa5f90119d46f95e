using System.Net;
using System.Security.Cryptography;
using PmBot.Mattermost.Client;

namespace PmBot.Provisioning;

/// <summary>Sets the bot up on a Mattermost server: looks, says what stands in the way, plans, and takes the steps, each noted before and after.</summary>
/// <param name="admin">The server, for an administrator.</param>
/// <param name="bot">The server, for whoever has a token.</param>
/// <param name="file">The settings file.</param>
/// <param name="report">What the operator reads.</param>
/// <param name="resolve">The addresses of a host; none if it is not known here.</param>
/// <param name="time">The clock of pauses that the server asks for.</param>
internal sealed class Provisioner(
    IMattermostAdmin admin,
    Func<string, IMattermost> bot,
    ISettingsFile file,
    Report report,
    Func<string, CancellationToken, Task<IReadOnlyCollection<IPAddress>>> resolve,
    TimeProvider time)
{
    private const string Refused = "PmBot cannot be provisioned.";

    private Wanted _wanted = null!;
    private ServerState _state = null!;
    private SettingsDocument _settings = null!;
    private ProvisionRecord _record = ProvisionRecord.Empty;

    /// <summary>Does it.</summary>
    /// <returns>The exit code: 0 if everything is there, 1 if something stood in the way or failed.</returns>
    public async Task<int> RunAsync(ProvisionRequest request, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        if (await PrepareAsync(request, problems, cancellationToken) is not { } lines)
        {
            return report.Refuse(Refused, problems);
        }

        report.Say($"{_wanted.Url}, team {_wanted.Team}, as @{_state.Me.Username}:");
        if (_state.Config.Service.SiteUrl is "")
        {
            report.Say($"The server does not know its own address, so links in the bot's messages will lead to {_wanted.Url}. System Console > Environment > Web Server > Site URL.");
        }

        if (_state.Config.Service.DisableBotsWhenOwnerIsDeactivated is true && lines.Any(l => l.Step is ProvisionStep.MakeBot))
        {
            report.Say(
                $"The bot's account will belong to @{_state.Me.Username}, and the server disables it together with that one. If people here leave, switch off "
                + "System Console > Integrations > Bot Accounts > Disable bot accounts when owner is deactivated (ServiceSettings.DisableBotsWhenOwnerIsDeactivated).");
        }

        if (request.DryRun)
        {
            foreach (var (thing, step) in lines)
            {
                report.Line(step is null ? "there already" : step.IsChange ? "would change" : "would make", thing);
            }

            report.Say(lines.Any(l => l.Step is not null)
                ? "Nothing was changed. Without --dry-run this would be done."
                : "All of it is there already. Nothing was changed, and nothing would be.");
            return 0;
        }

        return await TakeAsync(lines, cancellationToken);
    }

    private async Task<IReadOnlyList<PlanLine>?> PrepareAsync(ProvisionRequest request, List<string> problems, CancellationToken cancellationToken)
    {
        var text = Reading(problems);
        if (SettingsDocument.Read(text, out var problem) is not { } settings)
        {
            problems.Add($"{file.Name} {problem}");
            return null;
        }

        _settings = settings;
        _wanted = Wanted.From(request, settings, problems);
        if (!request.DryRun && file.WhyNotWritable() is { } unwritable)
        {
            problems.Add(unwritable);
        }

        if (Uri.TryCreate(request.Url, UriKind.Absolute, out var url) is false || url.Scheme is not ("http" or "https"))
        {
            return null;
        }

        var state = await new Survey(admin, bot, problems).LookAsync(_wanted, settings, cancellationToken);
        if (state is null)
        {
            return null;
        }

        _state = state;
        _record = Reconciliation.Of(settings.Record, state) with { NewFile = settings.Record.NewFile || text is null };
        problems.AddRange(Objections.Of(_wanted, state, _record));
        if (Uri.TryCreate(_wanted.PublicUrl, UriKind.Absolute, out var publicUrl)
            && InternalAddress.Objection(publicUrl, await resolve(publicUrl.IdnHost, cancellationToken), state.Config.Service.AllowedUntrustedInternalConnections) is { } objection)
        {
            problems.Add(objection);
        }

        return problems.Count > 0 ? null : ProvisionPlan.Make(_wanted, state, _record, settings, file.Name);
    }

    private string? Reading(List<string> problems)
    {
        try
        {
            return file.Read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{file.Name} cannot be read: {e.Message.TrimEnd('.')}. Run this as the user who may, or name another file with --settings.");
            return null;
        }
    }

    private async Task<int> TakeAsync(IReadOnlyList<PlanLine> lines, CancellationToken cancellationToken)
    {
        _record = Reconciliation.Asked(_record, _state);
        foreach (var (thing, step) in lines)
        {
            if (step is null)
            {
                report.Line("there already", thing);
                continue;
            }

            try
            {
                if (await TakeAsync(step, cancellationToken) is { } failure)
                {
                    return report.Stop(thing, failure, file.Name);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return report.Stop(thing, $"{file.Name} cannot be written: {e.Message.TrimEnd('.')}.", file.Name);
            }

            report.Line(step.IsChange ? "changed" : "made", thing);
        }

        report.Say(lines.All(l => l.Step is null)
            ? "All of it was there already. Nothing was changed."
            : lines.Any(l => l.Step is ProvisionStep.SayHello or ProvisionStep.MakeBot or ProvisionStep.MakeCommand) ? Next() : "Done. Restart the bot: it reads its settings at start.");
        return 0;
    }

    private string Next() => $"""

        Next:
        1. Start the bot (if it runs: restart it) where {_wanted.PublicUrl} leads to: pmbot run --settings {file.Name}
        2. See that all is well: pmbot check --settings {file.Name}
        3. Type /{_wanted.Triggers["pm-rotation"]} in Mattermost.
        """.ReplaceLineEndings(Environment.NewLine);

    /// <summary>Takes a step.</summary>
    /// <returns>Why it failed; null if it did not.</returns>
    private async Task<string?> TakeAsync(ProvisionStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case ProvisionStep.MakeBot:
                return await MakeAsync(
                    new MadeThing(MadeKind.Bot, _wanted.BotName),
                    () => admin.CreateBotAsync(_wanted.BotName, ProvisionDefaults.BotDisplayName, ProvisionDefaults.BotDescription, cancellationToken),
                    (made, account) =>
                    {
                        _state = _state with { Bot = account, BotUser = new MattermostUser { Id = account.UserId, Username = account.Username, IsBot = true } };
                        _record = Reconciliation.Asked(_record, _state);
                        return made with { Id = account.UserId };
                    },
                    cancellationToken);
            case ProvisionStep.EnableBot when _record.Find(MadeKind.Bot, "", _wanted.BotName) is null:
                return await MakeAsync(
                    new MadeThing(MadeKind.Enabled, _wanted.BotName) { Id = BotId }, () => admin.EnableBotAsync(BotId, enable: true, cancellationToken), (made, _) => made, cancellationToken);
            case ProvisionStep.EnableBot:
                return Failure(await AskAsync(() => admin.EnableBotAsync(BotId, enable: true, cancellationToken), cancellationToken));
            case ProvisionStep.ChangeBot:
                return Failure(await AskAsync(() => admin.PatchBotAsync(BotId, ProvisionDefaults.BotDisplayName, ProvisionDefaults.BotDescription, cancellationToken), cancellationToken));
            case ProvisionStep.SetPicture:
                return await MakeAsync(
                    new MadeThing(MadeKind.Picture, _wanted.BotName), () => admin.SetPictureAsync(BotId, ProvisionDefaults.Picture(), cancellationToken), (made, _) => made, cancellationToken);
            case ProvisionStep.RevokeToken revoke:
                return await TakeBackAsync(revoke.Made, () => admin.RevokeTokenAsync(revoke.Id, cancellationToken), cancellationToken);
            case ProvisionStep.MakeToken:
                var mark = RandomNumberGenerator.GetHexString(12, lowercase: true);
                return await MakeAsync(
                    new MadeThing(MadeKind.Token, mark),
                    () => admin.CreateTokenAsync(BotId, Reconciliation.TokenDescription(mark), cancellationToken),
                    (made, token) =>
                    {
                        // With the note that it was made, in one write: the server never tells it again.
                        _record = SettingsUpdate.Set(_settings, _record, SettingsUpdate.BotToken, token.Token);
                        return made with { Id = token.Id };
                    },
                    cancellationToken);
            case ProvisionStep.JoinTeam join:
                return await MakeAsync(
                    new MadeThing(MadeKind.TeamMember, join.Team.Name) { Team = join.Team.Id }, () => admin.AddToTeamAsync(join.Team.Id, BotId, cancellationToken), (made, _) => made, cancellationToken);
            case ProvisionStep.JoinChannel join:
                return await MakeAsync(
                    new MadeThing(MadeKind.ChannelMember, join.Channel.Name) { Team = join.Channel.TeamId, Channel = join.Channel.Id },
                    () => admin.AddToChannelAsync(join.Channel.Id, BotId, cancellationToken),
                    (made, _) => made,
                    cancellationToken);
            case ProvisionStep.MakeCommand make:
                return await MakeAsync(
                    new MadeThing(MadeKind.Command, make.Name) { Team = make.Definition.TeamId },
                    () => admin.CreateCommandAsync(make.Definition, cancellationToken),
                    (made, command) =>
                    {
                        _state = _state with { Commands = _state.Commands.Add(command) };
                        return made with { Id = command.Id };
                    },
                    cancellationToken);
            case ProvisionStep.ChangeCommand change:
                _state = _state with { Commands = [.. _state.Commands.Select(c => c.Id == change.Definition.Id ? change.Definition : c)] };
                return Failure(await AskAsync(() => admin.UpdateCommandAsync(change.Definition, cancellationToken), cancellationToken));
            case ProvisionStep.MakeHook make:
                return await MakeAsync(
                    new MadeThing(MadeKind.Hook, make.Name) { Team = make.Definition.TeamId, Channel = make.Definition.ChannelId },

                    // Its answers are posted in the name of whoever made it: the bot's, not the administrator's.
                    () => admin.CreateHookAsync(make.Definition with { CreatorId = BotId }, cancellationToken),
                    (made, hook) =>
                    {
                        _state = _state with { Hooks = _state.Hooks.Add(hook) };
                        return made with { Id = hook.Id };
                    },
                    cancellationToken);
            case ProvisionStep.ChangeHook change:
                _state = _state with { Hooks = [.. _state.Hooks.Select(h => h.Id == change.Definition.Id ? change.Definition : h)] };
                return Failure(await AskAsync(() => admin.UpdateHookAsync(change.Definition, cancellationToken), cancellationToken));
            case ProvisionStep.DropHook drop:
                _state = _state with { Hooks = _state.Hooks.RemoveAll(h => h.Id == drop.Id) };
                return await TakeBackAsync(drop.Made, () => admin.DeleteHookAsync(drop.Id, cancellationToken), cancellationToken);
            case ProvisionStep.WriteSettings:
                var text = SettingsUpdate.Of(_settings.ToString(), _wanted, _state, _record);
                file.Write(text);
                _settings = SettingsDocument.Read(text, out _)!;
                _record = _settings.Record;
                return null;
            case ProvisionStep.SayHello hello:
                return await HelloAsync(hello.Channel, cancellationToken);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private string BotId => _state.BotUser?.Id ?? throw new InvalidOperationException("There is no bot account yet.");

    /// <summary>Notes the intent, makes it, notes what was made.</summary>
    private async Task<string?> MakeAsync<T>(
        MadeThing thing, Func<Task<MattermostResult<T>>> make, Func<MadeThing, T, MadeThing> made, CancellationToken cancellationToken)
    {
        Note(_record.With(thing));
        var result = await AskAsync(make, cancellationToken);
        if (result is not MattermostResult<T>.Ok { Value: var value })
        {
            return Failure(result);
        }

        // The change of the record inside comes first: it is of the record without this.
        var done = made(thing, value) with { Done = true };
        Note(_record.With(done));
        return null;
    }

    private void Note(ProvisionRecord record)
    {
        _settings.Record = _record = record;
        file.Write(_settings.ToString());
    }

    private async Task<string?> TakeBackAsync(MadeThing made, Func<Task<MattermostResult<ServerStatus>>> take, CancellationToken cancellationToken)
    {
        var result = await AskAsync(take, cancellationToken);
        if (result is not MattermostResult<ServerStatus>.Ok && !result.IsNotFound)
        {
            return Failure(result);
        }

        Note(_record.Without(made));
        return null;
    }

    private async Task<string?> HelloAsync(Channel channel, CancellationToken cancellationToken)
    {
        var voice = bot(_settings.Get(SettingsUpdate.BotToken) ?? "");
        var thing = new MadeThing(MadeKind.Hello, channel.Name) { Team = channel.TeamId, Channel = channel.Id };
        Note(_record.With(thing));
        var found = await Hello.FindAsync(voice, channel.Id, BotId, cancellationToken);
        if (found is not MattermostResult<Hello.Found>.Ok { Value.PostId: var id })
        {
            return Failure(found);
        }

        return id is not null
            ? NoteHello(id)
            : await AskAsync(() => voice.CreatePostAsync(Hello.Post(_wanted, channel.Id), cancellationToken), cancellationToken) switch
            {
                MattermostResult<Post>.Ok { Value: var post } => NoteHello(post.Id),
                var failed => Failure(failed),
            };

        string? NoteHello(string post)
        {
            Note(_record.With(thing with { Done = true, Id = post }));
            return null;
        }
    }

    private Task<MattermostResult<T>> AskAsync<T>(Func<Task<MattermostResult<T>>> ask, CancellationToken cancellationToken) => Patience.AskAsync(ask, time, cancellationToken);

    private static string? Failure<T>(MattermostResult<T> result) => result is MattermostResult<T>.Ok ? null : result.Describe();
}
