using System.Numerics;
using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Sts;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;

namespace MetaEol.Evaluation.Sweeps;

/// <summary>STS scores over the number and choice of templates (MetaEOL, figure 3), and the ablations one template repeated and one meta-task alone, from one pass per text.</summary>
public sealed class TemplateSweep
{
    /// <summary>Most templates for which every selection is scored (4,095 of them).</summary>
    public const int MaxExhaustive = 12;

    private readonly MetaEolEmbeddingGenerator _generator;
    private readonly TemplateSet _templates;
    private readonly LayerSelector _layer;

    /// <summary>Creates a sweep.</summary>
    /// <param name="generator">The generator, made from a model; it is not disposed.</param>
    /// <param name="templates">The template set; null takes the generator's. Of a set with roles, the templates for documents.</param>
    /// <param name="layer">The layer of templates that have none of their own; the default is the last.</param>
    public TemplateSweep(MetaEolEmbeddingGenerator generator, TemplateSet? templates = null, LayerSelector layer = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        _generator = generator;
        _templates = (templates ?? generator.TemplateSet).ForRole(TextRole.Document);
        _layer = layer;
    }

    /// <summary>Scores selections of templates.</summary>
    /// <param name="tasks">The tasks, at least one.</param>
    /// <param name="progress">Receives the number of texts embedded.</param>
    /// <param name="cancellationToken">Ends the sweep.</param>
    /// <remarks>The best selection is chosen on the pairs it is scored on; take development pairs (<see cref="StsSplit.Dev"/>) to choose, and test pairs to report.</remarks>
    public async Task<TemplateSweepResult> RunAsync(IReadOnlyList<StsTask> tasks, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentOutOfRangeException.ThrowIfZero(tasks.Count, nameof(tasks));
        int count = _templates.Templates.Count;
        SentencePair[] pairs = [.. tasks.SelectMany(task => task.Pairs)];
        PairProducts products = new(pairs.Length, count);
        ViewBatches batches = new(_generator, _templates, _layer, EncoderMetadata.Read(_generator).Dimensions);
        await batches.RunAsync(pairs, PairProducts.Reduce, products.Add, progress, cancellationToken).ConfigureAwait(false);

        TemplateScore Score(string name, IReadOnlyList<int> selection)
        {
            double[] weights = new double[count];
            foreach (int template in selection)
            {
                weights[template] += _templates.Templates[template].Weight;
            }

            IReadOnlyList<StsScores> scores = StsScorer.Score(tasks, products.Cosines(weights));
            return new TemplateScore(name, [.. selection.Select(Name)], scores.Average(score => score.Spearman), [.. scores.Select(score => score.Spearman)]);
        }

        bool exhaustive = count <= MaxExhaustive;
        return new TemplateSweepResult(
            [.. Enumerable.Range(1, count).Select(size => Score($"first {size}", [.. Enumerable.Range(0, size)]))],
            exhaustive ? BestOfAll(Score, progress, cancellationToken) : BestByAdding(Score, progress, cancellationToken),
            exhaustive,
            [.. Enumerable.Range(0, count).Select(template => Score($"{Name(template)} × {count}", [.. Enumerable.Repeat(template, count)]))],
            [.. MetaTasks().Select(task => Score(task.Key, [.. task]))]);
    }

    private string Name(int template) => _templates.Templates[template].Name;

    private IEnumerable<IGrouping<string, int>> MetaTasks() => Enumerable.Range(0, _templates.Templates.Count)
        .Where(template => _templates.Templates[template].Task is not null)
        .GroupBy(template => _templates.Templates[template].Task!);

    private TemplateScore[] BestOfAll(Func<string, IReadOnlyList<int>, TemplateScore> score, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        int count = _templates.Templates.Count, total = (1 << count) - 1, done = 0;
        TemplateScore[] scores = new TemplateScore[total + 1];
        Parallel.For(1, total + 1, new ParallelOptions { CancellationToken = cancellationToken }, mask =>
        {
            scores[mask] = score($"best {BitOperations.PopCount((uint)mask)}", [.. Enumerable.Range(0, count).Where(template => (mask >> template & 1) != 0)]);
            progress?.Report(new EvaluationProgress("selections", Interlocked.Increment(ref done), total));
        });

        // Of equals the one with the earlier templates, whatever the threads did.
        return [.. scores.Skip(1).GroupBy(candidate => candidate.Templates.Count).OrderBy(size => size.Key).Select(size => size.MaxBy(candidate => candidate.Average)!)];
    }

    private List<TemplateScore> BestByAdding(Func<string, IReadOnlyList<int>, TemplateScore> score, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        int count = _templates.Templates.Count;
        List<TemplateScore> best = [];
        List<int> chosen = [];
        while (chosen.Count < count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (int template, TemplateScore added) = Enumerable.Range(0, count).Except(chosen).AsParallel().AsOrdered()
                .Select(candidate => (candidate, score($"best {chosen.Count + 1}", [.. chosen, candidate]))).AsSequential().MaxBy(candidate => candidate.Item2.Average);
            chosen.Add(template);
            best.Add(added);
            progress?.Report(new EvaluationProgress("selections", chosen.Count, count));
        }

        return best;
    }
}
