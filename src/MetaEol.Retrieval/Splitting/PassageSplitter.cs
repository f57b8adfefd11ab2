using MetaEol.Extensions;
using MetaEol.Llama;

namespace MetaEol.Retrieval.Splitting;

/// <summary>
/// Cuts documents into passages: their paragraphs, and those that are longer than a number of tokens at the ends of sentences into pieces of about the same
/// length. A sentence that is too long by itself is cut between words, and a word that is too long by itself inside, never inside a code point.
/// </summary>
/// <remarks>The time is proportional to the length of the document, whatever stands in it. Safe for use by many threads at once.</remarks>
public sealed class PassageSplitter
{
    // Text of which at least this many characters make a token is counted at once; a longer run of characters is looked at through a window of this width first.
    private const int WindowCharactersPerToken = 8;
    private const int LeastTokens = 16;

    // BOS, the full stop that cleaning may add, and merges across the borders of template and text.
    private const int SpareTokens = 8;

    /// <summary>Raised when the same document is cut otherwise than before.</summary>
    internal const int Version = 1;

    private readonly ITextMeasure _measure;
    private readonly int _maxTokens;
    private readonly int _overlapTokens;

    /// <summary>Creates a splitter.</summary>
    /// <param name="tokenizer">Counts the tokens.</param>
    /// <param name="maxTokens">The most tokens of a passage, heading included; at least 16.</param>
    /// <param name="overlapTokens">
    /// How many tokens of whole sentences at the end of a piece are repeated at the beginning of the next, at most; 0 repeats nothing. At most half of
    /// <paramref name="maxTokens"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public PassageSplitter(ITokenizer tokenizer, int maxTokens = 256, int overlapTokens = 0)
        : this(new TokenMeasure(tokenizer ?? throw new ArgumentNullException(nameof(tokenizer))), maxTokens, overlapTokens)
    {
    }

    internal PassageSplitter(ITextMeasure measure, int maxTokens, int overlapTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, LeastTokens);
        ArgumentOutOfRangeException.ThrowIfNegative(overlapTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(overlapTokens, maxTokens / 2);
        _measure = measure;
        _maxTokens = maxTokens;
        _overlapTokens = overlapTokens;
    }

    /// <summary>Creates a splitter into passages that a generator's model has room for beside its longest template. Loads the model.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="maxTokens">The most tokens of a passage, heading included, at least 16; fewer where there is no room for so many.</param>
    /// <param name="overlapTokens">As for the constructor; at most half of what a passage may have.</param>
    /// <param name="cancellationToken">Ends the wait for the model.</param>
    /// <exception cref="InvalidOperationException">The model's context leaves no room for a passage.</exception>
    public static async Task<PassageSplitter> CreateAsync(MetaEolEmbeddingGenerator generator, int maxTokens = 256, int overlapTokens = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        await generator.LoadAsync(cancellationToken).ConfigureAwait(false);
        ITokenizer tokenizer = (ITokenizer)generator.GetService(typeof(ITokenizer))!;
        int context = ((PromptEncoderMetadata)generator.GetService(typeof(PromptEncoderMetadata))!).ContextTokens;
        int template = generator.TemplateSet.Templates.Max(template => tokenizer.CountTokens(template.Prefix) + tokenizer.CountTokens(template.Suffix));
        int room = context - template - SpareTokens;
        if (room < LeastTokens)
        {
            throw new InvalidOperationException($"The model's context of {context} tokens leaves {room} for a passage beside the longest template of the set '{generator.TemplateSet.Name}' ({template} tokens); at least {LeastTokens} are needed.");
        }

        maxTokens = Math.Min(maxTokens, room);
        return new PassageSplitter(new TokenMeasure(tokenizer), maxTokens, Math.Min(overlapTokens, maxTokens / 2));
    }

    /// <summary>Cuts a document.</summary>
    /// <param name="document">The document.</param>
    /// <returns>Its passages, in order; none where it holds nothing to read.</returns>
    public IReadOnlyList<Passage> Split(SearchDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        IEnumerable<TextBlock> blocks = document.Format == DocumentFormat.Markdown ? MarkdownBlocks.Read(document) : PlainTextBlocks.Read(document);
        int[] lineStarts = [.. Lines.Of(document.Text).Select(line => line.Start)];
        List<Passage> passages = [];
        (string? Heading, int Tokens) heading = (null, 0);
        foreach (TextBlock block in blocks)
        {
            if (heading.Heading != block.Heading)
            {
                // The colon and space between heading and text count too. A heading takes half of a passage at most.
                heading = (block.Heading, block.Heading.Length == 0 ? 0 : _measure.Count(block.Heading) + 2);
            }

            bool headingFits = heading.Tokens <= _maxTokens / 2;
            foreach ((int start, int end) in Cut(block, headingFits ? _maxTokens - heading.Tokens : _maxTokens))
            {
                int first = block.Origins[start], last = block.Origins[end - 1];
                passages.Add(new Passage(
                    document.Id,
                    LineOf(lineStarts, first),
                    LineOf(lineStarts, last),
                    first,
                    last - first + 1,
                    headingFits ? block.Heading : string.Empty,
                    block.Text[start..end])
                { Metadata = document.Metadata ?? Passage.EmptyMetadata });
            }
        }

        return passages;
    }

