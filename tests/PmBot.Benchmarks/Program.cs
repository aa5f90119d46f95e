using System.CommandLine;
using System.Globalization;
using PmBot.Benchmarks;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] parts = ["reads", "writes", "lists", "handoffs", "start"];
var folder = new Option<string>("--folder")
{
    Description = "Where stores are made, and kept for the next run where they take long to make: on a disk, for a commit to memory proves nothing.",
    DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), "pmbot-benchmark"),
};
var quick = new Option<bool>("--quick") { Description = "Fewer and shorter rounds, without the biggest stores: what is far off shows, in about a minute." };
var only = new Option<string[]>("--only") { Description = $"Only these parts: {string.Join(", ", parts)}.", AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong(parts);
var root = new RootCommand("Measures the bot: beside a no-op on the same web server, beside its storage engine alone, and big stores beside small ones.") { folder, quick, only };
root.SetAction(async parsed =>
{
    var isQuick = parsed.GetValue(quick);
    var chosen = parsed.GetValue(only) is { Length: > 0 } some ? some : parts;
    var options = new SpeedOptions(parsed.GetRequiredValue(folder), isQuick ? 3 : 7, TimeSpan.FromSeconds(isQuick ? 0.5 : 2), isQuick);
    var report = new Report();
    foreach (var (part, run) in new (string, Func<SpeedOptions, Report, Task>)[]
    {
        ("reads", ReadBenchmark.RunAsync),
        ("writes", WriteBenchmark.RunAsync),
        ("handoffs", HandoffBenchmark.RunAsync),
    })
    {
        if (chosen.Contains(part))
        {
            await run(options, report);
        }
    }

    Console.WriteLine(report);
});

var count = new Argument<int>("COUNT") { Description = "How many requests." };
var file = new Argument<string>("FILE") { Description = "The database, which must not exist." };
var generate = new Command("generate", "Writes a database with generated customer requests, the same ones each time.") { count, file };
generate.SetAction(parsed => new RequestGenerator().WriteAsync(parsed.GetRequiredValue(count), parsed.GetRequiredValue(file)));
root.Subcommands.Add(generate);

var telemetry = new Command("telemetry", "Measures slash commands with nothing exported and with everything exported by OTLP, by turns.");
telemetry.SetAction(_ => TelemetryBenchmark.RunAsync());
root.Subcommands.Add(telemetry);

var bot = new Command(BotProcess.Verb, "Is the bot that another process of this program measures.") { Hidden = true };
bot.SetAction(_ => BotProcess.ServeAsync());
root.Subcommands.Add(bot);
return await root.Parse(args).InvokeAsync();
