namespace MetaEol.Llama.Weights;

/// <summary>A weight that is NaN or infinite.</summary>
/// <param name="Tensor">The tensor's name, as the file has it.</param>
/// <param name="File">Full path of the file.</param>
/// <param name="Row">Row in the matrix.</param>
/// <param name="Column">Column in the matrix.</param>
/// <param name="Value">NaN, or positive or negative infinity.</param>
public sealed record NonFiniteWeight(string Tensor, string File, int Row, int Column, float Value);
