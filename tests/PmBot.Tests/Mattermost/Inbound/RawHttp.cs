using System.Globalization;
using System.Net.Sockets;
using System.Text;
using PmBot.Tests.Sandbox;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>Sends a request to the byte, without a client's own ideas of it.</summary>
internal static class RawHttp
{
    /// <summary>A captured request, its line ends as they were on the wire.</summary>
    public static string Captured(string file)
    {
        var capture = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "..", "shared", "mattermost-wire", file)).ReplaceLineEndings("\n");
        var parts = capture.Split("\n\n", 2);
        return parts[0].Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n" + parts[1].TrimEnd('\n');
    }

    /// <summary>Sends it, and reads one answer.</summary>
    public static async Task<Answer> SendAsync(string botUrl, string request)
    {
        var address = new Uri(botUrl);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        var head = new List<string>();
        for (var line = await LineAsync(stream); line.Length > 0; line = await LineAsync(stream))
        {
            head.Add(line);
        }

        var headers = head.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        var body = new StringBuilder();
        if (headers.TryGetValue("Transfer-Encoding", out var encoding) && encoding == "chunked")
        {
            for (var size = Hex(await LineAsync(stream)); size > 0; size = Hex(await LineAsync(stream)))
            {
                body.Append(await BytesAsync(stream, size));
                await LineAsync(stream);
            }
        }
        else
        {
            body.Append(await BytesAsync(stream, int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture)));
        }

        return new Answer(int.Parse(head[0].Split(' ')[1], CultureInfo.InvariantCulture), headers.GetValueOrDefault("Content-Type"), body.ToString());
    }

    private static int Hex(string line) => int.Parse(line, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static async Task<string> LineAsync(NetworkStream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString().TrimEnd('\r');
    }

    private static async Task<string> BytesAsync(NetworkStream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
