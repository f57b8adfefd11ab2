namespace MetaEol.Evaluation.SentEval;

/// <summary>A classification task on frozen vectors.</summary>
/// <param name="Name">The task's name, one of <see cref="SentEvalFolder.TransferTaskNames"/>.</param>
/// <param name="Protocol">How it is trained and tested.</param>
/// <param name="ClassCount">Number of classes, at least 2.</param>
/// <param name="Train">The training examples; all examples under <see cref="TransferProtocol.NestedCrossValidation"/>.</param>
/// <param name="Dev">The development examples; empty unless <see cref="TransferProtocol.TrainDevTest"/>.</param>
/// <param name="Test">The test examples; empty under <see cref="TransferProtocol.NestedCrossValidation"/>.</param>
/// <remarks>Each part is sorted by length in words, then label, as SentEval does before it makes the folds.</remarks>
public sealed record TransferTask(
    string Name,
    TransferProtocol Protocol,
    int ClassCount,
    IReadOnlyList<TransferExample> Train,
    IReadOnlyList<TransferExample> Dev,
    IReadOnlyList<TransferExample> Test)
{
    /// <summary>The examples of all parts.</summary>
    public IEnumerable<TransferExample> Examples => Train.Concat(Dev).Concat(Test);
}
