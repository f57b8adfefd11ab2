using System.Text;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Tokenization;

/// <summary>What both kinds of tokenizers share: checks, counting, and cutting a text to a number of tokens.</summary>
internal abstract class Tokenizer : ITokenizer
{
    /// <summary>How far behind the cut a longer text with fewer tokens is looked for.</summary>
    private const int LookAhead = 16;
    private const int MaximumExtension = 256;
    private const int GuessRounds = 6;

    private readonly Lazy<string> _contentHash;
    private EncodeWorkspace? _spare;

    protected Tokenizer()
    {
        _contentHash = new(ComputeHash, LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>The same tokenizer with another reading of special tokens.</summary>
    protected Tokenizer(Tokenizer other)
    {
        _contentHash = other._contentHash;
    }

    public abstract int VocabularySize { get; }

    /// <summary>The kind of file, a hash of what was read from it and of the settings beside it (computed when it is first asked for), and the reading of special tokens.</summary>
    public string Fingerprint => $"{Kind} {_contentHash.Value} {SpecialTokens}";

    public abstract SpecialTokenHandling SpecialTokens { get; }

    public abstract ITokenizer WithSpecialTokens(SpecialTokenHandling handling);

    public int[] Encode(string text) => Encode(text, PlainRange.None);

    public int[] Encode(string text, Range plainText)
    {
        ArgumentNullException.ThrowIfNull(text);
        (int start, int end) = (plainText.Start.GetOffset(text.Length), plainText.End.GetOffset(text.Length));
        return start >= 0 && start <= end && end <= text.Length
            ? Encode(text, new PlainRange(start, end))
            : throw new ArgumentOutOfRangeException(nameof(plainText), plainText, $"The range goes from {start} to {end}; expected a part of the text, whose length is {text.Length}.");
    }

    public int CountTokens(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        EncodeWorkspace workspace = Rent();
        TokenizeInto(WithoutLoneSurrogates(text), PlainRange.None, workspace);
        int count = workspace.Ids.Count;
        Return(workspace);
        return count;
    }

    public int GetIndexByTokenCount(string text, int maxTokenCount)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(maxTokenCount);
        if (CountTokens(text) <= maxTokenCount)
        {
            return text.Length;
        }

        // Every guess goes where the tokens per character so far point, so that a few tokenizations bracket the cut; halving makes the bracket close for sure.
        int low = 0;
        int high = text.Length;
        long guess = Math.Max(16L, maxTokenCount * 4L);
        for (int round = 0; ; round++)
        {
            int index = BeforePair(text, (int)Math.Clamp(round < GuessRounds ? guess : low + ((high - low) / 2L), low, high));
            index = index <= low ? BehindPair(text, low + 1) : index;
            if (index >= high)
            {
                // The guess was too far; without any index between, the cut is found.
                index = BeforePair(text, high - 1);
                if (index <= low)
                {
                    return ExtendOverMerges(text, low, maxTokenCount);
                }
            }

            int count = CountTokens(text[..index]);
            if (count <= maxTokenCount)
            {
                low = index;
            }
            else
            {
                high = index;
            }

            guess = (long)index * maxTokenCount / Math.Max(count, 1);
        }
    }

    public abstract string Decode(ReadOnlySpan<int> ids);

    /// <summary>The name of the file that the tokenizer was read from.</summary>
    protected abstract string Kind { get; }

    /// <summary>Adds everything that ids and texts depend on, but for the reading of special tokens.</summary>
    protected abstract void AppendTo(ContentHash hash);

    /// <summary>Adds the ids of a text, without those of the post-processor, to the workspace's list.</summary>
    protected abstract void Tokenize(string text, PlainRange plain, EncodeWorkspace workspace);

    protected abstract int[] PostProcess(ReadOnlySpan<int> ids);

    /// <summary>The text of some tokens.</summary>
    protected static string Decode(TokenDecoder decoder, List<string> tokens)
    {
        TextBudget budget = new();
        budget.Begin(tokens.Sum(token => (long)token.Length));
        return string.Concat(decoder.Decode(tokens, budget));
    }

    /// <summary>The text with U+FFFD in place of every surrogate that has no partner.</summary>
    protected static string WithoutLoneSurrogates(string text)
    {
        int i = 0;
        while (true)
        {
            int next = text.AsSpan(i).IndexOfAnyInRange('\uD800', '\uDFFF');
            if (next < 0)
            {
                return text;
            }

            i += next;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return ReplaceLoneSurrogates(text);
            }

            i += 2;
        }
    }

    private static string ReplaceLoneSurrogates(string text)
    {
        StringBuilder result = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            // EnumerateRunes gives U+FFFD for a lone surrogate.
            result.Append(rune.IsBmp ? (char)rune.Value : rune.ToString());
        }

        return result.ToString();
    }

    private static bool IsInsidePair(string text, int index) => index > 0 && index < text.Length && char.IsSurrogatePair(text[index - 1], text[index]);

    private static int BeforePair(string text, int index) => IsInsidePair(text, index) ? index - 1 : index;

    private static int BehindPair(string text, int index) => IsInsidePair(text, index) ? index + 1 : index;

    /// <summary>A few more characters may complete a word and so have fewer tokens: "embed|" can be one token where "embe|" is two.</summary>
    private int ExtendOverMerges(string text, int index, int maxTokenCount)
    {
        int best = index;
        int candidate = index;
        int misses = 0;
        for (int i = 0; i < MaximumExtension && misses < LookAhead && candidate < text.Length; i++)
        {
            candidate = BehindPair(text, candidate + 1);
            bool fits = CountTokens(text[..candidate]) <= maxTokenCount;
            best = fits ? candidate : best;
            misses = fits ? 0 : misses + 1;
        }

        return best;
    }

    private string ComputeHash()
    {
        using ContentHash hash = new();
        AppendTo(hash);
        return hash.Finish();
    }

    private int[] Encode(string text, PlainRange plain)
    {
        ArgumentNullException.ThrowIfNull(text);
        EncodeWorkspace workspace = Rent();
        TokenizeInto(WithoutLoneSurrogates(text), plain, workspace);
        int[] ids = PostProcess(workspace.Ids.Items);
        Return(workspace);
        return ids;
    }

    private void TokenizeInto(string text, PlainRange plain, EncodeWorkspace workspace)
    {
        workspace.Begin(text.Length);
        if (text.Length > 0)
        {
            Tokenize(text, SpecialTokens == SpecialTokenHandling.PlainText ? PlainRange.All : plain, workspace);
        }
    }

    private EncodeWorkspace Rent() => Interlocked.Exchange(ref _spare, null) ?? new EncodeWorkspace();

    private void Return(EncodeWorkspace workspace) => _spare = workspace;
}
