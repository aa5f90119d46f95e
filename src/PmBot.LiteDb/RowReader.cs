using System.Collections;
using System.Data.Common;

namespace PmBot.LiteDb;

/// <summary>Rows as Dapper reads them, so that they become what the same rows of SQLite become.</summary>
internal sealed class RowReader(IReadOnlyList<string> names, IReadOnlyList<object?[]> rows) : DbDataReader
{
    private int at = -1;

    /// <inheritdoc/>
    public override int FieldCount => names.Count;

    /// <inheritdoc/>
    public override bool HasRows => rows.Count > 0;

    /// <inheritdoc/>
    public override int Depth => 0;

    /// <inheritdoc/>
    public override bool IsClosed => false;

    /// <inheritdoc/>
    public override int RecordsAffected => -1;

    /// <inheritdoc/>
    public override object this[int ordinal] => GetValue(ordinal);

    /// <inheritdoc/>
    public override object this[string name] => GetValue(GetOrdinal(name));

    /// <inheritdoc/>
    public override bool Read() => ++at < rows.Count;

    /// <inheritdoc/>
    public override bool NextResult() => false;

    /// <inheritdoc/>
    public override string GetName(int ordinal) => names[ordinal];

    /// <inheritdoc/>
    public override int GetOrdinal(string name) => names.Index().First(n => string.Equals(n.Item, name, StringComparison.OrdinalIgnoreCase)).Index;

    /// <inheritdoc/>
    // Of the first value there is: a column of nothing but nulls has no type, and none is asked for.
    public override Type GetFieldType(int ordinal) => rows.Select(r => r[ordinal]).FirstOrDefault(v => v is not null) is string ? typeof(string) : typeof(long);

    /// <inheritdoc/>
    public override string GetDataTypeName(int ordinal) => GetFieldType(ordinal).Name;

    /// <inheritdoc/>
    public override object GetValue(int ordinal) => rows[at][ordinal] ?? DBNull.Value;

    /// <inheritdoc/>
    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, names.Count);
        for (var i = 0; i < count; i++)
        {
            values[i] = GetValue(i);
        }

        return count;
    }

    /// <inheritdoc/>
    public override bool IsDBNull(int ordinal) => rows[at][ordinal] is null;

    /// <inheritdoc/>
    public override string GetString(int ordinal) => (string)GetValue(ordinal);

    /// <inheritdoc/>
    public override long GetInt64(int ordinal) => (long)GetValue(ordinal);

    /// <inheritdoc/>
    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    /// <inheritdoc/>
    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

    /// <inheritdoc/>
    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    /// <inheritdoc/>
    public override byte GetByte(int ordinal) => throw NoSuchType();

    /// <inheritdoc/>
    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) => throw NoSuchType();

    /// <inheritdoc/>
    public override char GetChar(int ordinal) => throw NoSuchType();

    /// <inheritdoc/>
    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) => throw NoSuchType();

    /// <inheritdoc/>
    public override DateTime GetDateTime(int ordinal) => throw NoSuchType();

    /// <inheritdoc/>
    public override decimal GetDecimal(int ordinal) => throw NoSuchType();

    /// <inheritdoc/>
    public override double GetDouble(int ordinal) => throw NoSuchType();

    /// <inheritdoc/>
    public override float GetFloat(int ordinal) => throw NoSuchType();

    /// <inheritdoc/>
    public override Guid GetGuid(int ordinal) => throw NoSuchType();

    /// <inheritdoc/>
    public override IEnumerator GetEnumerator() => new DbEnumerator(this);

    private static InvalidCastException NoSuchType() => new("A column holds text or whole numbers.");
}
