using System.Globalization;
using PmBot.Mattermost.Client;
using PmBot.Provisioning;

namespace PmBot.Checks;

/// <summary>Whether there is a Mattermost server, new enough, on the same time, that knows the bot.</summary>
internal static class ServerCheck
{
    private const string Server = "mattermost";
    private const string Clock = "clock";
    private const string Account = "account";
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(60);

    /// <summary>Asks the server who it is.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="probe">The server.</param>
    /// <param name="bot">The server as the bot knows it, for its settings.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it is there, and what is to be said of it.</returns>
    public static async Task<(bool IsThere, IReadOnlyList<Finding> Findings)> CheckAsync(
        CheckSettings settings, MattermostProbe probe, IMattermost bot, CancellationToken cancellationToken)
    {
        var url = settings.Mattermost.Url.TrimEnd('/');
        switch (await probe.ServerAsync(cancellationToken))
        {
            case ServerAnswer.Mattermost server:
                var version = server.Version.Length > 0
                    ? server.Version
                    : (await bot.ClientConfigAsync(cancellationToken)).ValueOrDefault?.GetValueOrDefault("Version") ?? "";
                return (true, [Aged(url, version), Timed(server)]);
            case ServerAnswer.Other other:
                return (false, [Finding.Wrong(Server, other.Status == 429
                    ? $"{url} is asked too often at the moment, and answers 429. Try again in a minute."
                    : other.Status is >= 300 and < 400
                    ? $"{url} answers {other.Status}, a redirect. Set Mattermost:Url to the address that it leads to."
                    : $"{url} answers {other.Status}: that is no Mattermost server, or one that is not well. Open {url}/api/v4/system/ping in a browser, and correct Mattermost:Url, or the proxy before the server."), Unknown()]);
            case ServerAnswer.Nobody nobody:
                return (false, [Finding.Wrong(Server, $"{url} does not answer: {nobody.Reason}. Is Mattermost:Url right, the server up, and the way to it open from this machine?"), Unknown()]);
            case var answer:
                throw new InvalidOperationException(answer.GetType().Name);
        }

        static Finding Unknown() => Finding.Skipped(Clock, "Mattermost did not say what time it is.");
    }

    /// <summary>Asks the server whose token the bot has.</summary>
    /// <param name="bot">The server as the bot knows it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The account, or null if there is none.</returns>
    public static async Task<(MattermostUser? Me, Finding Finding)> AccountAsync(IMattermost bot, CancellationToken cancellationToken)
    {
        var result = await bot.MeAsync(cancellationToken);
        if (result is not MattermostResult<MattermostUser>.Ok { Value: var me })
        {
            return (null, Finding.Wrong(Account, result is MattermostResult<MattermostUser>.Refused { Error.StatusCode: 401 }
                ? "Mattermost does not know Mattermost:BotToken: it is another one, was revoked, or the account is disabled, as it is when whoever made it is deactivated. In Mattermost, Integrations > Bot Accounts: enable the bot, press Create New Token, and set Mattermost:BotToken to it."
                : result.Describe()));
        }

        return (me, me switch
        {
            { IsSystemAdmin: true } => Finding.Warning(Account,
                $"@{me.Username} administers the whole server, which is more than the bot needs. System Console > User Management > Users > {me.Username}: make it a member."),
            { IsBot: false } => Finding.Warning(Account,
                $"@{me.Username} is a person's account. Make a bot's (Integrations > Bot Accounts > Add Bot Account), set Mattermost:BotToken to its token, and invite it where @{me.Username} is."),
            _ => Finding.Fine(Account, $"@{me.Username}, a bot's, and the token is right"),
        });
    }

    private static Finding Aged(string url, string version) =>
        !Version.TryParse(version, out var number) ? Finding.Warning(Server, $"{url} answers, but does not say its version. It must be {ProvisionDefaults.OldestServer} at least: main menu > About Mattermost.")
        : number < ProvisionDefaults.OldestServer ? Finding.Wrong(Server, $"{url} has version {version}; the bot needs {ProvisionDefaults.OldestServer} at least. Upgrade the server.")
        : Finding.Fine(Server, $"{url}, version {version}");

    // The server's time has whole seconds, and was read somewhere between question and answer.
    private static Finding Timed(ServerAnswer.Mattermost server)
    {
        if (server.Date is not { } date)
        {
            return Finding.Skipped(Clock, "Mattermost did not say what time it is.");
        }

        var ahead = server.AskedAt - (date + TimeSpan.FromSeconds(1));
        var behind = date - server.AnsweredAt;
        return ahead > Apart || behind > Apart
            ? Finding.Warning(Clock,
                $"This machine is {Length(ahead > Apart ? ahead : behind)} {(ahead > Apart ? "ahead of" : "behind")} Mattermost's. Handoffs come as much too {(ahead > Apart ? "early" : "late")} if it is this one that is wrong. Synchronise both, such as by: timedatectl set-ntp true")
            : Finding.Fine(Clock, "within a minute of Mattermost's");
    }

    private static string Length(TimeSpan length) => length.TotalMinutes < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{length.TotalHours:0} h");
}
