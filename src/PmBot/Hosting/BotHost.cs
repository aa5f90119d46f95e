using System.Globalization;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Options;
using PmBot.Agenda;
using PmBot.Backups;
using PmBot.Calendars;
using PmBot.Delivery;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Hosting;

/// <summary>Puts the program together.</summary>
public static class BotHost
{
    private const string SecretsVariable = "PMBOT_SECRETS";

    /// <summary>Builds the bot: settings checked, store opened and brought up to date, nothing running yet.</summary>
    /// <param name="settingsFile">A JSON file with settings, or null.</param>
    /// <param name="configure">Changes for a sandbox or a test, such as another clock.</param>
    /// <param name="engines">The engines there are; null for those of this program.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong; with several sections, inside an AggregateException.</exception>
    /// <exception cref="StoreRefusedException">The store cannot be used.</exception>
    /// <exception cref="IOException">The settings file or the folder of secrets is not there.</exception>
    public static WebApplication Build(string? settingsFile = null, Action<WebApplicationBuilder>? configure = null, StoreEngines? engines = null)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        Configure(builder.Configuration, settingsFile);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        engines ??= StoreEngines.BuiltIn;
        AddServices(builder.Services, engines);
        configure?.Invoke(builder);
        builder.AddSchedules(engines);
        builder.AddTelemetryExport();
        var app = builder.Build();
        try
        {
            // All that is wrong is said before anything is touched, and all at once.
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            _ = app.Services.GetRequiredService<IStore>();

            // Now and not with the first button: the day of a key that was replaced begins here.
            _ = app.Services.GetRequiredService<ActionSigner>();
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }

        var routes = app.MapGroup(app.Services.GetRequiredService<IOptions<PmBotOptions>>().Value.BasePath.TrimEnd('/'));
        routes.MapMattermost();
        routes.MapCalendars();
        routes.MapHealth();
        return app;
    }

    /// <summary>From the weakest to the strongest: the program's defaults, the settings file, secrets as files, the environment.</summary>
    internal static void Configure(ConfigurationManager configuration, string? settingsFile)
    {
        configuration.Sources.Clear();
        configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: false);
        if (settingsFile is not null)
        {
            if (!File.Exists(settingsFile))
            {
                throw new FileNotFoundException($"--settings {settingsFile}: there is no such file.", settingsFile);
            }

            // The usual provider takes files whose name begins with a dot for none.
            var file = Path.GetFullPath(settingsFile);
            configuration.AddJsonFile(
                new PhysicalFileProvider(Path.GetDirectoryName(file)!, ExclusionFilters.None), Path.GetFileName(file), optional: false, reloadOnChange: false);
        }

        if (Environment.GetEnvironmentVariable(SecretsVariable) is { Length: > 0 } secrets)
        {
            if (!Directory.Exists(secrets))
            {
                throw new DirectoryNotFoundException($"{SecretsVariable} is \"{secrets}\". There is no such folder; set it to the one that holds the secrets, a file each, or leave it out.");
            }

            configuration.AddKeyPerFile(Path.GetFullPath(secrets), optional: false);
        }

        configuration.AddEnvironmentVariables("ASPNETCORE_");
        configuration.AddEnvironmentVariables();
    }

    private static void AddServices(IServiceCollection services, StoreEngines engines)
    {
        services.AddSingleton(TimeProvider.System);
        AddOptions(services);
        services.AddMetrics();
        services.AddSingleton<Telemetry>();
        services.AddSingleton(engines);
        services.AddSingleton(p => engines.Of(p.GetRequiredService<IOptions<StorageOptions>>().Value.Provider));
        services.AddSingleton(p => p.GetRequiredService<StoreEngine>().Open(
            p.GetRequiredService<IOptions<StorageOptions>>().Value.ConnectionString,
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILoggerFactory>(), p.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()));

        services.AddMattermostClient();
        services.AddSingleton(p => new CommandTokens(p.GetRequiredService<IOptions<MattermostOptions>>().Value.CommandTokens));
        services.AddSingleton(p => new CommandRouter(p.GetServices<ICommandHandler>(), p.GetRequiredService<IOptions<PmBotOptions>>().Value.Triggers));
        services.AddSingleton(p => new WebhookTokens(p.GetRequiredService<IOptions<MattermostOptions>>().Value.WebhookTokens));
        services.AddSingleton<HookRouter>();
        services.AddSingleton(p => new ActionSigner(SigningKeys(p), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<KeyWatch>();
        services.AddHostedService(p => p.GetRequiredService<KeyWatch>());
        services.AddSingleton(p => Addresses(p.GetRequiredService<IOptions<PmBotOptions>>().Value));
        services.AddSingleton<Buttons>();
        services.AddSingleton<IActionHandler, RunCommand>();

        services.AddSingleton<Outbox>();
        services.AddWorkspaces();
        services.AddHostedService<Dispatcher>();
        services.AddSingleton<Timetable>();
        services.AddSingleton<Alarms>();
        services.AddHostedService(p => p.GetRequiredService<Alarms>());

        services.AddRotations();
        services.AddRequests();
        services.AddAgenda();
        services.AddCalendars();
        services.AddBackups();

        services.AddBotHealth();
    }

    private static void AddOptions(IServiceCollection services)
    {
        services.AddOptions<MattermostOptions>().BindConfiguration(MattermostOptions.Section).ValidateOnStart();
        services.AddOptions<PmBotOptions>().BindConfiguration(PmBotOptions.Section).ValidateOnStart();
        services.AddOptions<StorageOptions>().BindConfiguration(StorageOptions.Section).ValidateOnStart();
        services.AddOptions<OtlpOptions>().Configure<IConfiguration>((options, configuration) => options.Read(configuration)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MattermostOptions>, MattermostOptionsValidator>();
        services.AddSingleton<IValidateOptions<PmBotOptions>, PmBotOptionsValidator>();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        services.AddSingleton<IValidateOptions<OtlpOptions>, OtlpOptionsValidator>();
    }

    internal static BotAddresses Addresses(PmBotOptions options) => new(options.PublicUrl.TrimEnd('/') + options.BasePath.TrimEnd('/'));

    /// <summary>The configured key, or the one that the bot made at its first start and keeps; and those before it.</summary>
    private static SigningKeys SigningKeys(IServiceProvider provider)
    {
        var configured = SigningKeyRing.OfSetting(provider.GetRequiredService<IOptions<PmBotOptions>>().Value.SigningKey);
        var now = NodaTime.Instant.FromDateTimeOffset(provider.GetRequiredService<TimeProvider>().GetUtcNow());

        // Once in the life of the process, before it serves anybody; so it may wait.
        return provider.GetRequiredService<IStore>().ExecuteAsync(t => t.UseSigningKey(configured, now), CancellationToken.None).GetAwaiter().GetResult();
    }
}
