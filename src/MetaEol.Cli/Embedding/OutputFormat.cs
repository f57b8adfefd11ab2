namespace MetaEol.Cli.Embedding;

/// <summary>How vectors are written.</summary>
internal enum OutputFormat
{
    /// <summary>One JSON object per line: text or file, and vector.</summary>
    Jsonl,

    /// <summary>NumPy's format 1.0: a matrix <c>[texts × dimensions]</c>, little-endian.</summary>
    Npy,

    /// <summary>One tensor <c>embeddings</c>, <c>[texts × dimensions]</c>.</summary>
    Safetensors,
}
