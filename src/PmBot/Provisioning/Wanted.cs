using System.Collections.Immutable;
using System.Text.RegularExpressions;
using PmBot.Hosting;

namespace PmBot.Provisioning;

/// <summary>What is to be there: what was asked for, and where nothing was said, what the settings file says, or the default.</summary>
public sealed partial record Wanted
{
    /// <summary>Where this program reaches the Mattermost server, without a slash at the end.</summary>
    public required string Url { get; init; }

    /// <summary>The team's name in URLs.</summary>
    public required string Team { get; init; }

    /// <summary>Where the Mattermost server reaches the bot, without a slash at the end.</summary>
    public required string PublicUrl { get; init; }

    /// <summary>The path under which the bot's endpoints are; empty for none.</summary>
    public required string BasePath { get; init; }

    /// <summary>The bot account's username.</summary>
    public required string BotName { get; init; }

    /// <summary>The word of each command, by command.</summary>
    public required ImmutableDictionary<string, string> Triggers { get; init; }

    /// <summary>The channels that were asked for by name; null for the usual ones, where they exist.</summary>
    public required ImmutableArray<string>? Channels { get; init; }

    /// <summary>The channels with webhooks that were asked for by name; null for the public ones of the channels.</summary>
    public required ImmutableArray<string>? HookChannels { get; init; }

    /// <summary>Where the endpoints were according to the settings file; null if it does not say.</summary>
    public required string? OldRoot { get; init; }

    /// <summary>The word of each command according to the settings file.</summary>
    public required ImmutableDictionary<string, string> OldTriggers { get; init; }

    /// <summary>Where the endpoints are.</summary>
    public string Root => ProvisionDefaults.Root(PublicUrl, BasePath);

    /// <summary>Whether an address is where posts with a trigger word go, or went.</summary>
    public bool IsHooksUrl(string url) => url == ProvisionDefaults.HooksUrl(Root) || (OldRoot is not null && url == ProvisionDefaults.HooksUrl(OldRoot));

    /// <summary>Whether an address is where the command of this word goes, or went.</summary>
    public bool IsCommandUrl(string url, string command) => url == ProvisionDefaults.CommandUrl(Root, Triggers[command])
        || (OldRoot is not null && url == ProvisionDefaults.CommandUrl(OldRoot, OldTriggers[command]));

    /// <summary>Puts it together, and says what is wrong with it.</summary>
    public static Wanted From(ProvisionRequest request, SettingsDocument settings, ICollection<string> problems)
    {
        var record = settings.Record;
        Check(request, settings, problems);
        var old = BotCommand.All.ToImmutableDictionary(c => c.Name, c => settings.Get($"PmBot:Triggers:{c.Name}") ?? c.Name, StringComparer.Ordinal);
        var bot = record.Account?.Name ?? record.Made.Find(m => m.Kind == MadeKind.Bot)?.Name;
        if (bot is not null && request.BotName is { } other && other != bot)
        {
            problems.Add($"The bot's account is @{bot} already, so it cannot become @{other}. Leave --bot-name out, or run pmbot deprovision first.");
        }

        var wish = record.Teams.Find(t => t.Name == request.Team);
        return new Wanted
        {
            Url = request.Url.TrimEnd('/'),
            Team = request.Team,
            PublicUrl = request.PublicUrl.TrimEnd('/'),
            BasePath = (request.BasePath ?? settings.Get("PmBot:BasePath") ?? "").TrimEnd('/'),
            BotName = bot ?? request.BotName ?? ProvisionDefaults.BotName,
            Triggers = old.SetItems(request.Triggers.Where(t => old.ContainsKey(t.Key))),
            Channels = request.Channels ?? (wish is { Channels.IsEmpty: false } ? [.. wish.Channels] : null),
            HookChannels = request.HookChannels ?? (wish is not null ? [.. wish.HookChannels] : null),
            OldRoot = settings.Get("PmBot:PublicUrl") is { Length: > 0 } url ? ProvisionDefaults.Root(url, settings.Get("PmBot:BasePath") ?? "") : null,
            OldTriggers = old,
        };
    }

    private static void Check(ProvisionRequest request, SettingsDocument settings, ICollection<string> problems)
    {
        if (!SettingFault.IsAddress(request.Url) || request.Url.Contains('@', StringComparison.Ordinal))
        {
            problems.Add($"--url is \"{request.Url}\". Give the address of your Mattermost server, such as https://chat.example.com.");
        }

        if (!SettingFault.IsAddress(request.PublicUrl) || request.PublicUrl.Contains('@', StringComparison.Ordinal))
        {
            problems.Add($"--public-url is \"{request.PublicUrl}\". Give the address under which your Mattermost server reaches the bot, such as http://pmbot.internal:5000.");
        }

        if (settings.Get("Mattermost:Url") is { Length: > 0 } known && known.TrimEnd('/') != request.Url.TrimEnd('/'))
        {
            problems.Add($"The settings file is for {known}, not for {request.Url}. Name another file with --settings, or give --url as it stands in the file.");
        }

        if (request.BasePath is { } path && !BasePathPattern.IsMatch(path))
        {
            problems.Add($"--base-path is \"{path}\". Begin it with a slash, such as /pmbot, with nothing but letters, digits, - . _ ~ between slashes.");
        }

        foreach (var name in (request.Channels ?? []).Concat(request.HookChannels ?? []).Append(request.Team).Where(n => !NamePattern.IsMatch(n)))
        {
            problems.Add($"\"{name}\" is no name of a team or channel. Give it as it stands in its address, such as product-management.");
        }

        if (request.BotName is { } bot && !UsernamePattern.IsMatch(bot))
        {
            problems.Add($"--bot-name is \"{bot}\". Give 3 to 22 lower-case letters, digits, - _ and dots, with a letter at the beginning.");
        }

        foreach (var (command, word) in request.Triggers)
        {
            if (!BotCommand.All.Any(c => c.Name == command))
            {
                problems.Add($"--trigger {command}={word}: there is no command {command}. The commands: {string.Join(", ", BotCommand.All.Select(c => c.Name))}.");
            }
            else if (!PmBotOptionsValidator.IsTrigger(word))
            {
                problems.Add($"--trigger {command}={word}: a word has up to 64 lower-case letters, digits, - _ and dots, without the slash.");
            }
        }

        var words = BotCommand.All.Select(c => request.Triggers.GetValueOrDefault(c.Name) ?? settings.Get($"PmBot:Triggers:{c.Name}") ?? c.Name).ToList();
        foreach (var twice in words.GroupBy(w => w, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            problems.Add($"Two commands would have the word {twice.Key}. Give each a word of its own with --trigger.");
        }
    }

    [GeneratedRegex(@"\A(/[A-Za-z0-9._~-]+)*/?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex BasePathPattern { get; }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern { get; }

    [GeneratedRegex(@"\A[a-z][a-z0-9._-]{2,21}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UsernamePattern { get; }
}
