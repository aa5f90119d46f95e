using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using PmBot.Backups;
using PmBot.Mattermost;
using PmBot.Storage;

namespace PmBot.Hosting;

/// <summary>Says what is wrong with a setting: its name, its value (unless secret), and the remedy.</summary>
internal static class SettingFault
{
    public static string Of(string setting, string? value, string remedy) =>
        value is { Length: > 0 } ? $"{setting} is \"{value}\". {remedy}" : $"{setting} is not set. {remedy}";

    /// <summary>For tokens and keys: the value is never shown.</summary>
    public static string OfSecret(string setting, string fault, string remedy) => $"{setting} {fault}. {remedy}";

    /// <summary>Whether something can be a token at all; with spaces, line ends or the like in it, it could not even be sent.</summary>
    public static bool IsToken(string value) => value.Length > 0 && value.All(c => c is >= '!' and <= '~');

    public static bool IsAddress(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Query.Length == 0;
}

/// <summary>Checks the <c>Mattermost</c> section.</summary>
internal sealed class MattermostOptionsValidator(IConfiguration configuration) : IValidateOptions<MattermostOptions>
{
    private const string CopyAgain = "Mattermost's tokens have 26 characters; copy them again.";

    public ValidateOptionsResult Validate(string? name, MattermostOptions options)
    {
        var faults = new List<string>();
        if (options.Url.Contains('@', StringComparison.Ordinal))
        {
            faults.Add(SettingFault.OfSecret("Mattermost:Url", "has a user name or password in it", "Leave these out: the bot signs in by Mattermost:BotToken."));
        }
        else if (!SettingFault.IsAddress(options.Url))
        {
            faults.Add(SettingFault.Of("Mattermost:Url", options.Url, "Set it to the address of your Mattermost server, such as https://chat.example.com."));
        }

        if (options.BotToken.Trim().Length == 0)
        {
            faults.Add(SettingFault.OfSecret(
                "Mattermost:BotToken", "is not set", "pmbot provision makes the bot account, the commands and a settings file with all of this. By hand: make a bot account in Mattermost (Integrations > Bot Accounts) and set this to its access token."));
        }
        else if (!SettingFault.IsToken(options.BotToken))
        {
            faults.Add(SettingFault.OfSecret("Mattermost:BotToken", "has spaces, line ends or other characters that no token has", CopyAgain));
        }

        foreach (var trigger in Triggers())
        {
            if (!options.CommandTokens.TryGetValue(trigger, out var tokens) || tokens.Count == 0)
            {
                faults.Add(SettingFault.OfSecret(
                    $"Mattermost:CommandTokens:{trigger}", "has no token",
                    $"Make the slash command /{trigger} in Mattermost (Integrations > Slash Commands) and put its token into the settings file: \"Mattermost\": {{ \"CommandTokens\": {{ \"{trigger}\": [\"…\"] }} }}."));
            }
            else if (tokens.Any(IsShort))
            {
                faults.Add(SettingFault.OfSecret(
                    $"Mattermost:CommandTokens:{trigger}", "has an empty or very short token", CopyAgain));
            }
        }

        // Given as one value, or by word, the list would silently be empty.
        var webhooks = configuration.GetSection($"{MattermostOptions.Section}:{nameof(options.WebhookTokens)}");
        if (webhooks.Value is { Length: > 0 } || webhooks.GetChildren().Any(t => t.GetChildren().Any()))
        {
            faults.Add(SettingFault.OfSecret(
                "Mattermost:WebhookTokens", "is no list", "List the tokens, one an entry: Mattermost__WebhookTokens__0, Mattermost__WebhookTokens__1."));
        }
        else if (options.WebhookTokens.Any(IsShort))
        {
            faults.Add(SettingFault.OfSecret("Mattermost:WebhookTokens", "has an empty or very short token", CopyAgain));
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    // A JSON null in a list arrives as one.
    private static bool IsShort(string? token) => token is null || token.Trim().Length < 8;

    /// <summary>The configured words, read past the checks of their own section, whose faults must not hide those of this one.</summary>
    private IEnumerable<string> Triggers()
    {
        var bot = new PmBotOptions();
        configuration.GetSection(PmBotOptions.Section).Bind(bot);
        return bot.Triggers.Values.Where(PmBotOptionsValidator.IsTrigger);
    }
}

/// <summary>Checks the <c>PmBot</c> section.</summary>
internal sealed partial class PmBotOptionsValidator(IConfiguration configuration) : IValidateOptions<PmBotOptions>
{
    public ValidateOptionsResult Validate(string? name, PmBotOptions options)
    {
        var faults = new List<string>();
        if (options.PublicUrl.Contains('@', StringComparison.Ordinal))
        {
            faults.Add(SettingFault.OfSecret("PmBot:PublicUrl", "has a user name or password in it", "Leave these out: what Mattermost calls is protected by tokens and signatures."));
        }
        else if (!SettingFault.IsAddress(options.PublicUrl))
        {
            faults.Add(SettingFault.Of(
                "PmBot:PublicUrl", options.PublicUrl, "Set it to the address under which your Mattermost server reaches this program, such as http://pmbot.internal:5000; buttons lead there."));
        }

        if (!Path().IsMatch(options.BasePath))
        {
            faults.Add(SettingFault.Of("PmBot:BasePath", options.BasePath, "Begin it with a slash, such as /pmbot, with nothing but letters, digits, - . _ ~ between slashes, or leave it out."));
        }

        if (options.SigningKey.Length is > 0 and < 32)
        {
            faults.Add(SettingFault.OfSecret(
                "PmBot:SigningKey", $"has {options.SigningKey.Length} characters", "Give it at least 32 random ones, or leave it out: then the program makes one and keeps it in its store."));
        }

        if (options.Practice is not ("2020" or "2021"))
        {
            faults.Add(SettingFault.Of("PmBot:Practice", options.Practice, "Set it to 2020 or 2021."));
        }

        foreach (var (command, trigger) in options.Triggers)
        {
            if (!IsTrigger(trigger))
            {
                faults.Add(SettingFault.Of($"PmBot:Triggers:{command}", trigger, "Set it to the slash command's word, without the slash: lower-case letters, digits, - _ and dots."));
            }
        }

        // Given as one value, a list or a table would silently be empty.
        if (configuration[$"{PmBotOptions.Section}:{nameof(options.Admins)}"] is { Length: > 0 } admins)
        {
            faults.Add(SettingFault.Of("PmBot:Admins", admins, "List usernames, one an entry: PmBot__Admins__0, PmBot__Admins__1."));
        }

        if (configuration[$"{PmBotOptions.Section}:{nameof(options.Triggers)}"] is { Length: > 0 } triggers)
        {
            faults.Add(SettingFault.Of("PmBot:Triggers", triggers, "Set the word of each command by its name, such as PmBot__Triggers__pm-rotation=pm-duty."));
        }

        foreach (var admin in options.Admins.Where(a => a.Trim().Length == 0 || a.Contains(' ', StringComparison.Ordinal)))
        {
            faults.Add(SettingFault.Of("PmBot:Admins", admin, "List usernames, one an entry: PmBot__Admins__0, PmBot__Admins__1."));
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>Whether a word can be that of a slash command.</summary>
    public static bool IsTrigger(string word) =>
        word.Length is > 0 and <= 64 && word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.');

    [GeneratedRegex("^(/[A-Za-z0-9._~-]+)*/?\\z")]
    private static partial Regex Path();
}

/// <summary>Checks the <c>Storage</c> section.</summary>
internal sealed class StorageOptionsValidator(StoreEngines engines) : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (engines.Find(options.Provider) is not { } engine)
        {
            return ValidateOptionsResult.Fail(SettingFault.Of("Storage:Provider", options.Provider, engines.Remedy(options.Provider)));
        }

        var faults = BackupPlan.Read(options.Backup).Faults.ToList();
        if (engine.FaultOf(options.ConnectionString) is { } remedy)
        {
            // One that is no file's may have a password in it.
            var isShown = engine is SqliteEngine && !options.ConnectionString.Contains("password", StringComparison.OrdinalIgnoreCase);
            faults.Insert(0, isShown ? SettingFault.Of("Storage:ConnectionString", options.ConnectionString, remedy) : SettingFault.OfSecret("Storage:ConnectionString", "is wrong", remedy));
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
