namespace MetaEol.Extensions.TorchSharp.Scheduling;

/// <summary>The prompts of a call in the order in which they share most, and how many of them fit one pass.</summary>
internal sealed class MicroBatches
{
    private readonly IReadOnlyList<ReadOnlyMemory<int>> _prompts;
    private readonly int[] _order;

    /// <summary>For each prompt, in order, the tokens it begins with in common with the one before it.</summary>
    private readonly int[] _shared;

    /// <param name="prompts">The prompts.</param>
    /// <param name="rotaryKey">Prompts for whose length this gives different keys share nothing.</param>
    public MicroBatches(IReadOnlyList<ReadOnlyMemory<int>> prompts, Func<int, int> rotaryKey)
    {
        _prompts = prompts;
        _order = [.. Enumerable.Range(0, prompts.Count)];
        Array.Sort(_order, (left, right) =>
        {
            int byKey = rotaryKey(prompts[left].Length).CompareTo(rotaryKey(prompts[right].Length));
            int byTokens = byKey != 0 ? byKey : prompts[left].Span.SequenceCompareTo(prompts[right].Span);
            return byTokens != 0 ? byTokens : left.CompareTo(right);
        });
        _shared = new int[prompts.Count];
        for (int i = 1; i < _order.Length; i++)
        {
            ReadOnlyMemory<int> previous = prompts[_order[i - 1]];
            ReadOnlyMemory<int> prompt = prompts[_order[i]];
            _shared[i] = rotaryKey(previous.Length) == rotaryKey(prompt.Length) ? previous.Span.CommonPrefixLength(prompt.Span) : 0;
        }
    }

    /// <summary>Number of prompts.</summary>
    public int Count => _order.Length;

    /// <summary>The prompts' indices in the call, in order.</summary>
    public ReadOnlySpan<int> Order => _order;

    /// <summary>End of the run that begins at <paramref name="begin"/> and has at most <paramref name="budget"/> rows; at least one prompt.</summary>
    public int Cut(int begin, int budget)
    {
        long rows = _prompts[_order[begin]].Length;
        int end = begin + 1;
        while (end < _order.Length)
        {
            rows += _prompts[_order[end]].Length - _shared[end];
            if (rows > budget)
            {
                break;
            }

            end++;
        }

        return end;
    }
}
