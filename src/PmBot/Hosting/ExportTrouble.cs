using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Globalization;

namespace PmBot.Hosting;

/// <summary>
/// Logs that an export failed, which the exporter tells nobody but those who listen to its events: the first time, and then once in ten minutes at
/// most, however often it fails.
/// </summary>
internal sealed partial class ExportTrouble : EventListener
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private const int Longest = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly ILogger _logger;
    private long _lastTold;
    private int _untold;

    public ExportTrouble(ILogger logger) => _logger = logger;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Exporter)
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // The base class may call this while it is made.
        if (_logger is null)
        {
            return;
        }

        int untold;
        lock (_lock)
        {
            if (_lastTold != 0 && Stopwatch.GetElapsedTime(_lastTold) < Pause)
            {
                _untold++;
                return;
            }

            (_lastTold, untold, _untold) = (Stopwatch.GetTimestamp(), _untold, 0);
        }

        Log.Failed(_logger, Reason(eventData), untold);
    }

    /// <summary>The first lines of what the exporter says: of an exception that is its type and message. What the receiver answered is left out.</summary>
    private static string Reason(EventWrittenEventArgs eventData)
    {
        var words = (eventData.Payload ?? new([])).Select((value, n) => (object)(eventData.PayloadNames?[n] == "response" ? "…" : FirstLine($"{value}"))).ToArray();
        return string.Format(CultureInfo.InvariantCulture, eventData.Message ?? eventData.EventName ?? "", words);
    }

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        line = line.IndexOfAny('\r', '\n') is >= 0 and var end ? line[..end] : line;
        return line.Length > Longest ? $"{line[..Longest]}…" : line.ToString();
    }

    private static partial class Log
    {
        [LoggerMessage(
            Level = LogLevel.Warning,
            Message = "Telemetry could not be exported; the bot works on without, and says so again in ten minutes at the earliest ({Untold} more failures since it last did). {Reason}")]
        public static partial void Failed(ILogger logger, string reason, int untold);
    }
}
