using System.Runtime.InteropServices;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Devices;

/// <summary>Copies between host and device. To and from a CUDA device they go through pinned memory, which the device reads and writes by itself.</summary>
/// <remarks>
/// What a pass needs is copied without waiting: the device goes on with the pass before while the next one is planned and its copies are queued. libtorch keeps pinned memory until the copies from it are done.
/// </remarks>
internal static class HostTransfer
{
    /// <summary>Numbers on a device, in the current dispose scope.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="device">The device.</param>
    /// <param name="shape">The tensor's shape; none for a vector.</param>
    public static torch.Tensor ToDevice(int[] numbers, torch.Device device, params long[] shape)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return Move(torch.tensor(numbers), device, shape).MoveToOuterDisposeScope();
    }

    /// <inheritdoc cref="ToDevice(int[], torch.Device, long[])"/>
    public static torch.Tensor ToDevice(float[] numbers, torch.Device device, params long[] shape)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return Move(torch.tensor(numbers), device, shape).MoveToOuterDisposeScope();
    }

    /// <summary>Host memory for copies to or from a device, uninitialized, in the current dispose scope.</summary>
    public static torch.Tensor Staging(long[] shape, torch.ScalarType type, torch.Device device)
    {
        torch.Tensor pageable = torch.empty(shape, type, torch.CPU);
        if (device.type != DeviceType.CUDA)
        {
            return pageable;
        }

        using (pageable)
        {
            return pageable.pin_memory();
        }
    }

    /// <summary>The numbers of a float32 matrix on a device; waits until they are computed.</summary>
    public static float[] ToHost(torch.Tensor matrix)
    {
        using torch.Tensor staging = Staging(matrix.shape, torch.ScalarType.Float32, matrix.device);
        staging.copy_(matrix);
        var result = new float[staging.NumberOfElements];
        int rowLength = (int)staging.shape[1];

        // Tensor.bytes spans at most 2 GB.
        int rowsAtOnce = Math.Max(1, (1 << 28) / rowLength);
        for (int row = 0; row < staging.shape[0]; row += rowsAtOnce)
        {
            using torch.Tensor rows = staging.narrow(0, row, Math.Min(rowsAtOnce, staging.shape[0] - row));
            MemoryMarshal.Cast<byte, float>(rows.bytes).CopyTo(result.AsSpan(row * rowLength));
        }

        return result;
    }

    private static torch.Tensor Move(torch.Tensor onHost, torch.Device device, long[] shape)
    {
        torch.Tensor shaped = shape.Length == 0 ? onHost : onHost.view(shape);
        return device.type == DeviceType.CUDA ? shaped.pin_memory().to(device, non_blocking: true) : shaped.to(device);
    }
}
