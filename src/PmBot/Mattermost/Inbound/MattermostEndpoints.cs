using System.Collections.Frozen;
using System.Diagnostics;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using PmBot.Hosting;
using PmBot.Mattermost.Client;
using PmBot.Storage;

namespace PmBot.Mattermost.Inbound;

/// <summary>Where Mattermost calls the bot: commands, outgoing webhooks, buttons, dialogs.</summary>
public static partial class MattermostEndpoints
{
    /// <summary>The path for slash commands; the trigger word follows it.</summary>
    public const string CommandsPath = "/mattermost/commands";

    /// <summary>The path for buttons and menus.</summary>
    public const string ActionsPath = "/mattermost/actions";

    /// <summary>The path for submitted dialogs.</summary>
    public const string DialogsPath = "/mattermost/dialogs";

    // What stands in metrics for what nobody handles.
    private const string None = "none";

    private const string FormType = MediaTypeNames.Application.FormUrlEncoded;

    // Mattermost waits 30 seconds for the answer to a command; past that the user reads only that it failed.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Adds the endpoints.</summary>
    public static void MapMattermost(this IEndpointRouteBuilder routes)
    {
        routes.MapPost($"{CommandsPath}/{{trigger}}", CommandAsync);
        routes.MapPost(HooksPath, HookAsync);
        routes.MapPost(ActionsPath, ActionAsync);
        routes.MapPost(DialogsPath, DialogAsync);
    }

