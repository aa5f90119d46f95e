using System.ComponentModel;
using System.Runtime.InteropServices;

namespace PmBot.Storage;

/// <summary>Files whose content and name are on disk, and not just on their way there.</summary>
internal static class DurableFiles
{
    /// <summary>Options for a file that nobody but its owner reads, held alone while it is open.</summary>
    public static FileStreamOptions Own(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    /// <summary>Copies a file's bytes into a new one that only its owner can read.</summary>
    /// <exception cref="IOException">It could not be read or written, or the copy exists.</exception>
    public static void Copy(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new FileStream(to, Own(FileMode.CreateNew));
        source.CopyTo(copy);
    }

    /// <summary>Gives a complete file its name: content first, then the name, so that no crash leaves the name with half of the content.</summary>
    /// <exception cref="IOException">It could not be moved; without <paramref name="overwrite"/> also if there is one of that name.</exception>
    public static void Publish(string from, string to, bool overwrite = false)
    {
        using (var file = new FileStream(from, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }

        File.Move(from, to, overwrite);
        SyncFolder(Path.GetDirectoryName(to)!);
    }

    /// <summary>Puts the names in a folder on disk. Windows does so by itself.</summary>
    /// <exception cref="IOException">The file system could not.</exception>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // .NET opens no folders.
        var descriptor = open(folder, 0);
        if (descriptor < 0)
        {
            throw Failure(folder);
        }

        try
        {
            if (fsync(descriptor) != 0)
            {
                throw Failure(folder);
            }
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    /// <summary>The path with all links in it followed, so that two names of one file are equal.</summary>
    public static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } folder)
        {
            return full;
        }

        var named = Path.Combine(RealPath(folder), Path.GetFileName(full));
        FileSystemInfo? entry = Directory.Exists(named) ? new DirectoryInfo(named) : File.Exists(named) ? new FileInfo(named) : null;
        return entry?.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? named;
    }

    private static IOException Failure(string folder)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"The folder {folder} could not be put on disk: {error.Message}", error);
    }

#pragma warning disable SYSLIB1054, CA2101, SA1300, IDE1006 // Generated marshalling would need unsafe code; the names are the C library's.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fsync(int descriptor);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int descriptor);
#pragma warning restore SYSLIB1054, CA2101, SA1300, IDE1006
}
