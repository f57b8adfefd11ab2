using System.Diagnostics;
using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Statistics;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Filtering;

namespace MetaEol.Evaluation.Tuning;

/// <summary>
/// Tries template sets, layers, token prepending and dimensions of a model on development data, from the fewest passes through it: one gives the views of all templates at all layers, one more those with token prepending; mean
/// and filter are linear and follow from them.
/// </summary>
public sealed class Tuner
{
    private const int TextsPerBatch = 128, CostTexts = 200, TimedTexts = 64;

    private readonly MetaEolEmbeddingGenerator _generator;
    private readonly PromptEncoderMetadata _encoder;

    /// <summary>Creates a tuner.</summary>
    /// <param name="generator">The generator, made from a model; it is not disposed. Its own template set and layer are what candidates are compared with.</param>
    public Tuner(MetaEolEmbeddingGenerator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        _generator = generator;
        _encoder = EncoderMetadata.Read(generator);
    }

    /// <summary>Tries all candidates of a grid, and the generator's own settings.</summary>
    /// <param name="grid">What to try.</param>
    /// <param name="data">What to try it on.</param>
    /// <param name="layer">The layer of the baseline. Default: the last.</param>
    /// <param name="progress">Receives the number of texts embedded, once for each pass.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The scores of all.</returns>
    /// <exception cref="ArgumentException">The grid is empty, or the model has no such layer or dimensions.</exception>
    public async Task<TuneResult> RunAsync(TuneGrid grid, TuneData data, LayerSelector layer = default, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(data);
        TemplateSet own = _generator.TemplateSet;
        TuneCandidate baseline = new(own, own.Templates.All(template => template.Layer is not null) ? null : layer.Resolve(_encoder.LayerCount), false, _encoder.Dimensions, DimensionFilter.Off);
        TuneCandidate[] candidates = [.. grid.Candidates(_encoder), baseline];
        var filters = new Dictionary<(int, DimensionFilter), VectorFilter?>();
        foreach (TuneCandidate candidate in candidates)
        {
            filters[(candidate.Dimensions, candidate.Filter)] = await _generator.GetFilterAsync(candidate.ToOptions(), new BasisProgress(progress), cancellationToken).ConfigureAwait(false);
        }

        double[][] dev = [.. candidates.Select(_ => new double[Count(data.DevPairs, data.DevQuestions)])], test = [.. candidates.Select(_ => new double[Count(data.TestPairs, data.TestQuestions)])];
        int total = (Texts(data.DevPairs, data.DevQuestions) + Texts(data.TestPairs, data.TestQuestions)) * candidates.Select(candidate => candidate.TokenPrepending).Distinct().Count(), done = 0;
        void Report(int texts) => progress?.Report(new EvaluationProgress("embedding", done += texts, total));
        foreach (bool prepending in candidates.Select(candidate => candidate.TokenPrepending).Distinct())
        {
            Pass pass = new(this, candidates, prepending, filters, Report);
            await pass.RunAsync(data.DevPairs, data.DevQuestions, dev, cancellationToken).ConfigureAwait(false);
            await pass.RunAsync(data.TestPairs, data.TestQuestions, test, cancellationToken).ConfigureAwait(false);
        }

        double[] devHuman = [.. data.DevPairs.Select(pair => pair.Score)], testHuman = [.. data.TestPairs.Select(pair => pair.Score)];
        string[] sample = [.. data.DevPairs.SelectMany(pair => new[] { pair.First, pair.Second }).Concat(data.DevQuestions.Select(question => question.Passage)).Take(CostTexts)];
        var costs = new Dictionary<(TemplateSet, bool), (double Tokens, double Milliseconds)>();
        List<TuneScore> scores = [];
        foreach ((int index, TuneCandidate candidate) in candidates.Index())
        {
            (TemplateSet, bool) key = (candidate.Templates, candidate.TokenPrepending);
            if (!costs.TryGetValue(key, out (double Tokens, double Milliseconds) cost))
            {
                costs[key] = cost = await CostAsync(candidate, sample, cancellationToken).ConfigureAwait(false);
            }

            double depth = Depth(candidate);
            scores.Add(new TuneScore(candidate, cost.Tokens * depth, cost.Milliseconds * depth, Score(data.IsQuestions, dev[index], devHuman, null), Score(data.IsQuestions, test[index], testHuman, null))
            {
                TestValues = test[index],
            });
        }

        return new TuneResult(data, scores[..^1], scores[^1]);
    }

    /// <summary>The score of observations, or of a sample of them.</summary>
    internal static double Score(bool questions, double[] values, double[] human, int[]? sample)
    {
        double[] chosen = sample is null ? values : Array.ConvertAll(sample, i => values[i]);
        return 100 * (questions ? chosen.Average() : SpearmanCorrelation.Compute(chosen, sample is null ? human : Array.ConvertAll(sample, i => human[i])));
    }

    private static int Count(IReadOnlyList<SentencePair> pairs, IReadOnlyList<TuneQuestion> questions) => Math.Max(pairs.Count, questions.Count);

    private static int Texts(IReadOnlyList<SentencePair> pairs, IReadOnlyList<TuneQuestion> questions) =>
        PairBatch.Split(pairs, TextsPerBatch).Sum(batch => batch.Texts.Count) + (2 * questions.Count);

    private double Depth(TuneCandidate candidate) => candidate.Templates.ForRole(TextRole.Document).Templates
        .Average(template => template.Layer?.Resolve(_encoder.LayerCount) ?? candidate.Layer ?? _encoder.LayerCount) / _encoder.LayerCount;

