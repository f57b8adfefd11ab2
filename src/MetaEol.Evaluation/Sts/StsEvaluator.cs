using MetaEol.Evaluation.SentEval;
using Microsoft.Extensions.AI;

namespace MetaEol.Evaluation.Sts;

/// <summary>Runs STS tasks: each different text is embedded once, and the cosines of the pairs are held against the human scores.</summary>
public sealed class StsEvaluator
{
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly EmbeddingGenerationOptions? _options;
    private readonly int _batchSize;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="generator">Gives the vectors. It is not disposed.</param>
    /// <param name="options">Options of every request, or null.</param>
    /// <param name="batchSize">Texts per request, at least 1; a batch holds a few more where texts occur in several pairs.</param>
    public StsEvaluator(IEmbeddingGenerator<string, Embedding<float>> generator, EmbeddingGenerationOptions? options = null, int batchSize = 256)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _generator = generator;
        _options = options;
        _batchSize = batchSize;
    }

    /// <summary>Scores tasks.</summary>
    /// <param name="tasks">The tasks; a text that occurs in several is embedded once.</param>
    /// <param name="progress">Receives the number of texts embedded.</param>
    /// <param name="cancellationToken">Ends the evaluation.</param>
    /// <returns>The scores of each task, in order.</returns>
    public async Task<IReadOnlyList<StsScores>> EvaluateAsync(IReadOnlyList<StsTask> tasks, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        SentencePair[] pairs = [.. tasks.SelectMany(task => task.Pairs)];
        List<PairBatch> batches = PairBatch.Split(pairs, _batchSize);
        double[] similarities = new double[pairs.Length];
        int total = batches.Sum(batch => batch.Texts.Count), done = 0;
        foreach (PairBatch batch in batches)
        {
            GeneratedEmbeddings<Embedding<float>> vectors = await _generator.GenerateAsync(batch.Texts, _options, cancellationToken).ConfigureAwait(false);
            foreach ((int pair, int first, int second) in batch.Pairs)
            {
                similarities[pair] = StsScorer.Cosine(vectors[first].Vector.Span, vectors[second].Vector.Span);
            }

            progress?.Report(new EvaluationProgress("embedding", done += batch.Texts.Count, total));
        }

        return StsScorer.Score(tasks, similarities);
    }
}
