using System.Buffers;

namespace PmBot.Mattermost.Inbound;

/// <summary>Reads what a request brings, as long as it is not too long.</summary>
internal static class RequestBody
{
    /// <summary>
    /// The most bytes that are read. A post of Mattermost's greatest length, percent-encoded, needs up to twelve for each of its 16,383
    /// characters; what is refused here is lost without a word to its author.
    /// </summary>
    public const int MostBytes = 256 * 1024;

    // Most requests fit into it.
    private const int UsualBytes = 4 * 1024;

    /// <summary>Reads a body to its end.</summary>
    /// <param name="body">The body.</param>
    /// <param name="announced">Its length, if the sender said it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The body in an array of its own; null if it is too long, and then it is not read to its end.</returns>
    public static async Task<byte[]?> ReadAsync(Stream body, long? announced, CancellationToken cancellationToken)
    {
        if (announced > MostBytes)
        {
            return null;
        }

        // Counted here rather than by the server, whose limit counts the framing of a chunked body too. The buffer is rented, and grows
        // only with what did arrive.
        var pool = ArrayPool<byte>.Shared;
        var buffer = pool.Rent(UsualBytes);
        try
        {
            var length = 0;
            while (await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
            {
                length += read;
                if (length > MostBytes)
                {
                    return null;
                }

                if (length == buffer.Length)
                {
                    var larger = pool.Rent(2 * length);
                    buffer.CopyTo(larger, 0);
                    pool.Return(buffer);
                    buffer = larger;
                }
            }

            return buffer[..length];
        }
        finally
        {
            pool.Return(buffer);
        }
    }
}
