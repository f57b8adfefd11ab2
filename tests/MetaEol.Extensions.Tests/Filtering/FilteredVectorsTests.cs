using System.Globalization;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama.Filtering;
using MetaEol.Tests;
using Microsoft.Extensions.AI;

namespace MetaEol.Extensions.Tests.Filtering;

public sealed class FilteredVectorsTests : IDisposable
{
    private const string Golden = "llama-gqa-f32";

    private static readonly string[] Texts = ["1 279 60", "7 9 12 80 3", "100 101 102 103", "5", "17 18 200 201 202 7"];

    private readonly TemporaryFolder _cache = new();

    public static TheoryData<string> RecordedModels => [.. RecordedMethods.ModelsOf("embedfilter")];

    public void Dispose() => _cache.Dispose();

    [Theory]
    [MemberData(nameof(RecordedModels))]
    public async Task Generate_FewerDimensions_AgreesWithTheRecord(string model)
    {
        var recorded = RecordedMethods.Read<RecordedMethods.FilterFile>("embedfilter", model);
        string[] texts = [.. RecordedMethods.Prompts(model).Select(ids => IdsTokenizer.Text(ids))];
        using MetaEolEmbeddingGenerator plain = New(model, options => options.Normalize = false);
        using MetaEolEmbeddingGenerator generator = New(model);
        foreach (RecordedMethods.RecordedFilter filter in recorded.Filters)
        {
            var options = new EmbeddingGenerationOptions { Dimensions = filter.K };
            GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(texts, options), projected = await plain.GenerateAsync(texts, options);
            for (int i = 0; i < texts.Length; i++)
            {
                Assert.Equal(filter.K, vectors[i].Dimensions);
                Assert.Equal(1, Dot(projected[i], projected[i]) / (filter.Norms[i] * filter.Norms[i]), 1e-4);
                for (int j = 0; j < texts.Length; j++)
                {
                    Assert.Equal(filter.Cosines[i][j], Dot(vectors[i], vectors[j]), 1e-4);
                }
            }
        }
    }

