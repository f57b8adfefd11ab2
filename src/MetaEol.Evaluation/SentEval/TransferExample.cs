namespace MetaEol.Evaluation.SentEval;

/// <summary>A labelled sentence, or pair of sentences, of a transfer task.</summary>
/// <param name="Text">The sentence: its words joined by single spaces.</param>
/// <param name="SecondText">The second sentence of a pair task (MRPC), else null.</param>
/// <param name="Label">The class, from 0.</param>
public readonly record struct TransferExample(string Text, string? SecondText, int Label);
