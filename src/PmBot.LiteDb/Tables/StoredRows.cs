using LiteDB;
using LiteDB.Engine;

namespace PmBot.LiteDb.Tables;

/// <summary>
/// The rows of the tables, within a transaction of the calling thread. What was changed can be taken back, so that one change of several in one
/// transaction fails alone: LiteDB has no savepoints.
/// </summary>
/// <param name="engine">The database.</param>
/// <param name="isWriting">
/// Whether this is the writer. It takes the write lock of a collection before it reads there: what LiteDB reads without it, it reads in a state
/// that others may have left behind.
/// </param>
internal sealed class StoredRows(LiteEngine engine, bool isWriting)
{
    /// <summary>The collection of what this engine keeps for itself.</summary>
    public const string OwnCollection = "pmbot";

    private readonly List<(StoredTable Table, BsonDocument? Before, BsonDocument? After)> changes = [];
    private readonly Dictionary<string, (long Last, bool IsStored)> counters = new(StringComparer.Ordinal);

    /// <summary>How many changes were made of which none was taken back.</summary>
    public int Changes => changes.Count;

    /// <summary>Whether anything was written at all, taken back or not.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>The documents whose key in an index is between two, both included.</summary>
    /// <param name="table">The table.</param>
    /// <param name="index">The index.</param>
    /// <param name="from">The first key.</param>
    /// <param name="to">The last key.</param>
    /// <param name="isDescending">Whether the last one comes first.</param>
    /// <param name="fields">What is read of each; null for all.</param>
    public IEnumerable<BsonDocument> Read(StoredTable table, StoredIndex index, byte[] from, byte[] to, bool isDescending, BsonExpression? fields)
    {
        var query = new Query { ForUpdate = isWriting, Order = isDescending ? Query.Descending : Query.Ascending };
        if (fields is not null)
        {
            query.Select = fields;
        }

        if (from.AsSpan().SequenceEqual(to))
        {
            query.Where.Add(BsonExpression.Create($"$.{index.Field} = @0", from));
        }
        else
        {
            query.Where.Add(BsonExpression.Create($"$.{index.Field} BETWEEN @0 AND @1", from, to));
            query.OrderBy = BsonExpression.Create($"$.{index.Field}");
        }

        using var reader = Told(() => engine.Query(table.Name, query));
        while (Told(reader.Read))
        {
            yield return reader.Current.AsDocument;
        }
    }

    /// <summary>The document of a key in a unique index; null if there is none.</summary>
    public BsonDocument? Find(StoredTable table, StoredIndex index, byte[] key) => Read(table, index, key, key, isDescending: false, null).FirstOrDefault();

    /// <summary>The next number of a table that counts, or the one that a row comes with.</summary>
    public long Count(StoredTable table, object? given)
    {
        if (!counters.TryGetValue(table.Name, out var counter))
        {
            counter = (Own(CounterOf(table.Name)) is { } stored ? stored["last"].AsInt64 : 0, true);
        }

        var number = given as long? ?? counter.Last + 1;
        counters[table.Name] = (Math.Max(number, counter.Last), false);
        return number;
    }

    /// <summary>Adds a row.</summary>
    /// <exception cref="DuplicateKeyException">Another one has its key, or another unique value of it.</exception>
    /// <exception cref="StoredValueException">A value is missing or of another type.</exception>
    public void Insert(StoredTable table, object?[] row)
    {
        var document = table.Document(row);
        RefuseDuplicate(table, document, null);
        Write(table, null, document);
    }

    /// <summary>Puts a row in the place of another.</summary>
    /// <inheritdoc cref="Insert"/>
    public void Update(StoredTable table, BsonDocument before, object?[] row)
    {
        var document = table.Document(row);
        RefuseDuplicate(table, document, before);
        Write(table, before, document);
    }

    /// <summary>Takes a row away.</summary>
    public void Delete(StoredTable table, BsonDocument document) => Write(table, document, null);

    /// <summary>Takes back what was changed since there were so many changes.</summary>
    public void Undo(int since)
    {
        while (changes.Count > since)
        {
            var (table, before, after) = changes[^1];
            changes.RemoveAt(changes.Count - 1);
            Store(table, after, before);
        }
    }

