using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace PmBot.Benchmarks;

/// <summary>
/// The storage engine alone: the rows of a command, written by prepared statements and nothing else, by one thread that commits together what came in the meantime.
/// The aggregate's text is read and written back changed, without being understood.
/// </summary>
internal sealed class SqliteByHand : IWriter
{
    private const int MostPerCommit = 128;

    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SqliteConnection _connection;
    private readonly Task _work;

    /// <summary>Opens a store that has its schema already.</summary>
    public SqliteByHand(string file)
    {
        _connection = new SqliteConnection($"Data Source={file};Pooling=false");
        _connection.Open();
        Statement("pragma journal_mode = wal").ExecuteNonQuery();
        Statement("pragma synchronous = full").ExecuteNonQuery();

        // As the store has them, so that only what is around the engine is compared.
        Statement("pragma cache_size = -8000").ExecuteNonQuery();
        Statement("pragma wal_autocheckpoint = 3000").ExecuteNonQuery();
        _work = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(string id, int number)
    {
        var waiting = new Waiting(id, number, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _queue.Writer.TryWrite(waiting);
        await waiting.Done.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.Complete();
        await _work;
        await _connection.DisposeAsync();
    }

    private void Work()
    {
        using var begin = Statement("begin immediate");
        using var commit = Statement("commit");
        using var find = Statement("select version, body from rotations where id = @id", "@id");
        using var update = Statement("update rotations set version = @version, body = @body where id = @id and version = @loaded", "@version", "@body", "@id", "@loaded");
        using var audit = Statement(WriteWork.Audit, WriteWork.AuditNames);
        using var delivery = Statement(WriteWork.Delivery, WriteWork.DeliveryNames);
        var batch = new List<Waiting>(MostPerCommit);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            while (batch.Count < MostPerCommit && _queue.Reader.TryRead(out var one))
            {
                batch.Add(one);
            }

            begin.ExecuteNonQuery();
            foreach (var (id, number, _) in batch)
            {
                find.Parameters[0].Value = id;
                long version;
                string body;
                using (var reader = find.ExecuteReader())
                {
                    reader.Read();
                    (version, body) = (reader.GetInt64(0), reader.GetString(1));
                }

                Run(update, version + 1, WriteWork.Changed(body, number), id, version);
                Run(audit, WriteWork.AuditValues(id, number));
                Run(delivery, WriteWork.DeliveryValues(id, number));
            }

            commit.ExecuteNonQuery();
            batch.ForEach(one => one.Done.SetResult());
        }
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        command.ExecuteNonQuery();
    }

    private SqliteCommand Statement(string sql, params IReadOnlyList<string> names)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in names)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    private sealed record Waiting(string Id, int Number, TaskCompletionSource Done);
}
