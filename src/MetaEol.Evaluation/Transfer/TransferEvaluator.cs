using System.Numerics.Tensors;
using MetaEol.Evaluation.Classification;
using MetaEol.Evaluation.SentEval;
using Microsoft.Extensions.AI;

namespace MetaEol.Evaluation.Transfer;

/// <summary>
/// Runs transfer tasks in SentEval's protocol: logistic regression on frozen vectors. A text that occurs several times, in one task or in several, is embedded once.
/// The pair task MRPC is classified by <c>|u - v|</c> and <c>u · v</c>, element by element.
/// </summary>
/// <remarks>
/// The generator should give vectors that are not normalised, as the reference's are: the classifier's weight decay is not invariant under scaling.
/// </remarks>
public sealed class TransferEvaluator
{
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly EmbeddingGenerationOptions? _options;
    private readonly int _batchSize, _foldCount;
    private readonly int? _threads;
    private readonly Dictionary<string, float[]> _vectors = new(StringComparer.Ordinal);

    /// <summary>Creates an evaluator.</summary>
    /// <param name="generator">Gives the vectors. It is not disposed.</param>
    /// <param name="options">Options of every request, or null.</param>
    /// <param name="batchSize">Texts per request, at least 1.</param>
    /// <param name="foldCount">Number of folds, at least 2; 10 is SentEval's default configuration, 5 its prototyping one.</param>
    /// <param name="threads">Most classifiers trained at once, or null for the number of processors.</param>
    public TransferEvaluator(
        IEmbeddingGenerator<string, Embedding<float>> generator, EmbeddingGenerationOptions? options = null, int batchSize = 256, int foldCount = 10, int? threads = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(foldCount, 2);
        _generator = generator;
        _options = options;
        _batchSize = batchSize;
        _foldCount = foldCount;
        _threads = threads;
    }

    /// <summary>Scores a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="progress">Receives the number of texts embedded, then the share of classifiers trained.</param>
    /// <param name="cancellationToken">Ends the evaluation.</param>
    /// <remarks>Not safe to call from several threads at once: the vectors are kept for the tasks that follow.</remarks>
    public async Task<TransferScore> EvaluateAsync(TransferTask task, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(task);
        await EmbedAsync(task, progress, cancellationToken).ConfigureAwait(false);

        ClassificationProtocol protocol = new(
            foldCount: _foldCount,
            threads: _threads,
            progress: progress is null ? null : new Forward(share => progress.Report(new EvaluationProgress($"{task.Name}: training", share, 1))),
            cancellationToken: cancellationToken);
        ClassificationResult result = await Task.Run(() => Classify(task, protocol), cancellationToken).ConfigureAwait(false);
        int testCount = task.Protocol == TransferProtocol.NestedCrossValidation ? task.Train.Count : task.Test.Count;
        return new TransferScore(task.Name, result.DevAccuracy, result.TestAccuracy, testCount);
    }

    private ClassificationResult Classify(TransferTask task, ClassificationProtocol protocol)
    {
        FeatureMatrix train = Features(task.Train);
        int[] trainLabels = Labels(task.Train);
        return task.Protocol switch
        {
            TransferProtocol.NestedCrossValidation => protocol.Nested(train, trainLabels, task.ClassCount),
            TransferProtocol.TrainTest => protocol.TrainTest(train, trainLabels, Features(task.Test), Labels(task.Test), task.ClassCount),
            _ => protocol.TrainDevTest(train, trainLabels, Features(task.Dev), Labels(task.Dev), Features(task.Test), Labels(task.Test), task.ClassCount),
        };
    }

    private async Task EmbedAsync(TransferTask task, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        string[] texts =
        [
            .. task.Examples
                .SelectMany(example => example.SecondText is { } second ? new[] { example.Text, second } : [example.Text])
                .Distinct(StringComparer.Ordinal)
                .Where(text => !_vectors.ContainsKey(text)),
        ];
        int done = 0;
        foreach (string[] batch in texts.Chunk(_batchSize))
        {
            GeneratedEmbeddings<Embedding<float>> vectors = await _generator.GenerateAsync(batch, _options, cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < batch.Length; i++)
            {
                _vectors[batch[i]] = vectors[i].Vector.ToArray();
            }

            progress?.Report(new EvaluationProgress($"{task.Name}: embedding", done += batch.Length, texts.Length));
        }
    }

    private FeatureMatrix Features(IReadOnlyList<TransferExample> examples) => new(examples.Select(example =>
    {
        float[] first = _vectors[example.Text];
        if (example.SecondText is null)
        {
            return first;
        }

        float[] second = _vectors[example.SecondText], features = new float[2 * first.Length];
        Span<float> difference = features.AsSpan(0, first.Length);
        TensorPrimitives.Subtract(first, second, difference);
        TensorPrimitives.Abs(difference, difference);
        TensorPrimitives.Multiply(first, second, features.AsSpan(first.Length));
        return features;
    }));

    private static int[] Labels(IReadOnlyList<TransferExample> examples) => [.. examples.Select(example => example.Label)];

    /// <summary>Reports at once, on the calling thread; <see cref="Progress{T}"/> may reorder reports.</summary>
    private sealed class Forward(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
