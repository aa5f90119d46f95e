using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using PmBot.Storage;

namespace PmBot.Calendars;

/// <summary>Where calendar programs read: <c>GET /calendar/{secret}.ics</c>.</summary>
internal static partial class CalendarEndpoints
{
    private const string ContentType = "text/calendar; charset=utf-8";

    /// <summary>Adds the endpoint.</summary>
    public static void MapCalendars(this IEndpointRouteBuilder routes) => routes.MapMethods(
        $"{CalendarSecret.Folder}{{secret}}{CalendarSecret.Extension}", [HttpMethods.Get, HttpMethods.Head], ReadAsync);

    // The secret is not taken from the route: what stands there is only what DiscreetContexts left of it.
    private static async Task<IResult> ReadAsync(HttpContext http, CalendarFeed feed, ILogger<CalendarFeed> logger)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        try
        {
            var calendar = http.Features.Get<CalendarSecret>() is { } secret ? await feed.ReadAsync(secret.Value, http.RequestAborted) : null;
            if (calendar is null)
            {
                Log.NoCalendar(logger, http.Connection.RemoteIpAddress);
                return Results.NotFound();
            }

            // If-None-Match is answered where the result is written.
            var bytes = Encoding.UTF8.GetBytes(calendar);
            return Results.Bytes(bytes, ContentType, entityTag: new EntityTagHeaderValue($"\"{Base64Url.EncodeToString(SHA256.HashData(bytes))}\""));
        }
        catch (StoreUnavailableException e)
        {
            Log.NoStore(logger, e);
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "A calendar was asked for from {Remote} by an address that leads nowhere")]
        public static partial void NoCalendar(ILogger logger, System.Net.IPAddress? remote);

        [LoggerMessage(Level = LogLevel.Error, Message = "A calendar could not be read")]
        public static partial void NoStore(ILogger logger, Exception exception);
    }
}
