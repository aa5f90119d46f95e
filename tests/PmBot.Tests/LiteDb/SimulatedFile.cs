using PmBot.LiteDb.Files;

namespace PmBot.Tests.LiteDb;

/// <summary>
/// A file on a disk whose power can fail: what was not synced is then there or not, sector by sector, as chance has it.
/// </summary>
/// <param name="power">The power of the disk.</param>
/// <param name="content">What is on the disk.</param>
internal sealed class SimulatedFile(SimulatedPower power, byte[] content) : IPageFile
{
    private const int Sector = 512;

    // Both grow in big steps; the lengths are beside them.
    private readonly Content _seen = new(content);
    private readonly Content _durable = new(content);
    private readonly List<Action<Content>> _unsynced = [];

    public long Length => power.Use(() => _seen.Length, isWrite: false);

    public int Read(Span<byte> buffer, long offset)
    {
        var bytes = new byte[buffer.Length];
        var read = power.Use(() => _seen.Read(bytes, offset), isWrite: false);
        bytes.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        var written = bytes.ToArray();
        power.Use(
            () =>
            {
                _seen.Write(written, offset);
                for (var at = 0; at < written.Length;)
                {
                    var length = (int)Math.Min(Sector - ((offset + at) % Sector), written.Length - at);
                    var (sector, start) = (written[at..(at + length)], offset + at);
                    _unsynced.Add(durable => durable.Write(sector, start));
                    at += length;
                }

                return 0;
            },
            isWrite: true);
    }

    public void SetLength(long length) => power.Use(
        () =>
        {
            _seen.SetLength(length);
            _unsynced.Add(durable => durable.SetLength(length));
            return 0;
        },
        isWrite: true);

    public void Sync() => power.Use(
        () =>
        {
            if (power.Syncs)
            {
                _unsynced.ForEach(write => write(_durable));
                _unsynced.Clear();
            }

            return 0;
        },
        isWrite: true);

    /// <summary>What is on the disk after the power failed.</summary>
    public byte[] AfterLoss(Random random)
    {
#pragma warning disable CA5394 // repeatable by its seed
        // Of some failures everything arrived, of some nothing, of most a part.
        var share = random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };
        foreach (var write in _unsynced)
        {
            if (random.NextDouble() < share)
            {
                write(_durable);
            }
        }
#pragma warning restore CA5394

        return _durable.All();
    }

    /// <summary>What is seen as long as there is power.</summary>
    public byte[] Seen() => _seen.All();

    public void Dispose()
    {
        // It is opened again.
    }

    private sealed class Content(byte[] bytes)
    {
        private byte[] _bytes = (byte[])bytes.Clone();

        public long Length { get; private set; } = bytes.Length;

        public byte[] All() => _bytes[..(int)Length];

        public int Read(Span<byte> buffer, long offset)
        {
            var count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
            _bytes.AsSpan((int)Math.Min(offset, Length), count).CopyTo(buffer);
            return count;
        }

        public void Write(ReadOnlySpan<byte> written, long offset)
        {
            SetLength(Math.Max(Length, offset + written.Length));
            written.CopyTo(_bytes.AsSpan((int)offset));
        }

        public void SetLength(long length)
        {
            if (length > _bytes.Length)
            {
                Array.Resize(ref _bytes, (int)Math.Max(length, 2L * _bytes.Length));
            }

            if (length < Length)
            {
                _bytes.AsSpan((int)length, (int)(Length - length)).Clear();
            }

            Length = length;
        }
    }
}

/// <summary>The power of a disk.</summary>
/// <param name="failsAfter">After how many writes and syncs it fails.</param>
/// <param name="syncs">Whether the disk does what a sync asks for.</param>
internal sealed class SimulatedPower(int failsAfter, bool syncs = true)
{
    private readonly Lock _lock = new();
    private int _left = failsAfter;

    /// <summary>Whether the disk does what a sync asks for.</summary>
    public bool Syncs => syncs;

    /// <summary>Does something with the disk, one at a time.</summary>
    public T Use<T>(Func<T> step, bool isWrite)
    {
        lock (_lock)
        {
            return _left <= 0 || (isWrite && --_left <= 0) ? throw new IOException("The power has failed.") : step();
        }
    }
}
