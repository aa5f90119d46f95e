using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PmBot.Tests.Hosting;

/// <summary>A span that was exported.</summary>
internal sealed record Span(
    string Scope, string Trace, string Id, string Parent, string Name, ulong Kind, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> LinkedTraces, ulong Status);

/// <summary>A point of a metric that was exported.</summary>
internal sealed record Point(string Scope, string Name, string Unit, IReadOnlyDictionary<string, string> Tags, double Value, IReadOnlyList<double> Bounds);

/// <summary>A record of the log that was exported.</summary>
internal sealed record LogRecord(string Category, string Body, string Trace, string SpanId, IReadOnlyDictionary<string, string> Values);

/// <summary>Receives OTLP as a collector would, by HTTP or by gRPC, and keeps what came.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, string Headers, byte[] Body)> _received = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>What is answered.</summary>
    public int Status { get; set; } = 200;

    /// <summary>Whether nothing is ever answered.</summary>
    public bool Hangs { get; set; }

    public int Count => _received.Count;

    public IReadOnlyList<string> Paths => [.. _received.Select(r => r.Path).Distinct(StringComparer.Ordinal)];

    public IReadOnlyList<string> Headers => [.. _received.Select(r => r.Headers)];

    /// <summary>All that came, byte for byte; texts stand in it as they are.</summary>
    public IReadOnlyList<string> Raw => [.. _received.Select(r => Encoding.Latin1.GetString(r.Body))];

    public IReadOnlyList<IReadOnlyDictionary<string, string>> Resources =>
        [.. _received.SelectMany(r => new ProtoMessage(r.Body).All(1)).Select(r => r.One(1).Attributes(1))];

    public IReadOnlyList<Span> Spans =>
    [
        .. Scopes("trace").SelectMany(s => s.All(2), (s, x) => new Span(
            s.One(1).Text(1), x.Hex(1), x.Hex(2), x.Hex(4), x.Text(5), x.Number(6), x.Attributes(9), [.. x.All(13).Select(l => l.Hex(1))], x.One(15).Number(3))),
    ];

    public IReadOnlyList<Point> Points =>
    [
        .. Scopes("metrics").SelectMany(s => s.All(2), (s, m) => (Scope: s.One(1).Text(1), Metric: m)).SelectMany(
            x => x.Metric.All(5).Concat(x.Metric.All(7)).SelectMany(d => d.All(1))
                .Select(p => new Point(x.Scope, x.Metric.Text(1), x.Metric.Text(3), p.Attributes(7), p.Has(6) ? p.Number(6) : p.Real(4), []))
                .Concat(x.Metric.All(9).SelectMany(d => d.All(1))
                    .Select(p => new Point(x.Scope, x.Metric.Text(1), x.Metric.Text(3), p.Attributes(9), p.Number(4), p.Reals(7))))),
    ];

    public IReadOnlyList<LogRecord> Logs =>
    [
        .. Scopes("logs").SelectMany(s => s.All(2), (s, l) => new LogRecord(s.One(1).Text(1), l.One(5).Text(1), l.Hex(9), l.Hex(10), l.Attributes(6))),
    ];

    /// <summary>Settings that have the bot export everything here.</summary>
    /// <param name="more">Further settings.</param>
    public Dictionary<string, string?> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return settings;
    }

    public static async Task<OtlpReceiver> StartAsync(bool grpc = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhostHttp(grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.MapPost("/{**path}", receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        if (Hangs)
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        }

        var isGrpc = http.Request.ContentType == "application/grpc";
        _received.Enqueue((http.Request.Path, string.Join('\n', http.Request.Headers.Select(h => $"{h.Key}: {h.Value}")), isGrpc ? body.ToArray()[5..] : body.ToArray()));
        http.Response.StatusCode = Status;
        http.Response.ContentType = isGrpc ? "application/grpc" : "application/x-protobuf";
        if (isGrpc)
        {
            await http.Response.Body.WriteAsync(new byte[5]);
            http.Response.AppendTrailer("grpc-status", "0");
        }
    }

    private IEnumerable<ProtoMessage> Scopes(string signal) =>
        _received.Where(r => r.Path.Contains(signal, StringComparison.OrdinalIgnoreCase)).SelectMany(r => new ProtoMessage(r.Body).All(1)).SelectMany(r => r.All(2));
}

file static class Listening
{
    public static void ListenLocalhostHttp(this KestrelServerOptions kestrel, HttpProtocols protocols) =>
        kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
}
