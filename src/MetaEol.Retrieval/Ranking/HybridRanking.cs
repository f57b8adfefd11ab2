namespace MetaEol.Retrieval.Ranking;

/// <summary>
/// Joins a ranking by words with one by vectors, so that the joint one is about as good as the better of the two where one of them is poor, and better than both where
/// neither is. Nothing is trained, and no judgements are needed.
/// </summary>
/// <remarks>
/// BM25 is by its derivation a sum of log odds, in nats. A similarity has no such scale: it is turned into nats by how improbable it is among the similarities of all
/// passages to the question, taken as normally distributed. Then both can be added, the vectors' nats times a <see cref="Trust">trust</see> that is measured for each
/// question: how far above the average the passages are, by their vectors, that the words find best. Vectors that know nothing of a subject put these anywhere, and
/// then only move what the words cannot tell apart. docs/search.md has the measurements.
/// </remarks>
public static class HybridRanking
{
    private const int AgreementDepth = 10;
    private const double TrustPerDeviation = 0.5, LeastTrust = 0.3, MostTrust = 3;

    /// <summary>Turns similarities into nats of surprise: minus the logarithm of the probability that a passage is as similar by chance.</summary>
    /// <param name="similarities">The similarity of every passage to the question, in any unit; larger is more similar.</param>
    /// <param name="surprise">Receives the surprise of each, 0 or more: 0.69 for a passage of average similarity, growing with the square of the distance above it. All 0 where all similarities are equal.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Surprise(ReadOnlySpan<float> similarities, Span<double> surprise)
    {
        ThrowIfDifferent(similarities.Length, surprise.Length);
        (double mean, double deviation) = Distribution(similarities);
        for (int i = 0; i < similarities.Length; i++)
        {
            surprise[i] = Surprise(similarities[i], mean, deviation);
        }
    }

    /// <summary>How much the vectors' surprise counts beside the words' scores for a question.</summary>
    /// <param name="words">The BM25 score of every passage; 0 where it holds no word of the question.</param>
    /// <param name="similarities">The similarity of every passage to the question, in the same order.</param>
    /// <returns>
    /// Half the standard deviations that the ten passages best by words lie above the average by similarity, in the mean; at least 0.3 and at most 3. 1 where no passage
    /// holds a word of the question.
    /// </returns>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static double Trust(ReadOnlySpan<double> words, ReadOnlySpan<float> similarities)
    {
        ThrowIfDifferent(words.Length, similarities.Length);
        (double mean, double deviation) = Distribution(similarities);
        PriorityQueue<int, (double, int)> best = new();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] > 0)
            {
                best.Enqueue(i, (words[i], -i));
                if (best.Count > AgreementDepth)
                {
                    best.Dequeue();
                }
            }
        }

        if (best.Count == 0)
        {
            return 1;
        }

        double agreement = 0;
        foreach ((int passage, _) in best.UnorderedItems)
        {
            agreement += deviation > 0 ? (similarities[passage] - mean) / deviation : 0;
        }

        return Math.Clamp(TrustPerDeviation * agreement / best.Count, LeastTrust, MostTrust);
    }

    /// <summary>Mean and standard deviation of the similarities.</summary>
    internal static (double Mean, double Deviation) Distribution(ReadOnlySpan<float> similarities)
    {
        if (similarities.IsEmpty)
        {
            return (0, 0);
        }

        double sum = 0, squares = 0;
        foreach (float similarity in similarities)
        {
            sum += similarity;
        }

        double mean = sum / similarities.Length;
        foreach (float similarity in similarities)
        {
            squares += (similarity - mean) * (similarity - mean);
        }

        return (mean, Math.Sqrt(squares / similarities.Length));
    }

    /// <summary>The surprise of one similarity among others.</summary>
    internal static double Surprise(double similarity, double mean, double deviation) => deviation > 0 ? NormalTail.Surprise((similarity - mean) / deviation) : 0;

    private static void ThrowIfDifferent(int first, int second)
    {
        if (first != second)
        {
            throw new ArgumentException($"There must be as many of both, not {first} and {second}.");
        }
    }
}
