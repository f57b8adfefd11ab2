namespace MetaEol.Retrieval.Ranking;

/// <summary>The scores of all passages that one question gave, by their places; one list for each part that was asked for.</summary>
internal sealed class RankedPassages
{
    private readonly double[]? _sparseNats;
    private double _mean, _deviation, _trust = 1;

    /// <param name="ids">The passages' ids.</param>
    /// <param name="words">BM25; 0 where a passage holds no word of the question.</param>
    /// <param name="similarities">Cosines.</param>
    /// <param name="products">Dot products of sparse vectors; 0 where a passage has no token in common with the question.</param>
    public RankedPassages(long[] ids, double[]? words = null, float[]? similarities = null, double[]? products = null)
    {
        Ids = ids;
        Words = words;
        Similarities = similarities;
        Products = products;
        Scores = new double[ids.Length];
        if (Words is not null && Products is not null)
        {
            _sparseNats = new double[ids.Length];
            HybridRanking.SparseNats(Words, Products, _sparseNats);
        }

        Rank();
    }

    public long[] Ids { get; }

    /// <summary>BM25; 0 where a passage holds no word of the question. Null where words do not count.</summary>
    public double[]? Words { get; }

    /// <summary>Cosines. Null where vectors do not count.</summary>
    public float[]? Similarities { get; }

    /// <summary>Dot products of sparse vectors. Null where they do not count.</summary>
    public double[]? Products { get; }

    /// <summary>What the passages are ranked by.</summary>
    public double[] Scores { get; }

    /// <summary>Puts exact cosines in the place of estimates where they matter: for the best passages, and for those that the trust is measured by.</summary>
    /// <param name="count">How many of the best are looked at.</param>
    /// <param name="exact">The exact cosine of a passage.</param>
    public void Correct(int count, Func<long, float> exact)
    {
        IEnumerable<int> measured = Words is null ? [] : HybridRanking.BestWords(Words);
        foreach (int place in Best(count).Union(measured))
        {
            Similarities![place] = exact(Ids[place]);
        }

        Rank();
    }

    /// <summary>The places of the passages with the largest scores, the best first; without those that no part found.</summary>
    /// <param name="count">The most places wanted.</param>
    public int[] Best(int count)
    {
        PriorityQueue<int, (double, int)> best = new(Math.Min(count, Scores.Length) + 1);
        for (int i = 0; i < Scores.Length; i++)
        {
            if (Similarities is null && Scores[i] <= 0)
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
    /// <param name="place">The passage's place.</param>
    /// <param name="passage">The passage.</param>
    /// <param name="except">The place of a passage that is not among those that are compared; -1 where all are.</param>
    public SearchResult Explain(int place, Passage passage, int except) => new(passage, Scores[place])
    {
        Words = Words is not null && Words[place] > 0 ? new PartScore(Words[place], RankOf(Words, place, except), Words[place]) : null,
        Dense = Similarities is null ? null : new PartScore(Similarities[place], RankOf(Similarities, place, except), DenseContribution(place)),
        Sparse = Products is not null && Products[place] > 0 ? new PartScore(Products[place], RankOf(Products, place, except), SparseContribution(place)) : null,
    };

    private void Rank()
    {
        if (Words is not null && Similarities is not null)
        {
            (_mean, _deviation) = HybridRanking.Distribution(Similarities);
            _trust = HybridRanking.Trust(Words, Similarities);
        }

        for (int i = 0; i < Scores.Length; i++)
        {
            Scores[i] = (Words?[i] ?? 0) + (Similarities is null ? 0 : DenseContribution(i)) + (Products is null ? 0 : SparseContribution(i));
        }
    }

    // Beside words, in nats; alone, as it is.
    private double DenseContribution(int place) => Words is null ? Similarities![place] : _trust * HybridRanking.Surprise(Similarities![place], _mean, _deviation);

    private double SparseContribution(int place) => _sparseNats is null ? Products![place] : _trust * _sparseNats[place];

    private static int RankOf<T>(T[] scores, int place, int except)
        where T : IComparable<T>
    {
        int rank = 1;
        for (int i = 0; i < scores.Length; i++)
        {
            rank += i != except && scores[i].CompareTo(scores[place]) > 0 ? 1 : 0;
        }

        return rank;
    }
}
