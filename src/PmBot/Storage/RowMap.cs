using System.Reflection;
using Dapper;

namespace PmBot.Storage;

/// <summary>How Dapper matches columns to a row type: by name alone, without underscores or case; a record's in its order.</summary>
/// <remarks>
/// Dapper itself takes a record's constructor only if the columns have exactly its types, too. SQLite knows the type of an expression
/// by its first value only, so that <c>max(due_at)</c> over nothing would fail where it works over something.
/// </remarks>
internal sealed class RowMap(Type type) : SqlMapper.ITypeMap
{
    private readonly DefaultTypeMap ordinary = new(type);

    /// <summary>Makes it Dapper's way for the whole process.</summary>
    public static void Use()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.TypeMapProvider = type => new RowMap(type);
    }

    /// <inheritdoc/>
    public ConstructorInfo? FindConstructor(string[] names, Type[] types)
    {
        var columns = names.Select(name => name.Replace("_", "", StringComparison.Ordinal)).ToList();
        return Array.Find(
            type.GetConstructors(),
            constructor => constructor.GetParameters().Select(p => p.Name).SequenceEqual(columns, StringComparer.OrdinalIgnoreCase))
            ?? ordinary.FindConstructor(names, types);
    }

    /// <inheritdoc/>
    public ConstructorInfo? FindExplicitConstructor() => ordinary.FindExplicitConstructor();

    /// <inheritdoc/>
    public SqlMapper.IMemberMap? GetConstructorParameter(ConstructorInfo constructor, string columnName) =>
        ordinary.GetConstructorParameter(constructor, columnName);

    /// <inheritdoc/>
    public SqlMapper.IMemberMap? GetMember(string columnName) => ordinary.GetMember(columnName);
}
