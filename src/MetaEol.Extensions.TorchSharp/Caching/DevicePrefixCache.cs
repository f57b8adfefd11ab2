namespace MetaEol.Extensions.TorchSharp.Caching;

/// <summary>Keys and values, on the devices, of beginnings that prompts of different passes share: the templates' own prefixes.</summary>
/// <remarks>
/// What to keep is learned as the CPU encoder learns it: a prefix is stored when a pass brings a prompt that shares it with a different prompt of one of the
/// passes before. Template prefixes come with every call and are stored by the second; texts do not come again, so that a pass over a corpus neither fills
/// the cache nor empties it.
/// </remarks>
/// <param name="maxBytes">Most bytes of all entries together.</param>
/// <param name="bytesPerToken">Bytes of one token's keys and values in one layer.</param>
internal sealed class DevicePrefixCache(long maxBytes, long bytesPerToken) : IDisposable
{
    /// <summary>A prefix that spares fewer tokens than this is not worth an entry.</summary>
    private const int MinimumGain = 8;

    private const int RememberedPasses = 4;
    private const int MaxRememberedTokens = 1 << 16;

    private readonly List<CachedPrefix> _entries = [];

    /// <summary>The prompts of the last passes, each pass in lexicographic order.</summary>
    private readonly Queue<int[][]> _remembered = new();
    private long _pass;

    public int Count => _entries.Count;

    public long Bytes => _entries.Sum(Size);

    /// <summary>Begins a pass.</summary>
    public void BeginPass() => _pass++;

    /// <summary>The entry that shares the longest beginning with a prompt, leaving at least its last token to compute.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="layers">Layers that the entry must reach.</param>
    public PrefixHit Find(ReadOnlySpan<int> prompt, int layers)
    {
        var best = new PrefixHit(null, 0);
        foreach (CachedPrefix entry in _entries)
        {
            int length = Math.Min(prompt.CommonPrefixLength(entry.Tokens), prompt.Length - 1);
            if (length > best.Length && entry.Layers >= layers)
            {
                best = new PrefixHit(entry, length);
            }
        }

        if (best.Length < MinimumGain)
        {
            return new PrefixHit(null, 0);
        }

        best.Entry!.LastUsed = _pass;
        return best;
    }

    /// <summary>The prefixes that this pass should store, as entries to fill; remembers its prompts for later passes.</summary>
    /// <param name="prompts">The pass's prompts in lexicographic order.</param>
    /// <param name="hits">What <see cref="Find"/> gave for each.</param>
    /// <param name="layers">Number of layers that the pass computes.</param>
    public List<NewPrefix> Learn(IReadOnlyList<ReadOnlyMemory<int>> prompts, IReadOnlyList<PrefixHit> hits, int layers)
    {
        var admitted = new List<NewPrefix>();
        if (maxBytes == 0 || layers == 0)
        {
            return admitted;
        }

        // Shortest first, so that a template's prefix is taken before the same with a few words that two texts happen to share.
        IEnumerable<(int Prompt, int Length)> candidates = Enumerable.Range(0, prompts.Count)
            .Select(prompt => (Prompt: prompt, Length: SharedWithRemembered(prompts[prompt].Span)))
            .Where(candidate => candidate.Length - hits[candidate.Prompt].Length >= MinimumGain)
            .OrderBy(candidate => candidate.Length);
        long room = maxBytes - _entries.Where(entry => entry.LastUsed == _pass).Sum(Size);
        foreach ((int prompt, int length) in candidates)
        {
            int[] tokens = prompts[prompt].Span[..length].ToArray();
            long bytes = tokens.Length * layers * bytesPerToken;
            if (bytes <= room && admitted.TrueForAll(other => length - tokens.AsSpan().CommonPrefixLength(other.Entry.Tokens) >= MinimumGain))
            {
                admitted.Add(new NewPrefix(prompt, new CachedPrefix(tokens, layers)));
                room -= bytes;
            }
        }

        Remember(prompts);
        return admitted;
    }

    /// <summary>Adds a filled entry; the least recently used ones of earlier passes make room for it, and shallower ones of the same tokens go.</summary>
    public void Add(CachedPrefix prefix)
    {
        RemoveAll(entry => entry.Layers <= prefix.Layers && entry.Tokens.AsSpan().SequenceEqual(prefix.Tokens));
        while (Bytes + Size(prefix) > maxBytes && _entries.MinBy(entry => entry.LastUsed) is { } oldest)
        {
            RemoveAll(entry => entry == oldest);
        }

        prefix.LastUsed = _pass;
        _entries.Add(prefix);
    }

    /// <summary>Gives all memory back.</summary>
    public void Clear() => RemoveAll(_ => true);

    public void Dispose() => Clear();

    private long Size(CachedPrefix entry) => entry.Tokens.Length * entry.Layers * bytesPerToken;

    private void RemoveAll(Predicate<CachedPrefix> match)
    {
        foreach (CachedPrefix entry in _entries.FindAll(match))
        {
            _entries.Remove(entry);
            entry.Dispose();
        }
    }

    private void Remember(IReadOnlyList<ReadOnlyMemory<int>> prompts)
    {
        int tokens = 0;
        _remembered.Enqueue([.. prompts.TakeWhile(prompt => (tokens += prompt.Length) <= MaxRememberedTokens).Select(prompt => prompt.ToArray())]);
        if (_remembered.Count > RememberedPasses)
        {
            _remembered.Dequeue();
        }
    }

    /// <summary>Longest beginning that a prompt shares with a different prompt of a remembered pass, without its own last token.</summary>
    private int SharedWithRemembered(ReadOnlySpan<int> prompt)
    {
        int longest = 0;
        foreach (int[][] pass in _remembered)
        {
            // In lexicographic order the prompts that share most stand next to where this one would.
            int low = 0;
            int high = pass.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                (low, high) = pass[middle].AsSpan().SequenceCompareTo(prompt) < 0 ? (middle + 1, high) : (low, middle);
            }

            int after = low < pass.Length && pass[low].AsSpan().SequenceEqual(prompt) ? low + 1 : low;
            if (low > 0)
            {
                longest = Math.Max(longest, prompt.CommonPrefixLength(pass[low - 1]));
            }

            if (after < pass.Length)
            {
                longest = Math.Max(longest, prompt.CommonPrefixLength(pass[after]));
            }
        }

        return Math.Min(longest, prompt.Length - 1);
    }
}