    /// <summary>Writes what is to be written once for all changes of a transaction. Afterwards they cannot be taken back any more.</summary>
    public void Finish()
    {
        if (changes.Count > 0)
        {
            foreach (var (table, counter) in counters.Where(c => !c.Value.IsStored).ToList())
            {
                PutOwn(new BsonDocument { ["_id"] = CounterOf(table), ["last"] = counter.Last });
                counters[table] = (counter.Last, true);
            }
        }

        changes.Clear();
    }

    /// <summary>Makes a collection.</summary>
    public void MakeCollection(string name)
    {
        HasWritten = true;
        _ = Told(() => engine.Insert(name, [], BsonAutoId.ObjectId));
    }

    /// <summary>Makes an index of a table, and puts the rows there are into it.</summary>
    public void MakeIndex(StoredTable table, StoredIndex index)
    {
        foreach (var document in Read(table, table.Key, [], KeyCode.End([]), isDescending: false, null).ToList())
        {
            Store(table, document, table.Document(table.Row(document)));
        }

        _ = Told(() => engine.EnsureIndex(table.Name, index.Field, BsonExpression.Create($"$.{index.Field}"), index is { IsUnique: true, Where: null }));
    }

    /// <summary>Drops an index. Its field stays in the rows until they are written again.</summary>
    public void DropIndex(StoredTable table, StoredIndex index)
    {
        HasWritten = true;
        if (!Told(() => engine.DropIndex(table.Name, index.Field)))
        {
            throw new LiteTroubleException($"LiteDB has no index {index.Name} of {table.Name}.");
        }
    }

    /// <summary>A document that this engine keeps for itself; null if there is none.</summary>
    public BsonDocument? Own(string id)
    {
        var query = new Query { ForUpdate = isWriting };
        query.Where.Add(BsonExpression.Create("$._id = @0", id));
        using var reader = Told(() => engine.Query(OwnCollection, query));
        return Told(reader.Read) ? reader.Current.AsDocument : null;
    }

    /// <summary>Keeps a document, in the place of the one of its id.</summary>
    public void PutOwn(BsonDocument document)
    {
        HasWritten = true;
        _ = Told(() => engine.Upsert(OwnCollection, [document], BsonAutoId.ObjectId));
    }

    private static string CounterOf(string table) => $"last number of {table}";

    // Looked for before, and not left to LiteDB: after its error it would roll back the transaction of all.
    private void RefuseDuplicate(StoredTable table, BsonDocument document, BsonDocument? before)
    {
        foreach (var index in table.Indexes.Where(i => i.IsUnique).Prepend(table.Key))
        {
            var key = document[index.Field];
            if (!key.IsNull && !(before is not null && before[index.Field] == key) && Find(table, index, key.AsBinary) is not null)
            {
                throw new DuplicateKeyException($"Another row has the same values in {index.Name}.");
            }
        }
    }

    private void Write(StoredTable table, BsonDocument? before, BsonDocument? after)
    {
        Store(table, before, after);
        changes.Add((table, before, after));
    }

    private void Store(StoredTable table, BsonDocument? before, BsonDocument? after)
    {
        HasWritten = true;
        if (before is not null && after is not null && before["_id"] == after["_id"])
        {
            Require(Told(() => engine.Update(table.Name, [after])));
            return;
        }

        if (before is not null)
        {
            Require(Told(() => engine.Delete(table.Name, [before["_id"]])));
        }

        if (after is not null)
        {
            Require(Told(() => engine.Insert(table.Name, [after], BsonAutoId.ObjectId)));
        }

        void Require(int written)
        {
            if (written != 1)
            {
                throw new LiteTroubleException($"LiteDB wrote {written} documents of {table.Name} instead of one.");
            }
        }
    }

    // After any error of its own LiteDB has rolled the transaction back, with the changes of others in it.
    private static T Told<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception e)
        {
            throw new LiteTroubleException(e.Message, e);
        }
    }
}

/// <summary>LiteDB is in trouble: what was under way in the transaction is lost, whoever it belonged to.</summary>
internal sealed class LiteTroubleException(string message, Exception? inner = null) : Exception(message, inner);
