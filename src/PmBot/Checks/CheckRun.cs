using PmBot.Hosting;
using PmBot.Mattermost.Client;

namespace PmBot.Checks;

/// <summary>
/// The whole check. It changes nothing, and one fault does not end it: what can still be looked at is looked at, and what cannot is named.
/// </summary>
internal sealed class CheckRun(CheckSettings settings, TimeProvider time)
{
    private const string NoAnswer = "Mattermost cannot be asked.";

    /// <summary>Looks at everything.</summary>
    public async Task<CheckReport> RunAsync(CancellationToken cancellationToken)
    {
        var store = new StoreCheck(settings);
        var (facts, stored) = store.Check();
        List<Finding> findings =
        [
            .. settings.Check(),
            .. stored,
            await RunningCheck.CheckAsync(settings, facts.IsInUse, cancellationToken),
            .. await ServerSideAsync(store, facts, cancellationToken),
        ];
        return new CheckReport(findings, settings.Secrets);
    }

    private async Task<IReadOnlyList<Finding>> ServerSideAsync(StoreCheck store, StoreFacts facts, CancellationToken cancellationToken)
    {
        var zones = ZoneCheck.Check(facts.Zones);
        if (!settings.HasServer)
        {
            return [Finding.Skipped("mattermost", "Mattermost:Url is no address."), Finding.Skipped("clock", NoAnswer), .. zones, .. Skipped(NoAnswer, "account", "channels", "commands", "webhooks", "way back")];
        }

        var timing = new ClientTiming { Clock = time };
        var url = settings.Mattermost.Url;
        using var connection = new MattermostConnection(url, timing);
        var token = SettingFault.IsToken(settings.Mattermost.BotToken) ? settings.Mattermost.BotToken : "";
        using var probe = new MattermostProbe(url, token, timing);
        var bot = connection.Bot(token);
        var (isThere, findings) = await ServerCheck.CheckAsync(settings, probe, bot, cancellationToken);
        if (!isThere)
        {
            return [.. findings, .. zones, .. Skipped(NoAnswer, "account", "channels", "commands", "webhooks", "way back")];
        }

        var (me, account) = token.Length == 0
            ? (null, Finding.Skipped("account", $"Mattermost:BotToken is {(settings.Mattermost.BotToken.Trim().Length == 0 ? "not set" : "no token")}."))
            : await ServerCheck.AccountAsync(bot, cancellationToken);
        findings = [.. findings, .. zones, account];
        return me is null
            ? [.. findings, .. Skipped("The bot has no account.", "channels", "commands", "webhooks", "way back")]
            : [.. findings, .. await TeamsAsync(store, facts, connection, probe, bot, me, cancellationToken)];
    }

    private async Task<IReadOnlyList<Finding>> TeamsAsync(
        StoreCheck store, StoreFacts facts, MattermostConnection connection, MattermostProbe probe, IMattermost bot, MattermostUser me, CancellationToken cancellationToken)
    {
        var (teams, channels) = await new ChannelCheck(probe, bot, me, facts).CheckAsync(cancellationToken);
        if (teams.Count == 0)
        {
            return [.. channels, .. Skipped("The bot is in no team.", "commands", "webhooks", "way back")];
        }

        if (!settings.HasPublicUrl)
        {
            return [.. channels, .. Skipped("PmBot:PublicUrl is no address.", "commands", "webhooks", "way back")];
        }

        return
        [
            .. channels,
            .. settings.AdminToken is not { Length: > 0 } token ? IntegrationCheck.Skipped()
                : SettingFault.IsToken(token) ? await new IntegrationCheck(settings, connection.Admin(token)).CheckAsync(teams, cancellationToken)
                : IntegrationCheck.Unknown(),
            .. await new WayBackCheck(settings, probe, store, time).CheckAsync(teams, facts.IsInUse, cancellationToken),
        ];
    }

    private static IEnumerable<Finding> Skipped(string why, params string[] subjects) => [Finding.Skipped(string.Join(", ", subjects), why)];
}
