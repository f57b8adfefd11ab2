namespace MetaEol.Evaluation.Tuning;

/// <summary>A question and the passage that answers it.</summary>
/// <param name="Question">The question.</param>
/// <param name="Passage">The passage; the other questions' passages are what it competes with.</param>
public readonly record struct TuneQuestion(string Question, string Passage);
