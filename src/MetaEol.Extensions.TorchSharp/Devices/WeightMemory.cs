using MetaEol.Llama.Weights;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Devices;

/// <summary>How much memory a model's weights take on the devices, and what of it fits.</summary>
/// <param name="weights">The weights.</param>
/// <param name="devices">The devices, that of the first layers first; one may stand there several times.</param>
/// <param name="free">Free bytes of a device; null where nobody knows.</param>
internal sealed class WeightMemory(LlamaWeights weights, IReadOnlyList<torch.Device> devices, Func<torch.Device, long?> free)
{
    /// <summary>Free bytes of a device: on a GPU what the driver says, on the CPU and on MPS what the process may have in all.</summary>
    public static long? FreeOf(torch.Device device) =>
        device.type == DeviceType.CUDA ? CudaMemory.Free(device.index) : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>The device of a layer, where the first <paramref name="depth"/> layers are split over the devices: those above lie on the last.</summary>
    public static int DeviceOf(int layer, int depth, int devices) => layer < depth ? (int)((long)layer * devices / depth) : devices - 1;

    /// <summary>Bytes of the token embedding, which keeps the number type of the file, and of the first layers' matrices.</summary>
    public long Bytes(TorchPrecision precision, int depth) => BytesByDevice(precision, depth).Sum();

    /// <summary>Compares what the weights need with what the devices have, before anything is uploaded.</summary>
    /// <exception cref="OutOfMemoryException">They do not fit; the message says what would.</exception>
    public void Check(TorchPrecision precision, int depth)
    {
        if (!Fits(precision, depth))
        {
            throw new OutOfMemoryException(Explain(precision, depth));
        }
    }

    /// <summary>What is needed, what there is, and what would fit.</summary>
    public string Explain(TorchPrecision precision, int depth)
    {
        var has = devices.DistinctBy(device => device.ToString()).Select(device => $"{device} has {(free(device) is { } bytes ? Format(bytes) + " free" : "less")}");
        string[] precisions = [.. Enum.GetValues<TorchPrecision>().Where(other => Bytes(other, depth) < Bytes(precision, depth) && Fits(other, depth)).Select(other => $"{other} ({Format(Bytes(other, depth))})")];
        int deepest = Enumerable.Range(0, depth).LastOrDefault(layers => layers > 0 && Fits(precision, layers));
        string[] fitting =
        [
            .. precisions.Length > 0 ? [$"the precision {string.Join(" or ", precisions)}"] : Array.Empty<string>(),
            .. deepest > 0 ? [$"the first {deepest} layers in {precision} (Layer {deepest})"] : Array.Empty<string>(),
            "more devices",
        ];
        return $"The first {depth} of {weights.Layers.Count} layers and the token embedding take {Format(Bytes(precision, depth))} in {precision}; {string.Join(", ", has)}. What fits: {string.Join(", or ", fitting)}.";
    }

    /// <summary>Bytes in the unit that fits.</summary>
    public static string Format(long bytes) =>
        bytes >= 1L << 30 ? FormattableString.Invariant($"{bytes / (double)(1L << 30):0.##} GB") : FormattableString.Invariant($"{bytes / (double)(1L << 20):0.##} MB");

    private static long BytesOf(WeightMatrix matrix, TorchPrecision precision)
    {
        int blocks = (matrix.Columns + matrix.BlockColumns - 1) / matrix.BlockColumns;
        return matrix.Rows * (precision switch
        {
            TorchPrecision.Float32 => 4L * matrix.Columns,
            TorchPrecision.Int8 => (long)blocks * (matrix.BlockColumns + sizeof(float)),
            _ => 2L * matrix.Columns,
        });
    }

    private bool Fits(TorchPrecision precision, int depth)
    {
        long[] needed = BytesByDevice(precision, depth);
        return Enumerable.Range(0, devices.Count).GroupBy(i => devices[i].ToString(), i => i).All(same => free(devices[same.First()]) is not { } bytes || same.Sum(i => needed[i]) <= bytes);
    }

    private long[] BytesByDevice(TorchPrecision precision, int depth)
    {
        var needed = new long[devices.Count];
        needed[0] = weights.TokenEmbedding.ByteCount;
        for (int layer = 0; layer < depth; layer++)
        {
            LayerWeights of = weights.Layers[layer];
            foreach (WeightMatrix matrix in (WeightMatrix[])[of.Query, of.Key, of.Value, of.AttentionOutput, of.Gate, of.Up, of.Down])
            {
                needed[DeviceOf(layer, depth, devices.Count)] += BytesOf(matrix, precision);
            }
        }

        return needed;
    }
}
