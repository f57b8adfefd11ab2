namespace MetaEol.Extensions.TorchSharp;

/// <summary>Number type of weights, matrix products and attention on the device. The residual stream, the norms and the pooling are float32 in each.</summary>
/// <remarks>
/// The errors are relative L2 errors of hidden states against float64, measured on the CPU: of the demo model, and of random models, which magnify rounding. On the CPU the 16-bit types are two to three
/// times slower than <see cref="Float32"/>: they are for GPUs.
/// </remarks>
public enum TorchPrecision
{
    /// <summary>IEEE 754 binary32: agrees with Hugging Face in float64 to a relative L2 error of 2e-5.</summary>
    Float32,

    /// <summary>The upper 16 bits of a binary32: half the memory, and made for GPUs from 2020 on. Error about 1e-2, on random models up to 5e-2.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary16: as <see cref="BFloat16"/>, for devices without it, and eight times as exact: error about 1e-3, on random models up to 1e-2. Hidden states beyond 65,504 overflow, which is an error.</summary>
    Float16,

    /// <summary>
    /// Weights in 8 bits with a float32 scale for each row and 128 columns, as the CPU encoder's <see cref="MetaEol.Llama.Encoders.Precision.Int8"/> has them: 1.03 bytes a weight. Read as they are where the model is stored so, else quantized on
    /// the way to the device. Products are those of <see cref="Float32"/>, with weights that are widened a part at a time. Error about 2e-2.
    /// </summary>
    Int8,
}
