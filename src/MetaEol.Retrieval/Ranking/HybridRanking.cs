namespace MetaEol.Retrieval.Ranking;

/// <summary>
/// Joins a ranking by words with one by vectors, so that the joint one is about as good as the better of the two where one of them is poor, and better than both where
/// neither is. Nothing is trained, and no judgements are needed.
/// </summary>
/// <remarks>
/// BM25 is by its derivation a sum of log odds, in nats. A similarity has no such scale: it is turned into nats by how improbable it is among the similarities of all
/// passages to the question, taken as normally distributed. Then both can be added, the vectors' nats times a <see cref="Trust">trust</see> that is measured for each
/// question by two signs. Agreement: how far above the average the passages are, by their vectors, that the words find best; vectors that know nothing of a subject put
/// these anywhere, and then only move what the words cannot tell apart. And discovery: whether the vectors have found something that chance does not explain, where many
/// passages suit the words about as well as the best. Sparse vectors weigh the same words anew, so that they agree with them always and tell nothing independent: they
/// are brought to the scale of BM25, and get a tenth of the trust in the model's vectors. docs/search.md has the measurements.
/// </remarks>
public static class HybridRanking
{
    private const int SignDepth = 10;

    // Chosen on nine collections, of which the vectors know little to much; docs/search.md names them. Words and vectors agree up to 1.5 deviations wherever vectors
    // tell anything at all, and that says nothing of how much.
    private const double LeastTrust = 0.35, MostTrust = 3;
    private const double TrustPerDeviation = 0.6, CommonAgreement = 1.5;
    private const double TrustPerDiscovery = 4, CommonSurprise = 1.5;

    // What sparse vectors say of a passage, in BM25's best score, for each unit of trust. Chosen like the others; up to twice as much it makes no difference beyond chance.
    private const double SparsePerTrust = 0.1;

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

    /// <summary>Brings dot products of sparse vectors to the scale of the words' scores: the best of them becomes a tenth of the best BM25 score. They count times the trust, as the vectors' surprise does.</summary>
    /// <param name="words">The BM25 score of every passage; 0 where it holds no word of the question.</param>
    /// <param name="products">The dot product of every passage with the question, in the same order; 0 or more.</param>
    /// <param name="nats">Receives the nats of each, 0 or more. All 0 where no passage holds a word of the question.</param>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void SparseNats(ReadOnlySpan<double> words, ReadOnlySpan<double> products, Span<double> nats)
    {
        ThrowIfDifferent(words.Length, products.Length);
        ThrowIfDifferent(words.Length, nats.Length);
        double mostWords = 0, mostProduct = 0;
        for (int i = 0; i < words.Length; i++)
        {
            mostWords = Math.Max(mostWords, words[i]);
            mostProduct = Math.Max(mostProduct, products[i]);
        }

        double scale = mostProduct > 0 ? SparsePerTrust * mostWords / mostProduct : 0;
        for (int i = 0; i < products.Length; i++)
        {
            nats[i] = scale * products[i];
        }
    }

    /// <summary>How much the vectors' surprise counts beside the words' scores for a question.</summary>
    /// <param name="words">The BM25 score of every passage; 0 where it holds no word of the question.</param>
    /// <param name="similarities">The similarity of every passage to the question, in the same order.</param>
    /// <returns>
    /// 0.35; 0.6 more for each standard deviation beyond 1.5 that the ten passages best by words lie above the average by similarity, in the mean; and, times the share that
    /// the tenth best BM25 score is of the best, 4 more for each time beyond 1.5 that the largest surprise is as large as chance alone would make it, which is the logarithm
    /// of the number of passages. At most 3. 1 where no passage holds a word of the question.
    /// </returns>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static double Trust(ReadOnlySpan<double> words, ReadOnlySpan<float> similarities)
    {
        ThrowIfDifferent(words.Length, similarities.Length);
        (double mean, double deviation) = Distribution(similarities);
        IReadOnlyList<int> best = BestWords(words);
        if (best.Count == 0)
        {
            return 1;
        }

        double agreement = 0, bestWords = 0, lastWords = double.PositiveInfinity, mostSimilar = similarities[0];
        foreach (int passage in best)
        {
            agreement += deviation > 0 ? (similarities[passage] - mean) / deviation / best.Count : 0;
            bestWords = Math.Max(bestWords, words[passage]);
            lastWords = Math.Min(lastWords, words[passage]);
        }

        foreach (float similarity in similarities)
        {
            mostSimilar = Math.Max(mostSimilar, similarity);
        }

        double trust = LeastTrust + (TrustPerDeviation * Math.Max(0, agreement - CommonAgreement));
        if (best.Count == SignDepth)
        {
            // The largest of n surprises is about ln n by chance.
            double discovery = Math.Max(0, (Surprise(mostSimilar, mean, deviation) / Math.Log(similarities.Length)) - CommonSurprise);
            trust += TrustPerDiscovery * discovery * lastWords / bestWords;
        }

        return Math.Min(trust, MostTrust);
    }

    /// <summary>The passages best by words that the trust is measured by; fewer where fewer hold a word of the question.</summary>
    internal static IReadOnlyList<int> BestWords(ReadOnlySpan<double> words)
    {
        PriorityQueue<int, (double, int)> best = new();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] > 0)
            {
                best.Enqueue(i, (words[i], -i));
                if (best.Count > SignDepth)
                {
                    best.Dequeue();
                }
            }
        }

        return [.. best.UnorderedItems.Select(item => item.Element)];
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
