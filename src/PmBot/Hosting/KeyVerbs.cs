using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;

namespace PmBot.Hosting;

/// <summary><c>pmbot rotate-key</c>.</summary>
internal static class KeyVerbs
{
    /// <summary>The verb.</summary>
    /// <param name="settings">The option that names the settings file.</param>
    /// <param name="engines">The engines there are.</param>
    public static Command RotateKey(Option<FileInfo?> settings, StoreEngines engines)
    {
        var atOnce = new Option<bool>("--now") { Description = "The keys before it are refused at once, and not for a day accepted: for a key that leaked." };
        var rotate = new Command("rotate-key", "Makes a new key for the signatures of buttons and dialogs. A bot on SQLite must be stopped; replicas take it up while they run.") { atOnce };
        rotate.SetAction((parsed, cancellationToken) => Cli.TryAsync(
            "PmBot rotated nothing:", async () => await RunAsync(engines, parsed.GetValue(settings), parsed.GetValue(atOnce), cancellationToken)));
        return rotate;
    }

    private static async Task<string> RunAsync(StoreEngines engines, FileInfo? settings, bool atOnce, CancellationToken cancellationToken)
    {
        var (engine, storage) = Cli.ReadStorage(settings, engines);
        var key = Cli.Read<PmBotOptions>(settings, PmBotOptions.Section).SigningKey;
        if (key.Length > 0 && !atOnce)
        {
            throw new StoreRefusedException(
                "PmBot:SigningKey is set, and a key of the store would not be used. Set it to another value and start the bot: what the old one signed is valid for a day. "
                + "If the old one leaked, run pmbot rotate-key --now between the two. Nothing was changed.");
        }

        if (key.Length is > 0 and < 32)
        {
            throw new StoreRefusedException("PmBot:SigningKey has fewer than 32 characters. Give it at least 32 random ones, or leave it out. Nothing was changed.");
        }

        if (engine.FileOf(storage.ConnectionString) is { } file && !File.Exists(file))
        {
            throw new StoreRefusedException($"There is no database {file}, so there is no key. Look at Storage:ConnectionString.");
        }

        await using var store = engine.Open(storage.ConnectionString, TimeProvider.System, NullLoggerFactory.Instance);
        var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        await store.ExecuteAsync(
            transaction =>
            {
                if (SigningKeyRing.OfSetting(key) is { } configured)
                {
                    transaction.UseSigningKey(configured, now);
                }
                else
                {
                    transaction.RotateOwnSigningKey(now);
                }

                if (atOnce)
                {
                    transaction.ForgetRetiredSigningKeys();
                }

                return true;
            },
            cancellationToken);
        return (key.Length > 0 ? "The key of PmBot:SigningKey is the only one." : "There is a new signing key.")
            + (atOnce ? " Buttons and dialogs from before are refused from now on; every command still works." : " Buttons and dialogs from before work for one more day.")
            + (engine.FileOf(storage.ConnectionString) is null ? " Replicas that run take it up within 10 seconds." : " Next: start the bot.");
    }
}
