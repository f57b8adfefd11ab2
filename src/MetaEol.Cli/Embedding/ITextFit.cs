namespace MetaEol.Cli.Embedding;

/// <summary>Measures texts against a model's context.</summary>
internal interface ITextFit
{
    /// <summary>How much of each text fits in every template.</summary>
    Task<IReadOnlyList<FittedText>> MeasureAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken);
}
