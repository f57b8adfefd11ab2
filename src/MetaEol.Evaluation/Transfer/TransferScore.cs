namespace MetaEol.Evaluation.Transfer;

/// <summary>Score of one transfer task.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="DevAccuracy">Accuracy × 100 by which the regularisation was chosen, 0 to 100.</param>
/// <param name="Accuracy">Accuracy × 100 on the test examples (the outer folds for MR, CR, SUBJ and MPQA), 0 to 100: what papers report.</param>
/// <param name="TestCount">Number of examples tested.</param>
public sealed record TransferScore(string Task, double DevAccuracy, double Accuracy, int TestCount);
