using System.Globalization;

namespace PmBot.Storage;

/// <summary>The schema's steps, embedded as <c>Storage/Migrations/Sqlite/NNNN_name.sql</c>. They only go forward.</summary>
/// <remarks>
/// The version is kept in the file's header (<c>user_version</c>): it exists before any table, and is committed with the step itself.
/// PostgreSQL has no such field; its engine keeps a table of its own.
/// </remarks>
internal static class SqliteMigrations
{
    // "PmBo": tells PmBot's file from one that another program made.
    private const long ApplicationId = 0x506D426F;

    private static readonly IReadOnlyList<Migration> Steps = Migration.Of("Sqlite");

    /// <summary>The version of the schema this program works with.</summary>
    public static int Latest => Steps[^1].Version;

    /// <summary>Looks, without changing anything, whether this program may use the file.</summary>
    /// <returns>The version of its schema, 0 if it is new.</returns>
    /// <exception cref="StoreRefusedException">It belongs to a newer PmBot or to another program.</exception>
    public static int Check(SqliteSession session, string path)
    {
        var application = Number(session, "pragma application_id");
        var version = Number(session, "pragma user_version");
        var isNew = application == 0 && version == 0 && Number(session, "select count(*) from sqlite_master") == 0;
        if (!isNew && application != ApplicationId)
        {
            throw new StoreRefusedException($"{path} is a database of another program. Give PmBot a file of its own.");
        }

        if (version > Latest)
        {
            throw new StoreRefusedException(
                $"{path} was written by a newer PmBot: its schema is {version}, this program knows up to {Latest}. " +
                "Start that newer PmBot again, or restore a backup from before the upgrade (pmbot restore BACKUP).");
        }

        return (int)version;
    }

    /// <summary>Whether the file is one of PmBot's, and the version of its schema.</summary>
    public static (bool IsOurs, int Version) Look(SqliteSession session) =>
        (Number(session, "pragma application_id") == ApplicationId, (int)Number(session, "pragma user_version"));

    /// <summary>Applies what is missing, each step in a transaction of its own.</summary>
    public static void Apply(SqliteSession session, int version)
    {
        foreach (var step in Steps.Where(step => step.Version > version))
        {
            session.RunScript(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                begin immediate;
                {step.Script}
                ; pragma application_id = {ApplicationId};
                pragma user_version = {step.Version};
                commit
                """));
        }
    }

    private static long Number(SqliteSession session, string sql) => long.Parse(session.Text(sql)!, CultureInfo.InvariantCulture);
}
