using System.Runtime.InteropServices;
using MetaEol.Extensions.TorchSharp.Devices;
using MetaEol.Llama.Weights;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>Copies matrices from the mapped file to a device, a few megabytes at a time: neither managed memory nor the host ever holds a whole one.</summary>
internal static class WeightUploader
{
    /// <summary>Bytes of the piece of host memory that a matrix passes through.</summary>
    private const long StagingBytes = 16L << 20;

    /// <summary>One matrix <c>[sum of rows × columns]</c> of several with the same columns: projections of the same input become one product.</summary>
    public static DeviceMatrix Upload(torch.Device device, TorchPrecision precision, params ReadOnlySpan<WeightMatrix> parts)
    {
        long rows = 0;
        foreach (WeightMatrix part in parts)
        {
            rows += part.Rows;
        }

        int columns = parts[0].Columns;
        if (precision != TorchPrecision.Int8)
        {
            torch.Tensor whole = torch.empty([rows, columns], TorchDevices.ScalarType(precision), device);
            long row = 0;
            foreach (WeightMatrix part in parts)
            {
                using torch.Tensor target = whole.narrow(0, row, part.Rows);
                Copy(part, target);
                row += part.Rows;
            }

            return new DeviceMatrix(whole);
        }

        int block = parts[0].BlockColumns;
        int blocks = (columns + block - 1) / block;
        torch.Tensor numbers = torch.empty([rows, blocks, block], torch.ScalarType.Int8, device);
        torch.Tensor scales = torch.empty([rows, blocks, 1], torch.ScalarType.Float32, device);
        long first = 0;
        foreach (WeightMatrix part in parts)
        {
            using torch.Tensor numbersOfPart = numbers.narrow(0, first, part.Rows);
            using torch.Tensor scalesOfPart = scales.narrow(0, first, part.Rows);
            CopyInt8(part, numbersOfPart, scalesOfPart);
            first += part.Rows;
        }

        return new DeviceMatrix(numbers, scales, columns);
    }

    /// <summary>A matrix as it is stored, which is no 8-bit one.</summary>
    public static torch.Tensor UploadAsStored(torch.Device device, WeightMatrix matrix)
    {
        torch.Tensor whole = torch.empty([matrix.Rows, matrix.Columns], TypeOf(matrix.Type), device);
        Copy(matrix, whole);
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
    private static torch.ScalarType TypeOf(WeightType type) => type switch
    {
        WeightType.Float16 => torch.ScalarType.Float16,
        WeightType.BFloat16 => torch.ScalarType.BFloat16,
        _ => torch.ScalarType.Float32,
    };

    private static void Copy(WeightMatrix source, torch.Tensor target)
    {
        // 8-bit rows do not lie behind one another in the file: they are widened one by one.
        int elementSize = source.Type == WeightType.Int8 ? sizeof(float) : source.ElementSize;
        int rowsAtOnce = (int)Math.Clamp(StagingBytes / ((long)source.Columns * elementSize), 1, source.Rows);
        using torch.Tensor staging = HostTransfer.Staging([rowsAtOnce, source.Columns], TypeOf(source.Type), target.device);
        for (int row = 0; row < source.Rows; row += rowsAtOnce)
        {
            int count = Math.Min(rowsAtOnce, source.Rows - row);
            using torch.Tensor piece = staging.narrow(0, 0, count);
            if (source.Type == WeightType.Int8)
            {
                Span<float> widened = MemoryMarshal.Cast<byte, float>(piece.bytes);
                for (int i = 0; i < count; i++)
                {
                    source.ReadRow(row + i, widened[(i * source.Columns)..]);
                }
            }
            else
            {
                source.GetRowBytes(row, count).CopyTo(piece.bytes);
            }

            // Converts the number type, too, and has read the staging memory when it returns.
            using torch.Tensor place = target.narrow(0, row, count);
            place.copy_(piece);
        }
    }

    private static void CopyInt8(WeightMatrix source, torch.Tensor numbers, torch.Tensor scales)
    {
        int width = (int)(numbers.shape[1] * numbers.shape[2]);
        int blocks = (int)scales.shape[1];
        int rowsAtOnce = (int)Math.Clamp(StagingBytes / width, 1, source.Rows);
        var stagedNumbers = new sbyte[rowsAtOnce * width];
        var stagedScales = new float[rowsAtOnce * blocks];
        for (int row = 0; row < source.Rows; row += rowsAtOnce)
        {
            int first = row;
            int count = Math.Min(rowsAtOnce, source.Rows - row);

            // What fills up the last block of a row stays zero.
            Parallel.For(0, count, i => source.ReadRow(first + i, stagedNumbers.AsSpan(i * width), stagedScales.AsSpan(i * blocks)));
            using DisposeScope scope = torch.NewDisposeScope();
            numbers.narrow(0, row, count).copy_(torch.tensor(stagedNumbers).narrow(0, 0, (long)count * width).view(count, blocks, -1));
            scales.narrow(0, row, count).copy_(torch.tensor(stagedScales).narrow(0, 0, (long)count * blocks).view(count, blocks, 1));
        }
    }
}
