using MetaEol.Extensions.TorchSharp.Devices;

namespace MetaEol.Extensions.TorchSharp;

/// <summary>Options of the <see cref="TorchSharpPromptEncoder"/>.</summary>
public sealed class TorchSharpOptions
{
    /// <summary>The <see cref="Device"/> that stands for the first CUDA device where one is usable, else MPS on a Mac, else the CPU.</summary>
    public const string AutomaticDevice = "auto";

    /// <summary>The device, as libtorch names it: <c>cuda:0</c>, <c>cuda:1</c>, <c>mps</c>, <c>cpu</c>; or <c>auto</c>, the default.</summary>
    public string Device { get; set; } = AutomaticDevice;

    /// <summary>
    /// Further devices, for models that one does not hold: the layers are split into as many runs as there are devices, the first of them on
    /// <see cref="Device"/>. Default: none.
    /// </summary>
    public IList<string> FurtherDevices { get; set; } = [];

    /// <summary>Number type of the arithmetic. Default: float32.</summary>
    public TorchPrecision Precision { get; set; } = TorchPrecision.Float32;

    /// <summary>
    /// Most token rows that are on the device in one pass through the layers, at least 1; a longer prompt is a pass of its own. Halved when the device runs out
    /// of memory, and doubled again after a while. Default: 4096.
    /// </summary>
    public int PassRows { get; set; } = 4096;

    /// <summary>Most bytes of keys and values of shared prefixes that stay on the devices between calls; 0 keeps none. Default: 512 MB.</summary>
    public long PrefixCacheBytes { get; set; } = 512L << 20;

    /// <summary>Threads of libtorch's CPU kernels, at least 1, for the whole process. Null (the default): the processors available to the process. Read for the device <c>cpu</c> only.</summary>
    public int? Threads { get; set; }

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">Values are out of their range; the message names them all.</exception>
    internal void Validate()
    {
        if (Failures().ToArray() is { Length: > 0 } failures)
        {
            throw new ArgumentException(string.Join(" ", failures));
        }
    }

    /// <summary>What is wrong with the values, a sentence each.</summary>
    internal IEnumerable<string> Failures()
    {
        foreach (string device in (string[])[Device, .. FurtherDevices])
        {
            if (DeviceName.Parse(device) is null)
            {
                yield return $"{nameof(TorchSharpOptions)}: '{device}' is not a device; write {DeviceName.Accepted}.";
            }
        }

        if (!Enum.IsDefined(Precision))
        {
            yield return $"{nameof(TorchSharpOptions)}.{nameof(Precision)} is {(int)Precision}; write {string.Join(" or ", Enum.GetNames<TorchPrecision>())}.";
        }

        if (PassRows < 1)
        {
            yield return $"{nameof(TorchSharpOptions)}.{nameof(PassRows)} is {PassRows}; it must be at least 1.";
        }

        if (PrefixCacheBytes < 0)
        {
            yield return $"{nameof(TorchSharpOptions)}.{nameof(PrefixCacheBytes)} is {PrefixCacheBytes}; it must be 0 (no cache) or more.";
        }

        if (Threads is < 1)
        {
            yield return $"{nameof(TorchSharpOptions)}.{nameof(Threads)} is {Threads}; it must be at least 1, or null.";
        }
    }
}
