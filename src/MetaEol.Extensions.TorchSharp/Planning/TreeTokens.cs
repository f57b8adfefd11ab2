using MetaEol.Llama.Planning;

namespace MetaEol.Extensions.TorchSharp.Planning;

/// <summary>The tokens of a pass's prefix tree in depth-first order, cached ones included, with what attention needs to know of them.</summary>
/// <remarks>
/// The tokens that follow a token, itself included, are exactly those from it to its end: token t sees token k if k ≤ t &lt; end of k. A <em>slot</em> is a place
/// among a layer's keys: those of the cached prefixes first, then those of the plan's rows.
/// </remarks>
internal sealed class TreeTokens
{
    private readonly int[] _firstOfSegment;

    /// <param name="plan">The tree.</param>
    /// <param name="cachedLengths">Number of tokens of each cached prefix.</param>
    public TreeTokens(EncodePlan plan, IReadOnlyList<int> cachedLengths)
    {
        ReadOnlySpan<Segment> segments = plan.Segments;
        Count = plan.TokensComputed;
        foreach (ref readonly Segment segment in segments)
        {
            Count += segment.IsCached ? segment.Length : 0;
        }

        var firstSlots = new int[cachedLengths.Count + 1];
        for (int entry = 0; entry < cachedLengths.Count; entry++)
        {
            firstSlots[entry + 1] = firstSlots[entry] + cachedLengths[entry];
        }

        Positions = new int[Count];
        Parents = new int[Count];
        Ends = new int[Count];
        Slots = new int[Count];
        OfRow = new int[plan.TokensComputed];
        _firstOfSegment = new int[segments.Length];
        int token = 0;
        for (int s = 0; s < segments.Length; s++)
        {
            Segment segment = segments[s];
            int parent = segment.Parent < 0 ? -1 : _firstOfSegment[segment.Parent] + segments[segment.Parent].Length - 1;
            int firstSlot = segment.IsCached ? firstSlots[segment.CacheEntry] : firstSlots[^1] + segment.FirstRow;
            _firstOfSegment[s] = token;
            for (int i = 0; i < segment.Length; i++, token++)
            {
                Positions[token] = segment.Position + i;
                Parents[token] = i == 0 ? parent : token - 1;
                Slots[token] = firstSlot + i;
                if (!segment.IsCached)
                {
                    OfRow[segment.FirstRow + i] = token;
                }
            }
        }

        // Children come behind their parents: what ends a child ends where its parent does, or before.
        for (int t = Count - 1; t >= 0; t--)
        {
            Ends[t] = Math.Max(Ends[t], t + 1);
            if (Parents[t] >= 0)
            {
                Ends[Parents[t]] = Math.Max(Ends[Parents[t]], Ends[t]);
            }
        }
    }

    /// <summary>Number of tokens.</summary>
    public int Count { get; }

    /// <summary>Position of each token in its prompts.</summary>
    public int[] Positions { get; }

    /// <summary>The token before each, or -1.</summary>
    public int[] Parents { get; }

    /// <summary>One past the last token that follows each.</summary>
    public int[] Ends { get; }

    /// <summary>Slot of each token's key.</summary>
    public int[] Slots { get; }

    /// <summary>For each row of the plan, its token here.</summary>
    public int[] OfRow { get; }

    /// <summary>Slots of a prefix, from its first token to its last.</summary>
    public int[] SlotsOf(IEnumerable<PrefixRun> runs) => [.. runs.SelectMany(run => Slots[_firstOfSegment[run.Segment]..][..run.Length])];

    /// <summary>The tokens from position 0 to <paramref name="token"/>, in order; none for -1.</summary>
    public int[] Path(int token)
    {
        var path = new int[token < 0 ? 0 : Positions[token] + 1];
        for (int i = path.Length - 1; i >= 0; i--)
        {
            path[i] = token;
            token = Parents[token];
        }

        return path;
    }
}
