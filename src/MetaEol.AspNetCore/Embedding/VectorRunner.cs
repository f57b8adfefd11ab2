using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Requests;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama.Filtering;
using Microsoft.Extensions.AI;

namespace MetaEol.AspNetCore.Embedding;

/// <summary>Gives the vectors that a request wants.</summary>
internal static class VectorRunner
{
    private const double UnitTolerance = 1e-5;

    /// <summary>One vector for each text, in order.</summary>
    /// <exception cref="RequestFailureException">The model cannot give them.</exception>
    public static async Task<ReadOnlyMemory<float>[]> EmbedAsync(EmbeddingCall call, PreparedTexts prepared, VectorRequest wanted)
    {
        ServedModel model = prepared.Model;
        VectorFilter? filter = await FilterAsync(model, wanted, call.Cancellation).ConfigureAwait(false);
        long tokens = 0;
        ReadOnlyMemory<float>[] vectors = await TextRunner.RunAsync(
            call,
            prepared,
            async (texts, cancellationToken) =>
            {
                (IReadOnlyList<ReadOnlyMemory<float>> part, long count) = wanted.Normalize == false && model.MetaEol is not null
                    ? await MeansAsync(model, texts, wanted, filter, cancellationToken).ConfigureAwait(false)
                    : await GenerateAsync(model, texts, wanted, cancellationToken).ConfigureAwait(false);
                Interlocked.Add(ref tokens, count);
                return part;
            }).ConfigureAwait(false);
        call.Tokens = tokens > 0 ? tokens : prepared.Tokens.Sum();
        return wanted.Normalize == true ? Array.ConvertAll(vectors, Normalized) : vectors;
    }

    /// <summary>The views of each text in each template, <c>[templates × hidden]</c>.</summary>
    public static async Task<ReadOnlyMemory<float>[][]> EmbedViewsAsync(EmbeddingCall call, PreparedTexts prepared, VectorRequest wanted)
    {
        ServedModel model = prepared.Model;
        VectorFilter? filter = await FilterAsync(model, wanted, call.Cancellation).ConfigureAwait(false);
        MetaEolEmbeddingGenerator generator = MetaEolOf(model, "views of templates");
        long tokens = 0;
        ReadOnlyMemory<float>[][] views = await TextRunner.RunAsync<ReadOnlyMemory<float>[]>(
            call,
            prepared,
            async (texts, cancellationToken) =>
            {
                TemplateEmbeddings part = await generator.GenerateTemplateEmbeddingsAsync(texts, model.Options(wanted.Layer), cancellationToken).ConfigureAwait(false);
                Interlocked.Add(ref tokens, part.InputTokenCount);
                return [.. Enumerable.Range(0, part.TextCount).Select(text => Enumerable.Range(0, part.TemplateSet.Templates.Count).Select(template => Filtered(part[text, template], filter)).ToArray())];
            }).ConfigureAwait(false);
        call.Tokens = tokens;
        return wanted.Normalize == true ? Array.ConvertAll(views, text => Array.ConvertAll(text, Normalized)) : views;
    }

    /// <summary>The MetaEOL generator behind a model.</summary>
    /// <exception cref="RequestFailureException">There is none.</exception>
    public static MetaEolEmbeddingGenerator MetaEolOf(ServedModel model, string purpose) => model.MetaEol
        ?? throw new RequestFailureException(FailureKind.Backend, $"'{model.Name}' gives embeddings alone, no {purpose}: that takes a MetaEOL generator.");

    /// <summary>A vector scaled to L2 norm 1; itself where it is so already, or is zero.</summary>
    public static ReadOnlyMemory<float> Normalized(ReadOnlyMemory<float> vector)
    {
        double squares = 0;
        foreach (float value in vector.Span)
        {
            squares += (double)value * value;
        }

        double norm = Math.Sqrt(squares);
        if (norm == 0 || Math.Abs(norm - 1) < UnitTolerance)
        {
            return vector;
        }

        float[] scaled = vector.ToArray();
        for (int i = 0; i < scaled.Length; i++)
        {
            scaled[i] = (float)(scaled[i] / norm);
        }

        return scaled;
    }

