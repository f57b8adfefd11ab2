namespace MetaEol.Extensions.TorchSharp;

/// <summary>Number type of weights, matrix products and attention on the device. The residual stream, the norms and the pooling are float32 in each.</summary>
public enum TorchPrecision
{
    /// <summary>IEEE 754 binary32: agrees with Hugging Face in float64 to a relative L2 error of 2e-5.</summary>
    Float32,

    /// <summary>The upper 16 bits of a binary32: half the memory, several times the speed on a GPU; relative L2 error below 1e-2.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary16: as <see cref="BFloat16"/>, for devices without it; hidden states beyond 65,504 overflow.</summary>
    Float16,
}
