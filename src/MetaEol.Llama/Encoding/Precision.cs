namespace MetaEol.Llama.Encoding;

/// <summary>Arithmetic of the matrix products.</summary>
public enum Precision
{
    /// <summary>float32 products of the weights as stored: agrees with Hugging Face in float64 to a relative L2 error of 2e-5.</summary>
    Float32,

    /// <summary>8-bit weights and activations: about twice as fast, a little less exact.</summary>
    Int8,
}
