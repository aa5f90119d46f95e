namespace PmBot.LiteDb.Files;

/// <summary>A page file as LiteDB takes it. LiteDB calls <see cref="Flush"/> where it wants what it wrote on disk; of its own log it never does.</summary>
internal class PageStream(IPageFile file) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => File.Length;

    /// <inheritdoc/>
    public override long Position { get; set; }

    /// <summary>The file.</summary>
    protected IPageFile File { get; } = file;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = File.Read(buffer.AsSpan(offset, count), Position);
        Position += read;
        return read;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        File.Write(buffer.AsSpan(offset, count), Position);
        Position += count;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    /// <inheritdoc/>
    // Cut off but not on disk, the old pages could come back behind new ones that have the same numbers.
    public override void SetLength(long value)
    {
        File.SetLength(value);
        File.Sync();
    }

    /// <inheritdoc/>
    public override void Flush() => File.Sync();
}

/// <summary>
/// LiteDB's log, made durable: a transaction is the pages of its log up to one that is marked as confirmed, and LiteDB trusts that mark alone.
/// So the mark is written when the pages are on disk, and the write returns when the mark is, too.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="onConfirmed">Told when a transaction is durable, just before LiteDB shows it to others.</param>
internal sealed class LogStream(IPageFile file, Action onConfirmed) : PageStream(file)
{
    /// <summary>The length of a page.</summary>
    public const int PageLength = 8192;

    /// <summary>Where in a page the mark is: one byte, so that a disk writes it whole or not at all. A page is more than a disk writes at once.</summary>
    public const int MarkAt = 18;

    /// <summary>How much of the log is durable; what is behind it belongs to no transaction that anybody was told of.</summary>
    public long DurableLength { get; private set; } = file.Length;

    /// <summary>How many transactions were made durable.</summary>
    public int Confirmed { get; private set; }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        if (count != PageLength)
        {
            throw new IOException($"LiteDB wrote {count} bytes into its log instead of a page; PmBot does not know this version of it.");
        }

        var start = Position;
        if (buffer[offset + MarkAt] == 0)
        {
            base.Write(buffer, offset, count);
            return;
        }

        // Another thread may read the page from LiteDB's memory meanwhile, so the mark is left out in a copy.
        var page = buffer.AsSpan(offset, count).ToArray();
        page[MarkAt] = 0;
        base.Write(page, 0, count);
        File.Sync();
        File.Write([1], start + MarkAt);
        File.Sync();
        DurableLength = Position;
        Confirmed++;
        onConfirmed();
    }

    /// <inheritdoc/>
    public override void SetLength(long value)
    {
        base.SetLength(value);
        DurableLength = value;
    }
}
