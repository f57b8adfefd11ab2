using MetaEol.Evaluation.SentEval;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;

namespace MetaEol.Evaluation;

/// <summary>Embeds the texts of pairs before pooling, each once, in batches whose views fit a memory budget.</summary>
internal sealed class ViewBatches
{
    private const long ViewBytes = 64L << 20;
    private const int MaxTexts = 256;
    private readonly MetaEolEmbeddingGenerator _generator;
    private readonly MetaEolEmbeddingGenerationOptions _options;
    private readonly LayerSelector[]? _layers;
    private readonly int _textsPerCall;

    public ViewBatches(MetaEolEmbeddingGenerator generator, TemplateSet templates, IReadOnlyList<LayerSelector> layers, int hiddenSize)
    {
        _generator = generator;
        _options = new MetaEolEmbeddingGenerationOptions { TemplateSet = templates };
        _layers = [.. layers];
        _textsPerCall = TextsPerCall(templates, _layers.Length, hiddenSize);
    }

    /// <summary>One view of each template, from the layer of its own or from the one given.</summary>
    public ViewBatches(MetaEolEmbeddingGenerator generator, TemplateSet templates, LayerSelector ofOthers, int hiddenSize)
    {
        _generator = generator;
        _options = new MetaEolEmbeddingGenerationOptions { TemplateSet = templates, Layer = templates.Templates.Any(template => template.Layer is null) ? ofOthers : null };
        _textsPerCall = TextsPerCall(templates, 1, hiddenSize);
    }

    private static int TextsPerCall(TemplateSet templates, int layers, int hiddenSize) =>
        (int)Math.Clamp(ViewBytes / ((long)templates.Templates.Count * layers * hiddenSize * sizeof(float)), 1, MaxTexts);

    /// <summary>Goes through all pairs; <paramref name="reduce"/> keeps of each text's views what is needed, and <paramref name="score"/> gets that of a pair's texts.</summary>
    public async Task RunAsync<T>(
        IReadOnlyList<SentencePair> pairs, Func<TemplateEmbeddings, int, T> reduce, Action<int, T, T> score, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
    {
        List<PairBatch> batches = PairBatch.Split(pairs, _textsPerCall);
        int total = batches.Sum(batch => batch.Texts.Count), done = 0;
        foreach (PairBatch batch in batches)
        {
            List<T> kept = new(batch.Texts.Count);
            foreach (string[] texts in batch.Texts.Chunk(_textsPerCall))
            {
                TemplateEmbeddings views = await (_layers is null
                    ? _generator.GenerateTemplateEmbeddingsAsync(texts, _options, cancellationToken)
                    : _generator.GenerateTemplateEmbeddingsAsync(texts, _layers, _options, cancellationToken)).ConfigureAwait(false);
                kept.AddRange(Enumerable.Range(0, texts.Length).Select(text => reduce(views, text)));
                progress?.Report(new EvaluationProgress("embedding", done += texts.Length, total));
            }

            foreach ((int pair, int first, int second) in batch.Pairs)
            {
                score(pair, kept[first], kept[second]);
            }
        }
    }
}
