using NodaTime;

namespace PmBot.Mattermost.Client;

/// <summary>What became of a request to the Mattermost server. No case carries a token or a body.</summary>
/// <remarks>
/// For a read, every case but <see cref="Ok"/> just means that it failed. For a write they decide whether it may be sent again:
/// after <see cref="RateLimited"/> and <see cref="NotSent"/> it may, after <see cref="Unknown"/> only once it is known to have had no
/// effect, after <see cref="Refused"/> it would be refused again.
/// </remarks>
/// <typeparam name="T">What the server answers when it agrees.</typeparam>
public abstract record MattermostResult<T>
{
    private MattermostResult()
    {
    }

    /// <summary>The server did as it was asked.</summary>
    /// <param name="Value">Its answer.</param>
    public sealed record Ok(T Value) : MattermostResult<T>;

    /// <summary>The server read the request and refused it (4xx with its own error): nothing was changed.</summary>
    /// <param name="Error">Why.</param>
    public sealed record Refused(MattermostError Error) : MattermostResult<T>;

    /// <summary>The server wants fewer requests: nothing was changed.</summary>
    /// <param name="RetryAfter">How long to wait before the next request.</param>
    public sealed record RateLimited(Duration RetryAfter) : MattermostResult<T>;

    /// <summary>The request certainly never reached the server (refused connection, unknown name, open circuit).</summary>
    /// <param name="Reason">Why, in words for a log.</param>
    public sealed record NotSent(string Reason) : MattermostResult<T>
    {
        /// <summary>Whether its own sender held it back at the last moment: then nothing is in the way of another attempt.</summary>
        public bool IsHeldBack { get; init; }
    }

    /// <summary>The request may have had its effect (time-out, lost connection, 5xx, an answer that cannot be read).</summary>
    /// <param name="Reason">Why nothing certain is known, in words for a log.</param>
    public sealed record Unknown(string Reason) : MattermostResult<T>;

    /// <summary>The answer, or the default of its type when there is none.</summary>
    public T? ValueOrDefault => this is Ok ok ? ok.Value : default;

    /// <summary>Whether the server answered that it knows no such thing.</summary>
    public bool IsNotFound => this is Refused { Error.StatusCode: 404 };

    /// <summary>The same result with another value; a failure stays the same failure.</summary>
    /// <param name="change">Makes the other value out of the answer.</param>
    public MattermostResult<TOther> Map<TOther>(Func<T, TOther> change) =>
        this is Ok ok ? new MattermostResult<TOther>.Ok(change(ok.Value)) : Failure<TOther>();

    /// <summary>The same failure where another type is asked for.</summary>
    /// <exception cref="InvalidOperationException">It is no failure.</exception>
    public MattermostResult<TOther> Failure<TOther>() => this switch
    {
        Refused refused => new MattermostResult<TOther>.Refused(refused.Error),
        RateLimited limited => new MattermostResult<TOther>.RateLimited(limited.RetryAfter),
        NotSent notSent => new MattermostResult<TOther>.NotSent(notSent.Reason) { IsHeldBack = notSent.IsHeldBack },
        Unknown unknown => new MattermostResult<TOther>.Unknown(unknown.Reason),
        _ => throw new InvalidOperationException("The request did not fail."),
    };

    /// <summary>One sentence for logs and users.</summary>
    public string Describe() => this switch
    {
        Ok => "Mattermost did it.",
        Refused refused =>
            $"Mattermost refused it: {refused.Error.Message.TrimEnd('.')} ({refused.Error.Id}, {refused.Error.StatusCode}).",
        RateLimited limited => $"Mattermost asks to wait {Math.Ceiling(limited.RetryAfter.TotalSeconds)} s.",
        NotSent { IsHeldBack: true } notSent => $"Not sent: {notSent.Reason}.",
        NotSent notSent => $"Mattermost could not be reached: {notSent.Reason}.",
        _ => $"Whether Mattermost did it is unknown: {((Unknown)this).Reason}.",
    };
}

/// <summary>The server's own error. Its <c>detailed_error</c> is left out: that one may quote the token.</summary>
/// <param name="Id">The server's name of the error, e.g. <c>api.context.permissions.app_error</c>.</param>
/// <param name="Message">The server's words for a person.</param>
/// <param name="StatusCode">The HTTP status.</param>
/// <param name="RequestId">By which the server's log knows the request; empty when no request was made.</param>
public sealed record MattermostError(string Id, string Message, int StatusCode, string RequestId);
