using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>A record of the log, with all that a provider gets to see of it.</summary>
internal sealed record LogLine(string Category, LogLevel Level, string Message, IReadOnlyDictionary<string, string> Values, string Exception)
{
    public override string ToString() =>
        $"{Level} {Category}: {Message} {string.Join(", ", Values.Select(v => $"{v.Key}={v.Value}"))} {Exception}";
}

/// <summary>Keeps everything that is logged, from trace on.</summary>
internal sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyList<LogLine> Lines => [.. _lines];

    /// <summary>The bot's own records, from warnings on.</summary>
    public IReadOnlyList<LogLine> Warnings => [.. _lines.Where(l => l.Level >= LogLevel.Warning && l.Category.StartsWith("PmBot.", StringComparison.Ordinal))];

    public void Clear() => _lines.Clear();

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

    public void Dispose()
    {
        // The lines are read after the bot is gone.
    }

    private sealed class Logger(string category, ConcurrentQueue<LogLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = (state as IEnumerable<KeyValuePair<string, object?>> ?? []).Where(v => v.Key != "{OriginalFormat}")
                .GroupBy(v => v.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => $"{g.Last().Value}", StringComparer.Ordinal);
            lines.Enqueue(new LogLine(category, logLevel, formatter(state, exception), values, exception?.ToString() ?? ""));
        }
    }
}
