using LiteDB;
using PmBot.LiteDb.Sql;

namespace PmBot.LiteDb.Tables;

/// <summary>A key or an index: values of some columns, coded into one field of each document.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">The columns, in their order.</param>
/// <param name="IsUnique">Whether no two rows may have the same values.</param>
/// <param name="Where">Which rows are in it; null for all.</param>
/// <param name="Field">The field of the documents that has the key.</param>
internal sealed record StoredIndex(string Name, IReadOnlyList<string> Columns, bool IsUnique, SqlExpression? Where, string Field)
{
    /// <summary>The texts of what a row in it fulfils.</summary>
    public IReadOnlyList<SqlExpression> Conditions { get; } = [.. SqlExpression.Conditions(Where)];
}

/// <summary>A table: a collection with a document for each row.</summary>
internal sealed class StoredTable
{
    private const string IdField = "_id";
    private readonly Dictionary<string, int> places;
    private readonly Dictionary<StoredIndex, Func<object?[], bool>> conditions;

    /// <summary>A table without rows.</summary>
    /// <param name="name">Its name, which is the collection's.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="key">Its primary key.</param>
    /// <param name="counts">Whether the key is a number that the table gives by itself, and none twice.</param>
    /// <param name="indexes">Its other keys and indexes.</param>
    public StoredTable(string name, IReadOnlyList<SqlColumn> columns, IReadOnlyList<string> key, bool counts, IReadOnlyList<StoredIndex> indexes)
    {
        Name = name;
        Columns = columns;
        Counts = counts;
        Key = new StoredIndex($"{name}'s key", key, IsUnique: true, null, IdField);
        Indexes = indexes;
        places = columns.Index().ToDictionary(c => c.Item.Name, c => c.Index, StringComparer.Ordinal);
        if (key.Count == 0)
        {
            throw new SqlRefusedException($"The table {name} has no primary key, which the LiteDB engine needs.");
        }

        foreach (var index in indexes.Append(Key))
        {
            if (index.Columns.FirstOrDefault(c => !places.ContainsKey(c)) is { } unknown)
            {
                throw new SqlRefusedException($"{index.Name}: the table {name} has no column {unknown}.");
            }

            if (index.Columns.Count(c => columns[places[c]].Type == SqlType.Text) > KeyCode.MostTexts)
            {
                throw new SqlRefusedException($"{index.Name} has more than {KeyCode.MostTexts} texts, which do not fit into a key of LiteDB.");
            }
        }

        conditions = indexes.Where(i => i.Where is not null).ToDictionary(i => i, i => SqlCompiler.Condition(this, i.Where!));
    }

    /// <summary>Its name, which is the collection's.</summary>
    public string Name { get; }

    /// <summary>Its columns.</summary>
    public IReadOnlyList<SqlColumn> Columns { get; }

    /// <summary>Its primary key.</summary>
    public StoredIndex Key { get; }

    /// <summary>Whether the key is a number that the table gives by itself, and none twice.</summary>
    public bool Counts { get; }

    /// <summary>Its other keys and indexes.</summary>
    public IReadOnlyList<StoredIndex> Indexes { get; }

    /// <summary>Where a column's value is in a row; null if there is no such column. SQLite calls the number of a counted row <c>rowid</c>, too.</summary>
    public int? Place(string column) =>
        places.TryGetValue(column, out var place) ? place : Counts && column == "rowid" ? places[Key.Columns[0]] : null;

    /// <summary>A row as a document.</summary>
    /// <param name="row">A value for each column.</param>
    /// <exception cref="StoredValueException">A value is missing or of another type.</exception>
    public BsonDocument Document(object?[] row)
    {
        var document = new BsonDocument { [IdField] = KeyOf(Key, row) };
        foreach (var index in Indexes.Where(i => IsIn(i, row)))
        {
            document[index.Field] = KeyOf(index, row);
        }

        // LiteDB reads a document from its beginning to the last field that is asked for, so the short ones come first: the body is the last.
        foreach (var (i, column) in Columns.Index().OrderBy(c => row[c.Index] is string text ? text.Length : 0))
        {
            if (Checked(column, row[i]) is { } value)
            {
                document[column.Name] = value;
            }
        }

        return document;
    }

    /// <summary>Whether a row is in an index.</summary>
    public bool IsIn(StoredIndex index, object?[] row) => !conditions.TryGetValue(index, out var condition) || condition(row);

    /// <summary>The key of a row in an index. What is unique may be missing in many rows, as in SQLite and PostgreSQL.</summary>
    public byte[] KeyOf(StoredIndex index, object?[] row)
    {
        object?[] values = [.. index.Columns.Select(c => row[places[c]])];
        return index.IsUnique && index != Key && values.Contains(null) ? [.. KeyCode.Of(values), .. KeyOf(Key, row)] : KeyCode.Of(values);
    }

    /// <summary>A document as a row.</summary>
    public object?[] Row(BsonDocument document)
    {
        var row = new object?[Columns.Count];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = Value(document[Columns[i].Name]);
        }

        return row;
    }

    /// <summary>A value as it was stored.</summary>
    public static object? Value(BsonValue value) => value.IsNull ? null : value.IsString ? value.AsString : value.AsInt64;

    private BsonValue? Checked(SqlColumn column, object? value) => (value, column.Type) switch
    {
        (null, _) when column.IsRequired => throw new StoredValueException($"{Name}.{column.Name} has no value, and needs one."),
        (null, _) => null,
        (string text, SqlType.Text) => new BsonValue(text),
        (long number, SqlType.Integer) => new BsonValue(number),
        _ => throw new StoredValueException($"{Name}.{column.Name} holds {(column.Type == SqlType.Text ? "texts" : "whole numbers")}, not a {value.GetType().Name}."),
    };
}

/// <summary>A row cannot be stored: a value is missing, or of another type.</summary>
internal sealed class StoredValueException(string message) : Exception(message);

/// <summary>Another row has the key, or another unique value, of a row.</summary>
internal sealed class DuplicateKeyException(string message) : Exception(message);
