namespace PmBot.Mattermost.Client;

/// <summary>
/// Remembers answers by key. Misses of one key at the same time share a request, and the entries that were learned longest ago make
/// room for new ones.
/// </summary>
/// <param name="clock">Ages the entries.</param>
/// <param name="keep">How long an answer is as good as new.</param>
/// <param name="keepStale">How old an answer may be that stands in while the server cannot be reached.</param>
/// <param name="capacity">The most entries.</param>
internal sealed class AgingCache<T>(TimeProvider clock, TimeSpan keep, TimeSpan keepStale, int capacity)
{
    /// <summary>How long "no such thing" is believed, and how long a stale answer stands in before the server is asked again.</summary>
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _oldestFirst = [];
    private readonly Dictionary<string, Task<IReadOnlyDictionary<string, MattermostResult<T>>>> _underWay = new(StringComparer.Ordinal);

    /// <summary>Asks the server for keys.</summary>
    /// <returns>An answer for each of them.</returns>
    public delegate Task<IReadOnlyDictionary<string, MattermostResult<T>>> Fetch(IReadOnlyList<string> keys);

    /// <summary>How often something was forgotten. What was asked for before that is not remembered after it.</summary>
    public int Generation { get; private set; }

    /// <summary>The answer for one key.</summary>
    public async Task<MattermostResult<T>> GetAsync(
        string key, Func<Task<MattermostResult<T>>> fetch, CancellationToken cancellationToken)
    {
        var answers = await GetAsync(
            [key],
            async _ => new Dictionary<string, MattermostResult<T>>(StringComparer.Ordinal) { [key] = await fetch() },
            cancellationToken);
        return answers[0];
    }

    /// <summary>The answers for several different keys, in their order. Those that are not known are fetched together.</summary>
    public async Task<IReadOnlyList<MattermostResult<T>>> GetAsync(
        IReadOnlyList<string> keys, Fetch fetch, CancellationToken cancellationToken)
    {
        if (AllKnown(keys) is { } all)
        {
            return all;
        }

        var known = new Dictionary<string, MattermostResult<T>>(StringComparer.Ordinal);
        var awaited = new Dictionary<string, Task<IReadOnlyDictionary<string, MattermostResult<T>>>>(StringComparer.Ordinal);
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var missing = new List<string>();
            foreach (var key in keys)
            {
                if (Fresh(key, now) is { } answer)
                {
                    known[key] = answer;
                }
                else if (_underWay.TryGetValue(key, out var request))
                {
                    awaited[key] = request;
                }
                else
                {
                    missing.Add(key);
                }
            }

            if (missing.Count > 0)
            {
                // Without the caller's token, because others may come to wait for it; elsewhere, so that it cannot end before it is noted.
                var generation = Generation;
                var request = Task.Run(() => FetchAsync(missing, generation, fetch), CancellationToken.None);
                foreach (var key in missing)
                {
                    _underWay[key] = awaited[key] = request;
                }
            }
        }

        foreach (var (key, request) in awaited)
        {
            known[key] = (await request.WaitAsync(cancellationToken))[key];
        }

        return [.. keys.Select(key => known[key])];
    }

    /// <summary>Remembers an answer that was learned in passing, unless something was forgotten since that generation.</summary>
    public void Put(string key, T value, int generation)
    {
        lock (_lock)
        {
            if (generation == Generation)
            {
                Store(key, new MattermostResult<T>.Ok(value), keep);
            }
        }
    }

    /// <summary>Forgets the entries that match by key or value (the default where the answer was "no such thing").</summary>
    public void Forget(Func<string, T?, bool> which)
    {
        lock (_lock)
        {
            foreach (var node in _entries.Values.Where(n => which(n.Value.Key, n.Value.Result.ValueOrDefault)).ToList())
            {
                Remove(node);
            }

            Generation++;
            _underWay.Clear();
        }
    }

    /// <summary>The answers for the keys, in their order, if each is as good as new, which is the usual case; otherwise null.</summary>
    private MattermostResult<T>[]? AllKnown(IReadOnlyList<string> keys)
    {
        var known = new MattermostResult<T>[keys.Count];
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            for (var i = 0; i < known.Length; i++)
            {
                if (Fresh(keys[i], now) is not { } answer)
                {
                    return null;
                }

                known[i] = answer;
            }
        }

        return known;
    }

    /// <summary>The answer for a key, if it is as good as new. Called under the lock.</summary>
    private MattermostResult<T>? Fresh(string key, DateTimeOffset now) =>
        _entries.TryGetValue(key, out var node) && now < node.Value.FreshUntil ? node.Value.Result : null;

    private async Task<IReadOnlyDictionary<string, MattermostResult<T>>> FetchAsync(
        IReadOnlyList<string> keys, int generation, Fetch fetch)
    {
        try
        {
            var answers = await fetch(keys);
            lock (_lock)
            {
                return keys.ToDictionary(key => key, key => Learn(key, answers[key], generation == Generation), StringComparer.Ordinal);
            }
        }
        finally
        {
            lock (_lock)
            {
                // After something was forgotten, the keys noted as under way belong to later requests.
                if (generation == Generation)
                {
                    foreach (var key in keys)
                    {
                        _underWay.Remove(key);
                    }
                }
            }
        }
    }

    private MattermostResult<T> Learn(string key, MattermostResult<T> answer, bool remember)
    {
        switch (answer)
        {
            case MattermostResult<T>.Ok when remember:
                Store(key, answer, keep);
                break;
            case MattermostResult<T>.Refused { Error.StatusCode: 404 } when remember:
                Store(key, answer, Brief);
                break;
            case MattermostResult<T>.RateLimited or MattermostResult<T>.NotSent or MattermostResult<T>.Unknown:
                var now = clock.GetUtcNow();
                if (_entries.TryGetValue(key, out var node)
                    && node.Value is { Result: MattermostResult<T>.Ok } stale
                    && now - stale.LearnedAt <= keepStale)
                {
                    // Users would otherwise wait for a time-out at every look-up while the server is away.
                    stale.FreshUntil = now + Brief;
                    return stale.Result;
                }

                break;
        }

        return answer;
    }

    private void Store(string key, MattermostResult<T> result, TimeSpan fresh)
    {
        if (_entries.TryGetValue(key, out var old))
        {
            Remove(old);
        }

        var now = clock.GetUtcNow();
        _entries[key] = _oldestFirst.AddLast(new Entry(key, result, now) { FreshUntil = now + fresh });
        while (_entries.Count > capacity)
        {
            Remove(_oldestFirst.First!);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _oldestFirst.Remove(node);
        _entries.Remove(node.Value.Key);
    }

    private sealed class Entry(string key, MattermostResult<T> result, DateTimeOffset learnedAt)
    {
        public string Key { get; } = key;

        public MattermostResult<T> Result { get; } = result;

        public DateTimeOffset LearnedAt { get; } = learnedAt;

        public DateTimeOffset FreshUntil { get; set; }
    }
}
