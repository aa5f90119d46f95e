using LiteDB;
using LiteDB.Engine;
using PmBot.Storage;

namespace PmBot.LiteDb.Files;

/// <summary>The files of a database, before LiteDB has them.</summary>
internal static class LiteFiles
{
    private const string Unfinished = ".new";

    // What LiteDB writes at the beginning of a database.
    private const int MarkAt = 32;

    /// <summary>Where the log of a database is: where LiteDB's own tools look for it.</summary>
    public static string LogOf(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $"{Path.GetFileNameWithoutExtension(path)}-log{Path.GetExtension(path)}");

    /// <summary>What is said of a file that is damaged, or none of LiteDB's.</summary>
    public static string Unreadable(string path) => $"{path} is no LiteDB database, or a damaged one. Restore a backup (pmbot-litedb restore BACKUP), or give PmBot another file.";

    /// <summary>Makes a database if there is none, and looks at the one there is before LiteDB does, which would make a new one in the place of a file that it does not know.</summary>
    /// <exception cref="StoreRefusedException">It is no database, or its log is all that is left of one.</exception>
    public static void Prepare(string path)
    {
        if (File.Exists(path))
        {
            using var data = new DiskFile(path);
            Span<byte> mark = stackalloc byte["** This is a LiteDB file **"u8.Length];
            if (data.Length < LogStream.PageLength || data.Read(mark, MarkAt) < mark.Length || !mark.SequenceEqual("** This is a LiteDB file **"u8))
            {
                throw new StoreRefusedException(Unreadable(path));
            }
        }
        else
        {
            var log = LogOf(path);
            if (File.Exists(log) && new FileInfo(log).Length > 0)
            {
                throw new StoreRefusedException($"{log} is there, but its database {path} is not. Put both back, or move the log away to begin anew.");
            }

            Make(path);
        }

        if (!File.Exists(LogOf(path)))
        {
            new DiskFile(LogOf(path), FileMode.CreateNew).Dispose();
            DurableFiles.SyncFolder(Path.GetDirectoryName(path)!);
        }
    }

    // Whole under another name first, so that no crash leaves the name with half a database.
    private static void Make(string path)
    {
        File.Delete(path + Unfinished);
        using (var data = new DiskFile(path + Unfinished, FileMode.CreateNew))
        {
            MakeEmpty(data);
        }

        DurableFiles.Publish(path + Unfinished, path);
    }

    /// <summary>Makes an empty database in an empty file.</summary>
    public static void MakeEmpty(IPageFile data)
    {
        using var stream = new PageStream(data);
        using var engine = new LiteEngine(new EngineSettings { DataStream = stream, LogStream = new MemoryStream(), Collation = Collation.Binary });
        engine.Pragma(Pragmas.CHECKPOINT, 0);
        engine.Checkpoint();
    }
}
