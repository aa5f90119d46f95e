using System.CommandLine;
using Microsoft.Extensions.Options;
using PmBot.Checks;
using PmBot.Storage;

namespace PmBot.Hosting;

/// <summary>The program's verbs.</summary>
internal static class Cli
{
    /// <summary>Runs the verb that <paramref name="args"/> name; <c>run</c> if they name none.</summary>
    /// <param name="args">What was typed.</param>
    /// <param name="engines">The engines there are; null for those of this program.</param>
    /// <returns>0 if all went well; 1 if the program could not start, with the reason on the error stream.</returns>
    public static Task<int> RunAsync(string[] args, StoreEngines? engines = null)
    {
        engines ??= StoreEngines.BuiltIn;
        var settings = new Option<FileInfo?>("--settings")
        {
            Description = "A JSON file with settings, beside the environment variables and secrets.",
            Recursive = true,
        };
        var run = new Command("run", "Runs the bot (the default). It listens where ASPNETCORE_URLS says.");
        run.SetAction((parsed, cancellationToken) => ServeAsync(parsed.GetValue(settings), engines, cancellationToken));
        var root = new RootCommand("PmBot runs a Product Management team's week in Mattermost.") { settings, run };
        Command[] verbs = [.. ProvisionVerbs.All(settings), CheckVerb.Create(settings, engines), HealthVerb.Create(settings), .. BackupVerbs.All(settings, engines), KeyVerbs.RotateKey(settings, engines), MoveVerb.Create(settings, engines)];
        foreach (var verb in verbs)
        {
            root.Add(verb);
        }

        root.SetAction((parsed, cancellationToken) => ServeAsync(parsed.GetValue(settings), engines, cancellationToken));
        return root.Parse(args).InvokeAsync();
    }

    private static async Task<int> ServeAsync(FileInfo? settings, StoreEngines engines, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = BotHost.Build(settings?.FullName, engines: engines);
            await app.RunAsync(cancellationToken);
            return 0;
        }
        catch (Exception e) when (Explain(e) is { Count: > 0 } lines)
        {
            return await RefuseAsync("PmBot cannot start:", lines);
        }
    }

    /// <summary>Runs a verb and prints what it says.</summary>
    /// <param name="refusal">Stands above the reasons if it could not be done.</param>
    /// <param name="verb">Does it and says what it did.</param>
    /// <returns>The exit code: 0, or 1 with the reasons on the error stream.</returns>
    internal static async Task<int> TryAsync(string refusal, Func<Task<string>> verb)
    {
        try
        {
            await Console.Out.WriteLineAsync(await verb());
            return 0;
        }
        catch (OperationCanceledException)
        {
            return await RefuseAsync(refusal, ["It was interrupted. Nothing was changed."]);
        }
        catch (Exception e) when (Explain(e) is { Count: > 0 } lines)
        {
            return await RefuseAsync(refusal, lines);
        }
    }

    /// <summary>A section of the settings as the bot would see it, unchecked.</summary>
    internal static T Read<T>(FileInfo? settings, string section)
        where T : new()
    {
        using var configuration = new ConfigurationManager();
        BotHost.Configure(configuration, settings?.FullName);
        var options = new T();
        configuration.GetSection(section).Bind(options);
        return options;
    }

    /// <summary>The engine that the settings name, and their section, checked.</summary>
    /// <exception cref="StoreRefusedException">Something is wrong with it.</exception>
    internal static (StoreEngine Engine, StorageOptions Storage) ReadStorage(FileInfo? settings, StoreEngines engines)
    {
        var storage = Read<StorageOptions>(settings, StorageOptions.Section);
        return new StorageOptionsValidator(engines).Validate(null, storage) is { Failed: true, FailureMessage: var faults }
            ? throw new StoreRefusedException(faults)
            : (engines.Of(storage.Provider), storage);
    }

    private static async Task<int> RefuseAsync(string refusal, IEnumerable<string> lines)
    {
        await Console.Error.WriteLineAsync(refusal);
        foreach (var line in lines)
        {
            await Console.Error.WriteLineAsync($"- {line}");
        }

        return 1;
    }

    /// <summary>All that is wrong, each in a sentence for an operator; empty for a fault that needs its stack trace.</summary>
    internal static List<string> Explain(Exception exception) => exception switch
    {
        OptionsValidationException options => [.. options.Failures],
        AggregateException all when all.InnerExceptions.All(e => e is OptionsValidationException) =>
            [.. all.InnerExceptions.Cast<OptionsValidationException>().SelectMany(e => e.Failures)],
        StoreRefusedException refused => [refused.Message],
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => [exception.Message],
        InvalidDataException unreadable => [$"{unreadable.Message} {unreadable.InnerException?.Message}".TrimEnd()],
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } inUse => [$"{inUse.Message} Set ASPNETCORE_URLS to a free one."],
        _ => [],
    };
}
