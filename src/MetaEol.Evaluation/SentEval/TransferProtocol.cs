namespace MetaEol.Evaluation.SentEval;

/// <summary>How SentEval trains and tests the classifier of a transfer task.</summary>
public enum TransferProtocol
{
    /// <summary>One collection: nested cross-validation; the outer folds give the accuracy, the inner ones choose the regularisation (MR, CR, SUBJ, MPQA).</summary>
    NestedCrossValidation,

    /// <summary>A training and a test part: cross-validation on the first chooses the regularisation (TREC, MRPC).</summary>
    TrainTest,

    /// <summary>A training, a development and a test part: the development part chooses the regularisation (SST2).</summary>
    TrainDevTest,
}
