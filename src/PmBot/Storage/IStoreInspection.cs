namespace PmBot.Storage;

/// <summary>A look at a database from outside; nothing in it is changed.</summary>
internal interface IStoreInspection : IDisposable
{
    /// <summary>The version of its schema, at most this program's; 0 if there is nothing in it yet.</summary>
    int Version { get; }

    /// <summary>The tables that it has; one of an older program has fewer.</summary>
    IReadOnlyList<string> Tables { get; }

    /// <summary>Runs a query over one consistent, committed state.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">Something in it cannot be understood.</exception>
    T Read<T>(Func<IReadTransaction, T> query);
}
