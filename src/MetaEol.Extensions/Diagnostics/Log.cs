using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Diagnostics;

/// <summary>What the generator logs. Texts of users appear at Trace only.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Loaded {ModelId} in {Milliseconds:F0} ms: {Layers} layers, {HiddenSize} dimensions, context {Context} tokens.")]
    public static partial void Loaded(this ILogger logger, string modelId, double milliseconds, int layers, int hiddenSize, int context);

    [LoggerMessage(2, LogLevel.Error, "Loading {ModelId} failed; the next call tries again.")]
    public static partial void LoadFailed(this ILogger logger, string modelId, Exception exception);

    [LoggerMessage(3, LogLevel.Debug, "{Texts} texts, {Templates} templates of {TemplateSet}, layer {Layer}: {Tokens} tokens in {Milliseconds:F1} ms.")]
    public static partial void Generated(this ILogger logger, int texts, int templates, string templateSet, string layer, long tokens, double milliseconds);

    [LoggerMessage(4, LogLevel.Debug, "Text {Index} is cut from {Length} to {Kept} characters to fit.")]
    public static partial void Truncated(this ILogger logger, int index, int length, int kept);

    [LoggerMessage(5, LogLevel.Trace, "Text {Index}: {Text}", SkipEnabledCheck = true)]
    public static partial void Text(this ILogger logger, int index, string text);

    [LoggerMessage(6, LogLevel.Warning, "The configuration of {ModelId} cannot be read, so its dimensions are unknown.")]
    public static partial void MetadataFailed(this ILogger logger, string modelId, Exception exception);

    [LoggerMessage(7, LogLevel.Debug, "Sparse vectors of {Texts} texts, {Templates} templates of {TemplateSet}, layer {Layer}: {Tokens} tokens in {Milliseconds:F1} ms.")]
    public static partial void GeneratedSparse(this ILogger logger, int texts, int templates, string templateSet, int layer, long tokens, double milliseconds);

    [LoggerMessage(20, LogLevel.Information, "Computing the basis of the filter of dimensions for {Folder}, once.")]
    public static partial void ComputingBasis(this ILogger logger, string folder);

    [LoggerMessage(21, LogLevel.Information, "Computed the basis in {Seconds:F1} s and kept it in {Path}.")]
    public static partial void KeptBasis(this ILogger logger, string path, double seconds);

    [LoggerMessage(22, LogLevel.Warning, "The basis of the filter of dimensions cannot be kept in {Folder}, so every process computes it anew: set CacheFolder or METAEOL_CACHE to a folder that can be written.")]
    public static partial void BasisNotKept(this ILogger logger, string folder, Exception exception);

    [LoggerMessage(8, LogLevel.Debug, "Reranked {Passages} passages: {Tokens} tokens in {Milliseconds:F1} ms.")]
    public static partial void Reranked(this ILogger logger, int passages, long tokens, double milliseconds);
}
