using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Sts;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Evaluation.Sweeps;

/// <summary>STS scores of every layer of a model, from one pass per text (MetaEOL, figure 4).</summary>
public sealed class LayerSweep
{
    private readonly MetaEolEmbeddingGenerator _generator;
    private readonly TemplateSet _templates;

    /// <summary>Creates a sweep.</summary>
    /// <param name="generator">The generator, made from a model; it is not disposed.</param>
    /// <param name="templates">The template set; null takes the generator's. Of a set with roles, the templates for documents; layers that templates have of their own are not read.</param>
    public LayerSweep(MetaEolEmbeddingGenerator generator, TemplateSet? templates = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        _generator = generator;
        _templates = (templates ?? generator.TemplateSet).ForRole(TextRole.Document);
    }

    /// <summary>Scores layers.</summary>
    /// <param name="tasks">The tasks, at least one.</param>
    /// <param name="layers">Indices into <c>hidden_states</c>; null takes all of them, the token embeddings included.</param>
    /// <param name="progress">Receives the number of texts embedded.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <returns>The scores of each layer, in order.</returns>
    /// <exception cref="ArgumentException">There is no task, or the model has no such layer.</exception>
    public async Task<IReadOnlyList<LayerScore>> RunAsync(
        IReadOnlyList<StsTask> tasks, IReadOnlyList<int>? layers = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentOutOfRangeException.ThrowIfZero(tasks.Count, nameof(tasks));
        PromptEncoderMetadata encoder = EncoderMetadata.Read(_generator);
        int[] indices = [.. (layers ?? [.. Enumerable.Range(0, encoder.LayerCount + 1)]).Select(layer => LayerSelector.FromIndex(layer).Resolve(encoder.LayerCount))];
        double[] weights = [.. _templates.Templates.Select(template => template.Weight)];
        SentencePair[] pairs = [.. tasks.SelectMany(task => task.Pairs)];
        double[][] similarities = [.. indices.Select(_ => new double[pairs.Length])];

        ViewBatches batches = new(_generator, _templates, [.. indices.Select(LayerSelector.FromIndex)], encoder.Dimensions);
        await batches.RunAsync(
            pairs,
            (views, text) => indices.Select((_, position) => Pool(views, text, position, weights)).ToArray(),
            (pair, first, second) =>
            {
                for (int position = 0; position < indices.Length; position++)
                {
                    similarities[position][pair] = StsScorer.Cosine(first[position], second[position]);
                }
            },
            progress,
            cancellationToken).ConfigureAwait(false);

        return
        [
            .. indices.Select((layer, position) =>
            {
                IReadOnlyList<StsScores> scores = StsScorer.Score(tasks, similarities[position]);
                return new LayerScore(layer, scores.Average(score => score.Spearman), scores);
            }),
        ];
    }

    private static float[] Pool(TemplateEmbeddings views, int text, int position, double[] weights)
    {
        // The cosine does not see a common factor, so the weighted sum serves as the mean.
        double[] sum = new double[views.HiddenSize];
        for (int template = 0; template < weights.Length; template++)
        {
            ReadOnlySpan<float> view = views[text, template, position].Span;
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += weights[template] * view[i];
            }
        }

        return Array.ConvertAll(sum, value => (float)value);
    }
}
