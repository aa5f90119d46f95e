using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Hosting;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace PmBot.Mattermost.Client;

/// <summary>What a request asks of the transport.</summary>
internal enum Intent
{
    /// <summary>Changes nothing, so it may be repeated.</summary>
    Read,

    /// <summary>Changes something: it is sent once or not at all.</summary>
    Write,
}

/// <summary>A request, before it is sent.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Route">The route with its parameters' names: for logs and metrics, which must not grow with the ids.</param>
/// <param name="Path">The route with its parameters filled in, below <c>/api/v4/</c>.</param>
/// <param name="Intent">Whether it may be repeated.</param>
/// <param name="Body">What is sent along.</param>
/// <param name="Anonymous">Whether the token is left out.</param>
/// <param name="MostBytes">How long a file may be that is asked for; null for what is no file.</param>
internal sealed record Call(
    HttpMethod Method, string Route, string Path, Intent Intent, Payload? Body = null, bool Anonymous = false, long? MostBytes = null)
{
    /// <summary>Asked when only the sending is left to do; null if it needs none. For a call with a body.</summary>
    public SendPermit? Permit { get; init; }
}

/// <summary>What a request carries.</summary>
internal sealed record Payload(ReadOnlyMemory<byte> Bytes, string MediaType)
{
    public static Payload Json(object body) =>
        new(JsonSerializer.SerializeToUtf8Bytes(body, MattermostJson.Options), "application/json");
}

/// <summary>
/// Sends calls and turns whatever happens into a result: time-outs, repetitions of reads, the circuit, the rate limit, logs and metrics
/// of all requests are here.
/// </summary>
internal sealed partial class Transport
{
    private const int Retries = 2;

    private readonly HttpClient _http;
    private readonly Uri _root;
    private readonly string _token;
    private readonly ClientTiming _timing;
    private readonly ILogger _logger;
    private readonly Histogram<double>? _duration;
    private readonly RateGate _gate;
    private readonly ResiliencePipeline<Attempt> _guard;
    private readonly ResiliencePipeline<Attempt> _retry;

