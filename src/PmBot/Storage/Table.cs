using System.Text.Json.Serialization;

namespace PmBot.Storage;

/// <summary>Something that is stored whole, as JSON, under an id and with a version.</summary>
public abstract record Aggregate
{
    /// <summary>The key, unique in its table.</summary>
    public required string Id { get; init; }

    /// <summary>How often it was saved; 0 before the first time. Set by the engine only.</summary>
    [JsonIgnore]
    public long Version { get; internal set; }
}

/// <summary>
/// How a kind of aggregate is stored: <c>id text primary key, version bigint, body text</c> and the few columns that lists filter on.
/// The table itself is made by a migration.
/// </summary>
/// <param name="name">The table's name.</param>
/// <param name="columns">Columns copied out of the aggregate on every save; they are never read back into it.</param>
public sealed class Table<T>(string name, params Column<T>[] columns)
    where T : Aggregate
{
    /// <summary>The table's name.</summary>
    public string Name { get; } = name;

    /// <summary>The columns beside id, version and body.</summary>
    public IReadOnlyList<Column<T>> Columns { get; } = columns;
}

/// <summary>A column that lists filter or order by, with the value it takes from the aggregate (text, Int64 or null).</summary>
public sealed record Column<T>(string Name, Func<T, object?> Value);
