using System.Diagnostics;
using PmBot.Hosting;
using PmBot.Mattermost.Client;

namespace PmBot.Mattermost.Inbound;

/// <content>The question of a check, see <see cref="WayBack"/>.</content>
public static partial class MattermostEndpoints
{
    // The same word for all: what follows it is random.
    private const string CheckVerb = "check";

    /// <summary>Adds the endpoint of the commands alone, and of them only what a check asks: for a bot that does not run yet.</summary>
    internal static void MapWayBack(this IEndpointRouteBuilder routes) => routes.MapPost("/mattermost/commands/{trigger}", OnlyCheckAsync);

    private static async Task<IResult> OnlyCheckAsync(string trigger, HttpContext http, CommandTokens tokens, ActionSigner signer)
    {
        var (form, refusal) = await FormAsync(http);
        if (form is null)
        {
            return refusal;
        }

        var presented = Presented(Each(form, "token"), http.Request);
        if (tokens.Check(trigger, presented) is not TokenCheck.Accepted)
        {
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        var command = Command(trigger, form);
        return WayBack.Nonce(command.Text) is { } nonce
            ? Proof(nonce, presented[0], http, signer)
            : Results.Json(
                new CommandAnswer("ephemeral", Fitting($"I am not running yet; whoever sets me up is just looking whether I can be reached. Nothing was changed. You typed: {Markdown.Code(command.Typed)}"), null, SkipSlackParsing: true),
                MattermostJson.Options);
    }

    private static IResult Check(
        string trigger, string nonce, string token, HttpContext http, ActionSigner signer, Telemetry telemetry, long started, ILogger<SlashCommand> logger)
    {
        Log.Checked(logger, trigger, http.Connection.RemoteIpAddress);
        telemetry.Command(null, trigger, CheckVerb, CommandOutcome.Done, Stopwatch.GetElapsedTime(started));
        return Proof(nonce, token, http, signer);
    }

    // Without a text Mattermost makes no post of it, not even an ephemeral one.
    private static IResult Proof(string nonce, string token, HttpContext http, ActionSigner signer) =>
        Results.Json(
            new
            {
                ResponseType = "ephemeral",
                Text = "",
                SkipSlackParsing = true,
                Props = new Dictionary<string, WayBackAnswer>(StringComparer.Ordinal) { [WayBack.Property] = WayBack.Answer(nonce, token, signer, http.Request) },
            },
            MattermostJson.Options);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "A check asked by /{Trigger} from {Remote} whether Mattermost reaches this bot")]
        public static partial void Checked(ILogger logger, string trigger, System.Net.IPAddress? remote);
    }
}
