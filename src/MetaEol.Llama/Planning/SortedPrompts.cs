namespace MetaEol.Llama.Planning;

/// <summary>A call's prompts in lexicographic order (by rotary key first), equal ones merged.</summary>
internal sealed class SortedPrompts
{
    private readonly ReadOnlyMemory<int>[] _unique;
    private readonly int[] _rotaryKeys;

    // Null where no prompt has one.
    private readonly int[]? _placeholders;

    private SortedPrompts(ReadOnlyMemory<int>[] unique, int[] rotaryKeys, int[]? placeholders, int[] indexOfPrompt, long tokensGiven, bool share)
    {
        _unique = unique;
        _rotaryKeys = rotaryKeys;
        _placeholders = placeholders;
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

    /// <summary>Position of a prompt's placeholder; -1 if it has none.</summary>
    public int Placeholder(int index) => _placeholders is null ? -1 : _placeholders[index];

    /// <summary>Number of tokens of a prompt whose states depend on the tokens before them alone: those before its placeholder, or all.</summary>
    public int CausalLength(int index) => Placeholder(index) is int place and >= 0 ? place : this[index].Length;

    /// <summary>Number of tokens that two prompts begin with in common and have the same states for; none if their rotary keys differ.</summary>
    public int CommonPrefix(int left, int right) => _rotaryKeys[left] != _rotaryKeys[right] ? 0
        : Math.Min(TokenOrder.CommonPrefix(this[left], this[right]), Math.Min(CausalLength(left), CausalLength(right)));

    /// <summary>Sorts prompts.</summary>
    /// <param name="prompts">Token ids of each prompt, at least one each.</param>
    /// <param name="share">Whether equal prompts are merged; if not, they stay in their order.</param>
    /// <param name="rotaryKey">From a prompt's length to its rotary key; null for one key.</param>
    /// <param name="placeholders">For each prompt the position of its placeholder, or -1; null where none has one.</param>
    /// <exception cref="ArgumentException">A prompt is empty, or there are too many tokens.</exception>
    public static SortedPrompts Create(IReadOnlyList<ReadOnlyMemory<int>> prompts, bool share, Func<int, int>? rotaryKey, int[]? placeholders = null)
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
                result = result != 0 || placeholders is null ? result : placeholders[left].CompareTo(placeholders[right]);
                return result != 0 ? result : left.CompareTo(right);
            });
        }

        var unique = new List<ReadOnlyMemory<int>>(count);
        var uniqueKeys = new List<int>(count);
        var uniquePlaceholders = new List<int>(count);
        var indexOfPrompt = new int[count];
        foreach (int i in order)
        {
            int placeholder = placeholders is null ? -1 : placeholders[i];
            bool repeated = share && unique.Count > 0 && uniqueKeys[^1] == keys[i] && uniquePlaceholders[^1] == placeholder && unique[^1].Span.SequenceEqual(prompts[i].Span);
            if (!repeated)
            {
                unique.Add(prompts[i]);
                uniqueKeys.Add(keys[i]);
                uniquePlaceholders.Add(placeholder);
            }

            indexOfPrompt[i] = unique.Count - 1;
        }

        return new SortedPrompts([.. unique], [.. uniqueKeys], placeholders is null ? null : [.. uniquePlaceholders], indexOfPrompt, given, share);
    }
}
