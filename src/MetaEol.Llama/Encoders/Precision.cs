namespace MetaEol.Llama.Encoders;

/// <summary>Arithmetic of the matrix products.</summary>
public enum Precision
{
    /// <summary>float32 products of the weights as stored: agrees with Hugging Face in float64 to a relative L2 error of 2e-5.</summary>
    Float32,

    /// <summary>8-bit weights and activations: two to three times as fast, a little less exact. The only one that a quantized model has.</summary>
    Int8,

    /// <summary>
    /// bfloat16 weights and activations with float32 sums: faster than float32 on processors that have AVX512_BF16, and an error on others. Relative error below 1e-2.
    /// </summary>
    BFloat16,

    /// <summary>The fastest of the others that this machine has, within the loss that the options allow (<see cref="CpuEncoderOptions.FastestMaximumError"/>).</summary>
    Fastest,
}
