using System.Collections.Concurrent;
using System.Globalization;
using PmBot.LiteDb.Sql;

namespace PmBot.LiteDb.Tables;

/// <summary>The tables that there are, as the statements made them that the database keeps, and the plans of the statements that were run on them. Never changed.</summary>
internal sealed class Catalog
{
    // Texts are constants of the program, so there are some dozens; the limit is for a text somebody composes.
    private const int MostPlans = 512;

    private readonly ConcurrentDictionary<string, SqlPlan> plans = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredTable> tables = new(StringComparer.Ordinal);

    /// <summary>The tables that statements make.</summary>
    /// <exception cref="SqlRefusedException">A statement is not understood, or does not fit those before it.</exception>
    public Catalog(IReadOnlyList<string> statements)
    {
        Statements = statements;
        foreach (var statement in statements)
        {
            Apply(SqlParser.Parse(statement));
        }
    }

    /// <summary>The statements that made the tables.</summary>
    public IReadOnlyList<string> Statements { get; }

    /// <summary>The tables.</summary>
    public IReadOnlyCollection<StoredTable> Tables => tables.Values;

    /// <summary>The table of a name.</summary>
    /// <exception cref="SqlRefusedException">There is none.</exception>
    public StoredTable Table(string name) => tables.GetValueOrDefault(name) ?? throw new SqlRefusedException($"There is no table {name}.");

    /// <summary>The index of a name, and its table.</summary>
    /// <exception cref="SqlRefusedException">There is none.</exception>
    public (StoredTable Table, StoredIndex Index) Index(string name) =>
        Tables.SelectMany(t => t.Indexes.Select(i => ((StoredTable, StoredIndex)?)(t, i))).FirstOrDefault(f => f!.Value.Item2.Name == name)
        ?? throw new SqlRefusedException($"There is no index {name}.");

    /// <summary>How a statement is run. It is read once.</summary>
    /// <exception cref="SqlRefusedException">It is not understood, or does not fit the tables.</exception>
    public SqlPlan Plan(string sql)
    {
        if (plans.TryGetValue(sql, out var known))
        {
            return known;
        }

        if (plans.Count >= MostPlans)
        {
            plans.Clear();
        }

        return plans[sql] = new SqlCompiler(this).Compile(SqlParser.Parse(sql), sql);
    }

    private void Apply(SqlStatement statement)
    {
        switch (statement)
        {
            case SqlStatement.CreateTable create:
                if (!tables.TryAdd(create.Table, new StoredTable(
                    create.Table, create.Columns, create.Key, create.Counts,
                    [.. create.Unique.Select((column, i) => new StoredIndex($"{create.Table}_{column}", [column], IsUnique: true, null, Field(i)))])))
                {
                    throw new SqlRefusedException($"There is a table {create.Table} already.");
                }

                break;
            case SqlStatement.AddColumn add:
                var before = Table(add.Table);
                tables[add.Table] = new StoredTable(before.Name, [.. before.Columns, add.Column], before.Key.Columns, before.Counts, before.Indexes);
                break;
            case SqlStatement.CreateIndex create:
                var table = Table(create.Table);
                tables[create.Table] = With(table, [.. table.Indexes, new StoredIndex(create.Name, create.Columns, create.IsUnique, create.Where, FreeField(table))]);
                break;
            case SqlStatement.DropIndex drop:
                var (indexed, dropped) = Index(drop.Name);
                tables[indexed.Name] = With(indexed, [.. indexed.Indexes.Where(i => i != dropped)]);
                break;
            default:
                throw new SqlRefusedException("The statement makes nothing.");
        }
    }

    private static StoredTable With(StoredTable table, IReadOnlyList<StoredIndex> indexes) => new(table.Name, table.Columns, table.Key.Columns, table.Counts, indexes);

    // The field of an index that was dropped is free again: making an index writes all rows anew.
    private static string FreeField(StoredTable table) =>
        Enumerable.Range(0, table.Indexes.Count + 1).Select(Field).First(f => table.Indexes.All(i => i.Field != f));

    private static string Field(int number) => $"_{number.ToString(CultureInfo.InvariantCulture)}";
}
