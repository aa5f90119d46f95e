using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PmBot.Storage;

/// <summary>A table that was moved.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Checksum">SHA-256 over all values in the order of its key, in hexadecimal; the same at both ends.</param>
public sealed record MovedTable(string Table, long Rows, string Checksum);

/// <summary>
/// Moves all data from one engine's database to another's. The target gets everything in one transaction, which is committed once counts and
/// checksums agree: interrupted at any moment it is as empty as before. The source is only read.
/// </summary>
public static class StoreMove
{
    // Of one statement. Enough that the way to a server does not count; 16 columns stay below both engines' limits of parameters.
    private const int RowsAtOnce = 200;

    /// <summary>The tables, each with the number of its leading columns that are its key.</summary>
    internal static IReadOnlyList<(string Name, int Key)> Tables { get; } =
    [
        ("meta", 1), ("workspaces", 1), ("rotations", 1), ("shifts", 2), ("audit", 1), ("occurrences", 3), ("deliveries", 1), ("nonces", 1), ("requests", 1),
        ("request_books", 1), ("inbox", 1), ("request_numbers", 1), ("meetings", 1), ("meeting_records", 1), ("action_steps", 1), ("agenda_books", 1), ("calendars", 2),
    ];

    /// <summary>Moves it.</summary>
    /// <param name="source">Where the data is.</param>
    /// <param name="target">Where it is to be; it has no data yet.</param>
    /// <param name="cancellationToken">Gives up; the target stays empty.</param>
    /// <returns>What was moved.</returns>
    /// <exception cref="StoreRefusedException">The target has data, or cannot hold the source's.</exception>
    public static IReadOnlyList<MovedTable> Run(MoveEnd source, MoveEnd target, CancellationToken cancellationToken)
    {
        using var reading = source.Connection.BeginTransaction();
        using var writing = target.Connection.BeginTransaction();
        foreach (var (table, _) in Tables)
        {
            if (Scalar(target.Connection, writing, $"select count(*) from {table}") is var rows && rows > 0)
            {
                throw new StoreRefusedException(
                    $"{target.Name} has data already ({rows.ToString("N0", CultureInfo.InvariantCulture)} rows in {table}). Name a database or schema that is empty, or empty this one. Nothing was changed.");
            }
        }

        try
        {
            var columns = Tables.ToDictionary(t => t.Name, t => Columns(source.Connection, reading, t.Name), StringComparer.Ordinal);
            foreach (var (table, _) in Tables)
            {
                Copy(source, reading, target, writing, table, columns[table], cancellationToken);
            }

            if (target.Afterwards is { } statements)
            {
                using var command = Command(target.Connection, writing, statements);
                command.ExecuteNonQuery();
            }

            List<MovedTable> moved = [];
            foreach (var (table, key) in Tables)
            {
                var before = Sum(source.Connection, reading, table, columns[table], key, cancellationToken);
                var after = Sum(target.Connection, writing, table, columns[table], key, cancellationToken);
                moved.Add(before == after
                    ? before
                    : throw new StoreRefusedException($"{table} is not the same at both ends: {before.Rows} rows with checksum {before.Checksum[..12]}, and {after.Rows} with {after.Checksum[..12]}. Nothing was changed; please report this."));
            }

            cancellationToken.ThrowIfCancellationRequested();
            writing.Commit();
            return moved;
        }
        catch (DbException e)
        {
            throw new StoreRefusedException($"The data of {source.Name} could not be moved to {target.Name}: {e.Message} Nothing was changed; once that is mended, run it again.", e);
        }
    }

    private static void Copy(MoveEnd source, DbTransaction reading, MoveEnd target, DbTransaction writing, string table, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        using var select = Command(source.Connection, reading, $"select {string.Join(", ", columns)} from {table}");
        using var rows = select.ExecuteReader();
        List<object[]> waiting = [];
        while (rows.Read())
        {
            var values = new object[columns.Count];
            rows.GetValues(values);
            waiting.Add(values);
            if (waiting.Count == RowsAtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Insert(target, writing, table, columns, waiting);
                waiting.Clear();
            }
        }

        if (waiting.Count > 0)
        {
            Insert(target, writing, table, columns, waiting);
        }
    }

    private static void Insert(MoveEnd target, DbTransaction writing, string table, IReadOnlyList<string> columns, List<object[]> rows)
    {
        var text = new StringBuilder($"insert into {table} ({string.Join(", ", columns)}) values ");
        using var command = Command(target.Connection, writing, "");
        foreach (var (r, values) in rows.Index())
        {
            text.Append(r == 0 ? "(" : ", (");
            foreach (var (c, value) in values.Index())
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{(r * values.Length) + c}");
                parameter.Value = value;
                command.Parameters.Add(parameter);
                text.Append(c == 0 ? "" : ", ").Append(parameter.ParameterName);
            }

            text.Append(')');
        }

#pragma warning disable CA2100 // Names come from the schema; values are parameters.
        command.CommandText = text.ToString();
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static MovedTable Sum(DbConnection connection, DbTransaction transaction, string table, IReadOnlyList<string> columns, int key, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var select = Command(connection, transaction, $"select {string.Join(", ", columns)} from {table} order by {string.Join(", ", columns.Take(key))}");
        using var rows = select.ExecuteReader();
        var values = new object[columns.Count];
        var count = 0L;
        while (rows.Read())
        {
            count++;
            rows.GetValues(values);
            foreach (var value in values)
            {
                // The kind and the length first, so that no two rows look alike.
                var bytes = value switch
                {
                    DBNull => [],
                    long number => BitConverter.GetBytes(number),
                    string text => Encoding.UTF8.GetBytes(text),
                    _ => throw new InvalidDataException($"{table} holds a {value.GetType().Name}."),
                };
                hash.AppendData([value switch { DBNull => 0, long => 1, _ => 2 }, .. BitConverter.GetBytes(bytes.Length)]);
                hash.AppendData(bytes);
            }

            if (count % 10_000 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return new MovedTable(table, count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static IReadOnlyList<string> Columns(DbConnection connection, DbTransaction transaction, string table)
    {
        using var select = Command(connection, transaction, $"select * from {table} where 1 = 0");
        using var reader = select.ExecuteReader();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
    }

    private static long Scalar(DbConnection connection, DbTransaction transaction, string sql)
    {
        using var command = Command(connection, transaction, sql);
        return (long)command.ExecuteScalar()!;
    }

    private static DbCommand Command(DbConnection connection, DbTransaction transaction, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandTimeout = 0;
#pragma warning disable CA2100 // Names come from the schema; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
