using LiteDB;
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

    private static readonly IReadOnlyList<Migration> Steps = Migration.Of("Sqlite");

    /// <summary>The version of the schema this program works with.</summary>
    public static int Latest => Steps[^1].Version;

    /// <summary>The tables of that version.</summary>
    public static Catalog Newest => new([.. Steps.SelectMany(s => SqlParser.Split(s.Script))]);

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
                "Start that newer PmBot again, or restore a backup from before the upgrade (pmbot-litedb restore BACKUP).");
        }

        files.Catalog = new Catalog([.. own["statements"].AsArray.Select(s => s.AsString)]);
        return version;
    }

    /// <summary>Applies what is missing, each step in a transaction of its own. Nobody else may use the database yet.</summary>
    /// <param name="files">The database.</param>
    /// <param name="version">The version that it has.</param>
    /// <param name="upTo">The version that it gets.</param>
    public static void Apply(OpenFiles files, int version, int upTo = int.MaxValue)
    {
        foreach (var step in Steps.Where(s => s.Version > version && s.Version <= upTo))
        {
            files.Engine.BeginTrans();
            var rows = new StoredRows(files.Engine, isWriting: true);
            var catalog = SqlParser.Split(step.Script).Aggregate(files.Catalog, (before, statement) => Make(rows, before, statement));
            Keep(rows, catalog, step.Version);
            files.Commit(hasWritten: true);
            files.Catalog = catalog;
        }
    }

    /// <summary>
    /// Makes a table, a column or an index, or drops an index, in the transaction of this thread. No reader may be there: LiteDB keeps the list of its collections
    /// outside of transactions.
    /// </summary>
    /// <returns>The tables with it.</returns>
    public static Catalog Make(StoredRows rows, Catalog before, string statement)
    {
        var after = new Catalog([.. before.Statements, statement]);
        switch (SqlParser.Parse(statement))
        {
            case SqlStatement.CreateTable create:
                rows.MakeCollection(create.Table);
                foreach (var index in after.Table(create.Table).Indexes)
                {
                    rows.MakeIndex(after.Table(create.Table), index);
                }

                break;
            case SqlStatement.CreateIndex create:
                rows.MakeIndex(after.Table(create.Table), after.Table(create.Table).Indexes[^1]);
                break;
            case SqlStatement.DropIndex drop:
                rows.DropIndex(before.Index(drop.Name).Table, before.Index(drop.Name).Index);
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
}
