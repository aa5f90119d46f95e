using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.LiteDb;
using PmBot.Storage;

namespace PmBot.Tests.LiteDb;

/// <summary>The same statements over the same random rows in SQLite and in LiteDB have the same answers, whichever indexes there are.</summary>
[TestFixture]
internal sealed class SqlDifferenceTests
{
    private const int Rounds = 6;
    private const int StatementsARound = 250;

    private static readonly string[] Indexes =
    [
        "create index things_by_a on things (a, b)",
        "create index things_by_b on things (b, d)",
        "create index things_by_d on things (d, a)",
        "create index things_open on things (c, a) where c < 2",
        "create index things_marked on things (b, id) where b is not null and c in (0, 3)",
        "create index things_some on things (d) where a = 1",
        "create unique index things_pairs on things (d, c, id)",
        "create unique index things_named on things (c, e)",
    ];

    private static readonly string[] Texts = ["", "a", "A", "ab", "b", "ü", "z", "\ue000", "😀", "o'clock", "100%", "_x", Many(70, ""), Many(70, "1"), Many(300, "b"), Many(300, "a")];

    private static readonly string[] Orders =
    [
        "", "order by a, b, id", "order by a desc, b, id", "order by c, a, id", "order by b, d, id", "order by d desc, a desc, id desc", "order by b desc, id desc", "order by d, c, id", "order by e, id", "order by id desc", "order by c, e, id",
    ];

    private static readonly string[] Extremes = ["min(a)", "min(b)", "min(c)", "min(d)", "min(id)", "max(a)", "max(b)", "max(d)", "max(e)", "max(id)"];

    private Random _random = null!;

    [Test]
    public async Task Two_engines_give_the_same_answers()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var seed = Environment.GetEnvironmentVariable("PMBOT_SEED") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : 1000 + round;
            await PlayAsync(seed);
        }
    }

    [TestCase(0, 20)]
    [TestCase(1, 1)]
    [TestCase(1, 40)]
    [TestCase(30, 300)]
    [TestCase(200, 150)]
    public async Task The_outbox_is_read_alike(int lanes, int rows)
    {
#pragma warning disable CA5394 // repeatable by its seed
        var random = new Random(lanes + rows);
        var folder = Directory.CreateTempSubdirectory("pmbot-lanes-").FullName;
        await using (var sqlite = SqliteStore.Open($"Data Source={folder}/a.db", TimeProvider.System, NullLogger<SqliteStore>.Instance))
        await using (var lite = LiteStore.Open($"Filename={folder}/a.litedb", TimeProvider.System, NullLogger<LiteStore>.Instance))
        {
            // No lane, but rows: all of them are done.
            var deliveries = Enumerable.Range(0, rows).Select(i => (
                Id: $"d{i}", Lane: Texts[i % Texts.Length] + random.Next(Math.Max(lanes, 1) / Texts.Length + 1), State: lanes == 0 ? 2L : (long)random.Next(5),
                Due: (long)random.Next(100), Expires: random.Next(3) == 0 ? (long?)random.Next(100) : null)).ToList();
            foreach (IStore store in new IStore[] { sqlite, lite })
            {
                await store.ExecuteAsync(
                    t => deliveries.Sum(d => t.Run(
                        """
                        insert into deliveries (id, workspace_id, lane, body, state, created_at, due_at, expires_at, attempts, uncertain, lease, lease_until)
                        values (@id, 'w', @lane, '{}', @state, @due, @due, @expires, 0, 0, 1, @due)
                        """,
                        ("id", d.Id), ("lane", lanes == 1 ? "one" : d.Lane), ("state", d.State), ("due", d.Due), ("expires", d.Expires))),
                    CancellationToken.None);
            }

            for (var round = 0; round < 4; round++)
            {
                var (now, most) = (random.Next(110), random.Next(1, 2 * rows));
                foreach (var (sql, isOrdered) in new[]
                {
                    (Outbox.FirstsSql, true), (Outbox.IsAllSql, true), (Outbox.LanesSql, true), (Outbox.PutOffSql, true), (Outbox.NextSql, true), (Outbox.UnderWaySql, false), (Outbox.StateSql, true),
                })
                {
                    // A column without a name has one of the engine's.
                    async Task<List<string>> RowsAsync(IStore store) =>
                    [
                        .. (await store.ReadAsync(t => t.Query<dynamic>(sql, new { now, most, looked = 25, latest = now }), CancellationToken.None))
                            .Select(r => string.Join(" | ", ((IDictionary<string, object?>)r).Values)),
                    ];
                    var (expected, found) = (await RowsAsync(sqlite), await RowsAsync(lite));
                    Assert.That(found, isOrdered ? Is.EqualTo(expected) : Is.EquivalentTo(expected), sql);
                }

                await BothAsync(sqlite, lite, Outbox.ExpireSql, [("now", now / 2)], 0);
                await BothAsync(
                    sqlite, lite, "update deliveries set lease_until = case when lease_until >= @until then lease_until + 1 else @until end where lease = @lease and state = 1",
                    [("until", (long)now), ("lease", 1L)], 0);
            }
        }

        Directory.Delete(folder, recursive: true);
    }
