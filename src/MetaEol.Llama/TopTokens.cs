namespace MetaEol.Llama;

/// <summary>The tokens with the largest logits, or other numbers, collected block by block of the vocabulary; of equal ones the smaller ids.</summary>
internal sealed class TopTokens(int count)
{
    // The worst of those kept comes out first: the smallest logit, and of equal ones the largest id.
    private readonly PriorityQueue<(int Id, float Logit), (float Logit, int Id)> _kept =
        new(Comparer<(float Logit, int Id)>.Create((a, b) => a.Logit != b.Logit ? a.Logit.CompareTo(b.Logit) : b.Id.CompareTo(a.Id)));

    /// <summary>Takes the logits of the ids from <paramref name="firstId"/> on, which are above all ids so far.</summary>
    public void Add(int firstId, ReadOnlySpan<float> logits)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            if (_kept.Count < count)
            {
                _kept.Enqueue((firstId + i, logits[i]), (logits[i], firstId + i));
            }
            else if (count > 0 && logits[i] > _kept.Peek().Logit)
            {
                _kept.EnqueueDequeue((firstId + i, logits[i]), (logits[i], firstId + i));
            }
        }
    }

    /// <summary>What was kept, the largest first.</summary>
    public NextTokens ToResult(double logPartition)
    {
        var ids = new int[_kept.Count];
        var logits = new float[_kept.Count];
        for (int i = ids.Length - 1; i >= 0; i--)
        {
            (ids[i], logits[i]) = _kept.Dequeue();
        }

        return new NextTokens(ids, logits, logPartition);
    }

    /// <summary>What was kept, the largest first, without what is not above 0.</summary>
    public TokenWeight[] ToWeights()
    {
        var weights = new TokenWeight[_kept.Count];
        for (int i = weights.Length - 1; i >= 0; i--)
        {
            (int id, float weight) = _kept.Dequeue();
            weights[i] = new TokenWeight(id, weight);
        }

        return Array.FindAll(weights, weight => weight.Weight > 0);
    }
}
