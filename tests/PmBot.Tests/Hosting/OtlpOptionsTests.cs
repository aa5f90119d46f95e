using Microsoft.Extensions.Configuration;
using NUnit.Framework;
using PmBot.Hosting;

namespace PmBot.Tests.Hosting;

/// <summary>What OpenTelemetry's variables ask for, and what is said of wrong ones.</summary>
internal sealed class OtlpOptionsTests
{
    private const string On = "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317";

    [TestCase("", "")]
    [TestCase("traces metrics logs", On)]
    [TestCase("", On, "OTEL_SDK_DISABLED=true")]
    [TestCase("", On, "OTEL_SDK_DISABLED=TRUE")]
    [TestCase("traces metrics logs", On, "OTEL_SDK_DISABLED=false")]
    [TestCase("metrics logs", On, "OTEL_TRACES_EXPORTER=none")]
    [TestCase("traces metrics", On, "OTEL_LOGS_EXPORTER=none")]
    [TestCase("", On, "OTEL_TRACES_EXPORTER=none", "OTEL_METRICS_EXPORTER=none", "OTEL_LOGS_EXPORTER=none")]
    [TestCase("traces", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318/v1/traces")]
    [TestCase("metrics", "OTEL_METRICS_EXPORTER=otlp")]
    [TestCase("", "OTEL_SERVICE_NAME=x", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_ENDPOINT=")]
    public void Signals_are_exported_as_the_variables_ask(string signals, params string[] variables)
    {
        var (options, failures) = Read(variables);
        Assert.That(failures, Is.Empty);
        Assert.That(new[] { options.Traces ? "traces" : "", options.Metrics ? "metrics" : "", options.Logs ? "logs" : "" }.Where(s => s.Length > 0), Is.EqualTo(signals.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.That(options.Any, Is.EqualTo(signals.Length > 0));
    }

    [TestCase("OTEL_EXPORTER_OTLP_PROTOCOL=foo", "OTEL_EXPORTER_OTLP_PROTOCOL is \"foo\". Set it to grpc or http/protobuf, or leave it out.")]
    [TestCase("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL is \"http/json\". Set it to grpc or http/protobuf, or leave it out.")]
    [TestCase("OTEL_EXPORTER_OTLP_COMPRESSION=zip", "OTEL_EXPORTER_OTLP_COMPRESSION is \"zip\". Set it to none or gzip, or leave it out.")]
    [TestCase("OTEL_EXPORTER_OTLP_TIMEOUT=10s", "OTEL_EXPORTER_OTLP_TIMEOUT is \"10s\". Set it to milliseconds, a whole number above 0, or leave it out.")]
    [TestCase("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT=-1", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT is \"-1\". Set it to milliseconds")]
    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT=127.0.0.1:4317", "OTEL_EXPORTER_OTLP_ENDPOINT is \"127.0.0.1:4317\". Set it to the address of your OpenTelemetry Collector, such as http://127.0.0.1:4317 for grpc, http://127.0.0.1:4318 for http/protobuf, or leave it out.")]
    [TestCase("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=ftp://x", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is \"ftp://x\". Set it to the address")]
    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT=https://name:s3cr3t@x", "OTEL_EXPORTER_OTLP_ENDPOINT has a user name or password in it. Leave these out, and put what the receiver asks for into OTEL_EXPORTER_OTLP_HEADERS.")]
    [TestCase("OTEL_EXPORTER_OTLP_HEADERS=s3cr3t", "OTEL_EXPORTER_OTLP_HEADERS is no list of headers. Write name=value pairs with commas between, such as api-key=….")]
    [TestCase("OTEL_TRACES_SAMPLER=often", "OTEL_TRACES_SAMPLER is \"often\". Set it to always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or parentbased_traceidratio, or leave it out.")]
    [TestCase("OTEL_TRACES_EXPORTER=console", "OTEL_TRACES_EXPORTER is \"console\". Set it to otlp or none, or leave it out.")]
    [TestCase("OTEL_SDK_DISABLED=yes", "OTEL_SDK_DISABLED is \"yes\". Set it to true or false, or leave it out.")]
    [TestCase("OTEL_METRIC_EXPORT_INTERVAL=0", "OTEL_METRIC_EXPORT_INTERVAL is \"0\". Set it to a whole number above 0, or leave it out.")]
    [TestCase("OTEL_BSP_MAX_QUEUE_SIZE=many", "OTEL_BSP_MAX_QUEUE_SIZE is \"many\".")]
    [TestCase("OTEL_RESOURCE_ATTRIBUTES=production", "OTEL_RESOURCE_ATTRIBUTES is \"production\". Write key=value pairs with commas between, such as deployment.environment.name=production, or leave it out.")]
    [TestCase("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=x", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is \"x\".")]
    public void A_wrong_value_is_told_with_its_variable_and_a_remedy(string variable, string told)
    {
        var failure = Read(On, variable).Failures.Single();
        Assert.That(failure, Does.StartWith(told).And.EndsWith(".").And.Not.Contain("s3cr3t"));
    }

    [TestCase("1.5")]
    [TestCase("-0.1")]
    [TestCase("a tenth")]
    public void A_share_of_the_traces_is_from_0_to_1(string share) =>
        Assert.That(
            Read(On, "OTEL_TRACES_SAMPLER=parentbased_traceidratio", $"OTEL_TRACES_SAMPLER_ARG={share}").Failures.Single(),
            Is.EqualTo($"OTEL_TRACES_SAMPLER_ARG is \"{share}\". Set it to a share from 0 to 1, such as 0.1, or leave it out."));

    [Test]
    public void What_is_right_is_not_complained_about() =>
        Assert.That(
            Read(
                On, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_TIMEOUT=500", "OTEL_EXPORTER_OTLP_HEADERS=api-key=a,b=c%20d",
                "OTEL_EXPORTER_OTLP_COMPRESSION=gzip", "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.25", "OTEL_RESOURCE_ATTRIBUTES=a=b,c=d", "OTEL_BSP_SCHEDULE_DELAY=100",
                "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta").Failures,
            Is.Empty);

    [Test]
    public void Where_nothing_is_exported_nobody_minds_the_rest()
    {
        Assert.That(Read("OTEL_EXPORTER_OTLP_PROTOCOL=foo").Failures, Is.Empty);
        Assert.That(Read(On, "OTEL_SDK_DISABLED=true", "OTEL_TRACES_EXPORTER=x").Failures, Is.Empty);
    }

    private static (OtlpOptions Options, IReadOnlyList<string> Failures) Read(params string[] variables)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(variables.Where(v => v.Length > 0).Select(v => v.Split('=', 2)).GroupBy(v => v[0], (name, values) => KeyValuePair.Create(name, (string?)values.Last()[1]), StringComparer.Ordinal))
            .Build();
        var options = new OtlpOptions();
        options.Read(configuration);
        return (options, [.. new OtlpOptionsValidator(configuration).Validate(null, options).Failures ?? []]);
    }
}
