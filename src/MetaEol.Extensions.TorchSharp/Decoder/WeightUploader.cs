using MetaEol.Llama.Weights;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>Copies matrices from the mapped file to a device, a few megabytes at a time: neither managed memory nor the host ever holds a whole one.</summary>
internal static class WeightUploader
{
    /// <summary>Bytes of the piece of host memory that a matrix passes through.</summary>
    private const long StagingBytes = 16L << 20;

    /// <summary>One tensor <c>[sum of rows × columns]</c> of several matrices with the same columns: projections of the same input become one product.</summary>
    public static torch.Tensor Upload(torch.Device device, torch.ScalarType type, params ReadOnlySpan<WeightMatrix> parts)
    {
        long rows = 0;
        foreach (WeightMatrix part in parts)
        {
            rows += part.Rows;
        }

        torch.Tensor whole = torch.empty([rows, parts[0].Columns], type, device);
        long first = 0;
        foreach (WeightMatrix part in parts)
        {
            using torch.Tensor target = whole.narrow(0, first, part.Rows);
            Copy(part, target);
            first += part.Rows;
        }

        return whole;
    }

    /// <summary>A vector, or several behind one another, as a tensor; null if all are.</summary>
    public static torch.Tensor? Upload(torch.Device device, torch.ScalarType type, params float[]?[] parts)
    {
        if (Array.TrueForAll(parts, part => part is null))
        {
            return null;
        }

        float[] whole = [.. parts.SelectMany(part => part!)];
        using torch.Tensor staging = torch.tensor(whole);
        return staging.to(type, device, copy: true);
    }

    /// <summary>libtorch's number type of a stored weight.</summary>
    public static torch.ScalarType TypeOf(WeightType type) => type switch
    {
        WeightType.Float16 => torch.ScalarType.Float16,
        WeightType.BFloat16 => torch.ScalarType.BFloat16,
        _ => torch.ScalarType.Float32,
    };

    private static void Copy(WeightMatrix source, torch.Tensor target)
    {
        long rowBytes = (long)source.Columns * source.ElementSize;
        int rowsAtOnce = (int)Math.Clamp(StagingBytes / rowBytes, 1, source.Rows);
        using torch.Tensor staging = torch.empty([rowsAtOnce, source.Columns], TypeOf(source.Type), torch.CPU);
        for (int row = 0; row < source.Rows; row += rowsAtOnce)
        {
            int count = Math.Min(rowsAtOnce, source.Rows - row);
            using torch.Tensor piece = staging.narrow(0, 0, count);
            source.GetRowBytes(row, count).CopyTo(piece.bytes);
            using torch.Tensor place = target.narrow(0, row, count);

            // Converts the number type, too, and has read the staging memory when it returns.
            place.copy_(piece);
        }
    }
}
