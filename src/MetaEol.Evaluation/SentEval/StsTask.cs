namespace MetaEol.Evaluation.SentEval;

/// <summary>A semantic textual similarity task.</summary>
/// <param name="Name">The task's name, one of <see cref="SentEvalFolder.StsTaskNames"/>.</param>
/// <param name="Subsets">Its subsets. The score in SentEval's "all" setting is the correlation over the pairs of all of them together.</param>
public sealed record StsTask(string Name, IReadOnlyList<StsSubset> Subsets)
{
    /// <summary>The pairs of all subsets, one after another.</summary>
    public IEnumerable<SentencePair> Pairs => Subsets.SelectMany(subset => subset.Pairs);
}
