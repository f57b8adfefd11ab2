using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaEol.Extensions;
using MetaEol.Llama;
using MetaEol.Retrieval.Splitting;
using Microsoft.Extensions.AI;

namespace MetaEol.Retrieval.Embedding;

/// <summary>What an index needs of its generator: vectors, how long a passage may be, and what tells its vectors from those of another.</summary>
internal sealed class TextEmbedder(IEmbeddingGenerator<string, Embedding<float>> generator, SearchIndexOptions options)
{
    /// <summary>The generator's model id; null where it says none.</summary>
    public string? ModelId => Metadata?.DefaultModelId;

    private EmbeddingGeneratorMetadata? Metadata => generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata;

    private MetaEolEmbeddingGenerator? MetaEol => generator.GetService(typeof(MetaEolEmbeddingGenerator)) as MetaEolEmbeddingGenerator;

    /// <summary>What differs where vectors differ. Loads the model.</summary>
    /// <exception cref="InvalidOperationException">The generator does not tell, and the options neither.</exception>
    public async Task<string> GetFingerprintAsync(CancellationToken cancellationToken)
    {
        if (options.Fingerprint is { } given)
        {
            return given;
        }

        if (MetaEol is { } own)
        {
            return await own.GetFingerprintAsync(cancellationToken).ConfigureAwait(false);
        }

        if (Metadata is not { DefaultModelId: { } model } metadata)
        {
            throw new InvalidOperationException($"{generator.GetType().Name} does not say what model it is, so that its vectors could not be told from another's: set {nameof(SearchIndexOptions)}.{nameof(SearchIndexOptions.Fingerprint)}.");
        }

        string facts = string.Create(CultureInfo.InvariantCulture, $"{metadata.ProviderName}\n{metadata.ProviderUri}\n{model}\n{metadata.DefaultModelDimensions}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(facts)))[..32];
    }

    /// <summary>A splitter into passages that the generator's model has room for. Loads the model.</summary>
    public async Task<PassageSplitter> CreateSplitterAsync(CancellationToken cancellationToken)
    {
        if (MetaEol is not { } own)
        {
            ITextMeasure measure = generator.GetService(typeof(ITokenizer)) is ITokenizer known ? new TokenMeasure(known) : new CharacterMeasure();
            return new PassageSplitter(measure, options.MaxPassageTokens, options.OverlapTokens);
        }

        return await PassageSplitter.CreateAsync(own, options.MaxPassageTokens, options.OverlapTokens, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The vectors of texts, in order.</summary>
    /// <exception cref="InvalidOperationException">The generator gave something else than a vector of finite numbers for each, all of one width.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(texts, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (embeddings.Count != texts.Count)
        {
            throw new InvalidOperationException($"The generator gave {embeddings.Count} vectors for {texts.Count} texts.");
        }

        foreach (Embedding<float> embedding in embeddings)
        {
            if (embedding.Vector.IsEmpty || embedding.Vector.Length != embeddings[0].Vector.Length || !AllFinite(embedding.Vector.Span))
            {
                throw new InvalidOperationException($"The generator gave a vector of {embedding.Vector.Length} dimensions that is empty, holds numbers that are not finite, or has another width than the others.");
            }
        }

        return [.. embeddings.Select(embedding => embedding.Vector)];
    }

    /// <summary>The mean vector of questions as such.</summary>
    public async Task<float[]> EmbedQuestionsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ReadOnlyMemory<float>> vectors = await EmbedAsync(GenericQuestions.Texts, cancellationToken).ConfigureAwait(false);
        double[] sum = new double[vectors[0].Length];
        foreach (ReadOnlyMemory<float> vector in vectors)
        {
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += vector.Span[i];
            }
        }

        return [.. sum.Select(value => (float)(value / vectors.Count))];
    }

    private static bool AllFinite(ReadOnlySpan<float> vector)
    {
        foreach (float value in vector)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
