namespace MetaEol.Llama.Tokenization;

/// <summary>A part of a text between added tokens, or an added token.</summary>
/// <param name="Start">First index.</param>
/// <param name="End">Index behind the last.</param>
/// <param name="Id">The token's id, or -1 for text.</param>
internal readonly record struct TextSegment(int Start, int End, int Id);
