using System.Collections.Concurrent;
using System.Text.Json;

namespace PmBot.Storage;

/// <summary>
/// Aggregates by the text they were read from or written as, so that the same text is not read twice. It decides nothing: each time the store is asked for the text and its
/// version, and only what was made of exactly these is handed out again. That works because aggregates are never changed, only copied.
/// </summary>
internal sealed class AggregateCache
{
    // Characters of text in each of the two generations; what is made of it takes about twice as much again.
    private const int MostCharacters = 2 * 1024 * 1024;

    private readonly Lock gate = new();
    private ConcurrentDictionary<(object Table, string Id), (string Body, Aggregate Value)> young = new();
    private ConcurrentDictionary<(object Table, string Id), (string Body, Aggregate Value)> old = new();
    private int characters;

    /// <summary>The aggregate of a row.</summary>
    /// <exception cref="InvalidDataException">The text cannot be read.</exception>
    public T Load<T>(Table<T> table, string id, long version, string body)
        where T : Aggregate
    {
        var key = (table, id);
        if (young.TryGetValue(key, out var known) && known.Body == body && known.Value.Version == version)
        {
            return (T)known.Value;
        }

        var value = old.TryGetValue(key, out known) && known.Body == body && known.Value.Version == version ? (T)known.Value : Read(table, id, version, body);
        Remember(key, body, value);
        return value;
    }

    /// <summary>Learns what was written, so that it need not be read: a text says all of the aggregate it was made of (<see cref="StoreJson"/>).</summary>
    public void Add<T>(Table<T> table, T aggregate, string body)
        where T : Aggregate => Remember((table, aggregate.Id), body, aggregate);

    private static T Read<T>(Table<T> table, string id, long version, string body)
        where T : Aggregate
    {
        try
        {
            var aggregate = JsonSerializer.Deserialize<T>(body, StoreJson.Options) ?? throw new JsonException("The body is null.");
            aggregate.Version = version;
            return aggregate;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{table.Name} {id} holds a body that cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What was not asked for while as much was learned as a generation holds is forgotten.</summary>
    private void Remember((object Table, string Id) key, string body, Aggregate value)
    {
        if (Interlocked.Add(ref characters, body.Length) > MostCharacters)
        {
            lock (gate)
            {
                if (characters > MostCharacters)
                {
                    (old, young) = (young, new());
                    characters = body.Length;
                }
            }
        }

        young[key] = (body, value);
    }
}
