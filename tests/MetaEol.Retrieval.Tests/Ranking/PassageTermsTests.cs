using MetaEol.Extensions;
using MetaEol.Retrieval.Ranking;

namespace MetaEol.Retrieval.Tests.Ranking;

public sealed class PassageTermsTests
{
    [Fact]
    public void Score_EqualsTheDotProductsOfWhatWasStored()
    {
        Random random = new(5);
        SparseEmbedding[] passages = [.. Enumerable.Range(0, 300).Select(i => i % 7 == 0 ? new SparseEmbedding(Array.Empty<int>(), Array.Empty<float>()) : Vector(random))];
        PassageTerms terms = PassageTerms.Create(7, passages.Select((passage, i) => (10L * i, PassageTerms.Pack(passage))));
        Assert.Equal((7, true), (terms.Generation, terms.Any));
        Assert.Equal(passages.Select((_, i) => 10L * i), terms.Ids);
        for (int round = 0; round < 20; round++)
        {
            SparseEmbedding question = Vector(random);
            Assert.Equal(passages.Select(passage => passage.Dot(question)), terms.Score(question), (expected, actual) => Math.Abs(expected - actual) < 1e-6);
        }

        SparseEmbedding read = PassageTerms.Read(PassageTerms.Pack(passages[1]));
        Assert.Equal(passages[1].TokenIds.ToArray(), read.TokenIds.ToArray());
        Assert.Equal(passages[1].Weights.ToArray(), read.Weights.ToArray());
        Assert.False(PassageTerms.Create(1, [(1, []), (2, [])]).Any);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 5 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 128, 5, 0 })]
    [InlineData(new byte[] { 9, 0, 0, 0, 9, 0, 0, 0, 5, 0, 5, 0 })]
    [InlineData(new byte[] { 9, 0, 0, 0, 8, 0, 0, 0, 5, 0, 5, 0 })]
    public void Read_WhatIsNoSparseVector_IsDamage(byte[] terms)
    {
        Assert.Throws<FormatException>(() => PassageTerms.Read(terms));
        Assert.Throws<FormatException>(() => PassageTerms.Create(1, [(1, terms)]));
    }

    private static SparseEmbedding Vector(Random random)
    {
        int[] ids = [.. Enumerable.Range(0, 60).Where(_ => random.Next(4) == 0)];
        return new SparseEmbedding(ids, Array.ConvertAll(ids, _ => (float)random.Next(1, 400)));
    }
}
