namespace MetaEol.Cli.Embedding;

/// <summary>How vectors are written.</summary>
internal enum OutputFormat
{
    /// <summary>One JSON object per line: text or file, and vector.</summary>
    Jsonl,

    /// <summary>NumPy's format 1.0: a matrix <c>[texts × hidden]</c> of little-endian float32.</summary>
    Npy,

    /// <summary>One tensor <c>embeddings</c>, <c>[texts × hidden]</c>, F32.</summary>
    Safetensors,
}
