using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;
using PmBot.Tests.Fuzz;

namespace PmBot.Tests.Faults;

/// <summary>
/// Very many commands from 32 callers, one in five of them something that nobody thought of, while ten weeks pass: what the bot takes of the machine
/// is flat at the end. <c>PMBOT_FAULTS=full</c> sends 1,000,000, <c>PMBOT_FAULTS_SOAK</c> as many as it says, otherwise it is a few thousand;
/// <c>PMBOT_FAULTS_SEED</c> repeats the choices of a run. A table by tenths of the run is printed as it goes on.
/// </summary>
internal sealed class SoakTests
{
    private const int Callers = 32;
    private const int Tenths = 10;
    private const double MiB = 1024 * 1024;

    // How much more there may be at the end than in the middle: a tenth, and what a collection or a burst leaves.
    private const double Growth = 1.1;
    private const double HeapSlack = 4 * MiB;
    private const double ResidentSlack = 64 * MiB;
    private const double DataSlack = 8 * MiB;
    private const int HandleSlack = 32;
    private const int ThreadSlack = 16;

    // SQLite's log begins anew at 4 MiB, unless a slow reader is in the way; its file keeps the size that it once had.
    private const double MostLog = 64 * MiB;

    // Of what the database takes for each command: it keeps what was said and done, so it grows, but not faster and faster.
    private const double DataGrowth = 1.25;

    private static readonly DateTimeOffset Wednesday = new(2026, 11, 25, 18, 0, 0, TimeSpan.Zero);

    [TestCaseSource(typeof(FaultData), nameof(FaultData.Engines))]
    [CancelAfter(43_200_000)]
    public async Task What_it_takes_of_the_machine_is_flat(string engine, CancellationToken cancellationToken)
    {
        var seed = await FaultRun.SeedAsync();
        var folder = Directory.CreateTempSubdirectory("pmbot-test-soak-");
        var data = FaultData.New(engine, folder.FullName);
        using var clock = SandboxClock.Running(Wednesday);
        await using var team = await SandboxTeam.StartAsync(
            clock, folder.FullName, settings: Typists.Settings.Concat(data.Settings).ToDictionary(StringComparer.Ordinal));
        using var typists = new Typists(team, 1, new Random(seed));
        using var wire = new Wire(team);
        await using var bot = BotProcess.Start(team);
        await bot.LiveAsync(cancellationToken);
        await typists.SetUpAsync();
        var crowd = new Crowd(team, wire, seed);
        var rows = new List<Row>();
        await TellAsync($"{engine}, {FaultRun.SoakCommands:N0} commands from {Callers} callers, seed {seed}\n{Row.Heading}");
        for (var tenth = 1; tenth <= Tenths; tenth++)
        {
            crowd.LookForButtons();
            var started = Stopwatch.GetTimestamp();
            var took = await crowd.SendAsync(FaultRun.SoakCommands / Tenths, bot, cancellationToken);
            var time = Stopwatch.GetElapsedTime(started);
            while (await bot.WaitingAsync(cancellationToken) is not 0)
            {
                await Task.Delay(100, cancellationToken);
            }

            var row = new Row(tenth, took.Count, time, took[took.Count / 2], took[took.Count * 99 / 100], await bot.FootprintAsync(cancellationToken), await data.SizeAsync());
            rows.Add(row);
            await TellAsync(row.ToString());
            team.Server.ForgetCalls();
            clock.Advance(TimeSpan.FromDays(7));
        }

        await TellAsync($"sent {wire.Sent:N0}, answered {wire.Answered:N0}, refused for their token or form {crowd.Turned:N0}, faults {crowd.Faults.Count}, parked {await bot.ParkedAsync(cancellationToken)}");
        var (half, end) = (rows[(Tenths / 2) - 1], rows[^1]);
        Assert.Multiple(() =>
        {
            Assert.That(crowd.Faults.Take(5), Is.Empty, "answers that tell of a fault");
            Assert.That(wire.Answered, Is.EqualTo(wire.Sent));
            Assert.That(end.Uses.Heap, Is.LessThan((half.Uses.Heap * Growth) + HeapSlack), "the managed heap");
            Assert.That(end.Uses.Resident, Is.LessThan((half.Uses.Resident * Growth) + ResidentSlack), "resident memory");
            Assert.That(end.Uses.Handles, Is.LessThanOrEqualTo(half.Uses.Handles + HandleSlack), "handles");
            Assert.That(end.Uses.Threads, Is.LessThanOrEqualTo(half.Uses.Threads + ThreadSlack), "threads");
            Assert.That(end.Size.Log, Is.LessThan(MostLog), "the log of the database");
            Assert.That(end.Size.Data - half.Size.Data, Is.LessThan(((half.Size.Data * DataGrowth) - rows[0].Size.Data) + DataSlack), "the database grows faster and faster");
            Assert.That(team.Server.UnexpectedCalls, Is.Empty);
        });
        bot.Kill();
        await bot.ExitedAsync(cancellationToken);
        folder.Delete(recursive: true);
    }

