using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PmBot.Storage;

namespace PmBot.Tests.Faults;

/// <summary>The database of a run with faults, of one engine: the bot is given the settings, the test reads what the bot left in it.</summary>
internal abstract class FaultData : IAsyncDisposable
{
    /// <summary>The engines that the faults are tried with.</summary>
    public static IReadOnlyList<string> Engines { get; } = ["Sqlite"];

    /// <summary>The bot's settings for it.</summary>
    public abstract IReadOnlyDictionary<string, string?> Settings { get; }

    /// <summary>A new, empty database.</summary>
    /// <param name="engine">One of <see cref="Engines"/>.</param>
    /// <param name="folder">Where its files go, if it has any.</param>
    public static FaultData New(string engine, string folder) => engine switch
    {
        "Sqlite" => new OfSqlite(folder),
        _ => throw new ArgumentOutOfRangeException(nameof(engine), engine, "No engine that the faults are tried with."),
    };

    /// <summary>Opens it, while no bot has it.</summary>
    public abstract IStore Open(TimeProvider time);

    /// <summary>Opens it as a kill left it, without changing what the next bot finds, and looks for damage.</summary>
    public abstract Task<Reopened> ReopenAsync(TimeProvider time);

    /// <summary>How large it is now.</summary>
    public abstract Task<DataSize> SizeAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    private sealed class OfSqlite(string folder) : FaultData
    {
        private readonly string _file = Path.Combine(folder, "pmbot.db");
        private int _copies;

        public override IReadOnlyDictionary<string, string?> Settings =>
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage:ConnectionString"] = $"Data Source={_file}" };

        public override IStore Open(TimeProvider time) => Open(_file, time);

        // A copy: closing the database would tidy it up, and the next bot is to find what the last one left.
        public override async Task<Reopened> ReopenAsync(TimeProvider time)
        {
            var copy = Directory.CreateDirectory(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"copy-{++_copies}")));
            var file = Path.Combine(copy.FullName, "pmbot.db");
            foreach (var part in (string[])["", "-wal"])
            {
                if (File.Exists(_file + part))
                {
                    File.Copy(_file + part, file + part);
                }
            }

            var started = Stopwatch.GetTimestamp();
            await using (var store = Open(file, time))
            {
                var took = Stopwatch.GetElapsedTime(started);
                var found = await store.ReadAsync(t => t.Query<string>("pragma integrity_check"), CancellationToken.None);
                copy.Delete(recursive: true);
                return new Reopened(took, found is ["ok"] ? [] : found);
            }
        }

        public override Task<DataSize> SizeAsync() => Task.FromResult(new DataSize(Length(_file), Length(_file + "-wal")));

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static long Length(string file) => new FileInfo(file) is { Exists: true, Length: var length } ? length : 0;

        private static SqliteStore Open(string file, TimeProvider time) => SqliteStore.Open($"Data Source={file}", time, NullLogger<SqliteStore>.Instance);
    }
}

/// <summary>What a database came to after a kill.</summary>
/// <param name="Time">How long it took to open.</param>
/// <param name="Damage">What is damaged; empty if nothing is.</param>
internal sealed record Reopened(TimeSpan Time, IReadOnlyList<string> Damage);

/// <summary>How large a database is.</summary>
/// <param name="Data">What is stored, in bytes.</param>
/// <param name="Log">The log of what is not yet in its place, in bytes.</param>
internal readonly record struct DataSize(long Data, long Log);
