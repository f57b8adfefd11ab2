namespace MetaEol.Llama.Quantization;

/// <summary>What <see cref="ModelQuantizer"/> made.</summary>
/// <param name="Folder">Full path of the folder.</param>
/// <param name="Files">Names of the files with weights, in their order.</param>
/// <param name="Bytes">Their length together.</param>
/// <param name="SourceBytes">Length of the files that they were made of.</param>
/// <param name="WrittenBytes">How much of <see cref="Bytes"/> this run wrote; the rest was there from an interrupted one.</param>
public sealed record QuantizedModel(string Folder, IReadOnlyList<string> Files, long Bytes, long SourceBytes, long WrittenBytes);
