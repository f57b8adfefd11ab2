namespace MetaEol.Llama.Planning;

/// <summary>Builds the prefix tree of sorted prompts: neighbours in lexicographic order share the longest beginnings.</summary>
/// <param name="prompts">The prompts.</param>
/// <param name="hits">For each of them, what the prefix cache holds; empty if there is no cache.</param>
internal sealed class PrefixTreeBuilder(SortedPrompts prompts, PrefixHit[] hits)
{
    private readonly List<int> _tokens = [];
    private readonly List<Segment> _segments = [];
    private readonly List<int> _cacheEntries = [];

    /// <summary>The open segments, from the root to the last prompt's end, and the children of each.</summary>
    private readonly List<(int Segment, List<int> Children)> _path = [];
    private long _tokensCached;

    /// <summary>Ids of the cache's entries that the plan uses: a segment's <see cref="Segment.CacheEntry"/> is an index into this.</summary>
    public IReadOnlyList<int> CacheEntries => _cacheEntries;

    /// <summary>How many prompts, from <paramref name="first"/> on and at least one, have at most <paramref name="maxRows"/> rows together.</summary>
    /// <remarks>The first counts whole even if the cache holds a part of it: where a call is cut decides how its results are rounded.</remarks>
    public int CountWithin(int first, int maxRows) =>
        WorkLimits.CountWithin(first, prompts.Count, maxRows, i => prompts[i].Length - (i == first ? 0 : Math.Max(SharedWithPrevious(i), Hit(i).Length)));

    /// <summary>The plan of <paramref name="count"/> prompts from <paramref name="first"/>.</summary>
    public EncodePlan Build(int first, int count)
    {
        var promptRows = new int[count];
        long tokensGiven = 0;
        for (int i = first; i < first + count; i++)
        {
            ReadOnlySpan<int> prompt = prompts[i];
            PrefixHit hit = Hit(i);
            int shared = i == first ? 0 : SharedWithPrevious(i);
            CloseDownTo(shared);
            if (shared == 0 && hit.Length > 0)
            {
                Open(0, hit.Length, CacheEntry(hit.Entry), prompts.RotaryKey(i));
                _tokensCached += hit.Length;
                shared = hit.Length;
            }

            Open(shared, prompt.Length - shared, -1, prompts.RotaryKey(i));
            _tokens.AddRange(prompt[shared..]);
            promptRows[i - first] = _tokens.Count - 1;
            tokensGiven += prompt.Length;
        }

        CloseDownTo(0);
        return new EncodePlan([.. _tokens], InRowOrder(), promptRows, tokensGiven, _tokensCached);
    }

    private PrefixHit Hit(int i) => hits.Length > 0 ? hits[i] : PrefixHit.None;

    private int CacheEntry(int id)
    {
        int index = _cacheEntries.LastIndexOf(id);
        if (index < 0)
        {
            index = _cacheEntries.Count;
            _cacheEntries.Add(id);
        }

        return index;
    }

    /// <summary>Tokens of prompt <paramref name="i"/> that lie on the previous prompt's path: computed there, or its cached prefix.</summary>
    private int SharedWithPrevious(int i)
    {
        // Prompts that use different cached prefixes have different roots.
        if (i == 0 || !prompts.Share || Hit(i - 1) != Hit(i))
        {
            return 0;
        }

        // A prompt that is its neighbour's beginning comes first, so that the last token is always a computed one.
        int common = prompts.CommonPrefix(i - 1, i);
        return common >= Hit(i).Length ? common : 0;
    }

    private void Open(int position, int length, int cacheEntry, int rotaryKey)
    {
        int parent = -1;
        if (_path.Count > 0)
        {
            parent = _path[^1].Segment;
            _path[^1].Children.Add(_segments.Count);
        }

        _path.Add((_segments.Count, []));
        _segments.Add(new Segment(parent, position, length, _tokens.Count, 0, cacheEntry, rotaryKey));
    }

    /// <summary>Ends the segments beyond the first <paramref name="shared"/> tokens of the current path, and splits the one that reaches over them.</summary>
    private void CloseDownTo(int shared)
    {
        while (_path.Count > 0)
        {
            (int index, List<int> children) = _path[^1];
            Segment segment = _segments[index];
            int kept = shared - segment.Position;
            if (kept >= segment.Length)
            {
                return;
            }

            if (kept > 0)
            {
                Split(index, kept, children);
                return;
            }

            _segments[index] = segment with { EndRow = _tokens.Count };
            _path.RemoveAt(_path.Count - 1);
        }
    }

    /// <summary>Cuts an open segment after <paramref name="kept"/> tokens; its rest becomes a closed child, to which its children move (once: the rest is never cut again).</summary>
    private void Split(int index, int kept, List<int> children)
    {
        Segment segment = _segments[index];
        int rest = _segments.Count;
        foreach (int child in children)
        {
            _segments[child] = _segments[child] with { Parent = rest };
        }

        children.Clear();
        children.Add(rest);
        _segments.Add(segment with { Parent = index, Position = segment.Position + kept, Length = segment.Length - kept, FirstRow = segment.FirstRow + kept, EndRow = _tokens.Count });
        _segments[index] = segment with { Length = kept };
    }

    private Segment[] InRowOrder()
    {
        int[] order = [.. Enumerable.Range(0, _segments.Count).OrderBy(i => _segments[i].FirstRow).ThenBy(i => _segments[i].Position)];
        var newIndex = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            newIndex[order[i]] = i;
        }

        return Array.ConvertAll(order, i => _segments[i] with { Parent = _segments[i].Parent < 0 ? -1 : newIndex[_segments[i].Parent] });
    }
}
