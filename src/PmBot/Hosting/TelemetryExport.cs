using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace PmBot.Hosting;

/// <summary>Exports by OTLP what OpenTelemetry's standard variables ask for. Where they ask for nothing, nothing is added to the program.</summary>
internal static class TelemetryExport
{
    private const string DefaultService = "pmbot";

    /// <summary>The meters of the web server, of its and our HTTP, and of the runtime. Their tags have routes and hosts, never paths.</summary>
    private static readonly string[] Meters =
        [Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    /// <summary>Adds the export. All settings must be there already.</summary>
    public static void AddTelemetryExport(this WebApplicationBuilder builder)
    {
        var options = new OtlpOptions();
        options.Read(builder.Configuration);
        if (options.Any)
        {
            builder.Add(options);
        }
    }

    // A method of its own: to run one that names the SDK's types, the runtime loads the SDK.
    private static void Add(this WebApplicationBuilder builder, OtlpOptions options)
    {
        var services = builder.Services;
        var telemetry = services.AddOpenTelemetry().ConfigureResource(Describe);
        if (options.Traces)
        {
            // Spans of the web server and of HTTP clients are left out: they carry whole paths, and there are secrets in paths.
            telemetry.WithTracing(traces => traces.AddSource(Telemetry.Name).AddOtlpExporter(Exporter(builder.Configuration, "TRACES")));
        }

        if (options.Metrics)
        {
            telemetry.WithMetrics(metrics => metrics.AddMeter(Meters).AddOtlpExporter(Exporter(builder.Configuration, "METRICS")));
            services.AddSingleton<IHealthCheckPublisher, ReadyGauge>();
        }

        if (options.Logs)
        {
            telemetry.WithLogging(
                logs => logs.AddOtlpExporter(Exporter(builder.Configuration, "LOGS")),
                logs =>
                {
                    // As on the console. The web server's scopes hold paths.
                    logs.IncludeFormattedMessage = true;
                    logs.IncludeScopes = false;
                });
        }

        services.AddHostedService<TelemetryLifetime>();
    }

    /// <summary>Says whose signals they are; the variables have the last word.</summary>
    private static void Describe(ResourceBuilder resource) => resource
        .Clear()
        .AddService(DefaultService, serviceVersion: Telemetry.Version)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    /// <summary>Reads a signal's own variables, which the exporter does not when it is added to a signal alone. Wrong values stop the start elsewhere.</summary>
    private static Action<OtlpExporterOptions> Exporter(ConfigurationManager configuration, string signal) => options =>
    {
        if (Uri.TryCreate(Own("ENDPOINT"), UriKind.Absolute, out var endpoint))
        {
            options.Endpoint = endpoint; // as it is: nothing is appended to a signal's own address
        }

        if (Own("PROTOCOL") is { } protocol)
        {
            options.Protocol = OtlpOptions.Is(protocol, "grpc") ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        }

        if (Own("COMPRESSION") is { } compression)
        {
            options.Compression = OtlpOptions.Is(compression, "gzip") ? OtlpExportCompression.GZip : OtlpExportCompression.None;
        }

        if (int.TryParse(Own("TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out var timeout))
        {
            options.TimeoutMilliseconds = timeout;
        }

        options.Headers = Own("HEADERS") ?? options.Headers;

        // The exporter's own client and not one of the factory's: that one would follow redirects with the headers, and log each export,
        // which would be exported.
        var client = options.HttpClientFactory;
        options.HttpClientFactory = () => client();

        string? Own(string name) => configuration[OtlpOptions.Variable(name, signal)] is { Length: > 0 } value ? value : null;
    };
}
