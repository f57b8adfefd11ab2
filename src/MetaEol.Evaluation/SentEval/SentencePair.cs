namespace MetaEol.Evaluation.SentEval;

/// <summary>Two sentences and how similar people found them.</summary>
/// <param name="First">The first sentence: its words joined by single spaces, as SentEval hands them to an encoder.</param>
/// <param name="Second">The second sentence, likewise.</param>
/// <param name="Score">The human score; 0 to 5 for the STS tasks, 1 to 5 for SICK. Only its rank matters.</param>
public readonly record struct SentencePair(string First, string Second, double Score);
