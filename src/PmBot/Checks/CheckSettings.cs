using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Storage;

namespace PmBot.Checks;

/// <summary>The settings that are checked, right or wrong.</summary>
/// <param name="Configuration">All of them.</param>
/// <param name="File">The settings file, or null.</param>
/// <param name="AdminToken">The token of <c>MATTERMOST_ADMIN_TOKEN</c>; null if there is none.</param>
internal sealed record CheckSettings(IConfiguration Configuration, string? File, string? AdminToken)
{
    /// <summary>The engines there are.</summary>
    public StoreEngines Engines { get; init; } = StoreEngines.BuiltIn;

    /// <summary>The section of that name.</summary>
    public MattermostOptions Mattermost { get; } = Bound<MattermostOptions>(Configuration, MattermostOptions.Section);

    /// <summary>The section of that name.</summary>
    public PmBotOptions Bot { get; } = Bound<PmBotOptions>(Configuration, PmBotOptions.Section);

    /// <summary>The section of that name.</summary>
    public StorageOptions Storage { get; } = Bound<StorageOptions>(Configuration, StorageOptions.Section);

    /// <summary>Whether the server's address is one, and can be shown.</summary>
    public bool HasServer => SettingFault.IsAddress(Mattermost.Url) && !Mattermost.Url.Contains('@', StringComparison.Ordinal);

    /// <summary>Whether the bot's own address is one, and can be shown.</summary>
    public bool HasPublicUrl => SettingFault.IsAddress(Bot.PublicUrl) && !Bot.PublicUrl.Contains('@', StringComparison.Ordinal);

    /// <summary>Where Mattermost reaches the bot, base path included, without a slash at the end.</summary>
    public string Address => BotHost.Addresses(Bot).Base;

    /// <summary>The words of the slash commands.</summary>
    public IReadOnlyList<string> Triggers => [.. Bot.Triggers.Values.Where(PmBotOptionsValidator.IsTrigger)];

    /// <summary>The word of a command.</summary>
    public string Trigger(string command) => Bot.Triggers.GetValueOrDefault(command, command);

    /// <summary>All that must not be shown.</summary>
    public IEnumerable<string> Secrets =>
    [
        Mattermost.BotToken, Bot.SigningKey, AdminToken ?? "", DatabasePassword, .. Mattermost.CommandTokens.Values.SelectMany(t => t).OfType<string>(),
        .. Mattermost.WebhookTokens.OfType<string>(),
    ];

    private string DatabasePassword
    {
        get
        {
            try
            {
                return new System.Data.Common.DbConnectionStringBuilder { ConnectionString = Storage.ConnectionString }.TryGetValue("Password", out var password) ? password.ToString() ?? "" : "";
            }
            catch (ArgumentException)
            {
                // It cannot be read, and is not shown.
                return "";
            }
        }
    }

    /// <summary>The tokens of a trigger.</summary>
    public IReadOnlyList<string> TokensOf(string trigger) => Mattermost.CommandTokens.GetValueOrDefault(trigger)?.OfType<string>().ToList() ?? [];

    /// <summary>Where a command must lead.</summary>
    public string CommandAddress(string trigger) => $"{Address}/mattermost/commands/{trigger}";

    /// <summary>The same as the start would say: every fault of every section.</summary>
    public IReadOnlyList<Finding> Check()
    {
        const string subject = "settings";
        List<string> faults =
        [
            .. new MattermostOptionsValidator(Configuration).Validate(null, Mattermost).Failures ?? [],
            .. new PmBotOptionsValidator(Configuration).Validate(null, Bot).Failures ?? [],
            .. new StorageOptionsValidator(Engines).Validate(null, Storage).Failures ?? [],
        ];
        var findings = faults.ConvertAll(fault => Finding.Wrong(subject, fault));
        if (File is not null && !OperatingSystem.IsWindows() && System.IO.File.GetUnixFileMode(File).HasFlag(UnixFileMode.OtherRead))
        {
            findings.Add(Finding.Warning(subject, $"Everybody on this machine can read {File}, and the tokens in it. Type: chmod o-r {File}"));
        }

        return findings.Count > 0 ? findings : [Finding.Fine(subject, $"{(File is null ? "" : $"{File}, ")}environment and defaults; Mattermost at {Mattermost.Url.TrimEnd('/')}, the bot at {Address}.")];
    }

    private static T Bound<T>(IConfiguration configuration, string section)
        where T : new()
    {
        var options = new T();
        configuration.GetSection(section).Bind(options);
        return options;
    }
}
