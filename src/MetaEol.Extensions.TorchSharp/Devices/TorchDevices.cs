using System.Runtime.InteropServices;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Devices;

/// <summary>Finds the devices that the options name, and says what is missing where one cannot be used.</summary>
internal static class TorchDevices
{
    /// <summary>The devices of the options, the one of the first layers first; each is known to hold a tensor of the precision and to compute with it.</summary>
    /// <exception cref="InvalidOperationException">A device cannot be used; the message says which package brings it.</exception>
    public static IReadOnlyList<torch.Device> Open(TorchSharpOptions options)
    {
        var devices = new List<torch.Device>();
        foreach (string name in (string[])[options.Device, .. options.FurtherDevices])
        {
            devices.Add(Open(name, options.Precision));
        }

        return devices;
    }

    /// <summary>libtorch's number type of a precision.</summary>
    public static torch.ScalarType ScalarType(TorchPrecision precision) => precision switch
    {
        TorchPrecision.BFloat16 => torch.ScalarType.BFloat16,
        TorchPrecision.Float16 => torch.ScalarType.Float16,
        _ => torch.ScalarType.Float32,
    };

    /// <summary>The package that brings libtorch for a device to an application on this operating system.</summary>
    public static string PackageFor(string device)
    {
        if (!device.StartsWith("cuda", StringComparison.OrdinalIgnoreCase))
        {
            return "TorchSharp-cpu";
        }

        return RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "TorchSharp-cuda-windows" : "TorchSharp-cuda-linux";
    }

    private static torch.Device Open(string name, TorchPrecision precision)
    {
        try
        {
            torch.Device device = torch.device(name == TorchSharpOptions.AutomaticDevice ? BestDevice() : name);
            TryOut(device, precision);
            return device;
        }
        catch (Exception exception)
        {
            // TorchSharp reports a missing library, device or number type with half a dozen exception types, several of them through type initializers.
            throw new InvalidOperationException(Explain(name, precision, exception), exception);
        }
    }

    private static string BestDevice()
    {
        if (torch.cuda.is_available())
        {
            return "cuda:0";
        }

        return torch.mps_is_available() ? "mps" : "cpu";
    }

    private static void TryOut(torch.Device device, TorchPrecision precision)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor one = torch.ones([1, 8], ScalarType(precision), device);
        torch.nn.functional.linear(one, one).to(torch.ScalarType.Float32, torch.CPU).item<float>();
    }

    private static string Explain(string name, TorchPrecision precision, Exception exception)
    {
        Exception cause = exception.GetBaseException();
        string reason = cause.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(cause.GetType().Name);
        string wanted = name == TorchSharpOptions.AutomaticDevice ? "cpu" : name;
        return $"libtorch cannot compute in {precision} on the device '{name}': {reason} " +
            $"The application needs the package {PackageFor(wanted)} of TorchSharp's version for '{wanted}'" +
            (name == TorchSharpOptions.AutomaticDevice ? $", or {PackageFor("cuda")} for a GPU." : ", a device and driver that it supports, and a number type that the device has (Float32 always works).");
    }
}
