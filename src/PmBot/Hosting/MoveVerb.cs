using System.CommandLine;
using System.Globalization;
using PmBot.Storage;

namespace PmBot.Hosting;

/// <summary><c>pmbot move-store</c>.</summary>
internal static class MoveVerb
{
    /// <summary>The verb.</summary>
    /// <param name="settings">The option that names the settings file.</param>
    /// <param name="engines">The engines there are.</param>
    public static Command Create(Option<FileInfo?> settings, StoreEngines engines)
    {
        var to = new Option<string>("--to")
        {
            Description = "Where to: a settings file whose Storage section names the other database, or ENGINE:CONNECTION, such as \"Postgres:Host=db;Database=pmbot;Username=pmbot\" or \"Sqlite:Data Source=/var/lib/pmbot/pmbot.db\".",
            Required = true,
        };
        var move = new Command("move-store", "Moves all data to an empty database of another engine, and compares counts and checksums. Every bot on both must be stopped. The old database stays as it is.") { to };
        move.SetAction((parsed, cancellationToken) => Cli.TryAsync(
            "PmBot moved nothing:", () => Task.Run(() => Run(engines, parsed.GetValue(settings), parsed.GetRequiredValue(to), cancellationToken), CancellationToken.None)));
        return move;
    }

    private static string Run(StoreEngines engines, FileInfo? settings, string to, CancellationToken cancellationToken)
    {
        var (from, storage) = Cli.ReadStorage(settings, engines);
        var (target, connection) = Target(engines, to);
        if (from == target && from.FileOf(storage.ConnectionString) is { } file && file == target.FileOf(connection))
        {
            throw new StoreRefusedException($"{file} is where the data is already. Name another database after --to.");
        }

        using var source = Open(from, storage.ConnectionString, create: false);
        using var end = Open(target, connection, create: true);
        var moved = StoreMove.Run(source, end, cancellationToken);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            Moved {moved.Sum(m => m.Rows):N0} rows from {source.Name} ({from.Name}) to {end.Name} ({target.Name}); counts and checksums agree.

            {"table",-16} {"rows",12}  checksum (SHA-256)
            {string.Join(Environment.NewLine, moved.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Table,-16} {m.Rows,12:N0}  {m.Checksum[..16]}…")))}

            Next: set Storage:Provider to {target.Name} and Storage:ConnectionString to the new database in the settings of every bot, and start them. The old database is as it was; no bot may run on it any more.
            """);
    }

    private static MoveEnd Open(StoreEngine engine, string connectionString, bool create) =>
        engine.OpenToMove(connectionString, create) ?? throw new StoreRefusedException($"Data cannot be moved from or to {engine.Name}.");

    private static (StoreEngine Engine, string ConnectionString) Target(StoreEngines engines, string to)
    {
        if (File.Exists(to))
        {
            var (engine, storage) = Cli.ReadStorage(new FileInfo(to), engines);
            return (engine, storage.ConnectionString);
        }

        if (to.Split(':', 2) is [var name, var connection] && engines.Find(name) is { } named)
        {
            return named.FaultOf(connection) is { } fault ? throw new StoreRefusedException($"--to {name}: {fault}") : (named, connection);
        }

        throw new StoreRefusedException(
            $"--to names neither a settings file nor a database. Write {string.Join(" or ", engines.All.Select(e => $"{e.Name}:CONNECTION"))}, or the path of a settings file with a Storage section.");
    }
}
