using Microsoft.Extensions.Logging;

namespace MetaEol.AspNetCore.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class ListLogger : ILoggerProvider
{
    private readonly List<(string Category, string Line)> _lines = [];

    public IReadOnlyList<string> Lines(string category)
    {
        lock (_lines)
        {
            return [.. _lines.Where(line => category.Length == 0 || line.Category == category).Select(line => line.Line)];
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(ListLogger list, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lock (list._lines)
                {
                    list._lines.Add((category, $"{formatter(state, exception)} {exception}"));
                }
            }
        }
    }
}
