using System.CommandLine;
using System.Globalization;
using NodaTime.Text;
using PmBot.Backups;
using PmBot.Storage;

namespace PmBot.Hosting;

/// <summary><c>pmbot backup</c> and <c>pmbot restore</c>.</summary>
internal static class BackupVerbs
{
    private static readonly InstantPattern Moment = InstantPattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd HH:mm:ss 'UTC'");

    /// <summary>The verbs.</summary>
    /// <param name="settings">The option that names the settings file.</param>
    /// <param name="engines">The engines there are.</param>
    public static IEnumerable<Command> All(Option<FileInfo?> settings, StoreEngines engines)
    {
        var file = new Argument<string>("FILE") { Description = "The backup." };
        var force = new Option<bool>("--force") { Description = "Replaces the file if it is there already." };
        var backup = new Command("backup", "Writes the whole database into FILE and checks it. The bot may run meanwhile.") { file, force };
        backup.SetAction((parsed, cancellationToken) => Cli.TryAsync(
            "PmBot made no backup:", async () => await MakeAsync(engines, parsed.GetValue(settings), parsed.GetRequiredValue(file), parsed.GetValue(force), cancellationToken)));
        var restore = new Command("restore", "Puts the backup FILE in the database's place, and keeps what was there. The bot must be stopped.") { file };
        restore.SetAction((parsed, cancellationToken) => Cli.TryAsync(
            "PmBot restored nothing:", async () => await RestoreAsync(engines, parsed.GetValue(settings), parsed.GetRequiredValue(file), cancellationToken)));
        return [backup, restore];
    }

    private static async Task<string> MakeAsync(StoreEngines engines, FileInfo? settings, string file, bool force, CancellationToken cancellationToken)
    {
        var made = await Engine(engines, settings).MakeAsync(file, force, cancellationToken);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {made.Database} is backed up and checked: {made.File} ({made.Bytes:N0} bytes, schema {made.Schema}).
            It holds all that people wrote and the signing key; only you can read it. To restore it: pmbot restore {Quoted(made.File)}{Settings(settings)}
            """);
    }

    private static async Task<string> RestoreAsync(StoreEngines engines, FileInfo? settings, string file, CancellationToken cancellationToken)
    {
        var restored = await Engine(engines, settings).RestoreAsync(file, cancellationToken);
        var until = restored.Until is { } last ? $"what happened until {Moment.Format(last)}" : "nothing yet";
        var kept = restored.KeptAs is { } before
            ? $"""
                The database from before is kept: {before}
                To go back, stop the bot, then: pmbot restore {Quoted(before)}{Settings(settings)}
                """
            : "There was no database before.";
        return $"""
            {restored.Database} is restored from {Path.GetFullPath(file)}: schema {restored.Schema}, it knows {until}.
            {kept}
            Next: start the bot. It makes up for what came due since then. What it announced meanwhile is found in Mattermost and not said again; what people changed since then is lost.
            """;
    }

    private static IStoreBackup Engine(StoreEngines engines, FileInfo? settings)
    {
        // An engine with tools of its own names them, whatever else is wrong.
        var named = Cli.Read<StorageOptions>(settings, StorageOptions.Section);
        if (engines.Find(named.Provider)?.Backup(named.ConnectionString, TimeProvider.System) is NoStoreBackup none)
        {
            return none;
        }

        var (engine, storage) = Cli.ReadStorage(settings, engines);
        return engine.Backup(storage.ConnectionString, TimeProvider.System);
    }

    private static string Settings(FileInfo? settings) => settings is null ? "" : $" --settings {Quoted(settings.FullName)}";

    /// <summary>As a shell takes it.</summary>
    private static string Quoted(string path) =>
        path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '\\' or ':') ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
