using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace PmBot.Hosting;

/// <summary>
/// The bot's own metrics, for whatever listens to the meter <c>PmBot</c>. They carry no texts, and no tag's values grow with use.
/// <c>docs/observability.md</c> lists them all.
/// </summary>
public sealed class Telemetry
{
    /// <summary>The name of meter and source.</summary>
    public const string Name = "PmBot";

    private readonly Counter<long> _commands;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _scheduleFaults;

    /// <summary>Makes the instruments.</summary>
    public Telemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _commands = meter.CreateCounter<long>("pmbot.commands", "{command}", "Commands, posts with a word, buttons and dialogs, by what became of them.");
        _duration = meter.CreateHistogram(
            "pmbot.command.duration", "s", "From such a request to its answer.",
            advice: Buckets(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20));
        _lag = meter.CreateHistogram(
            "pmbot.schedule.lag", "s", "How long after its time a scheduled thing was done.",
            advice: Buckets(0.1, 0.5, 1, 5, 15, 60, 300, 1800, 3600, 21_600, 86_400));
        _scheduleFaults = meter.CreateCounter<long>("pmbot.schedule.faults", "{fault}", "Failed attempts to do what was due; it is tried again.");
    }

    /// <summary>The program's version, without the commit it was built from.</summary>
    public static string Version { get; } =
        typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Counts what was asked of the bot, and says in its span what became of it.</summary>
    /// <param name="activity">The span.</param>
    /// <param name="trigger">The slash command's word; <c>hook</c>, <c>action</c> or <c>dialog</c>.</param>
    /// <param name="verb">The verb, or what else tells them apart; a word of the code, never of the user.</param>
    /// <param name="outcome">See <see cref="CommandOutcome"/>.</param>
    /// <param name="took">From the request to the answer.</param>
    public void Command(Activity? activity, string trigger, string verb, string outcome, TimeSpan took)
    {
        activity?.SetTag("pmbot.trigger", trigger).SetTag("pmbot.verb", verb).SetTag("pmbot.outcome", outcome);
        _commands.Add(1, new("trigger", trigger), new("verb", verb), new("outcome", outcome));
        _duration.Record(took.TotalSeconds, new("trigger", trigger), new("verb", verb));
    }

    /// <summary>Records how late a scheduled thing was done.</summary>
    public void Lag(string kind, TimeSpan late) => _lag.Record(Math.Max(0, late.TotalSeconds), new KeyValuePair<string, object?>("kind", kind));

    /// <summary>Counts a failed attempt to do what was due for a subject of that kind.</summary>
    public void ScheduleFault(string kind) => _scheduleFaults.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <summary>How long an engine's commits take; null if nothing is measured.</summary>
    internal static Histogram<double>? Commits(Meter? meter) => meter?.CreateHistogram(
        "pmbot.store.commit", "s", "Time of a commit, the sync to disk included.", advice: Buckets(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5));

    /// <summary>Where the buckets of a histogram end, for those that do not choose their own.</summary>
    internal static InstrumentAdvice<T> Buckets<T>(params IReadOnlyList<T> boundaries)
        where T : struct => new() { HistogramBucketBoundaries = boundaries };
}

/// <summary>What became of a command, for metrics.</summary>
internal static class CommandOutcome
{
    /// <summary>It was carried out.</summary>
    public const string Done = "done";

    /// <summary>It was answered with a reason why it was not carried out.</summary>
    public const string Refused = "refused";

    /// <summary>Its verb is known, but something else that it needs was missing or wrong.</summary>
    public const string Incomplete = "incomplete";

    /// <summary>There is no such verb, word, or handler.</summary>
    public const string Unknown = "unknown";

    /// <summary>It was a post that is not for the bot.</summary>
    public const string Ignored = "ignored";

    /// <summary>The bot failed.</summary>
    public const string Fault = "fault";

    private const string Refusal = "nothing was changed";

    /// <summary>By the sentence with which the bot answers all that it refuses. What it only asks about or shows ahead says "yet".</summary>
    public static string Of(string? answer) =>
        answer?.Contains(Refusal, StringComparison.OrdinalIgnoreCase) == true
        && answer.Replace($"{Refusal} yet", "", StringComparison.OrdinalIgnoreCase).Contains(Refusal, StringComparison.OrdinalIgnoreCase) ? Refused : Done;
}
