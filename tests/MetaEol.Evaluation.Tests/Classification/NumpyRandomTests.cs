using MetaEol.Evaluation.Classification;

namespace MetaEol.Evaluation.Tests.Classification;

public class NumpyRandomTests
{
    [Fact]
    public void NextUInt32_ReferenceSeed_GivesTheReferenceImplementationsOutput()
    {
        NumpyRandom random = new(5489);
        Assert.Equal(3499211612u, random.NextUInt32());
        for (int i = 2; i < 10_000; i++)
        {
            random.NextUInt32();
        }

        // The C++ standard fixes the 10,000th output of mt19937 (rand.predef).
        Assert.Equal(4123659995u, random.NextUInt32());
    }

    [Theory]
    [InlineData(0u, new[] { 2, 8, 4, 9, 1, 6, 7, 3, 0, 5 })]
    [InlineData(42u, new[] { 8, 1, 5, 0, 7, 2, 9, 4, 3, 6 })]
    public void Permutation_KnownSeed_EqualsNumPy(uint seed, int[] expected) => Assert.Equal(expected, new NumpyRandom(seed).Permutation(10));

    [Fact]
    public void NextTorchUniform_KnownSeed_EqualsPyTorch()
    {
        // torch.manual_seed(0); torch.rand(5), moved from 0 .. 1 to -1 .. 1.
        NumpyRandom random = new(0);
        foreach (double expected in new[] { 0.4963, 0.7682, 0.0885, 0.1320, 0.3074 })
        {
            Assert.Equal(expected, (random.NextTorchUniform(1) + 1) / 2, 4);
        }
    }
}
