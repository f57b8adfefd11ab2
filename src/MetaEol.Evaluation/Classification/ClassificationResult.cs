namespace MetaEol.Evaluation.Classification;

/// <summary>Accuracies of a classifier on frozen vectors.</summary>
/// <param name="DevAccuracy">Accuracy × 100 that chose the regularisation, 0 to 100; the mean over the outer folds in a nested cross-validation.</param>
/// <param name="TestAccuracy">Accuracy × 100 on the test examples, 0 to 100; the mean over the outer folds in a nested cross-validation.</param>
public sealed record ClassificationResult(double DevAccuracy, double TestAccuracy);
