using System.Collections.Concurrent;

namespace PmBot.Storage;

/// <summary>
/// Threads that take work from one queue, each with a connection of its own. A command's statements go back and forth; on the
/// thread pool they would keep the few threads that everything else needs.
/// </summary>
internal sealed class PostgresThreads : IAsyncDisposable
{
    private readonly BlockingCollection<Action<Place>> queue = [];
    private readonly CountdownEvent running;
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts them. A connection is opened when its thread first has something to do.</summary>
    /// <param name="open">Opens a connection.</param>
    /// <param name="count">How many.</param>
    /// <param name="name">What the threads are called.</param>
    public PostgresThreads(Func<PostgresSession> open, int count, string name)
    {
        running = new CountdownEvent(count);
        for (var i = 0; i < count; i++)
        {
            var place = new Place(open);
            new Thread(() => Work(place)) { IsBackground = true, Name = name }.Start();
        }
    }

    /// <summary>Queues work, which must not throw.</summary>
    /// <exception cref="StoreUnavailableException">The store is closed.</exception>
    public void Add(Action<Place> work)
    {
        try
        {
            queue.Add(work);
        }
        catch (InvalidOperationException e)
        {
            throw new StoreUnavailableException("The store is closed.", e);
        }
    }

    /// <summary>Takes no more, finishes what is queued and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.CompleteAdding();
        await finished.Task;
    }

    private void Work(Place place)
    {
        foreach (var work in queue.GetConsumingEnumerable())
        {
            work(place);
        }

        place.Drop();
        if (running.Signal())
        {
            finished.SetResult();
        }
    }

    /// <summary>A thread's connection.</summary>
    public sealed class Place(Func<PostgresSession> open)
    {
        private PostgresSession? session;

        /// <summary>The connection, opened if there is none.</summary>
        public PostgresSession Session => session ??= open();

        /// <summary>Closes a connection that is not to be used any more; the next use opens another.</summary>
        public void Drop()
        {
            try
            {
                session?.Dispose();
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or IOException or InvalidOperationException)
            {
                // It was lost already.
            }

            session = null;
        }
    }
}
