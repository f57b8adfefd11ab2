namespace MetaEol.Llama.Planning;

/// <summary>Keys and values of beginnings that prompts of different calls share: the templates' own prefixes. Used by one call at a time.</summary>
/// <remarks>
/// What to keep is learned, not told: a prefix is stored when a call brings a prompt that shares it with a different prompt of an earlier call. Template
/// prefixes come with every call and are stored by the second; texts do not, so that a pass over a corpus neither fills the cache nor empties it. Only a small
/// call, which is mostly template, is stored when the very same prompts come again.
/// </remarks>
internal sealed class PrefixCache(long maxBytes, int keyValueWidth) : IDisposable
{
    /// <summary>A prefix that adds fewer tokens than this to what is stored is not worth an entry.</summary>
    private const int MinimumGain = 8;

    /// <summary>Calls whose prompts are remembered to find shared prefixes, and the most tokens of each.</summary>
    private const int MaxRememberedCalls = 4;
    private const long MaxRememberedTokens = 1 << 18;

    /// <summary>Most prompts of a call that is stored when it is repeated.</summary>
    private const int MaxRepeatedPrompts = 16;

    private readonly Queue<int[][]> _recentCalls = new();
    private readonly List<PrefixCacheEntry> _entries = [];
    private readonly Dictionary<int, PrefixCacheEntry> _byId = [];
    private int _lastId;
    private long _call;

    public long Bytes { get; private set; }

    public int Count => _entries.Count;

    /// <summary>The entry that a <see cref="PrefixHit"/> of the current call names.</summary>
    public PrefixCacheEntry this[int id] => _byId[id];

    /// <summary>For each prompt the longest stored prefix that leaves at least its last token to compute.</summary>
    public PrefixHit[] Find(SortedPrompts prompts, int layers)
    {
        _call++;
        var hits = new PrefixHit[prompts.Count];
        for (int i = 0; i < hits.Length; i++)
        {
            hits[i] = prompts.RotaryKey(i) == 0 ? Find(prompts[i], layers) : PrefixHit.None;
            if (hits[i].Length > 0)
            {
                _byId[hits[i].Entry].LastUsed = _call;
            }
        }

        return hits;
    }

    /// <summary>The prefixes to store during this call, as (prompt, length), shortest first; remembers the call's prompts for later ones.</summary>
    public List<(int Prompt, int Length)> Admit(SortedPrompts prompts, PrefixHit[] hits, int layers)
    {
        var candidates = new List<(int Prompt, int Length)>();
        for (int i = 0; i < prompts.Count; i++)
        {
            int seen = prompts.RotaryKey(i) == 0 ? SeenBefore(prompts[i], prompts.Count <= MaxRepeatedPrompts) : 0;
            if (seen - hits[i].Length >= MinimumGain)
            {
                candidates.Add((i, seen));
            }
        }

        // Shortest first, so that a template's prefix is taken before the same with a few words that two texts happen to share.
        candidates.Sort((left, right) => left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.Prompt.CompareTo(right.Prompt));
        var admitted = new List<(int Prompt, int Length)>();
        long room = maxBytes - _entries.Where(entry => entry.LastUsed == _call).Sum(entry => entry.Bytes);
        foreach ((int prompt, int length) in candidates)
        {
            long bytes = PrefixCacheEntry.BytesOf(length, layers, keyValueWidth);
            bool covered = admitted.Exists(other =>
                length - Math.Min(other.Length, TokenOrder.CommonPrefix(prompts[prompt], prompts[other.Prompt])) < MinimumGain);
            if (!covered && bytes <= room)
            {
                admitted.Add((prompt, length));
                room -= bytes;
            }
        }

        Remember(prompts);
        return admitted;
    }

