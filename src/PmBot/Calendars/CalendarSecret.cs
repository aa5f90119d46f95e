using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace PmBot.Calendars;

/// <summary>The secret of the address that was asked for, beside the request rather than in it.</summary>
/// <param name="Value">As it was sent; nothing about it has been checked.</param>
internal sealed record CalendarSecret(string Value)
{
    /// <summary>What stands before the secret in a path.</summary>
    public const string Folder = "/calendar/";

    /// <summary>What stands behind it.</summary>
    public const string Extension = ".ics";

    private const string Hidden = "hidden";

    /// <summary>Takes what may be a secret out of a path.</summary>
    /// <returns>The path to go on with, and what was taken out; null if there is nothing to hide.</returns>
    public static (string Path, CalendarSecret Secret)? In(string path)
    {
        // Also where somebody mistook the address: behind another base path, or the folder's name misspelt.
        var end = path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? path.Length - Extension.Length : path.Length;
        var folder = path.IndexOf(Folder, StringComparison.OrdinalIgnoreCase);
        var start = folder >= 0 ? folder + Folder.Length : end < path.Length ? path.LastIndexOf('/') + 1 : end;
        return start >= end ? null : ($"{path[..start]}{Hidden}{path[end..]}", new CalendarSecret(path[start..end]));
    }
}

/// <summary>
/// Takes the secret out of a request before anything sees it: ASP.NET Core writes paths into its log, its scopes, its activities and its
/// event source, and what stands in none of them need not be kept from anybody who turns these on.
/// </summary>
internal sealed class DiscreetContexts(IServiceProvider services) : IHttpContextFactory
{
    private readonly DefaultHttpContextFactory _contexts = new(services);

    public HttpContext Create(IFeatureCollection featureCollection)
    {
        var request = featureCollection.GetRequiredFeature<IHttpRequestFeature>();
        if (CalendarSecret.In(request.Path) is { } hidden)
        {
            request.Path = request.RawTarget = hidden.Path;
            featureCollection.Set(hidden.Secret);
        }

        return _contexts.Create(featureCollection);
    }

    public void Dispose(HttpContext httpContext) => _contexts.Dispose(httpContext);
}

/// <summary>
/// Silences the one log that quotes a path before <see cref="DiscreetContexts"/> gets to see it: the server's, of requests that are no
/// HTTP. It holds against whatever the settings say, for every rule gets this condition.
/// </summary>
internal sealed class DiscreetLogging : IPostConfigureOptions<LoggerFilterOptions>
{
    private const string Quoting = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        // First, so that any other rule that fits is preferred to it.
        options.Rules.Insert(0, new LoggerFilterRule(null, null, options.MinLevel, null));
        for (var i = 0; i < options.Rules.Count; i++)
        {
            var rule = options.Rules[i];
            options.Rules[i] = new LoggerFilterRule(
                rule.ProviderName, rule.CategoryName, rule.LogLevel,
                (provider, category, level) => category != Quoting && (rule.Filter?.Invoke(provider, category, level) ?? true));
        }
    }
}
