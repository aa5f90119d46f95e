namespace PmBot.Storage;

/// <summary>
/// The storage port. A feature says what is to change; the engine decides when and how it becomes durable.
/// Neither begin nor commit is exposed, so that no caller can hold a transaction open across an await.
/// </summary>
/// <remarks>
/// An engine holds these promises: everything a change wrote is on disk before its task completes; a change that throws leaves
/// nothing behind; two changes never interleave on one aggregate (no lost update).
/// </remarks>
public interface IStore : IAsyncDisposable
{
    /// <summary>
    /// Whether other processes may change what is stored, too. Then nothing that this process remembers is the last word, and what another
    /// one has under way is given up only when its time is over.
    /// </summary>
    bool IsShared { get; }

    /// <summary>Runs <paramref name="change"/> in one write transaction and completes when that is durable.</summary>
    /// <param name="change">
    /// Synchronous and free of side effects outside the transaction: an engine may run it again (a serialization failure).
    /// Side effects belong into <see cref="IWriteTransaction.AfterCommit"/>.
    /// </param>
    /// <param name="cancellationToken">Heeded until the change has begun; a change that has begun runs to its end.</param>
    /// <returns>What <paramref name="change"/> returned.</returns>
    /// <exception cref="StoreUnavailableException">The engine could not make it durable; nothing was changed.</exception>
    Task<T> ExecuteAsync<T>(Func<IWriteTransaction, T> change, CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="query"/> against one consistent, committed state. It never waits for writers.</summary>
    /// <param name="query">Synchronous and free of side effects: an engine may run it again.</param>
    /// <param name="cancellationToken">Ends the wait for its turn.</param>
    /// <exception cref="StoreUnavailableException">The engine could not read.</exception>
    Task<T> ReadAsync<T>(Func<IReadTransaction, T> query, CancellationToken cancellationToken);

    /// <summary>
    /// The same for what is asked often. An engine that knows that nothing was changed since may give the answer that an equal question had, the same instance of it.
    /// </summary>
    /// <param name="question">
    /// What is asked, compared by its value. The answer follows from it and from what is stored, and from nothing else, such as the time; and nobody changes it.
    /// </param>
    /// <param name="query">See the other one.</param>
    /// <param name="cancellationToken">Ends the wait for its turn.</param>
    /// <exception cref="StoreUnavailableException">The engine could not read.</exception>
    Task<T> ReadAsync<T>(Question question, Func<IReadTransaction, T> query, CancellationToken cancellationToken) => ReadAsync(query, cancellationToken);
}

/// <summary>What is asked of a store. See <see cref="IStore.ReadAsync{T}(Question, Func{IReadTransaction, T}, CancellationToken)"/>.</summary>
/// <param name="What">The kind of question; no two share one.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="More">What else tells them apart, compared by its value.</param>
public sealed record Question(string What, string WorkspaceId, object? More = null);

/// <summary>What a query can see. SQL given here is written so that SQLite and PostgreSQL both take it.</summary>
public interface IReadTransaction
{
    /// <summary>The aggregate of that id, or null. Inside a write transaction its row is held until the end.</summary>
    T? Find<T>(Table<T> table, string id)
        where T : Aggregate;

    /// <summary>Aggregates by a condition over the table's columns, e.g. <c>workspace_id = @workspace order by name_key</c>.</summary>
    IReadOnlyList<T> Select<T>(Table<T> table, string where, object? parameters = null)
        where T : Aggregate;

    /// <summary>Rows of any shape. Columns are matched to <typeparamref name="TRow"/> by name, without underscores or case.</summary>
    IReadOnlyList<TRow> Query<TRow>(string sql, object? parameters = null);
}

/// <summary>What a change can do, all of it or nothing.</summary>
public interface IWriteTransaction : IReadTransaction
{
    /// <summary>What came due and is being done; null for what somebody asked for. The last one, if the transaction does several.</summary>
    Cause? Cause { get; set; }

    /// <summary>
    /// Inserts (version 0) or updates the aggregate and raises its <see cref="Aggregate.Version"/> by one. An engine may write it as <see cref="Write"/> does.
    /// </summary>
    /// <exception cref="ConcurrencyException">The stored version is not the one that was loaded.</exception>
    void Save<T>(Table<T> table, T aggregate)
        where T : Aggregate;

    /// <summary>Deletes the aggregate. An engine may do it as <see cref="Write"/> does.</summary>
    /// <exception cref="ConcurrencyException">The stored version is not the one that was loaded.</exception>
    void Delete<T>(Table<T> table, T aggregate)
        where T : Aggregate;

    /// <summary>
    /// Holds a name until the end of the transaction: nobody else who asks for the same one goes on before. For what is decided by rows
    /// that are only read, or that are not there yet; an engine with one writer has nothing to do. It is held when the next statement runs. Of
    /// several names, take them in one order.
    /// </summary>
    /// <param name="name">What is decided under it, such as <c>lane:</c> and a lane.</param>
    void Lock(string name);

    /// <summary>Runs a statement, prepared once per text, and returns the number of rows it changed. Its parameters, <c>@name</c> in the text, are named without the sign.</summary>
    int Run(string sql, params (string Name, object? Value)[] parameters);

    /// <summary>
    /// Runs a statement of which nobody asks how many rows it changed. Everything later in the transaction sees what it did; an engine may send it together with the
    /// next statement or with the commit, and then its error comes from there.
    /// </summary>
    void Write(string sql, params (string Name, object? Value)[] parameters);

    /// <summary>Runs <paramref name="action"/> once this transaction is durable; never if it is not. It must not throw or block.</summary>
    void AfterCommit(Action action);
}

/// <summary>The store cannot be used now: disk full, file damaged, database away. Nothing of the change was kept.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The aggregate was changed by somebody else since it was loaded.</summary>
public sealed class ConcurrencyException(string message) : Exception(message);

/// <summary>The database cannot be opened by this program; the message says why and what to do.</summary>
public sealed class StoreRefusedException(string message, Exception? inner = null) : Exception(message, inner);
