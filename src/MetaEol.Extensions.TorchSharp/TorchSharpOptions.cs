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
    /// Several devices, in the place of <see cref="Device"/>: each gets the whole model, and work goes to the one that is free. Where one device does not hold the model,
    /// <see cref="DevicesPerReplica"/> of them share it. Default: none.
    /// </summary>
    public IList<string> Devices { get; set; } = [];

    /// <summary>
    /// How many of <see cref="Devices"/> that follow one another hold the model together, its layers split among them; at least 1, and a divisor of their number. Four devices and 2 make two replicas of the model.
    /// Default: 1.
    /// </summary>
    public int DevicesPerReplica { get; set; } = 1;

    /// <summary>Number type of the arithmetic. Default: float32.</summary>
    public TorchPrecision Precision { get; set; } = TorchPrecision.Float32;

    /// <summary>
    /// Whether float32 products on NVIDIA GPUs from 2020 on may round their inputs to TF32 (10 bits behind the point): several times the speed, and errors like those of <see cref="TorchPrecision.Float16"/>. For the
    /// whole process, and for <see cref="TorchPrecision.Float32"/> and <see cref="TorchPrecision.Int8"/> only. Default: false.
    /// </summary>
    public bool AllowTf32 { get; set; }

    /// <summary>
    /// Most token rows that are on the device in one pass through the layers, at least 1; a longer prompt is a pass of its own. Halved when the device runs out
    /// of memory, and doubled again after a while. Default: 4096.
    /// </summary>
    public int PassRows { get; set; } = 4096;

    /// <summary>Most bytes of keys and values of shared prefixes that stay on the devices of a replica between calls; 0 keeps none. Default: 512 MB.</summary>
    public long PrefixCacheBytes { get; set; } = 512L << 20;

    /// <summary>Threads of libtorch's CPU kernels, at least 1, for the whole process. Null (the default): the processors available to the process. Read for the device <c>cpu</c> only.</summary>
    public int? Threads { get; set; }

    /// <summary>The devices of each replica, that of the first layers first. For options that were checked.</summary>
    internal IReadOnlyList<DeviceName[]> Replicas => [.. AllDevices.Select(device => DeviceName.Parse(device)!.Value).Chunk(DevicesPerReplica)];

    private IList<string> AllDevices => Devices.Count > 0 ? Devices : [Device];

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
        foreach (string device in AllDevices.Where(device => DeviceName.Parse(device) is null))
        {
            yield return $"{nameof(TorchSharpOptions)}.{(Devices.Count > 0 ? nameof(Devices) : nameof(Device))}: '{device}' is not a device; write {DeviceName.Accepted}.";
        }

        if (Devices.Count > 0 && Device != AutomaticDevice)
        {
            yield return $"{nameof(TorchSharpOptions)}.{nameof(Device)} is '{Device}', and {nameof(Devices)} names {string.Join(", ", Devices)}; write one of the two.";
        }

        if (DevicesPerReplica < 1 || AllDevices.Count % DevicesPerReplica != 0)
        {
            yield return $"{nameof(TorchSharpOptions)}.{nameof(DevicesPerReplica)} is {DevicesPerReplica} with {AllDevices.Count} devices; it must be at least 1, and divide their number.";
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
