namespace MetaEol.Evaluation.SentEval;

/// <summary>One of the collections of pairs that make up an STS task.</summary>
/// <param name="Name">SentEval's name of it, for example <c>MSRpar</c>.</param>
/// <param name="Pairs">Its pairs that have a score, in the order of the file.</param>
public sealed record StsSubset(string Name, IReadOnlyList<SentencePair> Pairs);
