namespace MetaEol.Extensions.Prompting;

/// <summary>Token ids of a request's prompts, <c>[texts × templates]</c>.</summary>
internal sealed class TokenizedPrompts
{
    private readonly ReadOnlyMemory<int>[] _prompts;

    public TokenizedPrompts(ReadOnlyMemory<int>[] prompts, int templateCount)
    {
        _prompts = prompts;
        TemplateCount = templateCount;
        foreach (ReadOnlyMemory<int> prompt in prompts)
        {
            TokenCount += prompt.Length;
        }
    }

    public int TemplateCount { get; }

    public int TextCount => _prompts.Length / TemplateCount;

    /// <summary>Tokens of all prompts.</summary>
    public long TokenCount { get; }

    /// <summary>Token ids of one prompt.</summary>
    public ReadOnlyMemory<int> this[int text, int template] => _prompts[(text * TemplateCount) + template];

    /// <summary>The prompts of some texts, <c>[count × templates]</c>.</summary>
    public IReadOnlyList<ReadOnlyMemory<int>> Slice(int firstText, int count) =>
        new ArraySegment<ReadOnlyMemory<int>>(_prompts, firstText * TemplateCount, count * TemplateCount);

    /// <summary>How many texts from <paramref name="firstText"/> on have at most <paramref name="budget"/> tokens together; at least one.</summary>
    public int CountWithin(int firstText, int budget)
    {
        int text = firstText;
        for (long tokens = 0; text < TextCount; text++)
        {
            for (int template = 0; template < TemplateCount; template++)
            {
                tokens += this[text, template].Length;
            }

            if (tokens > budget && text > firstText)
            {
                break;
            }
        }

        return text - firstText;
    }
}
