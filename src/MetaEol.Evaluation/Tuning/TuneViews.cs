using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Evaluation.Tuning;

/// <summary>The means over the templates of every wanted template set and layer, from one pass through the model: all sets' templates form one set, of which each takes its own.</summary>
internal sealed class TuneViews
{
    private const int TextsPerCall = 32;

    private readonly MetaEolEmbeddingGenerator _generator;
    private readonly bool _prepending;
    private readonly TemplateSet _union;
    private readonly int[] _layers;
    private readonly (int Template, int Layer, double Share)[][] _means;

    /// <param name="generator">The generator.</param>
    /// <param name="means">The template sets and layers, without roles.</param>
    /// <param name="prepending">Whether prompts are run with token prepending.</param>
    /// <param name="encoder">The model's sizes.</param>
    public TuneViews(MetaEolEmbeddingGenerator generator, IReadOnlyList<(TemplateSet Set, int? Layer)> means, bool prepending, PromptEncoderMetadata encoder)
    {
        _generator = generator;
        _prepending = prepending;
        string[] texts = [.. means.SelectMany(mean => mean.Set.Templates).Select(template => template.Text).Distinct(StringComparer.Ordinal)];
        _union = new TemplateSet("tune", texts.Select((text, index) => new Template(text, $"t{index}")));
        int LayerOf(Template template, int? layer) => template.Layer?.Resolve(encoder.LayerCount) ?? layer ?? encoder.LayerCount;
        _layers = [.. means.SelectMany(mean => mean.Set.Templates.Select(template => LayerOf(template, mean.Layer))).Distinct().Order()];
        _means =
        [
            .. means.Select(mean => mean.Set.Templates
                .Select(template => (
                    Array.IndexOf(texts, template.Text),
                    Array.IndexOf(_layers, LayerOf(template, mean.Layer)),
                    template.Weight / mean.Set.Templates.Sum(other => other.Weight)))
                .ToArray()),
        ];
    }

    /// <summary>Embeds texts.</summary>
    /// <returns>For each of the wanted means <c>[texts × hidden]</c>.</returns>
    public async Task<double[][]> RunAsync(IReadOnlyList<string> texts, int hiddenSize, Action<int> done, CancellationToken cancellationToken)
    {
        double[][] result = [.. _means.Select(_ => new double[texts.Count * hiddenSize])];
        var options = new MetaEolEmbeddingGenerationOptions { TemplateSet = _union, TokenPrepending = _prepending };
        LayerSelector[] layers = [.. _layers.Select(LayerSelector.FromIndex)];
        int first = 0;
        foreach (string[] chunk in texts.Chunk(TextsPerCall))
        {
            TemplateEmbeddings views = await _generator.GenerateTemplateEmbeddingsAsync(chunk, layers, options, cancellationToken).ConfigureAwait(false);
            for (int text = 0; text < chunk.Length; text++)
            {
                for (int mean = 0; mean < _means.Length; mean++)
                {
                    Span<double> target = result[mean].AsSpan((first + text) * hiddenSize, hiddenSize);
                    foreach ((int template, int layer, double share) in _means[mean])
                    {
                        ReadOnlySpan<float> view = views[text, template, layer].Span;
                        for (int i = 0; i < target.Length; i++)
                        {
                            target[i] += share * view[i];
                        }
                    }
                }
            }

            first += chunk.Length;
            done(chunk.Length);
        }

        return result;
    }
}
