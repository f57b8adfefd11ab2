using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Statistics;

namespace MetaEol.Evaluation.Sts;

/// <summary>Turns similarities of pairs into the scores of tasks.</summary>
public static class StsScorer
{
    /// <summary>Scores tasks.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="similarities">The similarity of each pair, in the order of the tasks, their subsets, and the subsets' pairs. NaN, the cosine of a zero vector, counts as 0, as in SentEval.</param>
    /// <returns>The scores of each task, in order.</returns>
    /// <exception cref="ArgumentException">There are not as many similarities as pairs.</exception>
    public static IReadOnlyList<StsScores> Score(IReadOnlyList<StsTask> tasks, ReadOnlySpan<double> similarities)
    {
        int total = tasks.Sum(task => task.Subsets.Sum(subset => subset.Pairs.Count));
        if (total != similarities.Length)
        {
            throw new ArgumentException($"The tasks have {total} pairs, and there are {similarities.Length} similarities.", nameof(similarities));
        }

        List<StsScores> scores = [];
        int position = 0;
        foreach (StsTask task in tasks)
        {
            int start = position;
            List<StsSubsetScore> subsets = [];
            foreach (StsSubset subset in task.Subsets)
            {
                subsets.Add(new StsSubsetScore(subset.Name, subset.Pairs.Count, Spearman(similarities.Slice(position, subset.Pairs.Count), subset.Pairs)));
                position += subset.Pairs.Count;
            }

            int count = position - start;
            scores.Add(new StsScores(
                task.Name,
                count,
                Spearman(similarities[start..position], [.. task.Pairs]),
                subsets.Average(subset => subset.Spearman),
                subsets.Sum(subset => subset.Spearman * subset.PairCount) / count,
                subsets));
        }

        return scores;
    }

    /// <summary>The cosine of two vectors, computed in float64; 0 if either is zero.</summary>
    /// <param name="first">A vector.</param>
    /// <param name="second">A vector of the same length.</param>
    public static double Cosine(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        double product = 0, firstSquare = 0, secondSquare = 0;
        for (int i = 0; i < first.Length; i++)
        {
            double a = first[i], b = second[i];
            product += a * b;
            firstSquare += a * a;
            secondSquare += b * b;
        }

        return firstSquare == 0 || secondSquare == 0 ? 0 : product / Math.Sqrt(firstSquare * secondSquare);
    }

    private static double Spearman(ReadOnlySpan<double> similarities, IReadOnlyList<SentencePair> pairs)
    {
        double[] known = similarities.ToArray(), human = [.. pairs.Select(pair => pair.Score)];
        for (int i = 0; i < known.Length; i++)
        {
            known[i] = double.IsNaN(known[i]) ? 0 : known[i];
        }

        return 100 * SpearmanCorrelation.Compute(known, human);
    }
}