    /// <summary>The filter that vectors of the wanted width go through; null where they are the model's own.</summary>
    /// <exception cref="RequestFailureException">The model cannot give vectors of that width.</exception>
    private static async Task<VectorFilter?> FilterAsync(ServedModel model, VectorRequest wanted, CancellationToken cancellationToken)
    {
        if (model.MetaEol is not { } generator || wanted.Dimensions is not int dimensions)
        {
            return null;
        }

        if (dimensions > model.Encoder?.Dimensions)
        {
            throw new RequestFailureException(
                FailureKind.Invalid, $"'dimensions' is {dimensions}; '{model.Name}' gives vectors of 1 to {model.Encoder.Dimensions} dimensions: write one of these, or leave it out.", "dimensions");
        }

        try
        {
            return await generator.GetFilterAsync(model.Options(wanted.Layer, dimensions), cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException && wanted.Layer is null)
        {
            throw new RequestFailureException(FailureKind.Invalid, $"'dimensions' is {dimensions}, which '{model.Name}' cannot give: {e.Message}", "dimensions", e);
        }
    }

    private static ReadOnlyMemory<float> Filtered(ReadOnlyMemory<float> view, VectorFilter? filter) =>
        filter is null ? view : Array.ConvertAll(Filtered(Array.ConvertAll(view.ToArray(), value => (double)value), filter), value => (float)value);

    private static double[] Filtered(double[] vector, VectorFilter? filter)
    {
        if (filter is null)
        {
            return vector;
        }

        double[] filtered = new double[filter.Dimensions];
        filter.Apply(vector, filtered);
        return filtered;
    }

    private static async Task<(IReadOnlyList<ReadOnlyMemory<float>> Vectors, long Tokens)> GenerateAsync(ServedModel model, string[] texts, VectorRequest wanted, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = await model.Generator.GenerateAsync(texts, model.Options(wanted.Layer, wanted.Dimensions), cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<float>[] vectors = [.. embeddings.Select(embedding => embedding.Vector)];
        foreach (ReadOnlyMemory<float> vector in vectors)
        {
            if (wanted.Dimensions is int dimensions && vector.Length != dimensions)
            {
                throw new RequestFailureException(FailureKind.Invalid, $"'dimensions' is {dimensions}; '{model.Name}' gives vectors of {vector.Length} dimensions whatever is asked for: leave it out.", "dimensions");
            }

            if (vector.Span.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw new RequestFailureException(FailureKind.Backend, "The model gave a vector with numbers that are not finite.");
            }
        }

        return (vectors, embeddings.Usage?.InputTokenCount ?? 0);
    }

    /// <summary>The means of the templates' views, not scaled.</summary>
    private static async Task<(IReadOnlyList<ReadOnlyMemory<float>> Vectors, long Tokens)> MeansAsync(
        ServedModel model, string[] texts, VectorRequest wanted, VectorFilter? filter, CancellationToken cancellationToken)
    {
        TemplateEmbeddings views = await model.MetaEol!.GenerateTemplateEmbeddingsAsync(texts, model.Options(wanted.Layer), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Template> templates = views.TemplateSet.Templates;
        double weights = templates.Sum(template => template.Weight);
        ReadOnlyMemory<float>[] means = new ReadOnlyMemory<float>[views.TextCount];
        for (int text = 0; text < means.Length; text++)
        {
            double[] sum = new double[views.HiddenSize];
            for (int t = 0; t < templates.Count; t++)
            {
                ReadOnlySpan<float> view = views[text, t].Span;
                double share = templates[t].Weight / weights;
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += share * view[i];
                }
            }

            means[text] = Array.ConvertAll(Filtered(sum, filter), value => (float)value);
        }

        return (means, views.InputTokenCount);
    }
}