    public Transport(HttpClient http, IOptions<MattermostOptions> options, ClientTiming timing, ILogger logger, IMeterFactory? meters)
    {
        _http = http;
        _root = new Uri(options.Value.Url.TrimEnd('/') + "/api/v4/");
        _token = options.Value.BotToken;
        _timing = timing;
        _logger = logger;
        _gate = new RateGate(timing.Clock);
        _duration = meters?.Create(Telemetry.Name).CreateHistogram(
            "pmbot.mattermost.request", "s", "How long requests to Mattermost take, repetitions and waits included.",
            advice: Telemetry.Buckets(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30));
        _guard = new ResiliencePipelineBuilder<Attempt>()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempt>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 8,
                SamplingDuration = timing.BreakerWindow,
                BreakDuration = timing.Break,
                ShouldHandle = attempt => new(HasFailed(attempt.Outcome)),
                OnOpened = opened =>
                {
                    Log.CircuitOpened(logger, opened.BreakDuration);
                    return default;
                },
                OnClosed = _ =>
                {
                    Log.CircuitClosed(logger);
                    return default;
                },
            })
            .AddTimeout(timing.Attempt)
            .Build();
        _retry = new ResiliencePipelineBuilder<Attempt>()
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = timing.RetryDelay,
                ShouldHandle = attempt => new(HasFailed(attempt.Outcome) || attempt.Outcome.Result is Attempt.Limited),

                // After a 429 the gate tells how long; null leaves the delay to the back-off.
                DelayGenerator = retry => new(retry.Outcome.Result is Attempt.Limited ? TimeSpan.Zero : null),
            })
            .Build();
    }

    /// <summary>Sends the call.</summary>
    /// <returns>The answer's JSON as <typeparamref name="T"/>, or what went wrong.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<MattermostResult<T>> SendAsync<T>(Call call, CancellationToken cancellationToken)
        where T : class => SendAsync(call, Parse<T>, cancellationToken);

    /// <summary>Sends the call for a file, see <see cref="Call.MostBytes"/>.</summary>
    /// <returns>The file as it is, or what went wrong.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<MattermostResult<byte[]>> FetchAsync(Call call, CancellationToken cancellationToken) =>
        SendAsync(call, file => file, cancellationToken);

    private async Task<MattermostResult<T>> SendAsync<T>(Call call, Func<byte[], T?> read, CancellationToken cancellationToken)
        where T : class
    {
        var start = Stopwatch.GetTimestamp();
        var outcome = "cancelled";

        // The route and not the path: in that one there are names and, of files, whatever the server chose.
        using var activity = Tracing.Step($"{call.Method} {call.Route}", ActivityKind.Client);
        activity?.SetTag("http.request.method", call.Method.Method).SetTag("url.template", $"/api/v4/{call.Route}").SetTag("server.address", _root.Host);
        try
        {
            var (result, status, requestId) = Read(await AttemptAsync(call, cancellationToken), read);
            outcome = Outcome(result);
            if (status > 0)
            {
                activity?.SetTag("http.response.status_code", status);
            }

            Report(call, result, status, requestId, Stopwatch.GetElapsedTime(start));
            return result;
        }
        finally
        {
            if (outcome != "ok")
            {
                activity.Fail(outcome);
            }

            _duration?.Record(
                Stopwatch.GetElapsedTime(start).TotalSeconds,
                new("method", call.Method.Method),
                new("route", call.Route),
                new("outcome", outcome));
        }
    }

    private static bool HasFailed(Outcome<Attempt> outcome) =>
        outcome.Exception is TimeoutRejectedException
        || outcome.Result is Attempt.Broken
        || outcome.Result is Attempt.Answer { Status: HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError };

    private async Task<Attempt> AttemptAsync(Call call, CancellationToken cancellationToken)
    {
        try
        {
            return call.Intent == Intent.Read
                ? await _retry.ExecuteAsync(async cancel => await OnceAsync(call, _timing.Attempt, cancel), cancellationToken)
                : await OnceAsync(call, TimeSpan.Zero, cancellationToken);
        }
        catch (TimeoutRejectedException)
        {
            return new Attempt.Broken(Sent: true, $"no answer within {_timing.Attempt.TotalSeconds} s");
        }
        catch (BrokenCircuitException)
        {
            return new Attempt.Broken(Sent: false, "after too many failures, requests pause");
        }
    }

    private async ValueTask<Attempt> OnceAsync(Call call, TimeSpan patience, CancellationToken cancellationToken)
    {
        var closed = await _gate.WaitAsync(patience, cancellationToken);
        return closed > TimeSpan.Zero
            ? new Attempt.Held(closed)
            : await _guard.ExecuteAsync(async cancel => await ExchangeAsync(call, cancel), cancellationToken);
    }

    private async ValueTask<Attempt> ExchangeAsync(Call call, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(call.Method, new Uri(_root, call.Path));
        request.Headers.Accept.Add(new(call.MostBytes is null ? "application/json" : "*/*"));
        if (!call.Anonymous)
        {
            request.Headers.Authorization = new("Bearer", _token);
        }

        if (call.Body is { } body)
        {
            request.Content = call.Permit is { } permit ? new PermittedContent(body.Bytes, permit) : new ReadOnlyMemoryContent(body.Bytes);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(body.MediaType);
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var requestId = response.Headers.TryGetValues("X-Request-Id", out var ids) ? ids.First() : "";
            if (call.MostBytes is { } most && response.IsSuccessStatusCode)
            {
                try
                {
                    await response.Content.LoadIntoBufferAsync(Math.Min(most, Array.MaxLength), cancellationToken);
                }
                catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
                {
                    return new Attempt.TooLong(response.StatusCode, most, requestId);
                }
            }
            else
            {
                await response.Content.LoadIntoBufferAsync(_http.MaxResponseContentBufferSize, cancellationToken);
            }

            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                var wait = _gate.Asked(response);
                _gate.CloseFor(wait);
                return new Attempt.Limited(wait);
            }

            return new Attempt.Answer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), requestId);
        }
        catch (PermittedContent.WithheldException)
        {
            return new Attempt.Withheld();
        }
        catch (HttpRequestException e)
        {
            // These arise before the first byte of the request is written; every other one may come after the last.
            var unsent = e.HttpRequestError is HttpRequestError.NameResolutionError
                or HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError
                or HttpRequestError.ProxyTunnelError;
            return new Attempt.Broken(!unsent, Scrub($"{e.HttpRequestError}: {e.Message.TrimEnd('.')}"));
        }
        catch (OperationCanceledException e) when (e.InnerException is TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            // Nobody cancelled and HttpClient has no time-out of its own: it is the socket handler's, for connecting.
            return new Attempt.Broken(Sent: false, $"no connection within {_timing.Connect.TotalSeconds} s");
        }
    }

    private (MattermostResult<T> Result, int Status, string RequestId) Read<T>(Attempt attempt, Func<byte[], T?> read)
        where T : class => attempt switch
        {
            Attempt.Held held => (new MattermostResult<T>.RateLimited(Duration.FromTimeSpan(held.Wait)), 0, ""),
            Attempt.Limited limited => (new MattermostResult<T>.RateLimited(Duration.FromTimeSpan(limited.Wait)), 429, ""),
            Attempt.Withheld => (new MattermostResult<T>.NotSent("it was held back here") { IsHeldBack = true }, 0, ""),
            Attempt.Broken { Sent: false } broken => (new MattermostResult<T>.NotSent(broken.Reason), 0, ""),
            Attempt.Broken broken => (new MattermostResult<T>.Unknown(broken.Reason), 0, ""),
            Attempt.TooLong file => (
                new MattermostResult<T>.Refused(new(
                    "pmbot.file_too_long", $"The file is longer than {file.Most} bytes.", (int)HttpStatusCode.RequestEntityTooLarge, file.RequestId)),
                (int)file.Status,
                file.RequestId),
            Attempt.Answer answer => (ReadAnswer(answer, read), (int)answer.Status, answer.RequestId),
            _ => throw new UnreachableException(),
        };

    private MattermostResult<T> ReadAnswer<T>(Attempt.Answer answer, Func<byte[], T?> read)
        where T : class
    {
        var status = (int)answer.Status;
        switch (status)
        {
            case >= 200 and < 300:
                return read(answer.Body) is { } value
                    ? new MattermostResult<T>.Ok(value)
                    : new MattermostResult<T>.Unknown($"the answer ({status}) cannot be read; request {answer.RequestId}");
            case >= 300 and < 400:
                return new MattermostResult<T>.Unknown($"the server answered {status}, a redirect: Mattermost:Url is not its own address");
        }

        var error = Parse<ErrorAnswer>(answer.Body);
        if (status == 413 && error is not { Id: not "" })
        {
            // Whoever stands before the server and limits the length of requests: it did not let this one pass, and never will.
            return new MattermostResult<T>.Refused(new("pmbot.request_too_long", "The request is too long for a proxy.", status, answer.RequestId));
        }

        return error is { Id: not "" } && status is >= 400 and < 500 and not 408
            ? new MattermostResult<T>.Refused(new(error.Id, Scrub(error.Message), status, answer.RequestId))
            : new MattermostResult<T>.Unknown($"the server answered {status} {error?.Id}".TrimEnd() + $"; request {answer.RequestId}");
    }

    private static T? Parse<T>(byte[] body)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body, MattermostJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Nothing that others wrote leaves here with the token in it, whatever they quoted.</summary>
    private string Scrub(string text) => _token.Length == 0 ? text : text.Replace(_token, "***", StringComparison.Ordinal);

    private static string Outcome<T>(MattermostResult<T> result) => result switch
    {
        MattermostResult<T>.Ok => "ok",
        MattermostResult<T>.Refused => "refused",
        MattermostResult<T>.RateLimited => "rate_limited",
        MattermostResult<T>.NotSent => "not_sent",
        _ => "unknown",
    };

    private void Report<T>(Call call, MattermostResult<T> result, int status, string requestId, TimeSpan elapsed)
    {
        switch (result)
        {
            case MattermostResult<T>.Ok:
                Log.Answered(_logger, call.Method, call.Route, status, requestId, elapsed);
                break;
            case MattermostResult<T>.Refused refused:
                Log.Refused(_logger, call.Method, call.Route, status, refused.Error.Id, requestId, elapsed);
                break;
            default:
                Log.Failed(_logger, call.Method, call.Route, result.Describe(), elapsed);
                break;
        }
    }

    /// <summary>What one attempt came to, before it is known what the caller makes of it.</summary>
    private abstract record Attempt
    {
        /// <summary>The server answered.</summary>
        public sealed record Answer(HttpStatusCode Status, byte[] Body, string RequestId) : Attempt;

        /// <summary>The server gives the file, but it is longer than the caller wants; the rest was not read.</summary>
        public sealed record TooLong(HttpStatusCode Status, long Most, string RequestId) : Attempt;

        /// <summary>The server answered 429.</summary>
        public sealed record Limited(TimeSpan Wait) : Attempt;

        /// <summary>The gate stayed closed for longer than the caller waits.</summary>
        public sealed record Held(TimeSpan Wait) : Attempt;

        /// <summary>It was not to be sent any more.</summary>
        public sealed record Withheld : Attempt;

        /// <summary>There was no answer.</summary>
        public sealed record Broken(bool Sent, string Reason) : Attempt;
    }

    private sealed record ErrorAnswer
    {
        public string Id { get; init; } = "";

        public string Message { get; init; } = "";
    }

    private static partial class Log
    {
        [LoggerMessage(
            Level = LogLevel.Debug,
            Message = "Mattermost {Method} {Route} answered {Status}, request {RequestId}, in {Elapsed}")]
        public static partial void Answered(
            ILogger logger, HttpMethod method, string route, int status, string requestId, TimeSpan elapsed);

        [LoggerMessage(
            Level = LogLevel.Information,
            Message = "Mattermost {Method} {Route} was refused: {Status} {ErrorId}, request {RequestId}, in {Elapsed}")]
        public static partial void Refused(
            ILogger logger, HttpMethod method, string route, int status, string errorId, string requestId, TimeSpan elapsed);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Mattermost {Method} {Route} failed: {Reason} (after {Elapsed})")]
        public static partial void Failed(ILogger logger, HttpMethod method, string route, string reason, TimeSpan elapsed);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Mattermost fails too often: no requests for {Pause}")]
        public static partial void CircuitOpened(ILogger logger, TimeSpan pause);

        [LoggerMessage(Level = LogLevel.Information, Message = "Mattermost answers again")]
        public static partial void CircuitClosed(ILogger logger);
    }
}
