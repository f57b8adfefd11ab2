namespace MetaEol.Extensions.TorchSharp.Scheduling;

/// <summary>Chooses which waiting requests run as one.</summary>
internal static class RequestMerger
{
    /// <summary>
    /// Takes the oldest request and those behind it that ask for the same layers, as long as they have at most <paramref name="maxTokens"/> tokens together, so
    /// that a short request never waits for a long one it could have gone without.
    /// </summary>
    public static List<EncodeRequest> Take(List<EncodeRequest> waiting, long maxTokens)
    {
        var batch = new List<EncodeRequest> { waiting[0] };
        long tokens = waiting[0].Tokens;
        for (int i = 1; i < waiting.Count; i++)
        {
            EncodeRequest request = waiting[i];
            if (tokens + request.Tokens <= maxTokens && request.Layers.AsSpan().SequenceEqual(waiting[0].Layers))
            {
                batch.Add(request);
                tokens += request.Tokens;
            }
        }

        waiting.RemoveAll(batch.Contains);
        return batch;
    }
}
