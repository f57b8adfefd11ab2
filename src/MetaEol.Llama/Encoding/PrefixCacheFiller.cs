using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Encoding;

/// <summary>Copies the keys and values of the prefixes that a call stores from its rows into new entries of the prefix cache.</summary>
internal sealed unsafe class PrefixCacheFiller : IDisposable
{
    private readonly EncoderState _state;
    private readonly int _width;
    private readonly List<(int Prompt, PrefixCacheEntry Entry)> _pending = [];

    public PrefixCacheFiller(EncoderState state, SortedPrompts prompts, List<(int Prompt, int Length)> admitted, int layers)
    {
        _state = state;
        _width = state.Config.KeyValueHeads * state.Config.HeadDimension;
        foreach ((int prompt, int length) in layers > 0 ? admitted : [])
        {
            _pending.Add((prompt, state.Cache.Create(prompts[prompt][..length], layers)));
        }
    }

    /// <summary>Copies one layer's keys and values of the prefixes whose prompts are in this plan, which begins at prompt <paramref name="firstPrompt"/>.</summary>
    public void Store(int layer, EncodePlan plan, int firstPrompt, float* keys, float* values)
    {
        foreach ((int prompt, PrefixCacheEntry entry) in _pending)
        {
            int index = prompt - firstPrompt;
            if (index >= 0 && index < plan.PromptRows.Length)
            {
                Copy(layer, plan, plan.PromptRows[index], entry, keys, values);
            }
        }
    }

    /// <summary>Adds the filled entries to the cache.</summary>
    public void Complete()
    {
        foreach ((_, PrefixCacheEntry entry) in _pending)
        {
            _state.Cache.Add(entry);
        }

        _pending.Clear();
    }

    /// <summary>Gives up what was not completed.</summary>
    public void Dispose()
    {
        foreach ((_, PrefixCacheEntry entry) in _pending)
        {
            _state.Cache.Abandon(entry);
        }
    }

    private void Copy(int layer, EncodePlan plan, int lastRow, PrefixCacheEntry entry, float* keys, float* values)
    {
        // From the prompt's last segment up to the root.
        for (int s = SegmentOf(plan, lastRow); s >= 0; s = plan.Segments[s].Parent)
        {
            Segment segment = plan.Segments[s];
            int length = Math.Min(segment.Length, entry.Tokens.Length - segment.Position);
            if (length <= 0)
            {
                continue;
            }

            float* sourceKeys = segment.IsCached ? _state.Cache[segment.CacheEntry].Keys(layer) : keys + ((nint)segment.FirstRow * _width);
            float* sourceValues = segment.IsCached ? _state.Cache[segment.CacheEntry].Values(layer) : values + ((nint)segment.FirstRow * _width);
            long bytes = (long)length * _width * sizeof(float);
            nint offset = (nint)segment.Position * _width;
            Buffer.MemoryCopy(sourceKeys, entry.Keys(layer) + offset, bytes, bytes);
            Buffer.MemoryCopy(sourceValues, entry.Values(layer) + offset, bytes, bytes);
        }
    }

    private static int SegmentOf(EncodePlan plan, int row)
    {
        ReadOnlySpan<Segment> segments = plan.Segments;
        int low = 0;
        int high = segments.Length - 1;
        while (low < high)
        {
            // Segments lie in row order; a cached one begins where its subtree does, before the computed one with the same first row.
            int middle = (low + high + 1) / 2;
            if (segments[middle].FirstRow <= row)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }
}
