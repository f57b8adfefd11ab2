namespace MetaEol.Evaluation.Classification;

/// <summary>How a <see cref="LogisticRegression"/> is trained. The defaults are those of SentEval's default configuration.</summary>
public sealed record LogisticRegressionOptions
{
    /// <summary>Weight decay: what Adam adds to the gradient of every parameter, as a multiple of the parameter.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Adam's step size.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Examples per step (<c>batch_size</c>).</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Passes over the training examples between two looks at the development examples (<c>epoch_size</c>).</summary>
    public int EpochsPerCheck { get; init; } = 4;

    /// <summary>Looks without a better accuracy after which the training ends, one more than this (<c>tenacity</c>).</summary>
    public int Tenacity { get; init; } = 5;

    /// <summary>Passes after which no further round begins (<c>max_epoch</c>).</summary>
    public int MaxEpochs { get; init; } = 200;

    /// <summary>Seed of the initial weights and of the order of the examples.</summary>
    public uint Seed { get; init; } = 1111;
}