    /// <summary>A new entry, to be filled and then added; the least recently used of earlier calls go to make room for it.</summary>
    public PrefixCacheEntry Create(ReadOnlySpan<int> tokens, int layers)
    {
        long bytes = PrefixCacheEntry.BytesOf(tokens.Length, layers, keyValueWidth);
        while (Bytes + bytes > maxBytes && _entries.Where(entry => entry.LastUsed < _call).MinBy(entry => entry.LastUsed) is { } oldest)
        {
            Remove(oldest);
        }

        Bytes += bytes;
        return new PrefixCacheEntry(++_lastId, tokens.ToArray(), layers, keyValueWidth);
    }

    /// <summary>Adds a filled entry; one of the same tokens with fewer layers is replaced.</summary>
    public void Add(PrefixCacheEntry entry)
    {
        foreach (PrefixCacheEntry old in _entries.FindAll(old => old.Layers <= entry.Layers && old.Tokens.AsSpan().SequenceEqual(entry.Tokens)))
        {
            Remove(old);
        }

        entry.LastUsed = _call;
        _byId.Add(entry.Id, entry);
        int index = _entries.FindIndex(other => TokenOrder.Compare(other.Tokens, entry.Tokens) > 0);
        _entries.Insert(index < 0 ? _entries.Count : index, entry);
    }

    /// <summary>Gives up an entry that was not filled.</summary>
    public void Abandon(PrefixCacheEntry entry)
    {
        Bytes -= entry.Bytes;
        entry.Dispose();
    }

    public void Dispose()
    {
        foreach (PrefixCacheEntry entry in _entries)
        {
            entry.Dispose();
        }

        _entries.Clear();
        _byId.Clear();
        _recentCalls.Clear();
        Bytes = 0;
    }

    private void Remove(PrefixCacheEntry entry)
    {
        _entries.Remove(entry);
        _byId.Remove(entry.Id);
        Bytes -= entry.Bytes;
        entry.Dispose();
    }

    private PrefixHit Find(ReadOnlySpan<int> prompt, int layers)
    {
        // Any beginning of an entry serves. Of several entries with the same beginning the first is taken, so that prompts that share it find the same one.
        PrefixHit best = PrefixHit.None;
        for (int i = 0; i < _entries.Count; i++)
        {
            int length = Math.Min(TokenOrder.CommonPrefix(prompt, _entries[i].Tokens), prompt.Length - 1);
            if (length > best.Length && _entries[i].Layers >= layers)
            {
                best = new PrefixHit(_entries[i].Id, length);
            }
        }

        return best.Length >= MinimumGain ? best : PrefixHit.None;
    }

    /// <summary>The longest beginning that the prompt shares with a prompt of a recent call: a different one, unless it may be a repeated one.</summary>
    private int SeenBefore(ReadOnlySpan<int> prompt, bool orRepeated)
    {
        int longest = 0;
        foreach (int[][] call in _recentCalls)
        {
            int low = 0;
            int high = call.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (TokenOrder.Compare(call[middle], prompt) < 0)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            // The neighbours in order share the most.
            int above = !orRepeated && low < call.Length && prompt.SequenceEqual(call[low]) ? low + 1 : low;
            longest = Math.Max(longest, low > 0 ? TokenOrder.CommonPrefix(call[low - 1], prompt) : 0);
            longest = Math.Max(longest, above < call.Length ? TokenOrder.CommonPrefix(call[above], prompt) : 0);
        }

        return Math.Min(longest, prompt.Length - 1);
    }

    private void Remember(SortedPrompts prompts)
    {
        if (prompts.TokensGiven > MaxRememberedTokens)
        {
            return;
        }

        // Rotary keys other than 0 sort last and never take part.
        var call = new List<int[]>(prompts.Count);
        for (int i = 0; i < prompts.Count && prompts.RotaryKey(i) == 0; i++)
        {
            call.Add(prompts[i].ToArray());
        }

        _recentCalls.Enqueue([.. call]);
        if (_recentCalls.Count > MaxRememberedCalls)
        {
            _recentCalls.Dequeue();
        }
    }
}
