using System.Text.RegularExpressions;

namespace PmBot.Mattermost.Client;

/// <summary>Fills routes with ids and names, and hands them to the transport; whoever knows routes and shapes builds on it.</summary>
/// <param name="transport">Sends them.</param>
/// <param name="permit">Asked before each change; null if none needs one.</param>
internal sealed partial class RestCaller(Transport transport, SendPermit? permit = null)
{
    /// <summary>The most ids or names that are asked for at once.</summary>
    private const int Chunk = 100;

    /// <summary>The same with a permit.</summary>
    public RestCaller Under(SendPermit needed) => new(transport, needed);

    public Task<MattermostResult<T>> GetAsync<T>(string template, CancellationToken cancellationToken, params string[] parameters)
        where T : class =>
        SendAsync<T>(HttpMethod.Get, template, Intent.Read, null, parameters, cancellationToken);

    public Task<MattermostResult<T>> WriteAsync<T>(
        HttpMethod method, string template, object? body, CancellationToken cancellationToken, params string[] parameters)
        where T : class =>
        SendAsync<T>(method, template, Intent.Write, body is null ? null : Payload.Json(body), parameters, cancellationToken);

    public async Task<MattermostResult<T>> SendAsync<T>(
        HttpMethod method, string template, Intent intent, Payload? body, string[] parameters, CancellationToken cancellationToken)
        where T : class
    {
        var prepared = Prepare(method, template, intent, body, parameters);
        return prepared is MattermostResult<Call>.Ok { Value: var call }
            ? await transport.SendAsync<T>(intent == Intent.Write ? call with { Permit = permit } : call, cancellationToken)
            : prepared.Failure<T>();
    }

    /// <summary>The content of a file, see <see cref="Call.MostBytes"/>.</summary>
    public async Task<MattermostResult<byte[]>> FetchAsync(
        string template, long mostBytes, CancellationToken cancellationToken, params string[] parameters)
    {
        var prepared = Prepare(HttpMethod.Get, template, Intent.Read, null, parameters);
        return prepared is MattermostResult<Call>.Ok { Value: var call }
            ? await transport.FetchAsync(call with { MostBytes = mostBytes }, cancellationToken)
            : prepared.Failure<byte[]>();
    }

    /// <summary>Asks, without the token, whether the server and its database are well.</summary>
    public Task<MattermostResult<ServerStatus>> PingAsync(CancellationToken cancellationToken) =>
        transport.SendAsync<ServerStatus>(
            new Call(HttpMethod.Get, "system/ping", "system/ping?get_server_status=true", Intent.Read, Anonymous: true),
            cancellationToken);

    /// <summary>Users by id or by name, as the route says, in any number.</summary>
    public async Task<MattermostResult<IReadOnlyList<MattermostUser>>> UsersAsync(
        string route, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var found = new List<MattermostUser>();
        foreach (var chunk in keys.Distinct(StringComparer.Ordinal).Chunk(Chunk))
        {
            // A POST by its verb, a read by what it does: it may be repeated.
            var result = await SendAsync<List<MattermostUser>>(HttpMethod.Post, route, Intent.Read, Payload.Json(chunk), [], cancellationToken);
            if (result is not MattermostResult<List<MattermostUser>>.Ok ok)
            {
                return result.Failure<IReadOnlyList<MattermostUser>>();
            }

            found.AddRange(ok.Value);
        }

        return new MattermostResult<IReadOnlyList<MattermostUser>>.Ok(found);
    }

    /// <summary>All pages of a list.</summary>
    /// <param name="page">The route of a page by its number, from 0, with <paramref name="perPage"/> things each.</param>
    /// <param name="perPage">A page with fewer is the last.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="parameters">The route's ids and names.</param>
    public async Task<MattermostResult<IReadOnlyList<T>>> PagesAsync<T>(
        Func<int, string> page, int perPage, CancellationToken cancellationToken, params string[] parameters)
    {
        var found = new List<T>();
        while (true)
        {
            var result = await GetAsync<List<T>>(page(found.Count / perPage), cancellationToken, parameters);
            if (result is not MattermostResult<List<T>>.Ok ok)
            {
                return result.Failure<IReadOnlyList<T>>();
            }

            found.AddRange(ok.Value);
            if (ok.Value.Count < perPage)
            {
                return new MattermostResult<IReadOnlyList<T>>.Ok(found);
            }
        }
    }

    private static MattermostResult<Call> Prepare(HttpMethod method, string template, Intent intent, Payload? body, string[] parameters)
    {
        // What users typed gets here too. "..", "a/b" or an empty name would ask for something else than what is meant.
        if (Array.Find(parameters, p => !Segment.IsMatch(p)) is { } wrong)
        {
            return new MattermostResult<Call>.Refused(new(
                "pmbot.not_an_id", $"\"{(wrong.Length > 64 ? wrong[..64] : wrong)}\" is no id or name of Mattermost's.", 404, ""));
        }

        var next = 0;
        var path = Placeholder.Replace(template, _ => parameters[next++]);
        var query = template.IndexOf('?', StringComparison.Ordinal);
        return new MattermostResult<Call>.Ok(new Call(method, query < 0 ? template : template[..query], path, intent, body));
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,256}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Segment { get; }

    [GeneratedRegex(@"\{[a-z]+\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder { get; }
}
