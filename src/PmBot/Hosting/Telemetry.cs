using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PmBot.Hosting;

/// <summary>The bot's own traces and metrics, for whatever listens to the source and the meter <c>PmBot</c>. They carry no texts.</summary>
public sealed class Telemetry : IDisposable
{
    /// <summary>The name of source and meter.</summary>
    public const string Name = "PmBot";

    private readonly Counter<long> _commands;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _lag;

    /// <summary>Makes the instruments.</summary>
    public Telemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _commands = meter.CreateCounter<long>("pmbot.commands", description: "Slash commands by trigger, verb and outcome");
        _duration = meter.CreateHistogram<double>("pmbot.command.duration", "s", "From the request to its answer");
        _lag = meter.CreateHistogram<double>("pmbot.schedule.lag", "s", "How long after its time a scheduled thing was done");
    }

    /// <summary>The source of activities.</summary>
    public ActivitySource Source { get; } = new(Name);

    /// <summary>Counts a command.</summary>
    public void Command(string trigger, string verb, string outcome, TimeSpan took)
    {
        _commands.Add(1, new("trigger", trigger), new("verb", verb), new("outcome", outcome));
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("verb", verb));
    }

    /// <summary>Records how late a scheduled thing was done.</summary>
    public void Lag(string kind, TimeSpan late) => _lag.Record(Math.Max(0, late.TotalSeconds), new KeyValuePair<string, object?>("kind", kind));

    /// <inheritdoc/>
    public void Dispose() => Source.Dispose();
}
