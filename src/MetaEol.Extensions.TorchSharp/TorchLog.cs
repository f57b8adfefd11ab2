using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.TorchSharp;

/// <summary>What the encoder logs.</summary>
internal static partial class TorchLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Uploaded the model's weights to {Devices} in {Precision}: {Size}")]
    public static partial void Loaded(ILogger logger, string devices, TorchPrecision precision, string size);
}
