namespace MetaEol.Retrieval.Ranking;

/// <summary>The scores of all passages that one question gave, by their places; one list for each part that was asked for.</summary>
internal sealed class RankedPassages
{
    private readonly double _mean, _deviation, _trust;

    private RankedPassages(long[] ids, double[]? words, float[]? similarities, double[] scores, double mean, double deviation, double trust)
    {
        Ids = ids;
        Words = words;
        Similarities = similarities;
        Scores = scores;
        (_mean, _deviation, _trust) = (mean, deviation, trust);
    }

    public long[] Ids { get; }

    /// <summary>BM25; 0 where a passage holds no word of the question.</summary>
    public double[]? Words { get; }

    /// <summary>Cosines.</summary>
    public float[]? Similarities { get; }

    /// <summary>What the passages are ranked by.</summary>
    public double[] Scores { get; }

    public static RankedPassages ByWords(long[] ids, double[] words) => new(ids, words, null, words, 0, 0, 0);

    public static RankedPassages ByVectors(long[] ids, float[] similarities) => new(ids, null, similarities, [.. similarities.Select(similarity => (double)similarity)], 0, 0, 0);

    public static RankedPassages ByBoth(long[] ids, double[] words, float[] similarities)
    {
        (double mean, double deviation) = HybridRanking.Distribution(similarities);
        double trust = HybridRanking.Trust(words, similarities);
        double[] scores = new double[ids.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = words[i] + (trust * HybridRanking.Surprise(similarities[i], mean, deviation));
        }

        return new RankedPassages(ids, words, similarities, scores, mean, deviation, trust);
    }

    /// <summary>Puts the exact cosine in the place of an estimate.</summary>
    public void Correct(int place, float similarity)
    {
        Similarities![place] = similarity;
        Scores[place] = Words is null ? similarity : Words[place] + DenseContribution(place);
    }

    /// <summary>The places of the passages with the largest scores, the best first; without those that no part found.</summary>
    /// <param name="count">The most places wanted.</param>
    public int[] Best(int count)
    {
        PriorityQueue<int, (double, int)> best = new(Math.Min(count, Scores.Length) + 1);
        for (int i = 0; i < Scores.Length; i++)
        {
            if (Similarities is null && Words![i] <= 0)
            {
                continue;
            }

            if (best.Count < count)
            {
                best.Enqueue(i, (Scores[i], -i));
            }
            else if (best.TryPeek(out _, out (double Score, int Place) worst) && (Scores[i], -i).CompareTo(worst) > 0)
            {
                best.EnqueueDequeue(i, (Scores[i], -i));
            }
        }

        int[] places = new int[best.Count];
        for (int i = places.Length - 1; i >= 0; i--)
        {
            places[i] = best.Dequeue();
        }

        return places;
    }

    /// <summary>What each part says of a passage.</summary>
    public SearchResult Explain(int place, Passage passage) => new(passage, Scores[place])
    {
        Words = Words is not null && Words[place] > 0 ? new PartScore(Words[place], RankOf(Words, Words[place]), Words[place]) : null,
        Dense = Similarities is null ? null : new PartScore(Similarities[place], RankOf(Similarities, Similarities[place]), Words is null ? Similarities[place] : DenseContribution(place)),
    };

    private double DenseContribution(int place) => _trust * HybridRanking.Surprise(Similarities![place], _mean, _deviation);

    private static int RankOf<T>(T[] scores, T score)
        where T : IComparable<T>
    {
        int rank = 1;
        foreach (T other in scores)
        {
            rank += other.CompareTo(score) > 0 ? 1 : 0;
        }

        return rank;
    }
}
