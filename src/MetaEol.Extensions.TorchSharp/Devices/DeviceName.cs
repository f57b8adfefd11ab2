using System.Globalization;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Devices;

/// <summary>A device as the options name it.</summary>
/// <param name="Type">The kind of device; null for <c>auto</c>.</param>
/// <param name="Index">Number of the CUDA device, 0 or more; 0 for all else.</param>
internal readonly record struct DeviceName(DeviceType? Type, int Index)
{
    /// <summary>What may be written, for messages.</summary>
    public const string Accepted = "auto, cpu, mps, cuda:0, cuda:1 (and so on)";

    /// <summary>Reads a name; case does not matter.</summary>
    /// <param name="text">The name.</param>
    /// <returns>The device; null if the text names none.</returns>
    public static DeviceName? Parse(string? text)
    {
        string[] parts = (text ?? "").ToLowerInvariant().Split(':');
        DeviceType? type = parts[0] switch { "cpu" => DeviceType.CPU, "mps" => DeviceType.MPS, "cuda" => DeviceType.CUDA, _ => null };
        int index = 0;
        bool known = type is not null || parts[0] == TorchSharpOptions.AutomaticDevice;
        bool numbered = parts.Length == 2 && type == DeviceType.CUDA && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index);
        return known && (parts.Length == 1 || numbered) ? new DeviceName(type, index) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Type switch
    {
        null => TorchSharpOptions.AutomaticDevice,
        DeviceType.CUDA => $"cuda:{Index}",
        _ => Type.Value.ToString().ToLowerInvariant(),
    };
}
