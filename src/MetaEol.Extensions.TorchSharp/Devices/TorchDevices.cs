using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Devices;

/// <summary>Finds the devices that the options name, and says what is missing where one cannot be used.</summary>
internal static class TorchDevices
{
    private static readonly Lock Gate = new();

    /// <summary>Opens devices; each is known to hold a tensor of the precision and to compute with it.</summary>
    /// <param name="names">The devices.</param>
    /// <param name="precision">The precision.</param>
    /// <param name="logger">Receives warnings.</param>
    /// <exception cref="InvalidOperationException">A device cannot be used; the message says why, and what brings it.</exception>
    public static IReadOnlyList<torch.Device> Open(IEnumerable<DeviceName> names, TorchPrecision precision, ILogger logger)
    {
        // One after another: TorchSharp loads its libraries at the first use of each kind of device.
        lock (Gate)
        {
            return OpenAll(names, precision, logger);
        }
    }

    /// <summary>libtorch's number type of a precision.</summary>
    public static torch.ScalarType ScalarType(TorchPrecision precision) => precision switch
    {
        TorchPrecision.BFloat16 => torch.ScalarType.BFloat16,
        TorchPrecision.Float16 => torch.ScalarType.Float16,
        _ => torch.ScalarType.Float32,
    };

    /// <summary>Computes a little on a device.</summary>
    /// <exception cref="Exception">The device, or libtorch, does not do it.</exception>
    public static void TryOut(torch.Device device, TorchPrecision precision)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor one = torch.ones([1, 8], ScalarType(precision), device);
        torch.nn.functional.linear(one, one).to(torch.ScalarType.Float32, torch.CPU).item<float>();
    }

    /// <summary>The first sentence of what libtorch says; behind it come a trace of the load, or of native frames.</summary>
    public static string ReasonOf(Exception exception)
    {
        Exception cause = exception.GetBaseException();
        string line = cause.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(cause.GetType().Name);
        return line.Replace(" Trace from LoadNativeBackend:", "", StringComparison.Ordinal).TrimEnd('.') + ".";
    }

    private static List<torch.Device> OpenAll(IEnumerable<DeviceName> names, TorchPrecision precision, ILogger logger)
    {
        FindLibrary();
        var devices = new List<torch.Device>();
        foreach (DeviceName name in names)
        {
            torch.Device device = Open(name, precision);
            devices.Add(device);
            if (name.Type is null && device.type == DeviceType.CPU)
            {
                TorchLog.NoGpu(logger, PackageFor(DeviceType.CUDA));
            }

            if (device.type == DeviceType.CPU && precision is TorchPrecision.BFloat16 or TorchPrecision.Float16)
            {
                TorchLog.SlowOnCpu(logger, precision);
            }
        }

        return devices;
    }

    /// <summary>The package that brings libtorch for a kind of device to an application on this operating system.</summary>
    private static string PackageFor(DeviceType type)
    {
        if (type != DeviceType.CUDA)
        {
            return "TorchSharp-cpu";
        }

        return RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "TorchSharp-cuda-windows" : "TorchSharp-cuda-linux";
    }

    /// <summary>Looks for libtorch where TorchSharp does, but without the page that TorchSharp writes to the console where there is none.</summary>
    private static void FindLibrary()
    {
        // In a notebook TorchSharp lies in the folder of packages, and finds libtorch there by itself.
        string home = Path.GetDirectoryName(typeof(torch).Assembly.Location) ?? "";
        bool inPackages = home.Contains(Path.Combine("torchsharp", Version.ToString(3)), StringComparison.OrdinalIgnoreCase);

        // On Windows the second does not find the first by itself.
        Load("torch_cpu");
        if (!Load("LibTorchSharp") && !inPackages)
        {
            throw new InvalidOperationException(
                $"libtorch is missing or cannot be loaded. The application needs the package {PackageFor(DeviceType.CPU)} {Version.ToString(3)}, or {PackageFor(DeviceType.CUDA)} {Version.ToString(3)} for an NVIDIA GPU.");
        }

        static bool Load(string library) => NativeLibrary.TryLoad(library, typeof(torch).Assembly, null, out _);
    }

    private static Version Version => typeof(torch).Assembly.GetName().Version!;

    private static torch.Device Open(DeviceName name, TorchPrecision precision)
    {
        try
        {
            name = name.Type is null ? Best() : name;
            if (name.Type == DeviceType.CUDA)
            {
                CheckCuda(name);
            }
            else if (name.Type == DeviceType.MPS && !torch.mps_is_available())
            {
                throw new InvalidOperationException("The device 'mps' is that of Macs with Apple silicon; write 'cpu' here, or 'auto'.");
            }

            var device = torch.device(name.ToString());
            TryOut(device, precision);
            return device;
        }
        catch (Exception exception) when (exception is not InvalidOperationException { InnerException: null })
        {
            // TorchSharp reports a missing library, device or number type with half a dozen exception types, several of them through type initializers.
            throw new InvalidOperationException($"libtorch cannot compute in {precision} on the device '{name}': {ReasonOf(exception)} Float32 always works.", exception);
        }
    }

    private static DeviceName Best()
    {
        if (torch.cuda.is_available())
        {
            return new DeviceName(DeviceType.CUDA, 0);
        }

        return new DeviceName(torch.mps_is_available() ? DeviceType.MPS : DeviceType.CPU, 0);
    }

    private static void CheckCuda(DeviceName name)
    {
        if (!torch.cuda.is_available())
        {
            throw new InvalidOperationException(
                $"libtorch finds no CUDA device, and '{name}' is wanted. The application needs the package {PackageFor(DeviceType.CUDA)} {Version.ToString(3)} (in the place of {PackageFor(DeviceType.CPU)}), " +
                "and the machine an NVIDIA GPU with a driver for CUDA 12.8, which nvidia-smi shows.");
        }

        int count = torch.cuda.device_count();
        if (name.Index >= count)
        {
            throw new InvalidOperationException($"There is no device '{name}': libtorch finds {count}, cuda:0 .. cuda:{count - 1}.");
        }
    }
}
