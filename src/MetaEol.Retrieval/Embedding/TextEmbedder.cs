using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaEol.Extensions;
using MetaEol.Llama;
using MetaEol.Retrieval.Ranking;
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
    /// <exception cref="NotSupportedException">The generator gives no sparse vectors, and the options ask for them.</exception>
    public async Task<string> GetFingerprintAsync(CancellationToken cancellationToken)
    {
        string dense = await GetDenseFingerprintAsync(cancellationToken).ConfigureAwait(false);
        return await FindSparseAsync(cancellationToken).ConfigureAwait(false) is { } sparse ? $"{dense}+{await sparse.GetSparseFingerprintAsync(cancellationToken: cancellationToken).ConfigureAwait(false)}" : dense;
    }

    /// <summary>The generator that gives sparse vectors; null where the index keeps none. Loads the model.</summary>
    /// <exception cref="NotSupportedException">There is none, and the options ask for it.</exception>
    public async Task<MetaEolEmbeddingGenerator?> FindSparseAsync(CancellationToken cancellationToken)
    {
        if (options.Sparse == false || MetaEol is not { } own)
        {
            return options.Sparse == true ? throw WithoutSparse() : null;
        }

        // Around another generator's cache or log the sparse vectors would cost a pass of their own.
        if (options.Sparse is null && own != generator)
        {
            return null;
        }

        await own.LoadAsync(cancellationToken).ConfigureAwait(false);
        return own.GetService(typeof(LlamaModel)) is LlamaModel { Weights.OutputHead: not null } ? own : options.Sparse == true ? throw WithoutSparse() : null;
    }

    /// <summary>The generator that reranks.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public MetaEolEmbeddingGenerator Reranker => MetaEol ?? throw new NotSupportedException($"{generator.GetType().Name} cannot rerank: only a {nameof(MetaEolEmbeddingGenerator)} that was made from a model folder can.");

    private async Task<string> GetDenseFingerprintAsync(CancellationToken cancellationToken)
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

    /// <summary>All vectors of passages that the index keeps, in order.</summary>
    /// <exception cref="InvalidOperationException">The generator gave something else than a vector for each that can be compared, all of one width.</exception>
    public Task<IReadOnlyList<TextVectors>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) => EmbedInRoleAsync(texts, TextRole.Document, cancellationToken);

    private async Task<IReadOnlyList<TextVectors>> EmbedInRoleAsync(IReadOnlyList<string> texts, TextRole role, CancellationToken cancellationToken)
    {
        MetaEolEmbeddingGenerator? sparse = await FindSparseAsync(cancellationToken).ConfigureAwait(false);
        if (sparse is not null && sparse == generator)
        {
            IReadOnlyList<HybridEmbedding> both = await sparse.GenerateHybridAsync(texts, InRole(role), cancellationToken: cancellationToken).ConfigureAwait(false);
            return [.. both.Select(vectors => new TextVectors(vectors.Dense.Vector, vectors.Sparse))];
        }

        IReadOnlyList<ReadOnlyMemory<float>> dense = await EmbedDenseAsync(texts, role, cancellationToken).ConfigureAwait(false);
        if (sparse is null)
        {
            return [.. dense.Select(vector => new TextVectors(vector, null))];
        }

        IReadOnlyList<SparseEmbedding> terms = await sparse.GenerateSparseAsync(texts, new SparseEmbeddingOptions { Role = role }, cancellationToken).ConfigureAwait(false);
        return [.. dense.Zip(terms, (vector, own) => new TextVectors(vector, own))];
    }

    /// <summary>The vectors of a question that a mode compares.</summary>
    /// <exception cref="ArgumentException">The question is longer than the model's context.</exception>
    /// <inheritdoc cref="EmbedAsync" path="/exception"/>
    public async Task<TextVectors> EmbedQuestionAsync(string question, SearchMode mode, CancellationToken cancellationToken)
    {
        try
        {
            if (mode == SearchMode.Dense)
            {
                return new TextVectors((await EmbedDenseAsync([question], TextRole.Query, cancellationToken).ConfigureAwait(false))[0], null);
            }

            return mode == SearchMode.Sparse && await FindSparseAsync(cancellationToken).ConfigureAwait(false) is { } sparse
                ? new TextVectors(default, (await sparse.GenerateSparseAsync([question], new SparseEmbeddingOptions { Role = TextRole.Query }, cancellationToken).ConfigureAwait(false))[0])
                : (await EmbedInRoleAsync([question], TextRole.Query, cancellationToken).ConfigureAwait(false))[0];
        }
        catch (ArgumentException exception) when (MetaEol is not null)
        {
            // Only the one who asked knows what it is that does not fit.
            TextFit fit = (await MetaEol.MeasureAsync([question], InRole(TextRole.Query), cancellationToken).ConfigureAwait(false))[0];
            if (fit.Length == question.Length)
            {
                throw;
            }

            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The question is too long: {fit.Length:N0} of its {question.Length:N0} characters fit the model's context. Ask a shorter one, or by words alone."), exception);
        }
    }

    /// <summary>The embeddings of texts, in order.</summary>
    private async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedDenseAsync(IReadOnlyList<string> texts, TextRole role, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(texts, InRole(role), cancellationToken).ConfigureAwait(false);
        if (embeddings.Count != texts.Count)
        {
            throw new InvalidOperationException($"The generator gave {embeddings.Count} vectors for {texts.Count} texts.");
        }

        foreach (Embedding<float> embedding in embeddings)
        {
            if (embedding.Vector.IsEmpty || embedding.Vector.Length != embeddings[0].Vector.Length)
            {
                throw new InvalidOperationException($"The generator gave a vector of {embedding.Vector.Length} dimensions that is empty or has another width than the others.");
            }

            if (VectorCheck.FindFault(embedding.Vector.Span) is { } fault)
            {
                throw new InvalidOperationException($"The generator gave a vector that {fault}.");
            }
        }

        return [.. embeddings.Select(embedding => embedding.Vector)];
    }

    /// <summary>The mean vector of questions as such.</summary>
    public async Task<float[]> EmbedQuestionsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ReadOnlyMemory<float>> vectors = await EmbedDenseAsync(GenericQuestions.Texts, TextRole.Query, cancellationToken).ConfigureAwait(false);
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

    // Nothing where the role makes no difference, so that a cache around the generator finds what it holds.
    private MetaEolEmbeddingGenerationOptions? InRole(TextRole role) => MetaEol is { TemplateSet.HasRoles: true } ? new MetaEolEmbeddingGenerationOptions { Role = role } : null;

    private NotSupportedException WithoutSparse() => new(
        $"{nameof(SearchIndexOptions)}.{nameof(SearchIndexOptions.Sparse)} asks for sparse vectors, which {generator.GetType().Name} does not give: only a {nameof(MetaEolEmbeddingGenerator)} that was made from a model folder does. Set it to false, or leave it out.");
}
