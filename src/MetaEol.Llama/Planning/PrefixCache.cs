namespace MetaEol.Llama.Planning;

/// <summary>Keys and values of beginnings that prompts of different calls share: the templates' own prefixes. Used by one call at a time.</summary>
/// <remarks>
/// What to keep is learned, not told: a prefix is stored when a call brings a prompt that shares it with a different prompt of an earlier call. Template
/// prefixes come with every call and are stored by the second; texts do not, so that a pass over a corpus neither fills the cache nor empties it. Only a small
/// call, which is mostly template, is stored when the very same prompts come again.
/// </remarks>
internal sealed class PrefixCache<TEntry> : IDisposable
    where TEntry : class, IDisposable
{
    /// <summary>A prefix that adds fewer tokens than this to what is stored is not worth an entry.</summary>
    private const int MinimumGain = 8;

    /// <summary>Calls whose prompts are remembered to find shared prefixes, and the most tokens of each.</summary>
    private const int MaxRememberedCalls = 4;
    private const long MaxRememberedTokens = 1 << 18;

    /// <summary>Most prompts of a call that is stored when it is repeated.</summary>
    private const int MaxRepeatedPrompts = 16;

    /// <summary>The recent calls' prompts, in order.</summary>
    private readonly Queue<(int RotaryKey, int[] Tokens)[]> _recentCalls = new();
    private readonly List<StoredPrefix<TEntry>> _prefixes = [];
    private readonly Dictionary<int, StoredPrefix<TEntry>> _byId = [];
    private readonly IPrefixStore<TEntry> _store;
    private readonly long _maxBytes;
    private int _lastId;
    private long _call;

    /// <param name="store">Makes the entries.</param>
    /// <param name="maxBytes">Most bytes of all entries together; 0 keeps and remembers nothing.</param>
    public PrefixCache(IPrefixStore<TEntry> store, long maxBytes)
    {
        _store = store;
        _maxBytes = maxBytes;
        foreach (RestoredPrefix<TEntry> restored in maxBytes == 0 ? [] : store.Restore())
        {
            long bytes = store.BytesOf(restored.Tokens.Count, restored.Layers);
            var prefix = new StoredPrefix<TEntry>(++_lastId, [.. restored.Tokens], restored.RotaryKey, restored.Layers, bytes, restored.Entry, shared: true) { IsUnchecked = true };
            Bytes += bytes;
            if (Bytes > maxBytes)
            {
                Abandon(prefix);
            }
            else
            {
                Add(prefix);
            }
        }
    }

    /// <summary>Bytes of all entries, those that are being filled included.</summary>
    public long Bytes { get; private set; }

    public int Count => _prefixes.Count;

    /// <summary>The entry that a <see cref="PrefixHit"/> of the current call names.</summary>
    public TEntry this[int id] => _byId[id].Entry;

    /// <summary>For each prompt the longest stored prefix that leaves at least its last token to compute.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="layers">For each prompt the number of layers that it runs through.</param>
    public PrefixHit[] Find(SortedPrompts prompts, ReadOnlySpan<int> layers)
    {
        _call++;
        var hits = new PrefixHit[prompts.Count];
        for (int i = 0; i < hits.Length; i++)
        {
            do
            {
                hits[i] = Find(prompts, i, layers[i]);
            }
            while (hits[i].Length > 0 && !Use(_byId[hits[i].Entry]));
        }

        return hits;
    }

    /// <summary>The prefixes to store during this call, as (prompt, length), shortest first; remembers the call's prompts for later ones.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="hits">What is stored of each.</param>
    /// <param name="layers">For each prompt the number of layers that it runs through.</param>
    public List<AdmittedPrefix> Admit(SortedPrompts prompts, PrefixHit[] hits, ReadOnlySpan<int> layers)
    {
        var admitted = new List<AdmittedPrefix>();
        if (_maxBytes == 0)
        {
            return admitted;
        }

        // Shortest first, so that a template's prefix is taken before the same with a few words that two texts happen to share.
        long room = _maxBytes - _prefixes.Where(prefix => prefix.LastUsed == _call).Sum(prefix => prefix.Bytes);
        foreach ((int prompt, int length, bool shared) in Candidates(prompts, hits).OrderBy(candidate => candidate.Length))
        {
            long bytes = _store.BytesOf(length, layers[prompt]);
            bool covered = admitted.Exists(other => length - Math.Min(other.Length, prompts.CommonPrefix(prompt, other.Prompt)) < MinimumGain);
            if (!covered && layers[prompt] > 0 && bytes <= room)
            {
                admitted.Add(new AdmittedPrefix(prompt, length, shared));
                room -= bytes;
            }
        }

        Remember(prompts);
        return admitted;
    }

    /// <summary>A new prefix, to be filled and then added; the least recently used of earlier calls go to make room for it.</summary>
    public StoredPrefix<TEntry> Create(SortedPrompts prompts, AdmittedPrefix admitted, int layers)
    {
        (int prompt, int length, bool shared) = admitted;
        long bytes = _store.BytesOf(length, layers);
        while (Bytes + bytes > _maxBytes && _prefixes.Where(prefix => prefix.LastUsed < _call).MinBy(prefix => prefix.LastUsed) is { } oldest)
        {
            Remove(oldest);
        }

        var created = new StoredPrefix<TEntry>(++_lastId, prompts[prompt][..length].ToArray(), prompts.RotaryKey(prompt), layers, bytes, _store.Create(length, layers), shared);
        Bytes += bytes;
        return created;
    }

    /// <summary>Adds a prefix that a call has filled, and keeps it for later processes if different prompts share it.</summary>
    public void AddFilled(StoredPrefix<TEntry> prefix)
    {
        Add(prefix);
        if (prefix.Shared)
        {
            _store.Keep(prefix.Tokens, prefix.RotaryKey, prefix.Layers, prefix.Entry);
        }
    }

    /// <summary>Gives up a prefix that was not added.</summary>
    public void Abandon(StoredPrefix<TEntry> prefix)
    {
        Bytes -= prefix.Bytes;
        prefix.Entry.Dispose();
    }

    /// <summary>Gives back what is stored; what was seen is remembered.</summary>
    public void Clear()
    {
        foreach (StoredPrefix<TEntry> prefix in _prefixes.ToArray())
        {
            Remove(prefix);
        }
    }

    public void Dispose()
    {
        Clear();
        _recentCalls.Clear();
    }

    /// <summary>Adds a prefix; one of the same tokens with fewer layers is replaced.</summary>
    private void Add(StoredPrefix<TEntry> prefix)
    {
        foreach (StoredPrefix<TEntry> old in _prefixes.FindAll(
            old => old.RotaryKey == prefix.RotaryKey && old.Layers <= prefix.Layers && old.Tokens.AsSpan().SequenceEqual(prefix.Tokens)))
        {
            Remove(old);
        }

        prefix.LastUsed = _call;
        _byId.Add(prefix.Id, prefix);
        int index = _prefixes.FindIndex(other => TokenOrder.Compare(other.Tokens, prefix.Tokens) > 0);
        _prefixes.Insert(index < 0 ? _prefixes.Count : index, prefix);
    }

    private void Remove(StoredPrefix<TEntry> prefix)
    {
        _prefixes.Remove(prefix);
        _byId.Remove(prefix.Id);
        Abandon(prefix);
    }

    /// <summary>Notes that an entry is used; one from an earlier process is looked at first, and goes if it is damaged.</summary>
    private bool Use(StoredPrefix<TEntry> prefix)
    {
        if (prefix.IsUnchecked && !_store.IsIntact(prefix.Entry))
        {
            Remove(prefix);
            return false;
        }

        prefix.IsUnchecked = false;
        prefix.LastUsed = _call;
        return true;
    }

    private PrefixHit Find(SortedPrompts prompts, int index, int layers)
    {
        ReadOnlySpan<int> prompt = prompts[index];
        int longest = LongestOf(prompts, index);

        // Any beginning of an entry serves. Of several entries with the same beginning the first is taken, so that prompts that share it find the same one.
        PrefixHit best = PrefixHit.None;
        foreach (StoredPrefix<TEntry> prefix in _prefixes)
        {
            int length = Math.Min(TokenOrder.CommonPrefix(prompt, prefix.Tokens), longest);
            if (length > best.Length && prefix.RotaryKey == prompts.RotaryKey(index) && prefix.Layers >= layers)
            {
                best = new PrefixHit(prefix.Id, length);
            }
        }

        return best.Length >= MinimumGain ? best : PrefixHit.None;
    }

    // The most tokens of a prompt that may come from the cache: its last one is computed, and those from a placeholder on depend on what follows.
    private static int LongestOf(SortedPrompts prompts, int index) => Math.Min(prompts[index].Length - 1, prompts.CausalLength(index));

    /// <summary>Beginnings that were seen before and are longer than what is stored of them.</summary>
    private IEnumerable<AdmittedPrefix> Candidates(SortedPrompts prompts, PrefixHit[] hits)
    {
        for (int i = 0; i < prompts.Count; i++)
        {
            int longest = LongestOf(prompts, i);
            int shared = Math.Min(SeenBefore(prompts[i], prompts.RotaryKey(i), orRepeated: false), longest);
            int seen = prompts.Count <= MaxRepeatedPrompts ? Math.Min(SeenBefore(prompts[i], prompts.RotaryKey(i), orRepeated: true), longest) : shared;
            if (seen - hits[i].Length >= MinimumGain)
            {
                yield return new AdmittedPrefix(i, seen, shared == seen);
            }
        }
    }

    /// <summary>The longest beginning that the prompt shares with a prompt of a recent call: a different one, unless it may be a repeated one.</summary>
    private int SeenBefore(ReadOnlySpan<int> prompt, int rotaryKey, bool orRepeated)
    {
        int longest = 0;
        foreach ((int RotaryKey, int[] Tokens)[] call in _recentCalls)
        {
            int low = 0;
            int high = call.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                (int key, int[] tokens) = call[middle];
                if (key < rotaryKey || (key == rotaryKey && TokenOrder.Compare(tokens, prompt) < 0))
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            // The neighbours in order share the most.
            int above = !orRepeated && low < call.Length && call[low].RotaryKey == rotaryKey && prompt.SequenceEqual(call[low].Tokens) ? low + 1 : low;
            foreach (int neighbour in (ReadOnlySpan<int>)[low - 1, above])
            {
                if (neighbour >= 0 && neighbour < call.Length && call[neighbour].RotaryKey == rotaryKey)
                {
                    longest = Math.Max(longest, TokenOrder.CommonPrefix(call[neighbour].Tokens, prompt));
                }
            }
        }

        return longest;
    }

    private void Remember(SortedPrompts prompts)
    {
        if (prompts.TokensGiven > MaxRememberedTokens)
        {
            return;
        }

        var call = new (int RotaryKey, int[] Tokens)[prompts.Count];
        for (int i = 0; i < call.Length; i++)
        {
            call[i] = (prompts.RotaryKey(i), prompts[i].ToArray());
        }

        _recentCalls.Enqueue(call);
        if (_recentCalls.Count > MaxRememberedCalls)
        {
            _recentCalls.Dequeue();
        }
    }
}
