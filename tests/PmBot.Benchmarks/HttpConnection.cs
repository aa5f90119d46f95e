using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PmBot.Benchmarks;

/// <summary>
/// One connection that stays open. It does as little as HTTP/1.1 allows, for the machine that it shares with the server is to work for the server: what a client
/// spends on each request, the no-op has to bear as well, and the ratio looks the better for it.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly Encoding Bytes = Encoding.UTF8;

    private readonly Socket _socket;
    private byte[] _buffer = new byte[64 * 1024];

    private HttpConnection(Socket socket) => _socket = socket;

    /// <summary>Connects to a server of this machine.</summary>
    public static async Task<HttpConnection> OpenAsync(Uri server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        return new HttpConnection(socket);
    }

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <param name="request">All of it, headers and body.</param>
    /// <param name="expected">What must stand in the answer.</param>
    /// <exception cref="InvalidOperationException">It is another one, or its status is not 200.</exception>
    public async ValueTask AskAsync(ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> expected)
    {
        await _socket.SendAsync(request);
        var length = 0;
        do
        {
            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * length);
            }

            var read = await _socket.ReceiveAsync(_buffer.AsMemory(length));
            if (read == 0)
            {
                throw new InvalidOperationException("The server closed the connection.");
            }

            length += read;
        }
        while (!IsWhole(_buffer.AsSpan(0, length)));

        var answer = _buffer.AsSpan(0, length);
        if (!answer.StartsWith("HTTP/1.1 200"u8) || answer.IndexOf(expected.Span) < 0)
        {
            throw new InvalidOperationException($"Another answer was expected than: {Bytes.GetString(answer)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    // One request at a time, so that nothing follows an answer.
    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var body = answer.IndexOf("\r\n\r\n"u8);
        if (body < 0)
        {
            return false;
        }

        var head = answer[..body];
        var announced = head.IndexOf("Content-Length: "u8);
        if (announced < 0)
        {
            return answer.EndsWith("\r\n0\r\n\r\n"u8);
        }

        var number = head[(announced + 16)..];
        var end = number.IndexOf("\r\n"u8);
        return answer.Length - body - 4 >= int.Parse(end < 0 ? number : number[..end]);
    }
}
