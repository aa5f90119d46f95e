using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Delivery;

/// <summary>A feature of its own kind of subjects beside the rotations: its alarms go off by what the store holds.</summary>
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class AlarmsTests
{
    [Test]
    [CancelAfter(120_000)]
    public async Task Each_kind_is_woken_at_its_time_and_at_start_for_what_was_missed(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        await RestartAsync(edge);
        var soon = edge.Clock.GetUtcNow() + TimeSpan.FromHours(1);
        await MarkAsync(edge, "first", soon, cancellationToken);
        await MarkAsync(edge, "second", soon + TimeSpan.FromHours(1), cancellationToken);
        await edge.SettledAsync();
        Assert.That(await DoneAsync(edge), Is.Empty);

        edge.Clock.MoveTo(soon);
        await edge.SettledAsync();
        Assert.That(await DoneAsync(edge), Is.EqualTo(["done.first"]));

        await edge.Team.StopBotAsync();
        edge.Clock.MoveTo(soon + TimeSpan.FromHours(2));
        await RestartAsync(edge);
        await edge.SettledAsync();
        Assert.That(await DoneAsync(edge), Is.EqualTo(["done.first", "done.second"]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task What_failed_is_tried_again_after_15_seconds(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        await RestartAsync(edge, failures: 1);
        await MarkAsync(edge, "first", edge.Clock.GetUtcNow(), cancellationToken);
        while (!edge.Logs.Lines.Any(l => l.Message == "What is due for marks mark.first could not be done; trying again in 15 seconds"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }

        Assert.That(await DoneAsync(edge), Is.Empty);

        edge.Clock.Advance(TimeSpan.FromSeconds(15));
        await edge.SettledAsync();
        Assert.That(await DoneAsync(edge), Is.EqualTo(["done.first"]));
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task An_alarm_that_could_not_be_set_is_set_later(CancellationToken cancellationToken)
    {
        await using var edge = await Edge.StartAsync();
        var store = new Unreadable();
        await RestartAsync(edge, store: store);
        await MarkAsync(edge, "earlier", edge.Clock.GetUtcNow(), cancellationToken);
        await edge.SettledAsync();
        store.Refuses = _ => true;
        await MarkAsync(edge, "first", edge.Clock.GetUtcNow(), cancellationToken);
        while (!edge.Logs.Lines.Any(l => l.Message == "The alarm of marks mark.first could not be set; trying again in 15 seconds"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }

        // The sandbox sets all alarms anew when its clock is moved; here that must not be what helps.
        store.Refuses = type => type == typeof(IReadOnlyList<Alarm>);
        edge.Clock.Advance(TimeSpan.FromSeconds(15));
        while ((await DoneAsync(edge)).Count < 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    private static async Task RestartAsync(Edge edge, int failures = 0, Unreadable? store = null)
    {
        await edge.Team.StopBotAsync();
        await edge.StartBotAsync(configure: builder =>
        {
            if (store is not null)
            {
                var own = builder.Services.Last(s => s.ServiceType == typeof(IStore)).ImplementationFactory!;
                builder.Services.AddSingleton<IStore>(p => store.Over((IStore)own(p)));
            }

            builder.Services.AddSingleton(new AlarmSource(
                "marks", "select key as id, cast(value as bigint) as due from meta where key like 'mark.%'"));
            builder.Services.AddSingleton<IAlarmed>(p => new Marks(p.GetRequiredService<IStore>(), failures));
        });
    }

    private static Task<bool> MarkAsync(Edge edge, string name, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var alarms = edge.Team.Bot.GetRequiredService<Alarms>();
        return edge.Store.ExecuteAsync(
            transaction =>
            {
                transaction.Run(
                    "insert into meta (key, value) values (@key, @due)", ("key", $"mark.{name}"),
                    ("due", due.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
                transaction.AfterCommit(() => alarms.Set("marks", $"mark.{name}"));
                return true;
            },
            cancellationToken);
    }

    private static Task<IReadOnlyList<string>> DoneAsync(Edge edge) =>
        edge.Store.ReadAsync(t => t.Query<string>("select key from meta where key like 'done.%' order by value"), CancellationToken.None);

    /// <summary>Strikes out what is due, and fails a few times before that.</summary>
    private sealed class Marks(IStore store, int failures) : IAlarmed
    {
        private int _failures = failures;

        public string Kind => "marks";

        public Task RunAsync(string id, CancellationToken cancellationToken) => Interlocked.Decrement(ref _failures) >= 0
            ? throw new InvalidOperationException("the first tries fail")
            : store.ExecuteAsync(
                transaction => transaction.Run("update meta set key = replace(key, 'mark.', 'done.') where key = @id", ("id", id)), cancellationToken);
    }

    /// <summary>A store that can be written, and for a while not read.</summary>
    private sealed class Unreadable : IStore
    {
        private IStore? _store;

        public bool IsShared => false;

        /// <summary>By the type of what is read.</summary>
        public Func<Type, bool> Refuses { get; set; } = _ => false;

        public Unreadable Over(IStore store)
        {
            _store = store;
            return this;
        }

        public Task<T> ExecuteAsync<T>(Func<IWriteTransaction, T> change, CancellationToken cancellationToken) => _store!.ExecuteAsync(change, cancellationToken);

        public Task<T> ReadAsync<T>(Func<IReadTransaction, T> query, CancellationToken cancellationToken) =>
            Refuses(typeof(T)) ? throw new StoreUnavailableException("It cannot be read for a while.") : _store!.ReadAsync(query, cancellationToken);

        public ValueTask DisposeAsync() => _store!.DisposeAsync();
    }
}
