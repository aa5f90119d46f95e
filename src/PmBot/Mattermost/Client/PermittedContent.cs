using System.Net;

namespace PmBot.Mattermost.Client;

/// <summary>
/// A body that asks at the last moment whether it may be sent: the connection stands, and of the request nothing has left. A wait for the
/// connection, or for the rate limit, is over by then.
/// </summary>
internal sealed class PermittedContent(ReadOnlyMemory<byte> bytes, SendPermit permit) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <exception cref="WithheldException">It may not be sent. The request is incomplete, and the connection is given up.</exception>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!await permit(cancellationToken))
        {
            throw new WithheldException();
        }

        await stream.WriteAsync(bytes, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }

    /// <summary>The request was not to be sent any more.</summary>
    public sealed class WithheldException : Exception;
}
