using System.Globalization;
using System.Reflection;
using LiteDB;
using LiteDB.Engine;
using PmBot.LiteDb.Files;
using PmBot.LiteDb.Sql;
using PmBot.LiteDb.Tables;
using PmBot.Storage;

namespace PmBot.LiteDb;

/// <summary>
/// The tables and their version. There is one description of them, the migrations of SQLite: this engine runs the same steps, and keeps their
/// statements in the database, so that the two cannot drift apart.
/// </summary>
internal static class LiteSchema
{
    private const string Id = "schema";
    private const string Application = "PmBot";
    private const string Prefix = "PmBot.Storage.Migrations.Sqlite.";

    private static readonly Assembly Assembly = typeof(IStore).Assembly;

    /// <summary>The version of the schema this program works with.</summary>
    public static int Latest => Steps().Max(s => s.Version);

    /// <summary>Looks, without changing anything, whether this program may use the database, and which tables it has.</summary>
    /// <returns>The version of its schema, 0 if it is new.</returns>
    /// <exception cref="StoreRefusedException">It belongs to a newer PmBot or to another program.</exception>
    public static int Check(OpenFiles files, string path)
    {
        var own = new StoredRows(files.Engine, isWriting: false).Own(Id);
        if (own is null)
        {
            return files.Engine.GetCollectionNames().Any() ? throw new StoreRefusedException($"{path} is a database of another program. Give PmBot a file of its own.") : 0;
        }

        if (own["application"].AsString != Application)
        {
            throw new StoreRefusedException($"{path} is a database of another program. Give PmBot a file of its own.");
        }

        var version = own["version"].AsInt32;
        if (version > Latest)
        {
            throw new StoreRefusedException(
                $"{path} was written by a newer PmBot: its schema is {version}, this program knows up to {Latest}. " +
                "Start that newer PmBot again, or put a copy from before the upgrade in its place.");
        }

        files.Catalog = new Catalog([.. own["statements"].AsArray.Select(s => s.AsString)]);
        return version;
    }

    /// <summary>Applies what is missing, each step in a transaction of its own. Nobody else may use the database yet.</summary>
    public static void Apply(OpenFiles files, int version)
    {
        foreach (var (step, resource) in Steps().Where(s => s.Version > version).OrderBy(s => s.Version))
        {
            var rows = Begin(files);
            var catalog = SqlParser.Split(Text(resource)).Aggregate(files.Catalog, (before, statement) => Make(files.Engine, rows, before, statement));
            Keep(rows, catalog, step);
            files.Commit(hasWritten: true);
            files.Catalog = catalog;
        }
    }

    /// <summary>Makes a table, a column or an index, in the transaction of this thread. No reader may be there: LiteDB shows others a collection that is half made.</summary>
    /// <returns>The tables with it.</returns>
    public static Catalog Make(LiteEngine engine, StoredRows rows, Catalog before, string statement)
    {
        var after = new Catalog([.. before.Statements, statement]);
        switch (SqlParser.Parse(statement))
        {
            case SqlStatement.CreateTable create:
                engine.Insert(create.Table, [], BsonAutoId.ObjectId);
                after.Table(create.Table).Indexes.ToList().ForEach(i => Ensure(engine, create.Table, i));
                break;
            case SqlStatement.CreateIndex create:
                var table = after.Table(create.Table);
                foreach (var document in rows.Read(table, table.Key, [], KeyCode.End([]), isDescending: false, null).ToList())
                {
                    engine.Update(table.Name, [table.Document(table.Row(document))]);
                }

                Ensure(engine, create.Table, table.Indexes[^1]);
                break;
        }

        return after;
    }

    /// <summary>Keeps the tables and the version of their schema.</summary>
    public static void Keep(StoredRows rows, Catalog catalog, int? version = null) => rows.PutOwn(new BsonDocument
    {
        ["_id"] = Id,
        ["application"] = Application,
        ["version"] = version ?? rows.Own(Id)!["version"].AsInt32,
        ["statements"] = new BsonArray(catalog.Statements.Select(s => new BsonValue(s))),
    });

    private static StoredRows Begin(OpenFiles files)
    {
        files.Engine.BeginTrans();
        return new StoredRows(files.Engine, isWriting: true);
    }

    private static void Ensure(LiteEngine engine, string table, StoredIndex index) =>
        engine.EnsureIndex(table, index.Field, BsonExpression.Create($"$.{index.Field}"), index is { IsUnique: true, Where: null });

    private static IEnumerable<(int Version, string Resource)> Steps() =>
        from resource in Assembly.GetManifestResourceNames()
        where resource.StartsWith(Prefix, StringComparison.Ordinal)
        select (int.Parse(resource.AsSpan(Prefix.Length, 4), NumberStyles.None, CultureInfo.InvariantCulture), resource);

    private static string Text(string resource)
    {
        using var reader = new StreamReader(Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
