using System.Globalization;
using Microsoft.Extensions.Options;

namespace PmBot.Hosting;

/// <summary>
/// What is exported by OTLP, as OpenTelemetry's standard variables ask for it. They are read like all settings, so a secret among them can be a
/// file, too. What else they say (intervals, samplers, limits, attributes) the SDK reads by itself.
/// </summary>
internal sealed class OtlpOptions
{
    /// <summary>The variable that switches everything off.</summary>
    public const string Disabled = "OTEL_SDK_DISABLED";

    /// <summary>The signals by their names in variables.</summary>
    public static IReadOnlyList<string> Signals { get; } = ["TRACES", "METRICS", "LOGS"];

    /// <summary>Whether traces are exported.</summary>
    public bool Traces { get; private set; }

    /// <summary>Whether metrics are exported.</summary>
    public bool Metrics { get; private set; }

    /// <summary>Whether logs are exported.</summary>
    public bool Logs { get; private set; }

    /// <summary>Whether anything is.</summary>
    public bool Any => Traces || Metrics || Logs;

    /// <summary>The variable that chooses a signal's exporter.</summary>
    public static string Exporter(string signal) => $"OTEL_{signal}_EXPORTER";

    /// <summary>A variable of the exporter: for all signals, or for one.</summary>
    public static string Variable(string name, string? signal = null) => signal is null ? $"OTEL_EXPORTER_OTLP_{name}" : $"OTEL_EXPORTER_OTLP_{signal}_{name}";

    /// <summary>Reads what is asked for. Wrong values ask for nothing; <see cref="OtlpOptionsValidator"/> tells of them.</summary>
    public void Read(IConfiguration configuration)
    {
        Traces = Asks("TRACES");
        Metrics = Asks("METRICS");
        Logs = Asks("LOGS");

        bool Asks(string signal) =>
            !Is(configuration[Disabled], "true")
            && (configuration[Exporter(signal)] is { Length: > 0 } exporter
                ? Is(exporter, "otlp")
                : configuration[Variable("ENDPOINT", signal)] is { Length: > 0 } || configuration[Variable("ENDPOINT")] is { Length: > 0 });
    }

    /// <summary>Whether a value is a word, in any case, as OpenTelemetry has it.</summary>
    public static bool Is(string? value, string word) => string.Equals(value?.Trim(), word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// Checks OpenTelemetry's variables, as far as something is exported: the SDK itself takes a wrong value for none and says nothing.
/// </summary>
internal sealed class OtlpOptionsValidator(IConfiguration configuration) : IValidateOptions<OtlpOptions>
{
    private const string LeaveOut = "or leave it out.";

    private static readonly string[] Samplers =
        ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

    private static readonly string[] Numbers =
    [
        "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
        "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT",
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        "OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_SPAN_LINK_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
        "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
    ];

    public ValidateOptionsResult Validate(string? name, OtlpOptions options)
    {
        var faults = new List<string>();
        OneOf(OtlpOptions.Disabled, "true", "false");
        if (!OtlpOptions.Is(configuration[OtlpOptions.Disabled], "true"))
        {
            foreach (var signal in OtlpOptions.Signals)
            {
                OneOf(OtlpOptions.Exporter(signal), "otlp", "none");
            }
        }

        if (options.Any)
        {
            foreach (var signal in OtlpOptions.Signals.Prepend(null))
            {
                CheckExporter(signal);
            }

            CheckSampler();
            foreach (var number in Numbers)
            {
                Check(number, IsCount, "Set it to a whole number above 0");
            }

            OneOf("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "cumulative", "delta", "lowmemory");
            OneOf("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram", "base2_exponential_bucket_histogram");
            Check("OTEL_RESOURCE_ATTRIBUTES", IsList, "Write key=value pairs with commas between, such as deployment.environment.name=production");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void CheckExporter(string? signal)
        {
            OneOf(OtlpOptions.Variable("PROTOCOL", signal), "grpc", "http/protobuf");
            OneOf(OtlpOptions.Variable("COMPRESSION", signal), "none", "gzip");
            Check(OtlpOptions.Variable("TIMEOUT", signal), IsCount, "Set it to milliseconds, a whole number above 0");
            var endpoint = OtlpOptions.Variable("ENDPOINT", signal);
            if (configuration[endpoint]?.Contains('@', StringComparison.Ordinal) == true)
            {
                faults.Add(SettingFault.OfSecret(endpoint, "has a user name or password in it", $"Leave these out, and put what the receiver asks for into {OtlpOptions.Variable("HEADERS", signal)}."));
            }
            else
            {
                Check(endpoint, SettingFault.IsAddress, "Set it to the address of your OpenTelemetry Collector, such as http://127.0.0.1:4317 for grpc, http://127.0.0.1:4318 for http/protobuf");
            }

            // They hold tokens, so the value is not shown.
            var headers = OtlpOptions.Variable("HEADERS", signal);
            if (configuration[headers] is { Length: > 0 } list && !IsList(list))
            {
                faults.Add(SettingFault.OfSecret(headers, "is no list of headers", "Write name=value pairs with commas between, such as api-key=…."));
            }
        }

        void CheckSampler()
        {
            OneOf("OTEL_TRACES_SAMPLER", Samplers);
            if (configuration["OTEL_TRACES_SAMPLER"]?.Trim().EndsWith("traceidratio", StringComparison.OrdinalIgnoreCase) == true)
            {
                Check("OTEL_TRACES_SAMPLER_ARG", IsRatio, "Set it to a share from 0 to 1, such as 0.1");
            }
        }

        void OneOf(string variable, params string[] words) =>
            Check(variable, value => words.Any(w => OtlpOptions.Is(value, w)), $"Set it to {string.Join(", ", words[..^1])} or {words[^1]}");

        void Check(string variable, Func<string, bool> isRight, string remedy)
        {
            if (configuration[variable] is { Length: > 0 } value && !isRight(value))
            {
                faults.Add(SettingFault.Of(variable, value, $"{remedy}, {LeaveOut}"));
            }
        }
    }

    private static bool IsCount(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0;

    private static bool IsRatio(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1;

    private static bool IsList(string value) => value.Split(',').All(pair => pair.Trim().IndexOf('=', StringComparison.Ordinal) > 0);
}
