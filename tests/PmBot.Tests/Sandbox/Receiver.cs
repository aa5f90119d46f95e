using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PmBot.Tests.Sandbox;

/// <summary>An integration that keeps what it gets, and answers what the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<CapturedRequest> _requests = [];
    private readonly WebApplication _app;

    private Receiver()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var request = new CapturedRequest(http.Request.Method, http.Request.Path + http.Request.QueryString.ToString(),
                http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(),
                    StringComparer.OrdinalIgnoreCase),
                await reader.ReadToEndAsync());
            _requests.Enqueue(request);
            await Answer(request, http.Response);
        });
    }

    public Func<CapturedRequest, HttpResponse, Task> Answer { get; set; } = (_, response) => Json(response, new { });

    public IReadOnlyList<CapturedRequest> Requests => _requests.ToList();

    public CapturedRequest Last => Requests[^1];

    public string Url { get; private set; } = "";

    public static async Task<Receiver> StartAsync()
    {
        var receiver = new Receiver();
        await receiver._app.StartAsync();
        receiver.Url = receiver._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return receiver;
    }

    public void Answers(object json) => Answer = (_, response) => Json(response, json);

    public void Answers(int status, string contentType, string body) => Answer = (_, response) =>
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        return response.WriteAsync(body);
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static Task Json(HttpResponse response, object json)
    {
        response.ContentType = "application/json";
        return response.WriteAsync(JsonSerializer.Serialize(json));
    }
}