    private static async Task<IResult> CommandAsync(
        string trigger, HttpContext http, CommandTokens tokens, CommandRouter router, ActionSigner signer, Telemetry telemetry, ILogger<SlashCommand> logger)
    {
        var started = Stopwatch.GetTimestamp();
        var (form, refusal) = await FormAsync(http);
        if (form is null)
        {
            return refusal;
        }

        var presented = Presented(Each(form, "token"), http.Request);
        if (tokens.Check(trigger, presented) is not TokenCheck.Accepted)
        {
            Log.TokenRefused(logger, Printable(trigger), http.Connection.RemoteIpAddress);
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        var command = Command(trigger, form);
        if (WayBack.Nonce(command.Text) is { } nonce)
        {
            return Check(trigger, nonce, presented[0], http, signer, telemetry, started, logger);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limit.CancelAfter(Patience);
        var read = router.Find(trigger)?.Read(command);
        var verb = read?.Verb ?? None;
        using var activity = Tracing.BeginRequest(http, $"command {trigger} {verb}");
        string outcome;
        CommandReply reply;
        try
        {
            reply = read is null
                ? new CommandReply($"I have no command `/{trigger}`. Please tell whoever set it up that its token is known but its name is not.")
                : await read.RunAsync(limit.Token);
            outcome = read is null ? CommandOutcome.Unknown : read.Outcome ?? CommandOutcome.Of(reply.Text);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            outcome = CommandOutcome.Fault;
            activity.Fail(e);
            reply = new CommandReply(Fault(logger, e, $"/{trigger} {verb}", command.Typed));
        }

        telemetry.Command(activity, trigger, verb, outcome, Stopwatch.GetElapsedTime(started));
        return Results.Json(
            new CommandAnswer("ephemeral", Fitting(reply.Text), reply.Attachments.Count == 0 ? null : reply.Attachments, SkipSlackParsing: true), MattermostJson.Options);
    }

    private static async Task<IResult> ActionAsync(
        HttpContext http, ActionSigner signer, KeyWatch keys, IEnumerable<IActionHandler> handlers, Telemetry telemetry, ILogger<ActionPress> logger)
    {
        var started = Stopwatch.GetTimestamp();
        var (parsed, refusal) = await JsonAsync(http);
        if (parsed is null)
        {
            return refusal;
        }

        using var document = parsed;
        var json = document.RootElement;
        var check = json.TryGetProperty("context", out var context)
            ? await keys.CheckAsync(() => signer.Check(context), http.RequestAborted)
            : new SignatureCheck.Forged();
        if (check is SignatureCheck.Forged || Text(json, "user_id") is not { Length: > 0 } userId)
        {
            Log.SignatureRefused(logger, "button", http.Connection.RemoteIpAddress);
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        var text = check switch
        {
            SignatureCheck.Expired => "This button is too old to be used. Nothing was changed.",
            SignatureCheck.Valid { Action.ForUser: { Length: > 0 } user } when user != userId => "This button is for somebody else. Nothing was changed.",
            SignatureCheck.Valid { Action: var action } => await PressAsync(
                new ActionPress(
                    action, userId, Text(json, "user_name") ?? "", Text(json, "channel_id") ?? "", Text(json, "trigger_id") ?? "",
                    Text(json, "post_id") ?? "", Text(context, "selected_option") is { Length: > 0 } selected ? selected : null)),
            _ => throw new InvalidOperationException(check.GetType().Name),
        };
        return Results.Json(new ActionAnswer(text is null ? null : Fitting(text), SkipSlackParsing: true), MattermostJson.Options);

        Task<string?> PressAsync(ActionPress press)
        {
            var handler = handlers.SingleOrDefault(h => h.Action == press.Action.Action);
            return CarryOutAsync(
                http, telemetry, started, "action", handler?.Action,
                async limit => handler is not null
                    ? (await handler.HandleAsync(press, limit)).Text
                    : Outdated(logger, "button", press.Action.Action, "Please type the command instead."),
                e => Fault(logger, e, press.Action.Action, null),
                CommandOutcome.Of);
        }
    }

    private static async Task<IResult> DialogAsync(
        HttpContext http, ActionSigner signer, KeyWatch keys, IEnumerable<IDialogHandler> handlers, Telemetry telemetry, ILogger<DialogSubmission> logger)
    {
        var started = Stopwatch.GetTimestamp();
        var (parsed, refusal) = await JsonAsync(http);
        if (parsed is null)
        {
            return refusal;
        }

        using var document = parsed;
        var json = document.RootElement;
        var state = Text(json, "state") ?? "";
        var check = await keys.CheckAsync(() => signer.Check(state), http.RequestAborted);
        if (check is SignatureCheck.Forged || Text(json, "user_id") is not { Length: > 0 } userId)
        {
            Log.SignatureRefused(logger, "dialog", http.Connection.RemoteIpAddress);
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        var reply = check switch
        {
            _ when IsCancelled(json) => new DialogReply(),
            SignatureCheck.Expired => new DialogReply(Error: "This form is too old. Nothing was changed. Please open it again."),
            SignatureCheck.Valid { Action.ForUser: var user } when user != userId => new DialogReply(Error: "This form was opened for somebody else."),
            SignatureCheck.Valid { Action: var action } => await SubmitAsync(
                new DialogSubmission(action, userId, Text(json, "channel_id") ?? "", Values(json))),
            _ => throw new InvalidOperationException(check.GetType().Name),
        };
        return Results.Json(reply, MattermostJson.Options);

        Task<DialogReply> SubmitAsync(DialogSubmission submission)
        {
            var handler = handlers.SingleOrDefault(h => h.Action == submission.Action.Action);
            return CarryOutAsync(
                http, telemetry, started, "dialog", handler?.Action,
                async limit => handler is not null
                    ? await handler.HandleAsync(submission, limit)
                    : new DialogReply(Error: Outdated(logger, "form", submission.Action.Action, "Please open it again.")),
                e => new DialogReply(Error: Fault(logger, e, submission.Action.Action, null)),
                reply => reply is { Error: null, Errors: null or { Count: 0 } } ? CommandOutcome.Done : CommandOutcome.Refused);
        }
    }

    /// <summary>Carries out what Mattermost brought, no slash command: traced, counted, for a while only, and with an answer whatever happens.</summary>
    /// <param name="http">The request.</param>
    /// <param name="telemetry">Counts it.</param>
    /// <param name="started">When the request came.</param>
    /// <param name="kind">The kind of request.</param>
    /// <param name="verb">The action or the word; null if nobody handles it.</param>
    /// <param name="work">Carries it out.</param>
    /// <param name="fault">The answer to an exception.</param>
    /// <param name="outcome">What an answer means, see <see cref="CommandOutcome"/>.</param>
    private static async Task<T> CarryOutAsync<T>(
        HttpContext http, Telemetry telemetry, long started, string kind, string? verb,
        Func<CancellationToken, Task<T>> work, Func<Exception, T> fault, Func<T, string> outcome)
    {
        using var activity = Tracing.BeginRequest(http, $"{kind} {verb ?? None}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limit.CancelAfter(Patience);
        try
        {
            var answer = await work(limit.Token);
            Count(outcome(answer) is var known && verb is null && known != CommandOutcome.Ignored ? CommandOutcome.Unknown : known);
            return answer;
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            activity.Fail(e);
            Count(CommandOutcome.Fault);
            return fault(e);
        }

        void Count(string became) => telemetry.Command(activity, kind, verb ?? None, became, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>The answer to something that was signed for an action which nobody handles any more.</summary>
    private static string Outdated(ILogger logger, string what, string action, string instead)
    {
        Log.Unhandled(logger, what, action);
        return $"This {what} is of an older version of me; I no longer know it. Nothing was changed. {instead}";
    }

    /// <summary>Logs a fault under an id, and says so to the user, with the id and what they typed.</summary>
    private static string Fault(ILogger logger, Exception exception, string what, string? typed)
    {
        var id = Guid.NewGuid().ToString("n")[..8];
        Log.Faulted(logger, exception, id, what);
        var again = typed is null ? "" : $" You typed: {Markdown.Code(typed)}";
        var look = $"(fault `{id}`; whoever runs me finds it in the log). Please look whether it was done before you try again.{again}";
        return exception switch
        {
            StoreUnavailableException =>
                $"I cannot write to my store now, so nothing was changed. Please try again in a minute; if it stays so, tell whoever runs me: fault `{id}`.{again}",

            // The patience of this class, for what else is given up in time has an answer of its own.
            OperationCanceledException =>
                $"I am so busy that I gave this up after {Patience.TotalSeconds:F0} seconds {look}",
            _ => $"Something went wrong on my side {look}",
        };
    }

    /// <summary>The tokens of a request: those of its body, and those of its headers.</summary>
    private static List<string> Presented(IEnumerable<string> fields, HttpRequest request)
    {
        var presented = fields.ToList();
        foreach (var header in request.Headers.Authorization)
        {
            presented.Add(header?.StartsWith("Token ", StringComparison.OrdinalIgnoreCase) == true ? header[6..].Trim() : "");
        }

        return presented;
    }

    private static SlashCommand Command(string trigger, Dictionary<string, StringValues> form)
    {
        return new SlashCommand(
            trigger, Field(form, "text"), Field(form, "user_id"), Field(form, "user_name"), Field(form, "channel_id"), Field(form, "team_id"),
            Field(form, "trigger_id"), Parallel("user_mentions", "user_mentions_ids"), Parallel("channel_mentions", "channel_mentions_ids"));

        // Mattermost repeats these fields, one of each for a mention.
        IReadOnlyDictionary<string, string> Parallel(string names, string ids)
        {
            if (!form.ContainsKey(names))
            {
                return FrozenDictionary<string, string>.Empty;
            }

            var pairs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var (name, id) in Each(form, names).Zip(Each(form, ids)))
            {
                pairs[name] = id;
            }

            return pairs;
        }
    }

    private static string Field(Dictionary<string, StringValues> form, string name) =>
        form.TryGetValue(name, out var values) && values is [{ } first, ..] ? Storable(first) : "";

    private static IEnumerable<string> Each(Dictionary<string, StringValues> form, string name) =>
        form.TryGetValue(name, out var values) ? values.OfType<string>().Select(Storable) : [];

    private static async Task<(Dictionary<string, StringValues>? Form, IResult Refusal)> FormAsync(HttpContext http)
    {
        if (!IsType(http.Request, FormType))
        {
            return (null, Results.StatusCode(StatusCodes.Status415UnsupportedMediaType));
        }

        return await RequestBody.ReadAsync(http.Request.Body, http.Request.ContentLength, http.RequestAborted) is { } body
            ? (QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)), Results.Empty)
            : (null, Results.StatusCode(StatusCodes.Status413PayloadTooLarge));
    }

    private static async Task<(JsonDocument? Document, IResult Refusal)> JsonAsync(HttpContext http)
    {
        if (!IsType(http.Request, MediaTypeNames.Application.Json))
        {
            return (null, Results.StatusCode(StatusCodes.Status415UnsupportedMediaType));
        }

        if (await RequestBody.ReadAsync(http.Request.Body, http.Request.ContentLength, http.RequestAborted) is not { } body)
        {
            return (null, Results.StatusCode(StatusCodes.Status413PayloadTooLarge));
        }

        try
        {
            var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind == JsonValueKind.Object && IsUnicode(document.RootElement))
            {
                return (document, Results.Empty);
            }

            document.Dispose();
        }
        catch (JsonException)
        {
            // Not from Mattermost; nobody waits for an explanation.
        }

        return (null, Results.StatusCode(StatusCodes.Status400BadRequest));
    }

    /// <summary>Whether all names and texts can be read: half a surrogate pair, or bytes that are no UTF-8, show only then.</summary>
    private static bool IsUnicode(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.Object => json.EnumerateObject().All(p => p.Name is not null && IsUnicode(p.Value)),
                JsonValueKind.Array => json.EnumerateArray().All(IsUnicode),
                JsonValueKind.String => json.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsType(HttpRequest request, string type) =>
        request.ContentType is { } given && given.Split(';')[0].Trim().Equals(type, StringComparison.OrdinalIgnoreCase);

    /// <summary>Mattermost takes no longer text; what was typed at such length still stands where it was typed.</summary>
    private static string Fitting(string text) => Markdown.Shorten(text, MattermostLimits.Message);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Storable(value.GetString()!) : null;

    /// <summary>A text without U+0000, which PostgreSQL cannot keep, neither Mattermost's nor the bot's own.</summary>
    private static string Storable(string text) => text.Replace('\0', '\uFFFD');

    /// <summary>Whether the dialog was closed without being submitted; Mattermost tells of that if it was asked to.</summary>
    private static bool IsCancelled(JsonElement json) => json.TryGetProperty("cancelled", out var value) && value.ValueKind == JsonValueKind.True;

    private static Dictionary<string, string> Values(JsonElement json)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json.TryGetProperty("submission", out var submission) && submission.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in submission.EnumerateObject())
            {
                var text = field.Value.ValueKind switch
                {
                    JsonValueKind.String => Storable(field.Value.GetString()!),
                    JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => field.Value.GetRawText(),
                    _ => "",
                };
                if (text.Trim().Length > 0)
                {
                    values[Storable(field.Name)] = text.Trim();
                }
            }
        }

        return values;
    }

    /// <summary>A word from outside, safe to stand in a line of the log.</summary>
    private static string Printable(string word) => string.Concat(word.Take(40).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '?'));

    private sealed record CommandAnswer(string ResponseType, string Text, IReadOnlyList<Attachment>? Attachments, bool SkipSlackParsing);

    private sealed record ActionAnswer(string? EphemeralText, bool SkipSlackParsing);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "A command for trigger {Trigger} from {Remote} came with a wrong token or none")]
        public static partial void TokenRefused(ILogger logger, string trigger, System.Net.IPAddress? remote);

        [LoggerMessage(Level = LogLevel.Warning, Message = "A {What} from {Remote} came without a signature of ours")]
        public static partial void SignatureRefused(ILogger logger, string what, System.Net.IPAddress? remote);

        [LoggerMessage(Level = LogLevel.Warning, Message = "A {What} was signed for {Action}, which nobody handles")]
        public static partial void Unhandled(ILogger logger, string what, string action);

        [LoggerMessage(Level = LogLevel.Error, Message = "Fault {Fault} in {What}")]
        public static partial void Faulted(ILogger logger, Exception exception, string fault, string what);
    }
}
