using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary>Finds added tokens in a text: leftmost, of those that start there the longest. Immutable.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly AddedToken[] _tokens;
    private readonly PrefixTable<char> _table;
    private readonly SearchValues<char> _starts;

    private AddedTokenMatcher(AddedToken[] tokens)
    {
        _tokens = tokens;
        char[][] patterns = new char[tokens.Length][];
        int[] indices = new int[tokens.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            patterns[i] = tokens[i].Pattern.ToCharArray();
            indices[i] = i;
            HasSpecial |= tokens[i].Special;
        }

        _table = new(patterns, indices);
        _starts = SearchValues.Create(_table.FindStarts());
    }

    /// <summary>Whether any of the tokens is special.</summary>
    public bool HasSpecial { get; }

    /// <summary>A matcher for some tokens, or null if none of them has a pattern.</summary>
    public static AddedTokenMatcher? Of(IEnumerable<AddedToken> tokens)
    {
        AddedToken[] list = [.. tokens.Where(token => token.Pattern.Length > 0)];
        return list.Length == 0 ? null : new(list);
    }

    /// <summary>Adds the segments of <paramref name="text"/> in order: tokens, and what is not empty between them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="plain">Where special tokens do not count. Nothing that stands there changes what is found before or behind it.</param>
    /// <param name="budget">Charged for what is looked at.</param>
    /// <param name="segments">Receives the segments.</param>
    public void Split(ReadOnlySpan<char> text, PlainRange plain, TextBudget budget, List<TextSegment> segments)
    {
        int open = 0;
        int from = 0;
        (int Start, int End) white = default;
        while (TryFind(text, from, plain, budget, out int start, out int end, out AddedToken? token))
        {
            // A match that does not count is consumed all the same: shorter tokens inside it are not looked for.
            from = end;
            if (token.Special && plain.Overlaps(start, end))
            {
                from = Math.Min(end, plain.End);
                continue;
            }

            if (token.SingleWord && TouchesWord(text, start, end))
            {
                continue;
            }

            if (token.StripLeft)
            {
                start = open + text[open..Math.Max(start, open)].TrimEnd().Length;
            }

            if (token.StripRight)
            {
                if (end < white.Start || end > white.End)
                {
                    white = (end, text.Length - text[end..].TrimStart().Length);
                }

                // Tokens may be of white space themselves: the run behind them is searched once.
                end = white.End;
            }

            if (open < start)
            {
                segments.Add(new(open, start, -1));
            }

            segments.Add(new(start, end, token.Id));
            open = end;
        }

        if (open < text.Length)
        {
            segments.Add(new(open, text.Length, -1));
        }
    }

    private bool TryFind(
        ReadOnlySpan<char> text, int from, PlainRange plain, TextBudget budget, out int start, out int end, [NotNullWhen(true)] out AddedToken? token)
    {
        (start, end, token) = (from, from, null);
        while (start < text.Length)
        {
            int skip = text[start..].IndexOfAny(_starts);
            if (skip < 0)
            {
                return false;
            }

            start += skip;
            PrefixTable<char>.Search search = _table.At(text[start..]);
            while (search.MoveNext())
            {
                // A special token that runs into the plain part from before it is none; a shorter one may be.
                AddedToken found = _tokens[search.Value];
                if (start >= plain.Start || !found.Special || !plain.Overlaps(start, start + search.Length))
                {
                    (end, token) = (start + search.Length, found);
                }
            }

            budget.Spend(search.Looked);
            if (token is not null)
            {
                return true;
            }

            start++;
        }

        return false;
    }

    private static bool TouchesWord(ReadOnlySpan<char> text, int start, int end) =>
        (start > 0 && Rune.DecodeLastFromUtf16(text[..start], out Rune before, out _) == OperationStatus.Done && IsWord(before.Value))
        || (end < text.Length && Rune.DecodeFromUtf16(text[end..], out Rune after, out _) == OperationStatus.Done && IsWord(after.Value));

    /// <summary>Here, unlike in split patterns, the two join controls count as word characters.</summary>
    private static bool IsWord(int codePoint) => CharacterSet.Word.Contains(codePoint) || codePoint is 0x200C or 0x200D;
}
