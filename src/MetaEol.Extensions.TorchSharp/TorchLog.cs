using MetaEol.Llama.Planning;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.TorchSharp;

/// <summary>What the encoder logs.</summary>
internal static partial class TorchLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Uploaded the model's weights to {Devices} in {Precision}: {Size}")]
    public static partial void Loaded(ILogger logger, string devices, TorchPrecision precision, string size);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Pass: {Plan}; {Rows} rows on the device, the rest from the prefix cache")]
    public static partial void Planned(ILogger logger, EncodePlan plan, int rows);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Devices} ran out of memory; going on with {Budget} rows per pass and an empty prefix cache: {Reason}")]
    public static partial void MemoryExhausted(ILogger logger, string devices, int budget, string reason);
}
