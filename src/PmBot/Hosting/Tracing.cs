using System.Diagnostics;

namespace PmBot.Hosting;

/// <summary>
/// The bot's spans. They carry ids and words of the code, never texts or tokens. While nobody listens to the source <c>PmBot</c> there are none,
/// and asking for one costs next to nothing.
/// </summary>
internal static class Tracing
{
    /// <summary>The source of all of them.</summary>
    public static ActivitySource Source { get; } = new(Telemetry.Name, Telemetry.Version);

    /// <summary>The span of the bot's under way here; null if there is none. Spans of the web server or of Quartz do not count.</summary>
    public static Activity? Current => Activity.Current is { } current && current.Source == Source ? current : null;

    /// <summary>Begins a trace with what came by HTTP, or goes on with the one that the caller named in the header <c>traceparent</c>.</summary>
    public static Activity? BeginRequest(HttpContext http, string name)
    {
        var headers = http.Request.Headers;
        _ = ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var caller);
        return Begin(name, ActivityKind.Server, caller);
    }

    /// <summary>Begins a trace of its own, linked to the span that caused it.</summary>
    /// <param name="name">Its name, of a small set.</param>
    /// <param name="cause">That span, as in the header <c>traceparent</c>; null if there is none.</param>
    public static Activity? BeginCausedBy(string name, string? cause)
    {
        ActivityLink[] links = ActivityContext.TryParse(cause, null, isRemote: true, out var context) ? [new ActivityLink(context)] : [];
        return Begin(name, ActivityKind.Internal, default, links);
    }

    /// <summary>Begins a step of the span under way; null if there is none, for what nobody asked for is no trace of its own.</summary>
    public static Activity? Step(string name, ActivityKind kind = ActivityKind.Internal) => Current is null ? null : Source.StartActivity(name, kind);

    /// <summary>Marks a span as failed. Of the exception only the type is told: the log, which says the rest, has the span's id.</summary>
    public static void Fail(this Activity? activity, Exception exception) => activity.Fail(exception.GetType().FullName ?? exception.GetType().Name);

    /// <summary>Marks a span as failed.</summary>
    /// <param name="activity">The span.</param>
    /// <param name="error">The kind of failure, of a small set.</param>
    public static void Fail(this Activity? activity, string error) => activity?.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);

    private static Activity? Begin(string name, ActivityKind kind, ActivityContext parent, IEnumerable<ActivityLink>? links = null)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        // The web server and Quartz have activities of their own, which nobody records. As the parent such a one would have this span
        // dropped by every sampler that asks the parent, which the usual one does.
        Activity.Current = null;
        return Source.StartActivity(kind, parent, tags: null, links, name: name);
    }
}
