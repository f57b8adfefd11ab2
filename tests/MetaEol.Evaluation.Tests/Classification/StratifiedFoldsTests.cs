using MetaEol.Evaluation.Classification;

namespace MetaEol.Evaluation.Tests.Classification;

public class StratifiedFoldsTests
{
    [Fact]
    public void Assign_WithoutShuffle_EqualsHandComputedFolds()
    {
        // The sorted labels 0001111 are dealt to the folds in turn: fold 0 gets two 0s and two 1s, fold 1 one 0 and two 1s.
        Assert.Equal([0, 0, 1, 0, 0, 1, 1], StratifiedFolds.Assign([0, 0, 0, 1, 1, 1, 1], 2));
        Assert.Equal([0, 1, 0, 1], StratifiedFolds.Assign([0, 0, 1, 1], 2));
    }

    [Fact]
    public void Assign_ClassesCountByFirstAppearance()
    {
        // Class 5 appears first, so its examples are dealt first: 5, 5, 5, 2, 2 to folds 0, 1, 2, 0, 1.
        Assert.Equal([0, 0, 1, 1, 2], StratifiedFolds.Assign([5, 2, 5, 2, 5], 3));
    }

    [Fact]
    public void Assign_Shuffled_EqualsHandShuffledFolds()
    {
        // One class of ten in five folds: 0011223344, shuffled as NumPy shuffles ten values with seed 42.
        int[] dealt = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4];
        int[] expected = [.. new[] { 8, 1, 5, 0, 7, 2, 9, 4, 3, 6 }.Select(i => dealt[i])];
        Assert.Equal(expected, StratifiedFolds.Assign(new int[10], 5, 42));
    }

    [Theory]
    [InlineData(10, 1111u)]
    [InlineData(3, 1u)]
    public void Assign_Shuffled_SpreadsEveryClassEvenly(int foldCount, uint seed)
    {
        Random random = new(3);
        int[] labels = [.. Enumerable.Range(0, 997).Select(_ => random.Next(6) * random.Next(2))];
        int[] folds = StratifiedFolds.Assign(labels, foldCount, seed);
        foreach (IGrouping<int, int> group in Enumerable.Range(0, labels.Length).GroupBy(i => labels[i]))
        {
            int[] perFold = [.. Enumerable.Range(0, foldCount).Select(fold => group.Count(i => folds[i] == fold))];
            Assert.InRange(perFold.Max() - perFold.Min(), 0, 1);
        }

        Assert.Equal(folds, StratifiedFolds.Assign(labels, foldCount, seed));
        Assert.NotEqual(folds, StratifiedFolds.Assign(labels, foldCount, seed + 1));
    }

    [Fact]
    public void Assign_NoClassLargeEnough_Throws() =>
        Assert.Contains("the largest has 2", Assert.Throws<ArgumentException>(() => StratifiedFolds.Assign([0, 0, 1], 3)).Message, StringComparison.Ordinal);
}
