namespace MetaEol.Llama.Quantization;

/// <summary>How far quantizing a model is.</summary>
/// <param name="File">Name of the file at hand.</param>
/// <param name="Bytes">Bytes that are done, over all files; those of files that an earlier run wrote included.</param>
/// <param name="TotalBytes">Bytes of all files.</param>
public readonly record struct QuantizeProgress(string File, long Bytes, long TotalBytes);
