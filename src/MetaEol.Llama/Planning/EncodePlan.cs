namespace MetaEol.Llama.Planning;

/// <summary>What a call computes: the prompts' token sequences merged into a prefix tree, its tokens in depth-first order, one row each.</summary>
/// <remarks>Equal beginnings have equal hidden states under causal attention, so that nothing is approximated.</remarks>
public sealed class EncodePlan
{
    private readonly int[] _tokens;
    private readonly int[] _promptRows;
    private readonly Segment[] _segments;

    internal EncodePlan(int[] tokens, Segment[] segments, int[] promptRows, long tokensGiven, long tokensCached)
    {
        _tokens = tokens;
        _segments = segments;
        _promptRows = promptRows;
        TokensGiven = tokensGiven;
        TokensCached = tokensCached;
    }

    /// <summary>Tokens of all prompts together.</summary>
    public long TokensGiven { get; }

    /// <summary>Tokens that are computed: the number of rows.</summary>
    public int TokensComputed => _tokens.Length;

    /// <summary>Tokens, counted once per distinct prefix, whose keys and values come from the prefix cache.</summary>
    public long TokensCached { get; }

    /// <summary>Tokens given per token computed, at least 1.</summary>
    public double SharingRatio => (double)TokensGiven / TokensComputed;

    /// <summary>Token id of each row.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>The tree, parents before children, in row order.</summary>
    public ReadOnlySpan<Segment> Segments => _segments;

    /// <summary>For each prompt, in the order given, the row of its last token; equal prompts have the same.</summary>
    public ReadOnlySpan<int> PromptRows => _promptRows;

    /// <summary>Plans prompts.</summary>
    /// <param name="prompts">Token ids of each prompt, at least one each.</param>
    /// <param name="sharePrefixes">Whether equal beginnings are merged; if not, every prompt is a branch of its own.</param>
    /// <param name="rotaryKey">
    /// Prompts for whose length this gives different keys have different rotary frequencies and share nothing; null means that all may share.
    /// </param>
    /// <exception cref="ArgumentException">A prompt is empty, or the prompts have more than 2^31 - 1 tokens.</exception>
    public static EncodePlan Create(IReadOnlyList<ReadOnlyMemory<int>> prompts, bool sharePrefixes = true, Func<int, int>? rotaryKey = null)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var sorted = SortedPrompts.Create(prompts, sharePrefixes, rotaryKey);
        return new PrefixTreeBuilder(sorted, []).Build(0, sorted.Count).ForPrompts(sorted.IndexOfPrompt, sorted.TokensGiven);
    }

    /// <summary>The same plan for prompts of which several may be the same: prompt p is what <paramref name="indexOfPrompt"/>[p] was.</summary>
    internal EncodePlan ForPrompts(int[] indexOfPrompt, long tokensGiven) =>
        new(_tokens, _segments, Array.ConvertAll(indexOfPrompt, index => _promptRows[index]), tokensGiven, TokensCached);

    /// <summary>The plan of some of the prompts, in the same order.</summary>
    /// <param name="prompts">Indices of the prompts, ascending, at least one.</param>
    /// <param name="rows">Receives the row of this plan that each row of the new one was, ascending.</param>
    internal EncodePlan Keep(ReadOnlySpan<int> prompts, out int[] rows)
    {
        var newIndex = new int[_segments.Length];
        Array.Fill(newIndex, -1);
        foreach (int prompt in prompts)
        {
            for (int s = SegmentOf(_promptRows[prompt]); s >= 0 && newIndex[s] < 0; s = _segments[s].Parent)
            {
                newIndex[s] = 0;
            }
        }

        // A segment that a prompt ends in ends with it, so that segments are kept whole or not at all.
        var kept = new List<int>(_tokens.Length);
        var newRow = new int[_tokens.Length + 1];
        var segments = new List<Segment>(_segments.Length);
        for (int s = 0; s < _segments.Length; s++)
        {
            Segment segment = _segments[s];
            for (int i = 0; i < segment.Length && !segment.IsCached; i++)
            {
                newRow[segment.FirstRow + i] = kept.Count;
                if (newIndex[s] >= 0)
                {
                    kept.Add(segment.FirstRow + i);
                }
            }
        }

        newRow[^1] = kept.Count;
        long cached = 0;
        for (int s = 0; s < _segments.Length; s++)
        {
            if (newIndex[s] >= 0)
            {
                Segment segment = _segments[s];
                newIndex[s] = segments.Count;
                segments.Add(segment with { Parent = segment.Parent < 0 ? -1 : newIndex[segment.Parent], FirstRow = newRow[segment.FirstRow], EndRow = newRow[segment.EndRow] });
                cached += segment.IsCached ? segment.Length : 0;
            }
        }

        rows = [.. kept];
        var promptRows = new int[prompts.Length];
        long given = 0;
        for (int i = 0; i < promptRows.Length; i++)
        {
            int row = _promptRows[prompts[i]];
            Segment segment = _segments[SegmentOf(row)];
            promptRows[i] = newRow[row];
            given += segment.Position + (row - segment.FirstRow) + 1;
        }

        return new EncodePlan(Array.ConvertAll(rows, row => _tokens[row]), [.. segments], promptRows, given, cached);
    }

    /// <summary>Where the first <paramref name="length"/> tokens of a prompt lie.</summary>
    internal PrefixRun[] RunsOf(int prompt, int length)
    {
        var runs = new Stack<PrefixRun>();
        for (int s = SegmentOf(_promptRows[prompt]); s >= 0; s = _segments[s].Parent)
        {
            int count = Math.Min(_segments[s].Length, length - _segments[s].Position);
            if (count > 0)
            {
                runs.Push(new PrefixRun(s, count));
            }
        }

        return [.. runs];
    }

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{_promptRows.Length} prompts, {TokensGiven} tokens given, {TokensComputed} computed, {TokensCached} cached, sharing ratio {SharingRatio:0.00}");

    private int SegmentOf(int row)
    {
        int low = 0;
        int high = _segments.Length - 1;
        while (low < high)
        {
            // Segments lie in row order; a cached one begins where its subtree does, before the computed one with the same first row.
            int middle = (low + high + 1) / 2;
            (low, high) = _segments[middle].FirstRow <= row ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}
