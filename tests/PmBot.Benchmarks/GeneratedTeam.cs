using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PmBot.Rotations;
using PmBot.Sandbox;
using PmBot.Storage;

namespace PmBot.Benchmarks;

/// <summary>The real bot, in a process of its own, on a generated store, beside a stand-in server that knows the store's team.</summary>
internal sealed class GeneratedTeam : IAsyncDisposable
{
    private readonly SandboxClock _clock;
    private readonly DirectoryInfo _own;
    private readonly SandboxTeam _team;
    private readonly string _channelId;

    private GeneratedTeam(SandboxClock clock, DirectoryInfo own, SandboxTeam team, string channelId, BotProcess bot, StoreSize size) =>
        (_clock, _own, _team, _channelId, Bot, Size) = (clock, own, team, channelId, bot, size);

    /// <summary>The bot.</summary>
    public BotProcess Bot { get; }

    /// <summary>How much is stored.</summary>
    public StoreSize Size { get; }

    /// <summary>Starts both.</summary>
    /// <param name="folder">Where generated stores are kept; one that is missing is made.</param>
    /// <param name="size">How much is stored.</param>
    public static async Task<GeneratedTeam> StartAsync(string folder, StoreSize size)
    {
        var file = await size.FileAsync(folder);
        var clock = SandboxClock.Running(RequestGenerator.End.ToDateTimeOffset());
        var own = Directory.CreateTempSubdirectory("pmbot-benchmark-");
        var team = await SandboxTeam.StartAsync(
            clock, own.FullName, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage:ConnectionString"] = $"Data Source={file}" });
        var generated = team.Server.AddTeam("generated", "Generated", RequestGenerator.TeamId);
        var channel = team.Server.AddChannel(generated, "product-management");
        team.Server.Join(channel, team.BotUser);
        foreach (var person in RequestGenerator.Managers.Concat(RequestGenerator.Reporters))
        {
            var user = team.Server.AddUser(person.Name, person.Name, "", id: person.Id);
            team.Server.Join(channel, user);
            if (person == RequestGenerator.Managers[0])
            {
                team.Server.MakeTeamAdmin(generated, user);
            }
        }

        var bot = await BotProcess.StartAsync(team.Settings, clock);
        return new GeneratedTeam(clock, own, team, channel.Id, bot, size);
    }

    /// <summary>A request to the bot.</summary>
    public byte[] Request(string trigger, string text) => Typed(trigger).Request(new Uri(Bot.Url, $"/mattermost/commands/{trigger}"), text);

    /// <summary>The same request to the no-op beside it.</summary>
    public byte[] Noop(string trigger, string text) => Typed(trigger).Request(new Uri(Bot.Url, BotProcess.Noop), text);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Bot.DisposeAsync();
        await _team.DisposeAsync();
        _clock.Dispose();
        _own.Delete(recursive: true);
    }

    private Typed Typed(string trigger)
    {
        var caller = RequestGenerator.Managers[0];
        return new Typed(trigger, _team.CommandTokens[trigger], RequestGenerator.TeamId, _channelId, caller.Id, caller.Name);
    }
}

/// <summary>How much a generated store holds.</summary>
/// <param name="Requests">Customer requests, all of one team.</param>
/// <param name="Rotations">Rotations of that team.</param>
/// <param name="OtherTeams">Further teams, each with 10 rotations.</param>
internal sealed record StoreSize(int Requests, int Rotations, int OtherTeams = 0)
{
    private const int RotationsOfOthers = 10;

    /// <summary>What a table calls it.</summary>
    public string Name => string.Create(
        CultureInfo.InvariantCulture, $"{Requests:N0} requests, {Rotations:N0}{(OtherTeams == 0 ? "" : $" + {OtherTeams * RotationsOfOthers:N0}")} rotations");

    /// <summary>The file that holds it, generated if it is missing.</summary>
    public async Task<string> FileAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"requests-{Requests}-rotations-{Rotations}-teams-{OtherTeams}.db");
        if (File.Exists(file))
        {
            return file;
        }

        // Under another name until it is whole, so that what an interrupted run left is not taken for it.
        var unfinished = Path.Combine(folder, "new.db");
        foreach (var left in Directory.GetFiles(folder, "new.db*"))
        {
            File.Delete(left);
        }

        Console.Error.WriteLine($"Generating {Name}");
        await new RequestGenerator().WriteAsync(Requests, unfinished);
        await using (var store = SqliteStore.Open($"Data Source={unfinished}", TimeProvider.System, NullLogger<SqliteStore>.Instance))
        {
            var own = new RotatingTeam(RequestGenerator.TeamId, null, [.. RequestGenerator.Managers.Take(5)]);
            await RotationGenerator.WriteAsync(store, [own], Rotations, _ => HandoffSchedule.Default, RequestGenerator.End);
            await RotationGenerator.WriteAsync(store, Enumerable.Range(1, OtherTeams).Select(RotatingTeam.Silent), RotationsOfOthers, _ => HandoffSchedule.Default, RequestGenerator.End);
        }

        File.Move(unfinished, file);
        File.Delete($"{unfinished}.lock");
        return file;
    }
}
