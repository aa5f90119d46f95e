using NodaTime;
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
    RotationPeople people,
    RotationSetter setter,
    WorkspaceSettings workspace,
    Channels channels,
    Buttons buttons,
    TimeProvider time) : ICommandHandler
{
    /// <summary>The key of the command in the settings.</summary>
    public const string CommandName = "pm-rotation";

    private readonly VerbAnswers<RotationCommand> _answers = new(
        RotationVerbs.All, buttons, "tells who is on duty",
        $"Dates are written {DateText.Forms}; users `@name`, channels `~name`; quotes group words", "cover",
        "Another rotation than the first: `--rotation NAME`.");

    public string Command => CommandName;

    public string VerbOf(string text) => RotationVerbs.Parse(text) switch
    {
        Parsed<RotationCommand>.Command command => command.Value.GetType().Name.ToLowerInvariant(),
        Parsed<RotationCommand>.Incomplete incomplete => incomplete.Verb.Name,
        Parsed<RotationCommand>.Help => "help",
        _ => "unknown",
    };

    public async Task<CommandReply> HandleAsync(SlashCommand command, CancellationToken cancellationToken) =>
        RotationVerbs.Parse(command.Text) switch
        {
            Parsed<RotationCommand>.Command parsed => await RunAsync(command, parsed.Value, cancellationToken),
            Parsed<RotationCommand>.Help help => Help(command, help.Of),
            Parsed<RotationCommand>.Incomplete incomplete => _answers.Incomplete(command, incomplete),
            Parsed<RotationCommand>.Unknown unknown => _answers.Unknown(command, unknown),
            var other => throw new InvalidOperationException(other.GetType().Name),
        };

    private async Task<CommandReply> RunAsync(SlashCommand slash, RotationCommand command, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case RotationCommand.Create create:
                return await maker.CreateAsync(slash, create, cancellationToken);
            case RotationCommand.Delete delete:
                return await maker.AskToDeleteAsync(slash, delete, cancellationToken);
            case RotationCommand.Who when command.RotationName is null:
                var all = await FreshAsync(await store.ReadAsync(t => t.RotationsOf(slash.TeamId), cancellationToken), cancellationToken);
                return new CommandReply(all.Count == 0 ? texts.NoRotation() : texts.Who(all, Now()));
            case RotationCommand.Who:
                return await ReadAsync(slash, command, (_, r) => texts.Who([r], Now()), cancellationToken);
            case RotationCommand.Schedule schedule:
                return await ReadAsync(slash, command, (_, r) => texts.Schedule(r, schedule.Count, Now()), cancellationToken);
            case RotationCommand.Duties:
                return await ReadAsync(slash, command, (_, r) => texts.Duties(r), cancellationToken);
            case RotationCommand.History history:
                return await ReadAsync(slash, command, (t, r) => texts.History(r, t.PastShifts(r.Id, history.Count), Now()), cancellationToken);
            case RotationCommand.Stats:
                return await ReadAsync(slash, command, (t, r) => texts.Stats(r, t.CarriedBy(r.Id), Now()), cancellationToken);
            case RotationCommand.Settings:
                return await SettingsAsync(slash, command, cancellationToken);
            default:
                return await changes.RunAsync(slash, command, cancellationToken);
        }
    }

    private async Task<CommandReply> ReadAsync(
        SlashCommand slash, RotationCommand command, Func<IReadTransaction, Rotation, string> answer, CancellationToken cancellationToken)
    {
        var (rotation, problem) = RotationChoice.Choose(
            await store.ReadAsync(t => t.RotationsOf(slash.TeamId), cancellationToken), command.RotationName, texts);
        if (rotation is null)
        {
            return new CommandReply(problem);
        }

        var fresh = (await FreshAsync([rotation], cancellationToken))[0];
        return new CommandReply(await store.ReadAsync(t => answer(t, fresh), cancellationToken));
    }

    private async Task<CommandReply> SettingsAsync(SlashCommand slash, RotationCommand command, CancellationToken cancellationToken)
    {
        var rotations = await store.ReadAsync(t => t.RotationsOf(slash.TeamId), cancellationToken);
        var (rotation, problem) = RotationChoice.Choose(rotations, command.RotationName, texts);
        if (rotation is null && command.RotationName is not null)
        {
            return new CommandReply(problem);
        }

        var names = await channels.NamesAsync([rotation?.AnnounceChannelId, rotation?.HeaderChannelId], cancellationToken);
        return new CommandReply(texts.Settings(rotation, names, await workspace.ShowAsync(slash.TeamId, cancellationToken), Now()));
    }

    /// <summary>The help of a verb; of <c>set</c> with all settings, for those of the workspace are every feature's.</summary>
    private CommandReply Help(SlashCommand slash, Verb<RotationCommand>? of) =>
        _answers.Help(slash, of is { Name: "set" } set ? set with { Notes = setter.Explained } : of);

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
