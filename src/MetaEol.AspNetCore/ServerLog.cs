using Microsoft.Extensions.Logging;

namespace MetaEol.AspNetCore;

/// <summary>What the endpoints log: one line a request, never a text.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "{Method} {Path} {Status}: model {Model}, {Texts} texts, {Tokens} tokens, waited {QueueMilliseconds:F1} ms, computed {InferenceMilliseconds:F1} ms, {Milliseconds:F1} ms in all.")]
    public static partial void Answered(
        this ILogger logger, string method, string path, int status, string? model, int texts, long tokens, double queueMilliseconds, double inferenceMilliseconds, double milliseconds);

    [LoggerMessage(2, LogLevel.Error, "A request failed inside the server.")]
    public static partial void Failed(this ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Information, "All models are loaded: ready.")]
    public static partial void Ready(this ILogger logger);

    [LoggerMessage(4, LogLevel.Error, "A model cannot be loaded; requests for it fail, and try again.")]
    public static partial void LoadFailed(this ILogger logger, Exception exception);
}
