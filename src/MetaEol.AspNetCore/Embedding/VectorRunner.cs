using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Requests;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
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
        ThrowIfUnable(model, wanted);
        long tokens = 0;
        ReadOnlyMemory<float>[] vectors = await TextRunner.RunAsync(
            call,
            prepared,
            async (texts, cancellationToken) =>
            {
                (IReadOnlyList<ReadOnlyMemory<float>> part, long count) = wanted.Normalize == false && model.MetaEol is not null
                    ? await MeansAsync(model, texts, wanted, cancellationToken).ConfigureAwait(false)
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
        ThrowIfUnable(model, wanted);
        MetaEolEmbeddingGenerator generator = MetaEolOf(model, "views of templates");
        long tokens = 0;
        ReadOnlyMemory<float>[][] views = await TextRunner.RunAsync<ReadOnlyMemory<float>[]>(
            call,
            prepared,
            async (texts, cancellationToken) =>
            {
                TemplateEmbeddings part = await generator.GenerateTemplateEmbeddingsAsync(texts, model.Options(wanted.Layer), cancellationToken).ConfigureAwait(false);
                Interlocked.Add(ref tokens, part.InputTokenCount);
                return [.. Enumerable.Range(0, part.TextCount).Select(text => Enumerable.Range(0, part.TemplateSet.Templates.Count).Select(template => part[text, template]).ToArray())];
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

    private static void ThrowIfUnable(ServedModel model, VectorRequest wanted)
    {
        if (wanted.Dimensions is int dimensions && model.Dimensions is int own && dimensions != own && model.MetaEol is not null)
        {
            throw new RequestFailureException(FailureKind.Invalid, $"'{wanted.DimensionsField}' is {dimensions}; '{model.Name}' gives vectors of {own} dimensions: write {own}, or leave it out.", wanted.DimensionsField);
        }
    }

    private static async Task<(IReadOnlyList<ReadOnlyMemory<float>> Vectors, long Tokens)> GenerateAsync(ServedModel model, string[] texts, VectorRequest wanted, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = await model.Generator.GenerateAsync(texts, model.Options(wanted.Layer, wanted.Dimensions), cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<float>[] vectors = [.. embeddings.Select(embedding => embedding.Vector)];
        foreach (ReadOnlyMemory<float> vector in vectors)
        {
            if (wanted.Dimensions is int dimensions && vector.Length != dimensions)
            {
                throw new RequestFailureException(FailureKind.Invalid, $"'{wanted.DimensionsField}' is {dimensions}; '{model.Name}' gives vectors of {vector.Length} dimensions whatever is asked for: leave it out.", wanted.DimensionsField);
            }

            if (vector.Span.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            {
                throw new RequestFailureException(FailureKind.Backend, "The model gave a vector with numbers that are not finite.");
            }
        }

        return (vectors, embeddings.Usage?.InputTokenCount ?? 0);
    }

    /// <summary>The means of the templates' views, not scaled.</summary>
    private static async Task<(IReadOnlyList<ReadOnlyMemory<float>> Vectors, long Tokens)> MeansAsync(ServedModel model, string[] texts, VectorRequest wanted, CancellationToken cancellationToken)
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

            means[text] = Array.ConvertAll(sum, value => (float)value);
        }

        return (means, views.InputTokenCount);
    }
}