    /// <summary>The pieces of a block, without white space at their ends.</summary>
    private List<(int Start, int End)> Cut(TextBlock block, int maxTokens)
    {
        string text = block.Text;
        if (text.Length <= (long)maxTokens * WindowCharactersPerToken && _measure.Count(text) <= maxTokens)
        {
            return [(0, text.Length)];
        }

        List<Piece> units = [];
        foreach ((int start, int end) in Sentences(block))
        {
            AddUnits(text, start, end, maxTokens, units);
        }

        return Gather(text, units, maxTokens);
    }

    private static IEnumerable<(int Start, int End)> Sentences(TextBlock block)
    {
        int start = 0;
        foreach (int end in SentenceEnds.Find(block.Text).Concat(block.Breaks).Order().Append(block.Text.Length))
        {
            int from = start, to = end;
            Trim(block.Text, ref from, ref to);
            if (from < to)
            {
                yield return (from, to);
            }

            start = Math.Max(start, end);
        }
    }

    /// <summary>Adds a sentence, or the parts of one that is too long.</summary>
    private void AddUnits(string text, int start, int end, int maxTokens, List<Piece> units)
    {
        while (start < end)
        {
            int length = end - start;
            if (length <= (long)maxTokens * WindowCharactersPerToken && _measure.Count(text[start..end]) is var tokens && tokens <= maxTokens)
            {
                units.Add(new Piece(start, end, tokens));
                return;
            }

            int window = CodePointBorder(text, start, (int)Math.Min(end, start + ((long)maxTokens * WindowCharactersPerToken)));
            int fits = start + _measure.Fit(text[start..window], maxTokens);
            int space = fits < end ? text.LastIndexOf(' ', fits, fits - start) : -1;

            // Between words, unless that would leave less than half.
            int cut = space > start + ((fits - start) / 2) ? space : CodePointBorder(text, start, fits);
            units.Add(new Piece(start, cut, _measure.Count(text[start..cut])));
            start = cut;
            while (start < end && text[start] == ' ')
            {
                start++;
            }
        }
    }

    /// <summary>Joins neighbouring units to pieces, as few as may be, of about the same length.</summary>
    private List<(int Start, int End)> Gather(string text, List<Piece> units, int maxTokens)
    {
        List<(int Start, int End)> pieces = [];
        long left = units.Sum(unit => (long)unit.Tokens);
        for (int first = 0; first < units.Count;)
        {
            long count = (left + maxTokens - 1) / maxTokens, target = left / Math.Max(1, count);
            int begin = pieces.Count > 0 ? FirstRepeated(units, first, maxTokens) : first;
            int tokens = units[begin..first].Sum(unit => unit.Tokens), next = first;
            do
            {
                tokens += units[next++].Tokens;
            }
            while (next < units.Count && tokens + units[next].Tokens <= maxTokens && Math.Abs(tokens + units[next].Tokens - target) <= Math.Abs(tokens - target));

            // Tokens of neighbours rarely add up to more than what each has alone, but they may.
            while (next > first + 1 && _measure.Count(text[units[begin].Start..units[next - 1].End]) > maxTokens)
            {
                next--;
            }

            if (begin < first && _measure.Count(text[units[begin].Start..units[next - 1].End]) > maxTokens)
            {
                begin = first;
            }

            pieces.Add((units[begin].Start, units[next - 1].End));
            left -= units[first..next].Sum(unit => (long)unit.Tokens);
            first = next;
        }

        return pieces;
    }

    /// <summary>The first of the units before one that are repeated in front of it.</summary>
    private int FirstRepeated(List<Piece> units, int next, int maxTokens)
    {
        int tokens = 0, begin = next;
        while (begin > 0 && tokens + units[begin - 1].Tokens <= _overlapTokens && tokens + units[begin - 1].Tokens + units[next].Tokens <= maxTokens)
        {
            tokens += units[--begin].Tokens;
        }

        return begin;
    }

    // Not inside a surrogate pair, and behind at least one code point.
    private static int CodePointBorder(string text, int start, int at)
    {
        at = Math.Max(at, start + 1);
        return at < text.Length && char.IsSurrogatePair(text[at - 1], text[at]) ? (at - 1 > start ? at - 1 : at + 1) : at;
    }

    private static void Trim(string text, ref int start, ref int end)
    {
        while (start < end && text[start] == ' ')
        {
            start++;
        }

        while (end > start && text[end - 1] == ' ')
        {
            end--;
        }
    }

    private static int LineOf(int[] lineStarts, int position)
    {
        int found = Array.BinarySearch(lineStarts, position);
        return found >= 0 ? found + 1 : ~found;
    }

    private readonly record struct Piece(int Start, int End, int Tokens);
}
