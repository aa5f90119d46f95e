using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using PmBot.Hosting;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Provisioning;

namespace PmBot.Checks;

/// <summary>
/// Whether Mattermost reaches the bot: the bot's account types each command with a question that only this bot answers rightly, see
/// <see cref="WayBack"/>. What is proved is the way that users take, all of it: that there is such a command, that it leads to an address the
/// server can call, that this bot is there, and that it knows the token.
/// </summary>
internal sealed partial class WayBackCheck(CheckSettings settings, MattermostProbe probe, StoreCheck store, TimeProvider time)
{
    private const string Subject = "way back";
    private const int MostChannels = 3;

    /// <summary>Goes the way.</summary>
    /// <param name="teams">The bot's teams.</param>
    /// <param name="isRunning">Whether the bot runs; if not, this check answers in its place.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<Finding>> CheckAsync(IReadOnlyList<BotTeam> teams, bool isRunning, CancellationToken cancellationToken)
    {
        if (isRunning)
        {
            return await AskAsync(teams, store.SigningKey, cancellationToken);
        }

        var key = RandomNumberGenerator.GetBytes(32);
        var (listener, problem) = await ProbeListener.StartAsync(settings, new ActionSigner(new SigningKeys(key, []), time), cancellationToken);
        if (listener is null)
        {
            return [Finding.Wrong(Subject, $"The bot does not run, and cannot listen at {string.Join(", ", ListenAddresses.Configured(settings.Configuration))}: {problem.TrimEnd('.')}. Set ASPNETCORE_URLS to a free address, and PmBot:PublicUrl to where Mattermost reaches it.")];
        }

        await using (listener)
        {
            return await AskAsync(teams, () => key, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<Finding>> AskAsync(IReadOnlyList<BotTeam> teams, Func<byte[]?> signingKey, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var team in teams)
        {
            if (team.Channels.Count == 0)
            {
                findings.Add(Finding.Skipped(Subject, $"There is no channel of the team {team.Team.Name} in which the bot could type a command."));
                continue;
            }

            var answers = await Task.WhenAll(settings.Triggers.Select(async trigger => (Trigger: trigger, Said: await AskAsync(team, trigger, signingKey, cancellationToken))));
            findings.AddRange(answers.GroupBy(a => a.Said, a => $"/{a.Trigger}")
                .Select(same => new Finding(same.Key.Verdict, Subject, $"{string.Join(", ", same)} of the team {team.Team.Name}: {same.Key.Text}")));
        }

        return findings;
    }

    private async Task<Said> AskAsync(BotTeam team, string trigger, Func<byte[]?> signingKey, CancellationToken cancellationToken)
    {
        var nonce = WayBack.NewNonce();
        ExecutedCommand outcome = new ExecutedCommand.Nothing("");
        foreach (var channel in team.Channels.Take(MostChannels))
        {
            outcome = await probe.ExecuteAsync(team.Team.Id, channel.Id, $"/{trigger} {WayBack.Question(nonce)}", cancellationToken);

            // Some channels are for reading only.
            if (outcome is not ExecutedCommand.Failed { Error.StatusCode: 403 })
            {
                break;
            }
        }

        return outcome switch
        {
            ExecutedCommand.Answered { Response: var response } => WayBack.Read(response) is { } answer ? Proved(trigger, nonce, answer, signingKey()) : Stranger(trigger, response.GetRawText()),
            ExecutedCommand.Failed { Error: var error } => await FailedAsync(trigger, error, cancellationToken),
            ExecutedCommand.Nothing nothing => new(Verdict.Wrong, $"Mattermost did not carry the command out: {nothing.Reason}. Try again; if it stays so, look into the server's log."),
            _ => throw new InvalidOperationException(outcome.GetType().Name),
        };
    }

    private Said Proved(string trigger, string nonce, WayBackAnswer answer, byte[]? signingKey)
    {
        if (!settings.TokensOf(trigger).Any(t => IsSame(WayBack.TokenProof(t, nonce), answer.Token)))
        {
            return new(Verdict.Wrong, "A bot answers that knows the command's token, which these settings do not have. Run this with the settings that the bot has; if they were changed, restart it.");
        }

        if (signingKey is not null && !IsSame(new ActionSigner(new SigningKeys(signingKey, []), time).Prove(nonce), answer.Bot))
        {
            return new(Verdict.Wrong, $"Another bot answers, with another store or another PmBot:SigningKey. Stop it, let the commands lead to {settings.Address}/mattermost/commands/…, or run this with the settings that it has.");
        }

        var publicUrl = new Uri(settings.Bot.PublicUrl);
        var isOtherScheme = answer.Scheme.Length > 0 && answer.Scheme != publicUrl.Scheme;
        if (isOtherScheme || !IsCalledBy(answer.Host))
        {
            return new(Verdict.Warning, $"This bot answers, but was called as {(isOtherScheme ? $"{answer.Scheme}://" : "")}{answer.Host}, and buttons and forms lead to {settings.Bot.PublicUrl}. Set PmBot:PublicUrl to what the commands lead to, unless a proxy between is known to change the name.");
        }

        if (answer.Version != WayBack.Version)
        {
            return new(Verdict.Warning, $"This bot answers, but it is version {answer.Version}, and this program is {WayBack.Version}. Restart the bot.");
        }

        // A proxy that ends TLS does not say that it did, unless it is told to.
        var buttons = answer.Scheme.Length > 0 || publicUrl.Scheme == Uri.UriSchemeHttp ? "go the same way" : $"lead to {settings.Address}";
        return signingKey is null
            ? new(Verdict.Warning, "A bot answers that knows the token. Whether it is the one with this store is not known, for the store's signing key cannot be read.")
            : new(Verdict.Fine, $"Mattermost reaches this bot as {answer.Host}, with the right token. Buttons and forms {buttons}.");
    }

    private Said Stranger(string trigger, string response) => response.Contains(WayBack.Word, StringComparison.Ordinal)
        ? new(Verdict.Wrong, "Something answers that does not know the question of this check: a PmBot of an older version, or another program. If it is an older bot, install this version, and restart it.")
        : new(Verdict.Wrong, $"Another program answers: a plugin of Mattermost has this command, or it leads elsewhere. Give the bot's command another word, and set PmBot:Triggers:{CommandOf(trigger)} to it; or let the command lead to {settings.CommandAddress(trigger)} (main menu > Integrations > Slash Commands).");

    private async Task<Said> FailedAsync(string trigger, MattermostError error, CancellationToken cancellationToken)
    {
        const string where = "main menu > Integrations > Slash Commands";
        switch (error.Id)
        {
            case "api.command.execute_command.not_found.app_error":
                return new(Verdict.Wrong, $"There is no such command. Type pmbot provision, or in Mattermost, {where} > Add Slash Command: trigger word {trigger}, request URL {settings.CommandAddress(trigger)}, request method POST; then put its token into Mattermost:CommandTokens:{trigger}.");
            case "api.command.disabled.app_error":
                return new(Verdict.Wrong, "The server's slash commands are switched off. System Console > Integrations > Integration Management: Enable Custom Slash Commands.");
            case "api.command.execute_command.failed_resp.app_error":
                return Refused(trigger, Status().Match(error.Message.Replace(trigger, "", StringComparison.Ordinal)).Value);
            case "api.command.execute_command.failed_empty.app_error":
                return new(Verdict.Wrong, $"Another program answers, with nothing. Let the command lead to {settings.CommandAddress(trigger)} ({where}).");
            case "api.command.execute_command.failed.app_error":
                return new(Verdict.Wrong, await UnreachableAsync(cancellationToken));
            default:
                return new(Verdict.Wrong, error.StatusCode == 403
                    ? "The bot's account may not type commands where it is. System Console > User Management > Permissions: let members of channels create posts and use slash commands; or invite the bot into a channel in which it may write."
                    : $"Mattermost did not carry the command out: {error.Message.TrimEnd('.')} ({error.Id}, {error.StatusCode}).");
        }

        Said Refused(string word, string status) => new(Verdict.Wrong, status switch
        {
            "401" => $"Whoever answers does not know the command's token (401). Copy it ({where}) into the list Mattermost:CommandTokens:{word}, and restart the bot. If it is there, another bot answers: let the command lead to {settings.CommandAddress(word)}.",
            "404" => $"Where it leads, there is no such page (404). Let it lead to {settings.CommandAddress(word)} ({where}), and let no proxy between change the path.",
            "405" => $"It is sent by GET (405). Set its request method to POST ({where}).",
            "502" or "503" or "504" => $"A proxy answers, which does not reach the bot ({status}). Let it lead to where the bot listens: {string.Join(", ", ListenAddresses.Configured(settings.Configuration))}.",
            _ => $"Where it leads, the answer is {(status.Length == 0 ? "a refusal" : status)}. Let it lead to {settings.CommandAddress(word)} ({where}), and look into the log of the bot, or of the proxy before it.",
        });
    }

    private async Task<string> UnreachableAsync(CancellationToken cancellationToken)
    {
        var url = new Uri(settings.Bot.PublicUrl);
        var host = url.Host.Trim('[', ']');
        var fromHere = await OwnHealth.AnswersAsync(new Uri(settings.Address + OwnHealth.LivePath), cancellationToken)
            ? "does answer, so it is the way from Mattermost to here"
            : "does not answer either, so PmBot:PublicUrl may be wrong, or nothing passes on what comes there";
        var allowance = (await InternalAddress.ResolveAsync(url.IdnHost, cancellationToken)).Any(InternalAddress.IsReserved)
            ? $" Mattermost calls {host} only if it is allowed to: System Console > Environment > Developer > Allow untrusted internal connections to (ServiceSettings.AllowedUntrustedInternalConnections): add {host}."
            : "";
        return $"Mattermost gets no answer from where it leads. From this machine, {settings.Address} {fromHere}.{allowance} It must lead to {settings.Address}/mattermost/commands/… (main menu > Integrations > Slash Commands), and no firewall may stand between.";
    }

    /// <summary>Whether the bot was called by the host of its public address.</summary>
    private bool IsCalledBy(string host)
    {
        var expected = new Uri(settings.Bot.PublicUrl);
        return Uri.TryCreate($"{expected.Scheme}://{host}", UriKind.Absolute, out var called)
            && called.Port == expected.Port && called.Host.Equals(expected.Host, StringComparison.OrdinalIgnoreCase);
    }

    private string CommandOf(string trigger) => settings.Bot.Triggers.First(t => t.Value == trigger).Key;

    private static bool IsSame(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    // The server's words are in the language of the bot's account; the status stands in all of them.
    [GeneratedRegex(@"\b[1-5]\d\d\b", RegexOptions.CultureInvariant)]
    private static partial Regex Status();

    private sealed record Said(Verdict Verdict, string Text);
}
