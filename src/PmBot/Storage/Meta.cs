using System.Globalization;

namespace PmBot.Storage;

/// <summary>What the bot knows of itself and of its store, as texts by name: the table <c>meta</c>.</summary>
public static class Meta
{
    /// <summary>The text of that name; null if there is none.</summary>
    public static string? FindMeta(this IReadTransaction transaction, string key) =>
        transaction.Query<string>("select value from meta where key = @key", new { key }) is [var value] ? value : null;

    /// <summary>Writes the text of that name, in the place of the one there was.</summary>
    public static void PutMeta(this IWriteTransaction transaction, string key, string value) => transaction.Write(
        "insert into meta (key, value) values (@key, @value) on conflict (key) do update set value = excluded.value", ("key", key), ("value", value));

    /// <summary>Deletes the text of that name, if there is one.</summary>
    public static void DeleteMeta(this IWriteTransaction transaction, string key) => transaction.Write("delete from meta where key = @key", ("key", key));

    /// <summary>Writes and commits the time, which proves that the store is writable.</summary>
    /// <exception cref="StoreUnavailableException">It is not.</exception>
    public static Task ProbeAsync(this IStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        return store.ExecuteAsync(
            transaction =>
            {
                transaction.PutMeta("probe", now);
                return true;
            },
            cancellationToken);
    }
}
