namespace PmBot.Provisioning;

/// <summary>Writes into the settings what the bot needs to know, and into the record what stood there before.</summary>
public static class SettingsUpdate
{
    /// <summary>The path of the bot's access token.</summary>
    public const string BotToken = "Mattermost:BotToken";

    private const string WebhookTokens = "Mattermost:WebhookTokens";

    /// <summary>The file's content as it is to be.</summary>
    /// <param name="text">The content as it is.</param>
    /// <param name="wanted">What is to be there.</param>
    /// <param name="state">What is on the server, with the tokens of commands and webhooks.</param>
    /// <param name="record">What was made.</param>
    public static string Of(string text, Wanted wanted, ServerState state, ProvisionRecord record)
    {
        var settings = SettingsDocument.Read(text, out _) ?? throw new ArgumentException("These are no settings.", nameof(text));
        record = Reconciliation.Asked(record, state);
        if (settings.Get("Mattermost:Url")?.TrimEnd('/') != wanted.Url)
        {
            record = Set(settings, record, "Mattermost:Url", wanted.Url);
        }

        record = Set(settings, record, "PmBot:PublicUrl", wanted.PublicUrl);
        if (wanted.BasePath.Length > 0 || settings.Get("PmBot:BasePath") is not null)
        {
            record = Set(settings, record, "PmBot:BasePath", wanted.BasePath);
        }

        foreach (var (command, word) in wanted.Triggers.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (word != command || settings.Get($"PmBot:Triggers:{command}") is not null)
            {
                record = Set(settings, record, $"PmBot:Triggers:{command}", word);
            }
        }

        var tokens = Tokens(wanted, state, record).ToList();
        foreach (var stale in record.Settings.Where(s => s.InList && !tokens.Contains((s.Path, s.Value))))
        {
            settings.Take(stale.Path, stale.Value);
            record = record with { Settings = record.Settings.Remove(stale) };
        }

        foreach (var (path, token) in tokens.Where(t => !settings.List(t.Path).Contains(t.Token, StringComparer.Ordinal)))
        {
            settings.Add(path, token);
            record = record with { Settings = record.Settings.Add(new MadeSetting(path, token) { InList = true }) };
        }

        settings.Record = record;
        return settings.ToString();
    }

    /// <summary>Writes a setting, and remembers what stood there before the first time.</summary>
    public static ProvisionRecord Set(SettingsDocument settings, ProvisionRecord record, string path, string value)
    {
        var before = settings.Get(path);
        if (before == value)
        {
            return record;
        }

        var index = record.Settings.FindIndex(s => !s.InList && s.Path == path);
        settings.Set(path, value);
        return record with
        {
            Settings = index < 0
                ? record.Settings.Add(new MadeSetting(path, value) { Before = before })
                : record.Settings.SetItem(index, record.Settings[index] with { Value = value }),
        };
    }

    /// <summary>The tokens of the bot's commands and webhooks, of all its teams, and where they belong.</summary>
    private static IEnumerable<(string Path, string Token)> Tokens(Wanted wanted, ServerState state, ProvisionRecord record)
    {
        var made = record.Made.Where(m => m.Done).Select(m => m.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var command in state.Commands.Where(c => c.Token is { Length: > 0 }))
        {
            var name = record.Made.Find(m => m.Kind == MadeKind.Command && m.Id == command.Id)?.Name
                ?? BotCommand.All.FirstOrDefault(b => command.Trigger == wanted.Triggers[b.Name] && wanted.IsCommandUrl(command.Url, b.Name))?.Name;
            if (name is not null)
            {
                yield return ($"Mattermost:CommandTokens:{wanted.Triggers[name]}", command.Token!);
            }
        }

        foreach (var hook in state.Hooks.Where(h => h.Token is { Length: > 0 } && (made.Contains(h.Id) || h.CallbackUrls.Any(wanted.IsHooksUrl))))
        {
            yield return (WebhookTokens, hook.Token!);
        }
    }
}