    // Tokens of all prompts of a text but those of the templates' beginnings, and the time at the last layer.
    private async Task<(double Tokens, double Milliseconds)> CostAsync(TuneCandidate candidate, string[] texts, CancellationToken cancellationToken)
    {
        MetaEolEmbeddingGenerationOptions options = candidate.ToOptions();
        (options.Dimensions, options.Filter) = (null, null);
        IReadOnlyList<TextFit> fits = await _generator.MeasureAsync(texts, options, cancellationToken).ConfigureAwait(false);
        var tokenizer = (ITokenizer)_generator.GetService(typeof(ITokenizer))!;
        double beginnings = candidate.Templates.ForRole(TextRole.Document).Templates.Sum(template => tokenizer.CountTokens(template.Prefix));
        options.TemplateSet = candidate.Templates.WithLayer(null);
        options.Layer = LayerSelector.Last;
        string[] timed = [.. texts.Take(TimedTexts)];
        await _generator.GenerateAsync(timed.Take(2), options, cancellationToken).ConfigureAwait(false);
        long started = Stopwatch.GetTimestamp();
        await _generator.GenerateAsync(timed, options, cancellationToken).ConfigureAwait(false);
        return (fits.Average(fit => fit.PromptTokens) - beginnings, Stopwatch.GetElapsedTime(started).TotalMilliseconds / timed.Length);
    }

    private sealed class BasisProgress(IProgress<EvaluationProgress>? progress) : IProgress<FilterProgress>
    {
        public void Report(FilterProgress value) => progress?.Report(new EvaluationProgress($"filter: {value.Step}", value.Done, value.Total));
    }

    /// <summary>One pass through the model, and what all candidates make of it.</summary>
    private sealed class Pass
    {
        private readonly Tuner _owner;
        private readonly (int Index, TuneCandidate Candidate, int Mean)[] _candidates;
        private readonly (TemplateSet Set, int? Layer)[] _means;
        private readonly bool _prepending;
        private readonly Dictionary<(int, DimensionFilter), VectorFilter?> _filters;
        private readonly Action<int> _done;

        public Pass(Tuner owner, TuneCandidate[] candidates, bool prepending, Dictionary<(int, DimensionFilter), VectorFilter?> filters, Action<int> done)
        {
            (_owner, _prepending, _filters, _done) = (owner, prepending, filters, done);
            TuneCandidate[] mine = [.. candidates.Where(candidate => candidate.TokenPrepending == prepending)];
            _means = [.. mine.Select(candidate => (candidate.Templates, candidate.Layer)).Distinct()];
            _candidates = [.. candidates.Index().Where(item => item.Item.TokenPrepending == prepending).Select(item => (item.Index, item.Item, Array.IndexOf(_means, (item.Item.Templates, item.Item.Layer))))];
        }

        private int Width => _owner._encoder.Dimensions;

        public async Task RunAsync(IReadOnlyList<SentencePair> pairs, IReadOnlyList<TuneQuestion> questions, double[][] values, CancellationToken cancellationToken)
        {
            foreach (PairBatch batch in PairBatch.Split(pairs, TextsPerBatch))
            {
                double[][] means = await ViewsAsync(batch.Texts, TextRole.Document, cancellationToken).ConfigureAwait(false);
                foreach ((int index, TuneCandidate candidate, int mean) in _candidates)
                {
                    double[] vectors = Filtered(candidate, means[mean]);
                    foreach ((int pair, int first, int second) in batch.Pairs)
                    {
                        values[index][pair] = Cosine(vectors, candidate.Dimensions, first, vectors, second);
                    }
                }
            }

            if (questions.Count == 0)
            {
                return;
            }

            string[] passages = [.. questions.Select(question => question.Passage)];
            double[][] asked = await ViewsAsync([.. questions.Select(question => question.Question)], TextRole.Query, cancellationToken).ConfigureAwait(false);
            double[][] answers = await ViewsAsync(passages, TextRole.Document, cancellationToken).ConfigureAwait(false);
            foreach ((int index, TuneCandidate candidate, int mean) in _candidates)
            {
                double[] query = Filtered(candidate, asked[mean]), documents = Filtered(candidate, answers[mean]);
                for (int i = 0; i < questions.Count; i++)
                {
                    double right = Cosine(query, candidate.Dimensions, i, documents, i);
                    int before = Enumerable.Range(0, passages.Length).Count(j => passages[j] != passages[i] && Cosine(query, candidate.Dimensions, i, documents, j) > right);
                    values[index][i] = 1.0 / (1 + before);
                }
            }
        }

        private Task<double[][]> ViewsAsync(IReadOnlyList<string> texts, TextRole role, CancellationToken cancellationToken) =>
            new TuneViews(_owner._generator, [.. _means.Select(mean => (mean.Set.ForRole(role), mean.Layer))], _prepending, _owner._encoder).RunAsync(texts, Width, _done, cancellationToken);

        private double[] Filtered(TuneCandidate candidate, double[] means)
        {
            if (_filters[(candidate.Dimensions, candidate.Filter)] is not { } filter)
            {
                return means;
            }

            double[] filtered = new double[means.Length / Width * filter.Dimensions];
            filter.Apply(means, filtered);
            return filtered;
        }

        private static double Cosine(double[] first, int width, int i, double[] second, int j)
        {
            double product = 0, firstSquare = 0, secondSquare = 0;
            ReadOnlySpan<double> a = first.AsSpan(i * width, width), b = second.AsSpan(j * width, width);
            for (int k = 0; k < width; k++)
            {
                product += a[k] * b[k];
                firstSquare += a[k] * a[k];
                secondSquare += b[k] * b[k];
            }

            return firstSquare == 0 || secondSquare == 0 ? 0 : product / Math.Sqrt(firstSquare * secondSquare);
        }
    }
}
