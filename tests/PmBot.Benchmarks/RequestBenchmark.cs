using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using PmBot.Sandbox;

namespace PmBot.Benchmarks;

/// <summary>
/// What one caller waits for an answer about customer requests, over HTTP, from stores of different sizes in turn. The ratio to the
/// smallest store of the same run is what can be compared.
/// </summary>
internal static class RequestBenchmark
{
    private const int Rounds = 60;
    private const int WarmUp = 5;

    private static readonly (string Name, Func<int, string> Text)[] Cases =
    [
        ("list", _ => ""),
        ("list unassigned", _ => "list unassigned"),
        ("list mine", _ => "list mine"),
        ("list @pm", _ => $"list @{RequestGenerator.Managers[5].Name}"),
        ("list stale", _ => "list stale"),
        ("list AREA", _ => $"list {RequestGenerator.AnArea}"),
        ("list all", _ => "list all"),
        ("list --page 3", _ => "list --page 3"),
        ("list all --page 50", _ => "list all --page 50"),
        ("show ID", count => $"show {count / 2}"),
        ("stats", _ => "stats"),
        ("auto --dry-run", _ => "auto --dry-run"),
    ];

    /// <summary>Measures and prints a table.</summary>
    /// <param name="folder">Where the stores are kept; those that are missing are generated.</param>
    /// <param name="sizes">How many requests each has, the smallest first.</param>
    public static async Task RunAsync(string folder, int[] sizes)
    {
        Directory.CreateDirectory(folder);
        var stores = new List<Store>();
        foreach (var size in sizes)
        {
            stores.Add(await Store.StartAsync(folder, size));
        }

        var times = Cases.Select(_ => stores.Select(_ => new List<double>()).ToList()).ToList();
        for (var round = -WarmUp; round < Rounds; round++)
        {
            foreach (var (c, (name, text)) in Cases.Index())
            {
                foreach (var (s, store) in stores.Index())
                {
                    var took = await store.AskAsync(name, text(store.Size));
                    if (round >= 0)
                    {
                        times[c][s].Add(took);
                    }
                }
            }
        }

        Console.WriteLine($"| one caller, median of {Rounds} | {string.Join(" | ", sizes.Select((s, n) => n == 0 ? $"ms at {s:N0}" : $"ms at {s:N0} | ratio"))} |");
        Console.WriteLine($"| :-- | {string.Join(" | ", sizes.Select((_, n) => n == 0 ? "--:" : "--: | --:"))} |");
        foreach (var (c, (name, _)) in Cases.Index())
        {
            var medians = times[c].Select(t => t.Order().ElementAt(t.Count / 2)).ToList();
            Console.WriteLine($"| {name} | {string.Join(" | ", medians.Select((m, n) => n == 0 ? $"{m:F2}" : $"{m:F2} | {m / medians[0]:F2}"))} |");
        }

        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    /// <summary>The real bot on a generated store, beside a server that knows its team.</summary>
    private sealed class Store(int size, SandboxClock clock, SandboxTeam team, string channelId, DirectoryInfo own) : IAsyncDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

        public int Size => size;

        public static async Task<Store> StartAsync(string folder, int size)
        {
            var file = Path.Combine(folder, $"requests-{size}.db");
            if (!File.Exists(file))
            {
                // Under another name until it is whole, so that what an interrupted run left is not taken for it.
                var started = Stopwatch.GetTimestamp();
                foreach (var left in Directory.GetFiles(folder, $"new-{size}.db*"))
                {
                    File.Delete(left);
                }

                await new RequestGenerator().WriteAsync(size, Path.Combine(folder, $"new-{size}.db"));
                File.Move(Path.Combine(folder, $"new-{size}.db"), file);
                File.Delete(Path.Combine(folder, $"new-{size}.db.lock"));
                Console.WriteLine($"{size:N0} requests generated in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s, {new FileInfo(file).Length / 1024 / 1024} MB");
            }

            var clock = SandboxClock.Running(RequestGenerator.End.ToDateTimeOffset());
            var own = Directory.CreateTempSubdirectory("pmbot-benchmark-");
            var team = await SandboxTeam.StartAsync(
                clock, own.FullName, settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage:ConnectionString"] = $"Data Source={file}" });
            var generated = team.Server.AddTeam("generated", "Generated", RequestGenerator.TeamId);
            var channel = team.Server.AddChannel(generated, "product-management");
            team.Server.Join(channel, team.BotUser);
            foreach (var person in RequestGenerator.Managers.Concat(RequestGenerator.Reporters))
            {
                team.Server.Join(channel, team.Server.AddUser(person.Name, person.Name, "", id: person.Id));
            }

            await team.StartBotAsync(builder => builder.Logging.ClearProviders());
            return new Store(size, clock, team, channel.Id, own);
        }

        /// <summary>Types a command and returns how many milliseconds its answer took.</summary>
        public async Task<double> AskAsync(string name, string text)
        {
            var caller = RequestGenerator.Managers[0];
            using var request = Typed.Request(
                $"{team.BotUrl}/mattermost/commands/cr-assign", "cr-assign", team.CommandTokens["cr-assign"], RequestGenerator.TeamId, channelId, (caller.Id, caller.Name), text);
            var sent = Stopwatch.GetTimestamp();
            using var answer = await _http.SendAsync(request);
            var said = await answer.Content.ReadAsStringAsync();
            var took = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
            return answer.StatusCode == HttpStatusCode.OK && said.Length > 300 && !said.Contains("fault", StringComparison.Ordinal)
                ? took
                : throw new InvalidOperationException($"{name} of {size}: {answer.StatusCode} {said}");
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await team.DisposeAsync();
            clock.Dispose();
            own.Delete(recursive: true);
        }
    }
}
