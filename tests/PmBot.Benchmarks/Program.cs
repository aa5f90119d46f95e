using System.CommandLine;
using System.Globalization;
using PmBot.Benchmarks;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var root = new RootCommand("Measures the bot over HTTP: slash commands from many at once, beside a no-op.");
root.SetAction(_ => CommandBenchmark.RunAsync());

var count = new Argument<int>("COUNT") { Description = "How many requests." };
var file = new Argument<string>("FILE") { Description = "The database, which must not exist." };
var generate = new Command("generate", "Writes a database with generated customer requests, the same ones each time.") { count, file };
generate.SetAction(parsed => new RequestGenerator().WriteAsync(parsed.GetRequiredValue(count), parsed.GetRequiredValue(file)));
root.Subcommands.Add(generate);

var folder = new Option<string>("--folder")
{
    Description = "Where the generated databases are kept for the next run.",
    DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), "pmbot-benchmark-requests"),
};
var small = new Option<bool>("--without-million") { Description = "Leaves out the store with a million requests." };
var requests = new Command("requests", "Measures the answers about customer requests, from stores of 1,000, 100,000 and 1,000,000 of them.") { folder, small };
requests.SetAction(parsed => RequestBenchmark.RunAsync(parsed.GetRequiredValue(folder), parsed.GetValue(small) ? [1_000, 100_000] : [1_000, 100_000, 1_000_000]));
root.Subcommands.Add(requests);

var telemetry = new Command("telemetry", "Measures slash commands with nothing exported and with everything exported by OTLP, by turns.");
telemetry.SetAction(_ => TelemetryBenchmark.RunAsync());
root.Subcommands.Add(telemetry);
return await root.Parse(args).InvokeAsync();
