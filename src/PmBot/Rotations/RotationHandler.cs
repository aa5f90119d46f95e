using NodaTime;
using PmBot.Calendars;
using PmBot.Mattermost;
using PmBot.Mattermost.Commands;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Rotations;

/// <summary>Answers <c>/pm-rotation</c>: reads here, changes by <see cref="RotationChanges"/>.</summary>
internal sealed class RotationHandler(
    IStore store,
    RotationTexts texts,
    RotationChanges changes,
    RotationMaker maker,
    RotationSetup setup,
    RotationPeople people,
    RotationSetter setter,
    WorkspaceSettings workspace,
    Channels channels,
    CalendarAddresses calendars,
    Buttons buttons,
    TimeProvider time) : ICommandHandler
{
    /// <summary>The key of the command in the settings.</summary>
    public const string CommandName = "pm-rotation";

    private readonly VerbAnswers<RotationCommand> _answers = new(
        RotationVerbs.All, buttons, "tells who is on duty",
        $"Dates are written {DateText.Forms}; users `@name`, channels `~name`. Quotes group words.", "cover",
        "Another rotation than the first: `--rotation NAME`.");

    public string Command => CommandName;

    public ReadCommand Read(SlashCommand command)
    {
        // The help of `set` lists all settings, for those of the workspace are every feature's.
        var parsed = RotationVerbs.Parse(command.Text);
        if (parsed is Parsed<RotationCommand>.Help { Of: { Name: "set" } set })
        {
            parsed = new Parsed<RotationCommand>.Help(set with { Notes = setter.Explained });
        }

        return _answers.Read(command, parsed, (typed, limit) => RunAsync(command, typed, limit));
    }

    private async Task<CommandReply> RunAsync(SlashCommand slash, RotationCommand command, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case RotationCommand.Create { Name: null }:
                return await setup.OpenAsync(slash, cancellationToken);
            case RotationCommand.Create create:
                return await maker.CreateAsync(slash, create, cancellationToken);
            case RotationCommand.Delete delete:
                return await maker.AskToDeleteAsync(slash, delete, cancellationToken);
            case RotationCommand.Who when command.RotationName is null:
                var all = await FreshAsync(await store.RotationsOfAsync(slash.TeamId, cancellationToken), cancellationToken);
                return all.Count == 0 ? await setup.FirstWordsAsync(slash, cancellationToken) : new CommandReply(texts.Who(all, Now()));
            case RotationCommand.Who:
                return await ReadAsync(slash, command, r => texts.Who([r], Now()), cancellationToken);
            case RotationCommand.Schedule schedule:
                return await ReadAsync(slash, command, r => texts.Schedule(r, schedule.Count, Now()), cancellationToken);
            case RotationCommand.Duties:
                return await ReadAsync(slash, command, r => texts.Duties(r), cancellationToken);
            case RotationCommand.History history:
                return await ReadAsync(slash, command, (t, r) => texts.History(r, t.PastShifts(r.Id, history.Count), Now()), cancellationToken);
            case RotationCommand.Stats:
                return await ReadAsync(slash, command, (t, r) => texts.Stats(r, t.CarriedBy(r.Id), Now()), cancellationToken);
            case RotationCommand.Calendar calendar:
                return await CalendarAsync(new CalendarOwner(slash.TeamId, slash.UserId), calendar.Reset, cancellationToken);
            case RotationCommand.Settings:
                return await SettingsAsync(slash, command, cancellationToken);
            default:
                return await changes.RunAsync(slash, command, cancellationToken);
        }
    }

    private Task<CommandReply> ReadAsync(
        SlashCommand slash, RotationCommand command, Func<IReadTransaction, Rotation, string> answer, CancellationToken cancellationToken) =>
        ReadAsync(slash, command, rotation => store.ReadAsync(t => answer(t, rotation), cancellationToken), cancellationToken);

    private Task<CommandReply> ReadAsync(SlashCommand slash, RotationCommand command, Func<Rotation, string> answer, CancellationToken cancellationToken) =>
        ReadAsync(slash, command, rotation => Task.FromResult(answer(rotation)), cancellationToken);

    private async Task<CommandReply> ReadAsync(
        SlashCommand slash, RotationCommand command, Func<Rotation, Task<string>> answer, CancellationToken cancellationToken)
    {
        var (rotation, problem) = RotationChoice.Choose(
            await store.RotationsOfAsync(slash.TeamId, cancellationToken), command.RotationName, texts);
        if (rotation is null)
        {
            return new CommandReply(problem);
        }

        return new CommandReply(await answer((await FreshAsync([rotation], cancellationToken))[0]));
    }

    private async Task<CommandReply> CalendarAsync(CalendarOwner caller, bool reset, CancellationToken cancellationToken) => new(texts.Calendar(
        reset ? await calendars.ResetAsync(caller, cancellationToken) : await calendars.OfAsync(caller, cancellationToken)));

    private async Task<CommandReply> SettingsAsync(SlashCommand slash, RotationCommand command, CancellationToken cancellationToken)
    {
        var rotations = await store.RotationsOfAsync(slash.TeamId, cancellationToken);
        var (rotation, problem) = RotationChoice.Choose(rotations, command.RotationName, texts);
        if (rotation is null && command.RotationName is not null)
        {
            return new CommandReply(problem);
        }

        var names = await channels.NamesAsync([rotation?.AnnounceChannelId, rotation?.HeaderChannelId], cancellationToken);
        return new CommandReply(texts.Settings(rotation, names, await workspace.ShowAsync(slash.TeamId, cancellationToken), Now()));
    }

    private async Task<IReadOnlyList<Rotation>> FreshAsync(IReadOnlyList<Rotation> rotations, CancellationToken cancellationToken)
    {
        var fresh = new List<Rotation>();
        foreach (var rotation in rotations)
        {
            fresh.Add(rotation.WithNames(await people.FreshAsync(rotation, cancellationToken)));
        }

        return fresh;
    }

    private Instant Now() => Instant.FromDateTimeOffset(time.GetUtcNow());
}

/// <summary>Finds the rotation that a command means.</summary>
internal static class RotationChoice
{
    /// <summary>The one of that name, or the oldest; or a sentence that says which there are.</summary>
    public static (Rotation? Rotation, string Problem) Choose(IReadOnlyList<Rotation> rotations, string? name, RotationTexts texts)
    {
        if (rotations.Count == 0)
        {
            return (null, texts.NoRotation());
        }

        var rotation = name is null ? rotations[0] : rotations.FirstOrDefault(r => RotationStore.Key(r.Name) == RotationStore.Key(name));
        return (rotation, rotation is not null ? ""
            : $"There is no rotation {Markdown.Code(name ?? "")}. There is {string.Join(", ", rotations.Select(r => Markdown.Code(r.Name)))}. Nothing was changed.");
    }
}