    // At once, and with the result: a run takes hours.
    private static async Task TellAsync(string text)
    {
        await TestContext.Progress.WriteLineAsync(text);
        await TestContext.Out.WriteLineAsync(text);
    }

    /// <summary>How things stand after a tenth of the run.</summary>
    private sealed record Row(int Tenth, int Commands, TimeSpan Time, TimeSpan Median, TimeSpan Slow, Footprint Uses, DataSize Size)
    {
        public const string Heading = "tenth | commands/s | p50 ms | p99 ms | resident MiB | heap MiB | handles | threads | database MiB | log MiB";

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Tenth,5} | {Commands / Time.TotalSeconds,10:N0} | {Median.TotalMilliseconds,6:N1} | {Slow.TotalMilliseconds,6:N1} | {Uses.Resident / MiB,12:N1} | {Uses.Heap / MiB,8:N1} | "
            + $"{Uses.Handles,7} | {Uses.Threads,7} | {Size.Data / MiB,12:N1} | {Size.Log / MiB,7:N1}");
    }

    /// <summary>Everybody who types.</summary>
    private sealed class Crowd(SandboxTeam team, Wire wire, int seed)
    {
        private const string FormType = "application/x-www-form-urlencoded";
        private const int MostButtons = 300;

        // Those that send the whole list as a file would fill the stand-in's memory, not the bot's.
        private static readonly string[] RequestVerbs = [.. PmBot.Requests.RequestVerbs.All.Verbs.Select(v => v.Name).Except(["export", "import"], StringComparer.Ordinal)];

        private static readonly string[] AgendaVerbs = [.. PmBot.Agenda.AgendaVerbs.All.Verbs.Select(v => v.Name)];

        private readonly ChatUser[] _users = [team.Adam, team.Katie, team.Jason, team.Aaron];
        private List<(string PostId, JsonObject Context)> _buttons = [];
        private int _number;
        private int _turned;

        public ConcurrentQueue<string> Faults { get; } = [];

        /// <summary>What was refused before it was read: no token, no form, a forged button.</summary>
        public int Turned => _turned;

        /// <summary>Takes note of the newest buttons.</summary>
        public void LookForButtons() => _buttons =
        [
            .. team.Server.Posts().Reverse().SelectMany(p => p.Actions.Where(a => a.Context is not null).Select(a => (p.Id, JsonNode.Parse(a.Context!.Value.GetRawText())!.AsObject()))).Take(MostButtons),
        ];

        /// <summary>Sends so much, and answers how long each took, in order.</summary>
        public async Task<List<TimeSpan>> SendAsync(int count, BotProcess bot, CancellationToken cancellationToken)
        {
            var took = new ConcurrentBag<TimeSpan>();
            await Parallel.ForEachAsync(
                Enumerable.Range(0, count),
                new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellationToken },
                async (_, _) =>
                {
                    if (bot.HasExited)
                    {
                        throw new InvalidOperationException($"The bot ended by itself:\n{bot.Output}");
                    }

                    var number = Interlocked.Increment(ref _number);
                    var started = Stopwatch.GetTimestamp();
                    await SendAsync(number, new Words(unchecked((seed * 31) + number)));
                    took.Add(Stopwatch.GetElapsedTime(started));
                });
            return [.. took.Order()];
        }

        // A choice that can be repeated is wanted; nothing secret depends on it.
