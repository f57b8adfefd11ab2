using System.Numerics.Tensors;
using MetaEol.Retrieval.Ranking;

namespace MetaEol.Retrieval.Tests.Ranking;

public sealed class PassageVectorsTests
{
    [Theory]
    [InlineData(1, 7)]
    [InlineData(99, 64)]
    [InlineData(3000, 33)]
    [InlineData(5000, 300)]
    public void Score_FloatAndByteVectors_EqualThePlainProduct(int count, int dimensions)
    {
        Random random = new(count);
        PassageVector[] vectors = [.. Enumerable.Range(0, count).Select(i => new PassageVector((long)i * 3, (ulong)random.NextInt64(), Random(random, dimensions)))];
        float[] questionMean = Random(random, dimensions);
        PassageSample sample = new(dimensions);
        foreach ((_, ulong key, float[] vector) in vectors)
        {
            sample.Add(key, vector);
        }

        DenseSpace space = new(sample, questionMean);
        float[] question = Map(space, Random(random, dimensions));
        float[] expected = [.. vectors.Select(vector => TensorPrimitives.Dot<float>(Map(space, vector.Vector), question))];

        FloatVectors exact = FloatVectors.Create(1, vectors, dimensions, questionMean);
        ByteVectors rounded = ByteVectors.Create(1, () => vectors, dimensions, questionMean);

        Assert.All(expected.Zip(exact.Score(question)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.All(expected.Zip(rounded.Score(question)), pair => Assert.Equal(pair.First, pair.Second, 0.02f));
        Assert.Equal(count, exact.Count);
        Assert.Equal(3 * (count - 1), exact.Ids[^1]);
        Assert.Equal(count - 1, rounded.PlaceOf(3 * (count - 1)));
        Assert.True(rounded.PlaceOf(1) < 0);
    }

    [Fact]
    public void Map_WhatQuestionsAndPassagesHaveInCommon_IsLeftOut()
    {
        Random random = new(3);
        float[] common = Random(random, 48), manner = Random(random, 48), asking = Random(random, 48);
        float[][] subjects = [.. Enumerable.Range(0, 150).Select(_ => Random(random, 48))];
        PassageSample sample = new(48);
        foreach (float[] subject in subjects)
        {
            sample.Add((ulong)random.NextInt64(), Sum((10, common), ((float)(5 * (random.NextDouble() - 0.5)), manner), (1, subject)));
        }

        float[] questionMean = Sum((10, common), (4, asking));
        DenseSpace space = new(sample, questionMean);
        for (int i = 0; i < 20; i++)
        {
            float[] question = Map(space, Sum((10, common), (4, asking), (2, manner), (1, subjects[i])));
            int[] order = [.. Enumerable.Range(0, subjects.Length).OrderByDescending(j => TensorPrimitives.Dot<float>(question, Map(space, Sum((10, common), (1, subjects[j])))))];
            Assert.Equal(i, order[0]);
        }
    }

    [Fact]
    public void Map_OnePassageOrAllEqual_GivesNumbers()
    {
        foreach (int count in new[] { 1, 2, 500 })
        {
            PassageSample sample = new(4);
            for (int i = 0; i < count; i++)
            {
                sample.Add((ulong)i, [1, 0, 0, 0]);
            }

            DenseSpace space = new(sample, [1, 0, 0, 0]);
            Assert.All(Map(space, [1, 0, 0, 0]), value => Assert.True(float.IsFinite(value)));
            Assert.All(Map(space, [0, 1, 0, 0]), value => Assert.True(float.IsFinite(value)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(257)]
    public void Dot_Bytes_IsExact(int length)
    {
        Random random = new(length);
        for (int i = 0; i < 50; i++)
        {
            // The largest products too.
            sbyte[] row = [.. Enumerable.Range(0, length).Select(_ => (sbyte)(i == 0 ? 127 : i == 1 ? -127 : random.Next(-127, 128)))];
            short[] question = [.. Enumerable.Range(0, length).Select(_ => (short)(i < 2 ? -127 : random.Next(-127, 128)))];
            Assert.Equal(row.Zip(question).Sum(pair => pair.First * pair.Second), ByteVectors.Dot(row, question));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Create_VectorThatIsNotFinite_Throws(float value)
    {
        Assert.Throws<FormatException>(() => FloatVectors.Create(1, [new PassageVector(1, 1, [1, value])], 2, null));
        Assert.Throws<FormatException>(() => ByteVectors.Create(1, () => [new PassageVector(1, 1, [1, 2]), new PassageVector(2, 2, [1])], 2, null));
    }

    [Fact]
    public void Sample_AnyOrder_IsTheSame()
    {
        Random random = new(9);
        (ulong Key, float[] Vector)[] vectors = [.. Enumerable.Range(0, 5000).Select(_ => ((ulong)random.NextInt64(), Random(random, 16)))];
        DenseSpace[] spaces = new DenseSpace[2];
        for (int order = 0; order < 2; order++)
        {
            PassageSample sample = new(16);
            foreach ((ulong key, float[] vector) in vectors)
            {
                sample.Add(key, vector);
            }

            Assert.Equal(2048, sample.Vectors.Count);
            spaces[order] = new DenseSpace(sample, null);
            random.Shuffle(vectors);
        }

        float[] question = Random(random, 16);
        Assert.All(Map(spaces[0], question).Zip(Map(spaces[1], question)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    private static float[] Map(DenseSpace space, float[] vector)
    {
        float[] mapped = new float[vector.Length];
        space.Map(vector, mapped);
        return mapped;
    }

    private static float[] Random(Random random, int dimensions) => [.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];

    private static float[] Sum(params (float Weight, float[] Vector)[] parts) => [.. Enumerable.Range(0, parts[0].Vector.Length).Select(i => parts.Sum(part => part.Weight * part.Vector[i]))];
}
