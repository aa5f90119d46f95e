using System.CommandLine;
using System.Globalization;
using PmBot.Hosting;
using PmBot.Sandbox;
using PmBot.Storage;

var port = new Option<int>("--port") { Description = "Where the chat page is, on loopback.", DefaultValueFactory = _ => 8065 };
var root = new RootCommand("A stand-in Mattermost server with a small team, the bot, and a chat page with a clock that can be moved.") { port };
root.SetAction((parsed, cancellationToken) => Demo.RunAsync(parsed.GetValue(port), cancellationToken));

var now = new Option<string>("--now") { Description = "The time at which the bot believes to start, such as 2026-11-30T16:59:59Z.", Required = true };
var bot = new Command(
    "bot", "Runs the bot alone, with settings from the environment, at another time than now: for tests that kill it. It reads lines: \"at TIME\" moves its clock, \"heap\" writes the bytes that are alive.") { now };
bot.SetAction(async (parsed, cancellationToken) =>
{
    var start = DateTimeOffset.Parse(parsed.GetRequiredValue(now), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    using var clock = SandboxClock.Running(start);
#if LITEDB
    var engines = new StoreEngines([.. StoreEngines.BuiltIn.All, new PmBot.LiteDb.LiteStoreEngine()]);
#else
    var engines = StoreEngines.BuiltIn;
#endif
    await using var app = BotHost.Build(null, builder => builder.Services.AddSingleton<TimeProvider>(clock), engines);
    _ = Task.Run(() => FollowAsync(Console.In, clock), cancellationToken);
    await app.RunAsync(cancellationToken);
});
root.Subcommands.Add(bot);
return await root.Parse(args).InvokeAsync();

static async Task FollowAsync(TextReader orders, SandboxClock clock)
{
    while (await orders.ReadLineAsync() is { } line)
    {
        switch (line.Split(' '))
        {
            case ["at", var time]:
                clock.MoveTo(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
                break;
            case ["heap"]:
                GC.Collect();
                GC.WaitForPendingFinalizers();
                GC.Collect();
                Console.WriteLine($"heap {GC.GetTotalMemory(forceFullCollection: true)}");
                break;
            default:
                await Console.Error.WriteLineAsync($"\"{line}\" is no order that I know: \"at TIME\" or \"heap\".");
                break;
        }
    }
}
