using System.Runtime.InteropServices;

namespace MetaEol.Extensions.TorchSharp.Devices;

/// <summary>Tells when a device runs out of memory.</summary>
internal static class DeviceMemory
{
    /// <summary>How libtorch and the libraries below it say that an allocation failed.</summary>
    private static readonly string[] Sentences =
    [
        "out of memory",            // CUDA, MPS, HIP
        "can't allocate memory",    // the CPU on Linux and macOS
        "not enough memory",        // the CPU on Windows
        "bad_alloc",                // native code without a sentence of its own
        "_ALLOC_FAILED",            // cuBLAS, cuDNN, cuSPARSE, cuSOLVER
        "cudaErrorMemoryAllocation",
        "cublasCreate",             // cuBLAS, which needs memory of its own before the first product
    ];

    /// <summary>Whether an exception, or what caused it, says that an allocation failed.</summary>
    /// <remarks>TorchSharp brings every native error as an <see cref="ExternalException"/>; only the text tells them apart.</remarks>
    public static bool IsExhausted(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is OutOfMemoryException || (cause is ExternalException && Array.Exists(Sentences, sentence => cause.Message.Contains(sentence, StringComparison.OrdinalIgnoreCase))))
            {
                return true;
            }
        }

        return false;
    }
}