    [Theory]
    [InlineData("spectral", 48)]
    [InlineData("spectral:3", 20)]
    [InlineData("random", 48)]
    [InlineData("random:-5", 7)]
    public async Task Generate_Distances_AreThoseBehindTheProjector(string filter, int dimensions)
    {
        using MetaEolEmbeddingGenerator generator = New(Golden, options => (options.Normalize, options.Filter) = (false, DimensionFilter.Parse(filter)));
        var options = new EmbeddingGenerationOptions { Dimensions = dimensions };
        VectorFilter basis = (await generator.GetFilterAsync(options))!;
        Assert.Equal((64, dimensions), (basis.InputDimensions, basis.Dimensions));
        double[][] projected = [.. (await generator.GenerateAsync(Texts)).Select(embedding => Project(basis, embedding.Vector.Span))];
        GeneratedEmbeddings<Embedding<float>> filtered = await generator.GenerateAsync(Texts, options);
        for (int i = 0; i < Texts.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double expected = projected[i].Zip(projected[j], (a, b) => (a - b) * (a - b)).Sum();
                double found = filtered[i].Vector.ToArray().Zip(filtered[j].Vector.ToArray(), (a, b) => ((double)a - b) * ((double)a - b)).Sum();
                Assert.Equal(1, Math.Sqrt(found / expected), 1e-5);
            }
        }
    }

    [Fact]
    public async Task Generate_ModelsOwnDimensions_GivesTheSameBitsAndComputesNothing()
    {
        using MetaEolEmbeddingGenerator generator = New(Golden), own = New(Golden, options => options.Dimensions = 64);
        GeneratedEmbeddings<Embedding<float>> plain = await generator.GenerateAsync(Texts);
        foreach (GeneratedEmbeddings<Embedding<float>> same in (GeneratedEmbeddings<Embedding<float>>[])
        [
            await own.GenerateAsync(Texts),
            await generator.GenerateAsync(Texts, new() { Dimensions = 64 }),
            await generator.GenerateAsync(Texts, new MetaEolEmbeddingGenerationOptions { Dimensions = 64, Filter = DimensionFilter.Off }),
        ])
        {
            Assert.Equal(plain.Select(embedding => embedding.Vector.ToArray()), same.Select(embedding => embedding.Vector.ToArray()));
        }

        Assert.Equal(await generator.GetFingerprintAsync(), await own.GetFingerprintAsync());
        Assert.Null(await own.GetFilterAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cache.Path));
    }

    [Fact]
    public async Task Generate_ManyDimensionsAtOnce_EachGetsItsOwn()
    {
        using MetaEolEmbeddingGenerator generator = New(Golden);
        MetaEolEmbeddingGenerationOptions[] options =
        [
            .. new int?[] { null, 64, 32, 16, 5 }.Select(dimensions => new MetaEolEmbeddingGenerationOptions { Dimensions = dimensions }),
            new() { Dimensions = 32, Filter = DimensionFilter.SpectralFrom(0) },
            new() { Dimensions = 32, Filter = DimensionFilter.Random() },
            new() { Dimensions = 32, Filter = DimensionFilter.Random(1) },
        ];
        float[][] alone = [.. await Task.WhenAll(options.Select(async option => (await generator.GenerateAsync([Texts[1]], option))[0].Vector.ToArray()))];
        Assert.Equal(options.Length - 1, alone.Select(vector => string.Join(' ', vector)).Distinct().Count());
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            float[] vector = (await generator.GenerateAsync([Texts[1]], options[i % options.Length]))[0].Vector.ToArray();
            FakeGenerator.AssertClose(alone[i % options.Length], vector, 1e-5);
        }));
    }

    [Fact]
    public async Task Generate_GeneratorsOwnDimensions_AreItsVectorsMetadataAndFingerprint()
    {
        using MetaEolEmbeddingGenerator generator = New(Golden), half = New(Golden, options => options.Dimensions = 32);
        Assert.Equal(32, half.Metadata.DefaultModelDimensions);
        Assert.Equal(
            (await generator.GenerateAsync(Texts, new() { Dimensions = 32 })).Select(embedding => embedding.Vector.ToArray()),
            (await half.GenerateAsync(Texts)).Select(embedding => embedding.Vector.ToArray()));
        Assert.Equal(64, (await half.GenerateAsync(Texts, new() { Dimensions = 64 }))[0].Dimensions);

        Assert.Equal(
            (await half.GenerateAsync(Texts)).Select(embedding => embedding.Vector.ToArray()),
            (await generator.GenerateHybridAsync(Texts, new() { Dimensions = 32 }, new SparseEmbeddingOptions { Terms = SparseTerms.Vocabulary })).Select(embedding => embedding.Dense.Vector.ToArray()));

        // Views are not filtered, whatever the generator's own vectors are.
        Assert.Equal(64, (await half.GenerateTemplateEmbeddingsAsync(Texts))[0, 0].Length);
        ArgumentException exception = await Assert.ThrowsAsync<ArgumentException>(() => half.GenerateTemplateEmbeddingsAsync(Texts, new EmbeddingGenerationOptions { Dimensions = 32 }));
        Assert.Contains("views have the 64 dimensions", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fingerprint_TellsFiltersApart()
    {
        Action<MetaEolOptions>[] settings =
        [
            _ => { },
            options => options.Dimensions = 32,
            options => options.Dimensions = 16,
            options => (options.Dimensions, options.Filter) = (32, DimensionFilter.SpectralFrom(0)),
            options => (options.Dimensions, options.Filter) = (32, DimensionFilter.Random()),
            options => (options.Dimensions, options.Filter) = (32, DimensionFilter.Random(1)),
        ];
        string[] fingerprints = await Task.WhenAll(settings.Select(FingerprintAsync));
        Assert.Equal(settings.Length, fingerprints.Distinct().Count());
        Assert.Equal(fingerprints[1], await FingerprintAsync(options => (options.Dimensions, options.Filter, options.CacheFolder) = (32, DimensionFilter.SpectralFrom(16), null)));
        Assert.Equal(fingerprints[0], await FingerprintAsync(options => options.Filter = DimensionFilter.Random(3)));

        async Task<string> FingerprintAsync(Action<MetaEolOptions> configure)
        {
            using MetaEolEmbeddingGenerator generator = New(Golden, configure);
            return await generator.GetFingerprintAsync();
        }
    }

    [Fact]
    public async Task Generate_BasisInTheCache_IsUsedAndMendedWhereItIsDamaged()
    {
        float[] first = await VectorAsync();
        string file = Assert.Single(Directory.EnumerateFiles(Path.Combine(_cache.Path, "filters")));
        DateTime old = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(file, old);
        Assert.Equal(first, await VectorAsync());
        Assert.Equal(old, File.GetLastWriteTimeUtc(file));

        byte[] whole = File.ReadAllBytes(file);
        byte[] damaged = [.. whole];
        damaged[^9] ^= 4;
        foreach (byte[] content in (byte[][])[damaged, [], whole[..^100], [.. "another file"u8]])
        {
            File.WriteAllBytes(file, content);
            Assert.Equal(first, await VectorAsync());
            Assert.Equal(whole, File.ReadAllBytes(file));
        }

        async Task<float[]> VectorAsync()
        {
            using MetaEolEmbeddingGenerator generator = New(Golden);
            return (await generator.GenerateAsync(["3 4 5"], new() { Dimensions = 24 }))[0].Vector.ToArray();
        }
    }

    [Fact]
    public async Task GetFilter_BasisThatIsComputed_TellsAllWhoWaitHowFarItIs()
    {
        using MetaEolEmbeddingGenerator generator = New(Golden);
        Recorder one = new(), other = new();
        await Task.WhenAll(generator.GetFilterAsync(new() { Dimensions = 20 }, one), generator.GetFilterAsync(new() { Dimensions = 10 }, other));
        Assert.Equal(["Gram matrix", "tridiagonal form", "eigenvalues", "eigenvectors"], one.Steps);
        Assert.NotEmpty(other.Steps);

        // It is there now: nothing is computed, and nothing told.
        var late = new Recorder();
        await generator.GetFilterAsync(new() { Dimensions = 30 }, late);
        Assert.Empty(late.Steps);
    }

    [Fact]
    public async Task Generate_CacheThatCannotBeWritten_StillFilters()
    {
        string file = Path.Combine(_cache.Path, "occupied");
        File.WriteAllText(file, "");
        using MetaEolEmbeddingGenerator generator = New(Golden, options => options.CacheFolder = file);
        Assert.Equal(24, (await generator.GenerateAsync(["3 4 5"], new() { Dimensions = 24 }))[0].Dimensions);
        Assert.Equal(12, (await generator.GenerateAsync(["3 4 5"], new() { Dimensions = 12 }))[0].Dimensions);
    }

    [Fact]
    public async Task GetFilter_CallerThatLeavesOrGeneratorThatIsDisposed_EndsTheWait()
    {
        using var folder = new TemporaryFolder();
        new RandomModel { HiddenSize = 640, AttentionHeads = 10, VocabularySize = 30_000, LayerCount = 1 }.Write(folder.Path);
        using MetaEolEmbeddingGenerator generator = RecordedMethods.NewGeneratorOf(folder.Path, options => options.CacheFolder = _cache.Path);
        await generator.LoadAsync();
        using var source = new CancellationTokenSource();
        Task<VectorFilter?> leaving = generator.GetFilterAsync(new() { Dimensions = 100 }, cancellationToken: source.Token), staying = generator.GetFilterAsync(new() { Dimensions = 100 });
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        generator.Dispose();
        try
        {
            // A machine that is faster than this test has the filter ready by now.
            Assert.Equal(100, (await staying)!.Dimensions);
        }
        catch (ObjectDisposedException)
        {
            Assert.Empty(Directory.EnumerateFileSystemEntries(_cache.Path));
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => generator.GetFilterAsync(new() { Dimensions = 100 }));
    }

    [Theory]
    [InlineData(65, "spectral", "write 1 to 64")]
    [InlineData(65, "random", "write 1 to 64")]
    [InlineData(32, "off", "Filter is off")]
    [InlineData(32, "spectral:33", "write spectral:32 at most")]
    public async Task Generate_DimensionsThatCannotBeServed_SaysWhatCan(int dimensions, string filter, string message)
    {
        using MetaEolEmbeddingGenerator generator = New(Golden);
        var options = new MetaEolEmbeddingGenerationOptions { Dimensions = dimensions, Filter = DimensionFilter.Parse(filter) };
        Assert.Contains(message, (await Assert.ThrowsAsync<ArgumentException>(() => generator.GenerateAsync(["1"], options))).Message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => New(Golden, own => (own.Dimensions, own.Filter) = (dimensions, options.Filter.Value))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_EncoderOfTheCallers_ServesTheRandomProjectionAlone()
    {
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder(hiddenSize: 16));
        NotSupportedException exception = await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(["a."], new() { Dimensions = 4 }));
        Assert.Contains("Filter be random", exception.Message, StringComparison.Ordinal);
        Assert.Equal(4, (await generator.GenerateAsync(["a."], new MetaEolEmbeddingGenerationOptions { Dimensions = 4, Filter = DimensionFilter.Random() }))[0].Dimensions);
    }

    [Fact]
    public async Task Generate_1024Dimensions_GoThroughThePgvectorTextForm()
    {
        using var folder = new TemporaryFolder();
        new RandomModel { HiddenSize = 1280, AttentionHeads = 20, VocabularySize = 1500, LayerCount = 1, Type = "BF16" }.Write(folder.Path);
        using MetaEolEmbeddingGenerator generator = RecordedMethods.NewGeneratorOf(folder.Path, options => options.CacheFolder = _cache.Path);
        float[] vector = (await generator.GenerateAsync(["3 4 5"], new() { Dimensions = 1024 }))[0].Vector.ToArray();

        // The form that vector(1024) reads and writes: numbers between brackets, in float32, none of them NaN or infinite.
        string text = $"[{string.Join(',', vector.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]";
        float[] read = [.. text.Trim('[', ']').Split(',').Select(number => float.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture))];
        Assert.Equal(1024, read.Length);
        Assert.All(read, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(vector, read);
    }

    private MetaEolEmbeddingGenerator New(string model, Action<MetaEolOptions>? configure = null) => RecordedMethods.NewGenerator(model, options =>
    {
        options.CacheFolder = _cache.Path;
        configure?.Invoke(options);
    });

    private static double Dot(Embedding<float> a, Embedding<float> b) => a.Vector.ToArray().Zip(b.Vector.ToArray(), (x, y) => (double)x * y).Sum();

    private sealed class Recorder : IProgress<FilterProgress>
    {
        private readonly List<string> _steps = [];

        public IReadOnlyList<string> Steps
        {
            get
            {
                lock (_steps)
                {
                    return [.. _steps];
                }
            }
        }

        public void Report(FilterProgress value)
        {
            lock (_steps)
            {
                if (!_steps.Contains(value.Step))
                {
                    _steps.Add(value.Step);
                }
            }
        }
    }

    private static double[] Project(VectorFilter filter, ReadOnlySpan<float> vector)
    {
        int size = filter.InputDimensions;
        double[] projected = new double[size];
        for (int row = 0; row < filter.Dimensions; row++)
        {
            ReadOnlySpan<float> weights = filter.Rows.Span.Slice(row * size, size);
            double dot = 0;
            for (int i = 0; i < size; i++)
            {
                dot += (double)weights[i] * vector[i];
            }

            for (int i = 0; i < size; i++)
            {
                projected[i] += dot * weights[i];
            }
        }

        return projected;
    }
}
