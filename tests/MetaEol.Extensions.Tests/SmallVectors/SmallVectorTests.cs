using System.Collections;
using MetaEol.Extensions.SmallVectors;
using MetaEol.Extensions.Tests.TestSupport;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace MetaEol.Extensions.Tests.SmallVectors;

public class SmallVectorTests
{
    [Fact]
    public void ToInt8_AnyVector_IsWithinHalfAScale()
    {
        var random = new Random(5);
        for (int round = 0; round < 100; round++)
        {
            float[] vector = [.. Enumerable.Range(0, 50).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20))))];
            sbyte[] values = SmallVector.ToInt8(vector, out float scale);
            Assert.Equal(127, values.Max(value => Math.Abs((int)value)));
            Assert.DoesNotContain(sbyte.MinValue, values);
            for (int i = 0; i < vector.Length; i++)
            {
                Assert.InRange(Math.Abs(vector[i] - ((double)scale * values[i])), 0, scale * 0.50001);
            }
        }
    }

    [Fact]
    public void ToInt8_Ties_GoToTheEvenNumber()
    {
        Assert.Equal([127, 2, -2, 4, 0], SmallVector.ToInt8([127, 2.5f, -2.5f, 3.5f, 0.5f], out float scale));
        Assert.Equal(1, scale);
        Assert.Equal([0, 0], SmallVector.ToInt8([0, 0], out scale));
        Assert.Equal(0, scale);
        Assert.Equal([-127, 127], SmallVector.ToInt8([-float.MaxValue, float.MaxValue], out _));
        Assert.Equal([127, -127], SmallVector.ToInt8([float.Epsilon, -float.Epsilon], out _));
        Assert.Throws<ArgumentException>(() => SmallVector.ToInt8([1, float.NaN], out _));
        Assert.Throws<ArgumentException>(() => SmallVector.ToInt8([1, float.NegativeInfinity], out _));
    }

    [Fact]
    public void ToBits_AreTheSigns() => Assert.Equal([true, false, false, false], SmallVector.ToBits([1e-20f, -1, 0, -0f]).Cast<bool>());

    [Fact]
    public void RoundTrip_EachType_LeavesWhatItKeeps()
    {
        float[] vector = [0.1f, -0.7f, 0.333f];
        Assert.Equal(vector, SmallVector.RoundTrip(vector, VectorType.Float32));
        Assert.Equal([(float)(Half)0.1f, (float)(Half)(-0.7f), (float)(Half)0.333f], SmallVector.RoundTrip(vector, VectorType.Float16));
        Assert.Equal([18 * (0.7f / 127), -127 * (0.7f / 127), 60 * (0.7f / 127)], SmallVector.RoundTrip(vector, VectorType.Int8));
        Assert.Equal([1f, -1, 1], SmallVector.RoundTrip(vector, VectorType.Binary));
        Assert.Throws<ArgumentOutOfRangeException>(() => SmallVector.RoundTrip(vector, (VectorType)9));
    }

    [Fact]
    public async Task Add_AllTypes_ShareOneModelAndGiveTheSameVectors()
    {
        var encoder = new FakeEncoder();
        int loads = 0;
        var services = new ServiceCollection();
        services.AddMetaEolEmbeddings(MetaEol.Tests.TestPaths.DemoModel, options => options.ModelId = "fake").WithFakes(encoder, () => loads++)
            .AddHalfEmbeddings().AddInt8Embeddings().AddBinaryEmbeddings().AddHalfEmbeddings();
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            Embedding<float> full = (await provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["a."]))[0];
            GeneratedEmbeddings<Embedding<Half>> halves = await Assert.Single(provider.GetServices<IEmbeddingGenerator<string, Embedding<Half>>>()).GenerateAsync(["a."]);
            Embedding<sbyte> bytes = (await provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<sbyte>>>().GenerateAsync(["a."]))[0];
            BinaryEmbedding bits = (await provider.GetRequiredService<IEmbeddingGenerator<string, BinaryEmbedding>>().GenerateAsync(["a."]))[0];
            Assert.Equal(SmallVector.ToHalf(full.Vector.Span), halves[0].Vector.ToArray());
            Assert.Equal(SmallVector.ToInt8(full.Vector.Span, out float scale), bytes.Vector.ToArray());
            Assert.Equal(scale, Assert.IsType<float>(bytes.AdditionalProperties![SmallVector.ScaleName]));
            Assert.Equal(SmallVector.ToBits(full.Vector.Span).Cast<bool>(), bits.Vector.Cast<bool>());
            Assert.Equal(("fake", 8), (halves[0].ModelId, bits.Dimensions));
            Assert.NotNull(halves[0].CreatedAt);
            Assert.True(halves.Usage!.InputTokenCount > 0);

            // The contract: who they are, and what stands behind them.
            var half = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<Half>>>();
            Assert.Same(half, half.GetService(typeof(IEmbeddingGenerator<string, Embedding<Half>>)));
            Assert.Same(provider.GetRequiredService<MetaEolEmbeddingGenerator>(), half.GetService(typeof(MetaEolEmbeddingGenerator)));
            Assert.Equal("fake", half.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
            Assert.Null(half.GetService(typeof(MetaEolEmbeddingGenerator), "key"));
            Assert.Throws<ArgumentNullException>(() => half.GetService(null!));
            half.Dispose();
            Assert.Single(await half.GenerateAsync(["b."]));

            // Vector stores ask for the generator without a type: it is the one of float32.
            Assert.IsType<MetaEolEmbeddingGenerator>(provider.GetRequiredService<IEmbeddingGenerator>());
            Assert.Equal((1, 0), (loads, encoder.Disposals));
        }

        Assert.InRange(encoder.Disposals, 1, int.MaxValue);
    }

    [Fact]
    public async Task Add_UnderAKey_IsFoundUnderIt()
    {
        var services = new ServiceCollection();
        services.AddFake("one").AddInt8Embeddings();
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Single(await provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<sbyte>>>("one").GenerateAsync(["a."]));
        Assert.Null(provider.GetService<IEmbeddingGenerator<string, Embedding<sbyte>>>());
    }

    [Fact]
    public async Task Generate_OptionsOfTheRequest_ReachTheGenerator()
    {
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder());
        var options = new MetaEolEmbeddingGenerationOptions { Dimensions = 4, Filter = DimensionFilter.Random() };
        Assert.Equal(4, (await generator.AsHalfGenerator().GenerateAsync(["a."], options))[0].Dimensions);
        Assert.Equal(new BitArray(4).Length, (await generator.AsBinaryGenerator().GenerateAsync(["a."], options))[0].Vector.Length);
        Assert.Empty(await generator.AsInt8Generator().GenerateAsync([]));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.AsInt8Generator().GenerateAsync(["a."], cancellationToken: new CancellationToken(true)));
        Assert.Throws<ArgumentNullException>(() => SmallVectorExtensions.AsHalfGenerator(null!));
    }
}
