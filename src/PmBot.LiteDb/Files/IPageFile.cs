using Microsoft.Win32.SafeHandles;
using PmBot.Storage;

namespace PmBot.LiteDb.Files;

/// <summary>A file that LiteDB writes pages into. What is written is on disk only after <see cref="Sync"/>.</summary>
internal interface IPageFile : IDisposable
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads; less than was asked for only at its end.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes, and grows if need be.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Cuts it off, or fills it up with zeros.</summary>
    void SetLength(long length);

    /// <summary>Returns when all that was written, and the length, is on disk.</summary>
    void Sync();
}

/// <summary>A real one, that only its owner can read, and only this process has.</summary>
internal sealed class DiskFile : IPageFile
{
    private readonly FileStream stream;

    /// <summary>Opens it, or makes it, as <paramref name="mode"/> says.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public DiskFile(string path, FileMode mode = FileMode.Open)
    {
        var options = mode == FileMode.Open ? new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None } : DurableFiles.Own(mode);
        options.BufferSize = 0;
        stream = new FileStream(path, options);
    }

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(Handle);

    private SafeFileHandle Handle => stream.SafeFileHandle;

    /// <inheritdoc/>
    public int Read(Span<byte> buffer, long offset)
    {
        var read = 0;
        while (read < buffer.Length && RandomAccess.Read(Handle, buffer[read..], offset + read) is var more and > 0)
        {
            read += more;
        }

        return read;
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(Handle, bytes, offset);

    /// <inheritdoc/>
    public void SetLength(long length) => RandomAccess.SetLength(Handle, length);

    /// <inheritdoc/>
    public void Sync() => RandomAccess.FlushToDisk(Handle);

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
