namespace MetaEol.Llama.Weights;

/// <summary>Number type of a stored weight (safetensors <c>dtype</c>).</summary>
public enum WeightType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary16.</summary>
    Float16,

    /// <summary>The upper 16 bits of a binary32.</summary>
    BFloat16,

    /// <summary>Integers in -127 .. 127 with a float32 scale for each row and block of columns, as a quantized model has them (see <see cref="MetaEol.Llama.Quantization.ModelQuantizer"/>).</summary>
    Int8,
}
