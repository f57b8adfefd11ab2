namespace MetaEol.Extensions.Prompting;

/// <summary>Token ids of a request's prompts. They belong to items, which are never cut: texts with their templates' prompts, or groups of ready prompts.</summary>
internal sealed class TokenizedPrompts
{
    private readonly ReadOnlyMemory<int>[] _prompts;

    // Where each item's prompts begin, and at last their number.
    private readonly int[] _starts;

    // Null for ready prompts.
    private readonly PromptSet? _texts;

    // The token that follows each prompt; empty where prompts are not the beginnings of one.
    private readonly int[] _nextTokens;

    // The position of each prompt's placeholder; null where prompts have none.
    private readonly int[]? _placeholders;

    private TokenizedPrompts(ReadOnlyMemory<int>[] prompts, int[] starts, PromptSet? texts, int[]? nextTokens = null, int[]? placeholders = null)
    {
        _placeholders = placeholders;
        _prompts = prompts;
        _starts = starts;
        _texts = texts;
        _nextTokens = nextTokens ?? [];
        for (int item = 0; item < ItemCount; item++)
        {
            TokenCount += TokensOf(item);
        }
    }

    public int ItemCount => _starts.Length - 1;

    /// <summary>Tokens of all items' prompts.</summary>
    public long TokenCount { get; }

    /// <summary>Token ids of one prompt.</summary>
    public ReadOnlyMemory<int> this[int item, int prompt] => _prompts[_starts[item] + prompt];

    /// <summary>The prompts of texts, <c>[texts × templates]</c>.</summary>
    public static TokenizedPrompts OfTexts(ReadOnlyMemory<int>[] prompts, PromptSet texts, int[]? placeholders = null) =>
        new(prompts, [.. Enumerable.Range(0, texts.TextCount + 1).Select(text => text * texts.Templates.Count)], texts, placeholders: placeholders);

    /// <summary>
    /// One prompt for each token of the texts' continuations: all that stands before the token. So the states of an item's prompts tell how probable its continuation is.
    /// The encoder computes what they have in common once, so that an item costs its longest prompt.
    /// </summary>
    /// <param name="sequences">Token ids of each text's whole prompt, with the continuation at its end.</param>
    /// <param name="contexts">How many tokens of each stand before the continuation: at least one, and fewer than there are.</param>
    /// <param name="texts">The texts.</param>
    public static TokenizedPrompts OfContinuations(ReadOnlyMemory<int>[] sequences, int[] contexts, PromptSet texts)
    {
        int[] starts = new int[sequences.Length + 1];
        for (int i = 0; i < sequences.Length; i++)
        {
            starts[i + 1] = starts[i] + sequences[i].Length - contexts[i];
        }

        var prompts = new ReadOnlyMemory<int>[starts[^1]];
        int[] nextTokens = new int[prompts.Length];
        for (int i = 0; i < sequences.Length; i++)
        {
            for (int p = starts[i], length = contexts[i]; p < starts[i + 1]; p++, length++)
            {
                prompts[p] = sequences[i][..length];
                nextTokens[p] = sequences[i].Span[length];
            }
        }

        return new TokenizedPrompts(prompts, starts, texts, nextTokens);
    }

    /// <summary>Groups of ready prompts.</summary>
    /// <exception cref="ArgumentException">A group is null or empty, or a prompt does not fit the model's context.</exception>
    public static TokenizedPrompts OfGroups(IReadOnlyList<IReadOnlyList<ReadOnlyMemory<int>>> groups, int contextTokens)
    {
        var prompts = new List<ReadOnlyMemory<int>>();
        int[] starts = new int[groups.Count + 1];
        for (int i = 0; i < groups.Count; i++)
        {
            if (groups[i] is not { Count: > 0 } group)
            {
                throw new ArgumentException($"Group {i} has no prompts: each has at least one.", nameof(groups));
            }

            for (int p = 0; p < group.Count; p++)
            {
                if (group[p].Length > contextTokens)
                {
                    throw new ArgumentException($"Prompt {p} of group {i} has {group[p].Length} tokens; the model's context is {contextTokens}.", nameof(groups));
                }
            }

            prompts.AddRange(group);
            starts[i + 1] = prompts.Count;
        }

        return new TokenizedPrompts([.. prompts], starts, texts: null);
    }

    public int FirstPrompt(int item) => _starts[item];

    public int PromptCount(int item) => _starts[item + 1] - _starts[item];

    /// <summary>Tokens of an item's prompts; of those that are the beginnings of one, that of the longest.</summary>
    public long TokensOf(int item)
    {
        if (_nextTokens.Length > 0)
        {
            return _prompts[_starts[item + 1] - 1].Length;
        }

        long tokens = 0;
        for (int prompt = _starts[item]; prompt < _starts[item + 1]; prompt++)
        {
            tokens += _prompts[prompt].Length;
        }

        return tokens;
    }

    /// <summary>The prompts of some items, behind one another.</summary>
    public IReadOnlyList<ReadOnlyMemory<int>> Slice(int firstItem, int count) =>
        new ArraySegment<ReadOnlyMemory<int>>(_prompts, _starts[firstItem], _starts[firstItem + count] - _starts[firstItem]);

    /// <summary>The positions of the placeholders of <see cref="Slice"/>; empty where prompts have none.</summary>
    public IReadOnlyList<int> Placeholders(int firstItem, int count) =>
        _placeholders is null ? [] : new ArraySegment<int>(_placeholders, _starts[firstItem], _starts[firstItem + count] - _starts[firstItem]);

    /// <summary>The token behind each prompt of some items.</summary>
    public ReadOnlyMemory<int> NextTokens(int firstItem, int count) => _nextTokens.AsMemory(_starts[firstItem].._starts[firstItem + count]);

    /// <summary>A text as it was tokenized: as it was given, or what was left of it.</summary>
    public string Text(int item) => _texts!.Text(item);

    /// <summary>What a prompt is, for messages.</summary>
    public string Describe(int prompt)
    {
        int item = Array.BinarySearch(_starts, prompt);
        item = item >= 0 ? item : ~item - 1;
        int place = prompt - _starts[item];
        return _texts is null ? $"prompt {place} of group {item}"
            : _nextTokens.Length > 0 ? $"passage {item} before token {place} of the question"
            : $"text {item} in template '{_texts.Templates[place].Name}'";
    }
}
