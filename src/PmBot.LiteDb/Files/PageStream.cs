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
/// <remarks>
/// An error is kept and not thrown: LiteDB would be left with a transaction whose finalizer throws, which ends the process. Whoever commits asks
/// for <see cref="Failure"/>.
/// </remarks>
/// <param name="file">The file.</param>
/// <param name="onConfirming">Told when a transaction is durable, or has failed, just before LiteDB shows it to others.</param>
internal sealed class LogStream(IPageFile file, Action onConfirming) : PageStream(file)
{
    /// <summary>The length of a page.</summary>
    public const int PageLength = 8192;

    /// <summary>Where in a page the mark is: one byte, so that a disk writes it whole or not at all. A page is more than a disk writes at once.</summary>
    public const int MarkAt = 18;

    /// <summary>How much of the log is durable; what is behind it belongs to no transaction that anybody was told of.</summary>
    public long DurableLength { get; private set; } = file.Length;

    /// <summary>How many transactions were made durable.</summary>
    public int Confirmed { get; private set; }

    /// <summary>The first error; from it on nothing is written any more.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        var page = buffer.AsSpan(offset, count);
        try
        {
            Write(page, Position);
        }
        catch (Exception e)
        {
            Failure ??= e;
        }

        Position += count;
        if (count > MarkAt && page[MarkAt] != 0)
        {
            onConfirming();
        }
    }

    /// <inheritdoc/>
    public override void SetLength(long value)
    {
        base.SetLength(value);
        DurableLength = value;
    }

    private void Write(ReadOnlySpan<byte> page, long at)
    {
        if (page.Length != PageLength)
        {
            throw new IOException($"LiteDB wrote {page.Length} bytes into its log instead of a page; PmBot does not know this version of it.");
        }

        if (Failure is not null)
        {
            return;
        }

        if (page[MarkAt] == 0)
        {
            File.Write(page, at);
            return;
        }

        // Another thread may read the page from LiteDB's memory meanwhile, so the mark is left out in a copy.
        var unmarked = page.ToArray();
        unmarked[MarkAt] = 0;
        File.Write(unmarked, at);
        File.Sync();
        File.Write([1], at + MarkAt);
        File.Sync();
        DurableLength = at + PageLength;
        Confirmed++;
    }
}
