namespace MetaEol.Extensions.Prompting;

/// <summary>Token ids of a request's prompts. They belong to items, which are never cut: texts with their templates' prompts, or groups of ready prompts.</summary>
internal sealed class TokenizedPrompts
{
    private readonly ReadOnlyMemory<int>[] _prompts;

    // Where each item's prompts begin, and at last their number.
    private readonly int[] _starts;

    // Null for ready prompts.
    private readonly IReadOnlyList<Template>? _templates;

    private TokenizedPrompts(ReadOnlyMemory<int>[] prompts, int[] starts, IReadOnlyList<Template>? templates)
    {
        _prompts = prompts;
        _starts = starts;
        _templates = templates;
        foreach (ReadOnlyMemory<int> prompt in prompts)
        {
            TokenCount += prompt.Length;
        }
    }

    public int ItemCount => _starts.Length - 1;

    /// <summary>Tokens of all prompts.</summary>
    public long TokenCount { get; }

    /// <summary>Token ids of one prompt.</summary>
    public ReadOnlyMemory<int> this[int item, int prompt] => _prompts[_starts[item] + prompt];

    /// <summary>The prompts of texts, <c>[texts × templates]</c>.</summary>
    public static TokenizedPrompts OfTexts(ReadOnlyMemory<int>[] prompts, IReadOnlyList<Template> templates) =>
        new(prompts, [.. Enumerable.Range(0, (prompts.Length / templates.Count) + 1).Select(text => text * templates.Count)], templates);

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

        return new TokenizedPrompts([.. prompts], starts, templates: null);
    }

    public int FirstPrompt(int item) => _starts[item];

    public int PromptCount(int item) => _starts[item + 1] - _starts[item];

    /// <summary>Tokens of an item's prompts.</summary>
    public long TokensOf(int item)
    {
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

    /// <summary>What a prompt is, for messages.</summary>
    public string Describe(int prompt)
    {
        int item = Array.BinarySearch(_starts, prompt);
        item = item >= 0 ? item : ~item - 1;
        int place = prompt - _starts[item];
        return _templates is null ? $"prompt {place} of group {item}" : $"text {item} in template '{_templates[place].Name}'";
    }
}
