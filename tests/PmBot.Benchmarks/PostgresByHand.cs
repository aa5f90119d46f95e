using System.Threading.Channels;
using Npgsql;

namespace PmBot.Benchmarks;

/// <summary>The storage engine alone: the rows of a command in a transaction of its own, by prepared statements on as many connections as the bot has for that.</summary>
internal sealed class PostgresByHand : IWriter
{
    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>();
    private readonly IReadOnlyList<Task> _work;

    /// <summary>Connects to a schema that is filled already.</summary>
    public PostgresByHand(string connectionString, int connections) =>
        _work = [.. Enumerable.Range(0, connections).Select(_ => Task.Run(() => WorkAsync(connectionString)))];

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
        await Task.WhenAll(_work);
    }

    private async Task WorkAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var find = new NpgsqlCommand("select version, body from rotations where id = @id for update", connection);
        await using var update = new NpgsqlCommand("update rotations set version = @version, body = @body where id = @id and version = @loaded", connection);
        await using var audit = new NpgsqlCommand(WriteWork.Audit, connection);
        await using var delivery = new NpgsqlCommand(WriteWork.Delivery, connection);
        await foreach (var (id, number, done) in _queue.Reader.ReadAllAsync())
        {
            try
            {
                await using var transaction = await connection.BeginTransactionAsync();
                Set(find, ["@id"], id);
                long version;
                string body;
                await using (var reader = await find.ExecuteReaderAsync())
                {
                    await reader.ReadAsync();
                    (version, body) = (reader.GetInt64(0), reader.GetString(1));
                }

                Set(update, ["@version", "@body", "@id", "@loaded"], version + 1, WriteWork.Changed(body, number), id, version);
                await update.ExecuteNonQueryAsync();
                Set(audit, WriteWork.AuditNames, WriteWork.AuditValues(id, number));
                await audit.ExecuteNonQueryAsync();
                Set(delivery, WriteWork.DeliveryNames, WriteWork.DeliveryValues(id, number));
                await delivery.ExecuteNonQueryAsync();
                await transaction.CommitAsync();
                done.SetResult();
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
            {
                done.SetException(e);
            }
        }
    }

    private static void Set(NpgsqlCommand command, IReadOnlyList<string> names, params object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i == command.Parameters.Count)
            {
                command.Parameters.Add(new NpgsqlParameter { ParameterName = names[i], NpgsqlDbType = values[i] is long ? NpgsqlTypes.NpgsqlDbType.Bigint : NpgsqlTypes.NpgsqlDbType.Text });
            }

            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }

    private sealed record Waiting(string Id, int Number, TaskCompletionSource Done);
}
