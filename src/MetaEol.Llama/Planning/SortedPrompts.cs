namespace MetaEol.Llama.Planning;

/// <summary>A call's prompts in lexicographic order (by rotary key first), equal ones merged.</summary>
internal sealed class SortedPrompts
{
    private readonly ReadOnlyMemory<int>[] _unique;
    private readonly int[] _rotaryKeys;

    private SortedPrompts(ReadOnlyMemory<int>[] unique, int[] rotaryKeys, int[] indexOfPrompt, long tokensGiven, bool share)
    {
        _unique = unique;
        _rotaryKeys = rotaryKeys;
        IndexOfPrompt = indexOfPrompt;
        TokensGiven = tokensGiven;
        Share = share;
    }

    public int Count => _unique.Length;

    /// <summary>For each prompt, in the order given, its index here.</summary>
    public int[] IndexOfPrompt { get; }

    public long TokensGiven { get; }

    /// <summary>Whether equal beginnings may be merged.</summary>
    public bool Share { get; }

    public ReadOnlySpan<int> this[int index] => _unique[index].Span;

    public int RotaryKey(int index) => _rotaryKeys[index];

    /// <summary>Number of tokens that two prompts begin with in common; none if their rotary keys differ.</summary>
    public int CommonPrefix(int left, int right) => _rotaryKeys[left] == _rotaryKeys[right] ? TokenOrder.CommonPrefix(this[left], this[right]) : 0;

    public static SortedPrompts Create(IReadOnlyList<ReadOnlyMemory<int>> prompts, bool share, Func<int, int>? rotaryKey)
    {
        int count = prompts.Count;
        long given = 0;
        var keys = new int[count];
        for (int i = 0; i < count; i++)
        {
            int length = prompts[i].Length;
            if (length == 0)
            {
                throw new ArgumentException($"Prompt {i} has no tokens; every prompt needs at least one.", nameof(prompts));
            }

            given += length;
            keys[i] = rotaryKey?.Invoke(length) ?? 0;
        }

        if (given > Array.MaxLength)
        {
            throw new ArgumentException($"The prompts have {given} tokens together; a call takes at most {Array.MaxLength}.", nameof(prompts));
        }

        var order = new int[count];
        for (int i = 0; i < count; i++)
        {
            order[i] = i;
        }

        if (share)
        {
            Array.Sort(order, (left, right) =>
            {
                int result = keys[left].CompareTo(keys[right]);
                result = result != 0 ? result : TokenOrder.Compare(prompts[left].Span, prompts[right].Span);
                return result != 0 ? result : left.CompareTo(right);
            });
        }

        var unique = new List<ReadOnlyMemory<int>>(count);
        var uniqueKeys = new List<int>(count);
        var indexOfPrompt = new int[count];
        foreach (int i in order)
        {
            bool repeated = share && unique.Count > 0 && uniqueKeys[^1] == keys[i] && unique[^1].Span.SequenceEqual(prompts[i].Span);
            if (!repeated)
            {
                unique.Add(prompts[i]);
                uniqueKeys.Add(keys[i]);
            }

            indexOfPrompt[i] = unique.Count - 1;
        }

        return new SortedPrompts([.. unique], [.. uniqueKeys], indexOfPrompt, given, share);
    }
}
