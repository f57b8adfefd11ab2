namespace MetaEol.Extensions.TorchSharp.Devices;

/// <summary>Tells when a device runs out of memory.</summary>
internal static class DeviceMemory
{
    /// <summary>Whether an exception of libtorch says that an allocation failed.</summary>
    /// <remarks>TorchSharp brings every native error as an ExternalException; only the text tells them apart.</remarks>
    public static bool IsExhausted(Exception exception) =>
        exception is OutOfMemoryException
        || (exception is System.Runtime.InteropServices.ExternalException
            && (exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
                || exception.Message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase)));
}
