using PmBot.Hosting;

namespace PmBot.Checks;

/// <summary>Whether the bot runs, and answers where its settings say.</summary>
internal static class RunningCheck
{
    private const string Subject = "bot";

    /// <summary>Looks.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="isInUse">Whether a bot runs on the store.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Finding> CheckAsync(CheckSettings settings, bool isInUse, CancellationToken cancellationToken) =>
        (isInUse, await OwnHealth.AskAsync(settings.Configuration, OwnHealth.LivePath, cancellationToken)) switch
        {
            (true, HealthAnswer.Well well) => Finding.Fine(Subject, $"it runs, and answers at {well.Address}"),
            (true, HealthAnswer.Unwell unwell) => Finding.Warning(Subject,
                $"A bot runs on the store, but not where these settings say that it listens: {string.Join(' ', unwell.Reasons)} Run this with the ASPNETCORE_URLS and the settings that the bot has."),
            (false, HealthAnswer.Well well) => Finding.Wrong(Subject,
                $"{well.Address} answers like a bot, but none runs on this store. Run this with the Storage:ConnectionString that the bot has, or give each bot an ASPNETCORE_URLS of its own."),
            _ => Finding.Fine(Subject, "it does not run; what Mattermost sends to it is answered here, as long as the way back is checked"),
        };
}
