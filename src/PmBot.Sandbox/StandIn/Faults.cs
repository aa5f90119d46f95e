namespace PmBot.Sandbox.StandIn;

/// <summary>What goes wrong with a call.</summary>
public abstract record FaultKind
{
    /// <summary>The call is served after a real pause.</summary>
    public sealed record Delay(TimeSpan Real) : FaultKind;

    /// <summary>Nothing is done; the answer is this status, with this JSON or an error in the server's form.</summary>
    public sealed record Status(int Code, string? Json = null) : FaultKind;

    /// <summary>Nothing is done; 429, and the limit is reset after so many seconds.</summary>
    public sealed record RateLimited(int ResetSeconds) : FaultKind;

    /// <summary>Nothing is done; the connection is aborted.</summary>
    public sealed record DropBefore : FaultKind;

    /// <summary>The call takes effect; then the connection is aborted, and the caller can't know.</summary>
    public sealed record DropAfter : FaultKind;
}

/// <summary>What a fault can look at: the path is with its query.</summary>
public sealed record FaultRequest(string Method, string Path, string Body);

/// <summary>A fault for the first calls that match, as often as <paramref name="Times"/> says.</summary>
public sealed record Fault(Func<FaultRequest, bool> Match, FaultKind Kind, int Times = 1)
{
    /// <summary>The share of the matching calls that it hits, 0 to 1; the others neither fail nor count.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>What the choice by <see cref="Rate"/> starts from, so that a run can be repeated.</summary>
    public int Seed { get; init; }
}

/// <summary>The faults that a test has scripted, in order. Only calls of the API and of response URLs are hit.</summary>
public sealed class Faults
{
    private readonly Lock _gate = new();
    private readonly List<Armed> _armed = [];
    private volatile bool _down;

    /// <summary>Whether the whole server is out of reach: every connection is aborted at once.</summary>
    public bool Down
    {
        get => _down;
        set => _down = value;
    }

    /// <summary>Adds a fault after the ones that are there.</summary>
    public void Add(Fault fault)
    {
        lock (_gate)
        {
            _armed.Add(new Armed(fault));
        }
    }

    /// <summary>Adds a fault for a method and the beginning of a path, such as <c>POST /api/v4/posts</c>.</summary>
    public void Add(string method, string pathPrefix, FaultKind kind, int times = 1) => Add(new Fault(
        request => request.Method == method && request.Path.StartsWith(pathPrefix, StringComparison.Ordinal), kind, times));

    /// <summary>Takes all faults away, and brings the server up.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _armed.Clear();
            _down = false;
        }
    }

    /// <summary>The fault that hits this call, if any; it is used up by it.</summary>
    internal FaultKind? Take(FaultRequest request)
    {
        lock (_gate)
        {
            var armed = _armed.Find(candidate => candidate.Hits(request));
            if (armed is null)
            {
                return null;
            }

            if (--armed.Left == 0)
            {
                _armed.Remove(armed);
            }

            return armed.Fault.Kind;
        }
    }

    private sealed class Armed(Fault fault)
    {
        // A seeded choice is wanted here, so that a failing run can be repeated; nothing secret depends on it.
#pragma warning disable CA5394
        private readonly Random _random = new(fault.Seed);

        public Fault Fault { get; } = fault;

        public int Left { get; set; } = fault.Times;

        public bool Hits(FaultRequest request) => Fault.Match(request) && (Fault.Rate >= 1 || _random.NextDouble() < Fault.Rate);
#pragma warning restore CA5394
    }
}