#pragma warning disable CA5394
        private async Task SendAsync(int number, Words words)
        {
            var random = new Random(unchecked((seed * 17) + number));
            var kind = random.Next(1000);
            var (status, body) = await (kind switch
            {
                < 640 => TypeAsync(words.Pick(_users), Question(words, random)),
                < 760 => TypeAsync(words.Pick(_users), Change(number, words, random)),
                < 780 => PostAsync(words.Pick(_users), words.Pick<string>(["#cr", "#agenda"]), $"post{random.Next(number) / 4}", $"Post {number}"),
                < 800 when _buttons.Count > 0 => PressAsync(words.Pick(_users), words.Pick(_buttons)),
                < 880 => TypeAsync(words.Pick([.. _users, team.Sam]), ("pm-rotation", words.Text())),
                < 920 => TypeAsync(words.Pick([.. _users, team.Sam]), ("cr-assign", $"{words.Pick(RequestVerbs)} {words.Text()}")),
                < 960 => TypeAsync(words.Pick([.. _users, team.Sam]), ("agenda", $"{words.Pick(AgendaVerbs)} {words.Text()}")),
                < 980 => PostAsync(team.Sam, words.Pick<string>(["#cr", "#agenda", "#escalate"]), $"fuzz{random.Next(400)}", words.Text()),
                _ => ForgeAsync(words, random),
            });
            if (status is 400 or 401 or 413 or 415)
            {
                Interlocked.Increment(ref _turned);
            }
            else if (status != 200 || FuzzTests.FaultId.IsMatch(body))
            {
                Faults.Enqueue($"{number} (kind {kind}): {status} {body}");
            }
        }

        private static (string Trigger, string Text) Question(Words words, Random random) => random.Next(14) switch
        {
            0 or 1 => ("pm-rotation", ""),
            2 => ("pm-rotation", "schedule"),
            3 => ("pm-rotation", $"duties --rotation \"Duty {random.Next(1, 9):D2}\""),
            4 => ("pm-rotation", "history 20"),
            5 => ("cr-assign", ""),
            6 => ("cr-assign", words.Pick<string>(["list unassigned", "list mine", "list stale", "list all --page 3", "list Common", "list @adam.c"])),
            7 or 8 => ("cr-assign", random.Next(1, 100).ToString(CultureInfo.InvariantCulture)),
            9 => ("cr-assign", "areas"),
            10 => ("cr-assign", words.Pick<string>(["stats", "help", "help new"])),
            11 => ("agenda", $"list \"Review {random.Next(1, 9)}\""),
            12 => ("agenda", words.Pick<string>(["", "meetings", "minutes"])),
            _ => ("agenda", words.Pick<string>(["actions", "actions @katie.w", "help"])),
        };

        private static (string Trigger, string Text) Change(int number, Words words, Random random)
        {
            var (request, rotation, meeting) = (random.Next(1, 1 + Math.Max(20, number / 50)), $"--rotation \"Duty {random.Next(1, 9):D2}\"", $"--meeting \"Review {random.Next(1, 9)}\"");
            var who = words.Pick<string>(["@adam.c", "@katie.w", "@jason.b", "@aaron.r"]);

            // One in four has something to say in a channel, or changes a post there. More of them would only measure how fast one channel takes its posts.
            return random.Next(40) switch
            {
                0 => ("cr-assign", $"new Wish {number} --customer \"Customer {random.Next(50)}\""),
                1 => ("cr-assign", $"take {request}"),
                2 => ("cr-assign", $"{request} {who}"),
                3 => ("cr-assign", $"decide {request} v{random.Next(9)}.{random.Next(20)}"),
                4 => ("cr-assign", $"usecase {request} use {number}"),
                5 => ("cr-assign", words.Pick<string>([$"process {request} outcome {number}", $"reopen {request}", $"close {request}"])),
                6 => ("agenda", $"add Topic {number} --time 5m {meeting}"),

                // Always the same, so that the queues stay short: each item behind it gets another number, and its post is changed.
                7 or 8 => ("agenda", $"remove 8 {meeting}"),
                9 => words.Pick<(string, string)>([("agenda", $"action 1 {who} Step {number} {meeting}"), ("agenda", $"done A{random.Next(1, 1 + Math.Max(20, number / 100))}")]),
                < 22 => ("pm-rotation", $"handoff hint {number} {rotation}"),
                < 28 => ("pm-rotation", $"duties add line {number} {rotation}"),
                < 34 => ("pm-rotation", $"duties remove 1 {rotation}"),
                < 38 => ("cr-assign", $"area set \"Area {random.Next(20)}\" {who} --keywords word{number}"),
                _ => ("pm-rotation", $"{words.Pick<string>(["swap @adam.c @katie.w", "order alphabetical", "away @jason.b monday friday", "back @jason.b", "ack"])} {rotation}"),
            };
        }

        private Task<(int Status, string Body)> TypeAsync(ChatUser user, (string Trigger, string Text) typed) => wire.SendAsync(
            $"{team.BotUrl}/mattermost/commands/{typed.Trigger}", wire.Command(user, typed.Trigger, typed.Text), team.CommandTokens[typed.Trigger]);

        private Task<(int Status, string Body)> PostAsync(ChatUser user, string word, string postId, string text) =>
            wire.SendAsync($"{team.BotUrl}/mattermost/hooks/outgoing", wire.Hook(user, word, postId, text), team.WebhookTokens[word]);

        private Task<(int Status, string Body)> PressAsync(ChatUser user, (string PostId, JsonObject Context) button) =>
            wire.SendAsync($"{team.BotUrl}/mattermost/actions", Press(user, button.PostId, button.Context), token: null);

        private Task<(int Status, string Body)> ForgeAsync(Words words, Random random) => random.Next(4) switch
        {
            0 => wire.SendAsync($"{team.BotUrl}/mattermost/commands/pm-rotation", wire.Command(team.Sam, "pm-rotation", "who", words.Token(team.CommandToken)), token: null),
            1 => wire.SendAsync($"{team.BotUrl}/mattermost/actions", Press(team.Sam, "none", new JsonObject { ["signature"] = words.Token("0123456789abcdef"), ["action"] = "ack" }), token: null),
            2 => wire.SendAsync($"{team.BotUrl}/mattermost/dialogs", new ByteArrayContent(words.Bytes(3000)), token: null),
            _ => wire.SendAsync(
                $"{team.BotUrl}/mattermost/commands/agenda",
                new ByteArrayContent(Encoding.ASCII.GetBytes($"token={team.CommandTokens["agenda"]}&text={words.Encoded(words.Text())}")) { Headers = { ContentType = new MediaTypeHeaderValue(FormType) } },
                team.CommandTokens["agenda"]),
        };
#pragma warning restore CA5394

        private StringContent Press(ChatUser user, string postId, JsonObject context) => new(
            JsonSerializer.Serialize(new
            {
                user_id = user.Id,
                user_name = user.Username,
                channel_id = team.ProductManagement.Id,
                team_id = team.Team.Id,
                post_id = postId,
                trigger_id = "none",
                context,
            }),
            Encoding.UTF8,
            "application/json");
    }
}
