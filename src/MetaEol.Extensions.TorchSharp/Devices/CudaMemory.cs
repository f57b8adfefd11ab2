using System.Runtime.InteropServices;

namespace MetaEol.Extensions.TorchSharp.Devices;

/// <summary>Asks NVIDIA's driver for a device's free memory, which TorchSharp does not tell.</summary>
internal static class CudaMemory
{
    private delegate int GetDevice(out int device, int ordinal);

    private delegate int RetainContext(out nint context, int device);

    private delegate int ReleaseContext(int device);

    private delegate int PushContext(nint context);

    private delegate int PopContext(out nint context);

    private delegate int GetMemory(out nuint free, out nuint total);

    /// <summary>Free bytes of a device that libtorch has used already; null where the driver does not say.</summary>
    /// <param name="ordinal">Number of the device, as in <c>cuda:0</c>.</param>
    public static long? Free(int ordinal)
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out nint driver))
        {
            return null;
        }

        try
        {
            // libtorch works in the device's primary context, whose memory is meant.
            if (Get<GetDevice>("cuDeviceGet")(out int device, ordinal) != 0 || Get<RetainContext>("cuDevicePrimaryCtxRetain")(out nint context, device) != 0)
            {
                return null;
            }

            try
            {
                return Get<PushContext>("cuCtxPushCurrent_v2")(context) == 0 ? FreeOfCurrentContext() : null;
            }
            finally
            {
                Get<ReleaseContext>("cuDevicePrimaryCtxRelease_v2")(device);
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
        finally
        {
            NativeLibrary.Free(driver);
        }

        long? FreeOfCurrentContext()
        {
            int result = Get<GetMemory>("cuMemGetInfo_v2")(out nuint free, out _);
            Get<PopContext>("cuCtxPopCurrent_v2")(out _);
            return result == 0 ? (long)free : null;
        }

        T Get<T>(string name) => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(driver, name));
    }
}
