using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.TorchSharp;

/// <summary>What the encoder logs.</summary>
internal static partial class TorchLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The weights of the first {Layers} layers are on {Devices} in {Precision}: {Size}")]
    public static partial void Uploaded(ILogger logger, int layers, string devices, TorchPrecision precision, string size);

    [LoggerMessage(Level = LogLevel.Warning, Message = "'auto' found no GPU that libtorch can use, and takes the CPU, where the managed encoder is usually faster. For an NVIDIA GPU the application needs {Package}; write 'cpu' if the CPU is meant")]
    public static partial void NoGpu(ILogger logger, string package);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Precision} on the CPU is two to three times slower than Float32, and less exact: it saves memory only")]
    public static partial void SlowOnCpu(ILogger logger, TorchPrecision precision);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Device} is lost and taken out; {Left} are left for its work: {Reason}")]
    public static partial void DeviceLost(ILogger logger, string device, int left, string reason);
}