#pragma warning restore CA5394

    private async Task PlayAsync(int seed)
    {
#pragma warning disable CA5394 // repeatable by its seed
        _random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("pmbot-sql-").FullName;
        await using (var sqlite = SqliteStore.Open($"Data Source={folder}/a.db", TimeProvider.System, NullLogger<SqliteStore>.Instance))
        await using (var lite = LiteStore.Open($"Filename={folder}/a.litedb", TimeProvider.System, NullLogger<LiteStore>.Instance))
        {
            await BothAsync(sqlite, lite, "create table things (id integer primary key, a integer, b text, c integer not null, d text not null, e text)", [], seed);
            foreach (var index in Indexes.Where(_ => _random.Next(3) > 0))
            {
                await BothAsync(sqlite, lite, index, [], seed);
            }

            for (var i = 0; i < StatementsARound; i++)
            {
                var parameters = new Parameters(Text(), Text(), _random.Next(-1, 5), _random.Next(4) == 0 ? null : _random.Next(0, 60), i);
                if (i < 60 || _random.Next(3) == 0)
                {
                    await BothAsync(sqlite, lite, Change(i < 60), parameters.Named(), seed);
                }
                else
                {
                    await SameAsync(sqlite, lite, Query(out var isOrdered), isOrdered, parameters, seed);
                }
            }

            await SameAsync(sqlite, lite, "select id, a, b, c, d, e from things order by id", isOrdered: true, new Parameters("", "", 0, 0, 0), seed);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task BothAsync(SqliteStore sqlite, LiteStore lite, string sql, (string, object?)[] parameters, int seed)
    {
        async Task<object> ChangeAsync(IStore store)
        {
            try
            {
                return await store.ExecuteAsync(t => t.Run(sql, parameters), CancellationToken.None);
            }
            catch (Exception e) when (e is not StoreUnavailableException && e.GetType().Name is "SqliteException" or "DuplicateKeyException" or "StoredValueException")
            {
                return "refused";
            }
        }

        Assert.That(await ChangeAsync(lite), Is.EqualTo(await ChangeAsync(sqlite)), $"seed {seed}: {sql} with {string.Join(", ", parameters)}");
    }

    private static async Task SameAsync(SqliteStore sqlite, LiteStore lite, string sql, bool isOrdered, Parameters parameters, int seed)
    {
        async Task<List<string>> RowsAsync(IStore store)
        {
            var rows = await store.ReadAsync(t => t.Query<dynamic>(sql, new { t = parameters.T, u = parameters.U, n = parameters.N, m = parameters.M }), CancellationToken.None);
            return [.. rows.Select(r => string.Join(" | ", ((IDictionary<string, object?>)r).Select(c => $"{c.Key}={c.Value ?? "null"}")))];
        }

        var (expected, found) = (await RowsAsync(sqlite), await RowsAsync(lite));
        Assert.That(found, isOrdered ? Is.EqualTo(expected) : Is.EquivalentTo(expected), $"seed {seed}: {sql} with {parameters}");
    }

    private string Change(bool isInsert) => isInsert ? Insert() : _random.Next(8) switch
    {
        0 or 1 => Insert(),
        2 => $"insert into things (id, a, b, c, d, e) select id + 1000 + @i, a, b, c + 1, d, e from things where {Condition(1)} order by id limit 2 on conflict do nothing",
        3 => $"delete from things where {Condition(2)} and id > @n",
        4 => "delete from things where id in (select id from things where c = @n order by a, id limit 2)",
        5 => $"update things set a = {Number()}, b = {TextOf()} where {Condition(2)} and c = @n",
        6 => $"update things set d = {Required()}, c = case when a is null then c else c + 1 end where {Condition(2)} and id = @m",
        _ => $"update things set e = coalesce(e, @t) where id = @m",
    };

    private string Insert() => _random.Next(5) switch
    {
        0 => "insert into things (id, a, b, c, d, e) values (@i, @n, @t, @n, @u, @t) on conflict do nothing",
        1 => "insert into things (id, a, b, c, d, e) values (coalesce(@m, @i), @n, null, @n, @u, null) on conflict (id) do update set a = things.a + 1, b = excluded.d, c = excluded.c",
        2 => "insert into things (id, a, b, c, d) values (@i, null, @u, @n, @t)",
        3 => "insert into things (id, a, b, c, d, e) values (@i, @m, @t, @n, @t, @u)",
        _ => "insert into things (id, a, c, d) values (@i, @n, @n, @t || @u)",
    };

    private string Query(out bool isOrdered)
    {
        isOrdered = false;
        switch (_random.Next(15))
        {
            case 0:
                return $"select count(*) as n, count(a) as m, min(b) as low, max(d) as high, sum(a) as sum, string_agg(cast(c as text), ',') as all_c from things where c = @n and {Condition(1)}";
            case 1:
                isOrdered = true;
                return $"select c, count(*) as n, min(a) as low, max(id) as newest from things where {Condition(2)} group by c order by min(id), c";
            case 2:
                return $"select d, b, sum(case when c < 2 then a else 0 end) as sum from things t where {Condition(2)} group by d, b";
            case 3:
                return "select t.id, t.a from things t where t.c < 2 and not exists (select 1 from things o where o.d = t.d and o.c < 2 and o.id < t.id)";
            case 4:
                return $"select count(*) as n from (select 1 from things where {Condition(2)} limit @n + 3) s";
            case 5:
                return $"select d as x, a from things where {Condition(1)} union all select e, 7 from things where e is not null and {Condition(1)}";
            case 6:
                isOrdered = true;
                return $"select x, y from (select b as x, a + 1 as y, id from things where {Condition(1)}) s where x >= @t or y = @n order by y, s.id limit 9";
            case 7:
                return $"select (select count(*) from things where c < 2) as n, (select min(a) from things where b is null) as low, (select b from things where id = @m) as b";
            case 8:
                isOrdered = true;
                return $"select t.id, o.id as other, o.b from things t join things o on o.c = t.a where o.d <> t.d and t.c {Operator()} @n order by t.id desc, o.id limit 12";
            case 9:
                return $"select s.x, o.id from (select d as x, a from things where {Condition(1)}) s join things o on o.id = (select min(i.id) from things i where i.d = s.x and i.c < 2) where o.c = @n or s.a is null";
            case 10:
                isOrdered = true;
                return "with recursive r (i, x) as (select @n, @t union all select r.i + 1, r.x || (select min(t.d) from things t where t.c > r.i) from r where r.i < 5) select r.i, r.x from r order by r.i desc limit 4";
            case 11:
                isOrdered = true;
                return $"select {Extremes[_random.Next(Extremes.Length)]} as x from things where {Condition(1)}";
            default:
                var order = Orders[_random.Next(Orders.Length)];
                isOrdered = order.Length > 0;
                var limit = _random.Next(2) == 0 && isOrdered ? $" limit {_random.Next(1, 8)} offset {_random.Next(3)}" : "";
                return $"select id, a, b, d, c + 1 as more, {Expression()} as x from things where {Condition(3)} {order}{limit}";
        }
    }

    private string Condition(int depth) => depth == 0 ? Simple() : _random.Next(6) switch
    {
        0 => $"({Condition(depth - 1)} or {Condition(depth - 1)})",
        1 => $"not ({Condition(depth - 1)})",
        2 => Simple(),
        _ => $"{Condition(depth - 1)} and {Condition(depth - 1)}",
    };

    private string Simple() => _random.Next(16) switch
    {
        0 => "a = @n",
        1 => "a is null",
        2 => "b is not null",
        3 => $"b {Operator()} @t",
        4 => $"d {Operator()} @u",
        5 => $"a {Operator()} {_random.Next(-1, 4)}",
        6 => $"c {Operator()} @n",
        7 => "c in (0, 3)",
        8 => "d in (@t, @u, 'ab')",
        9 => $"@n {Operator()} c",
        10 => "b like @t",
        11 => "a = 1",
        12 => "c < 2",
        13 => "d = @t",
        14 => "id = @m",
        _ => "b = d",
    };

    private string Operator() => (string[])["=", "<", "<=", ">", ">=", "<>"] is var all ? all[_random.Next(all.Length)] : "";

    private string Number() => _random.Next(3) switch { 0 => "null", 1 => "@n", _ => "a + 1" };

    private string TextOf() => _random.Next(3) switch { 0 => "null", 1 => "@t", _ => "b || '+'" };

    private string Required() => _random.Next(2) == 0 ? "@u" : "d || @t";

    private string Expression() => _random.Next(5) switch
    {
        0 => "coalesce(b, d)",
        1 => "a - c",
        2 => "case when a = 1 then 'one' when b is null then b else d end",
        3 => "cast(a as text) || '!'",
        _ => "replace(d, 'k', '')",
    };

    private static string Many(int count, string end) => new string('k', count) + end;

    private string Text() => Texts[_random.Next(Texts.Length)];
#pragma warning restore CA5394

    private sealed record Parameters(string T, string U, long N, long? M, long I)
    {
        public (string, object?)[] Named() => [("t", T), ("u", U), ("n", N), ("m", M), ("i", I)];
    }
}
