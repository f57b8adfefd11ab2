using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary>Finds added tokens in a text: leftmost, of those that start there the longest. Immutable.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Node _root = new();
    private readonly SearchValues<char> _starts;

    /// <param name="tokens">One token or more, none with an empty pattern.</param>
    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        foreach (AddedToken token in tokens)
        {
            Node node = _root;
            foreach (char c in token.Pattern)
            {
                node = node.Child(c);
            }

            node.Token = token;
        }

        _starts = SearchValues.Create([.. _root.Children!.Keys]);
    }

    /// <summary>Adds the segments of <paramref name="text"/> in order: tokens, and what is not empty between them.</summary>
    public void Split(ReadOnlySpan<char> text, SpecialTokenHandling handling, List<TextSegment> segments)
    {
        int open = 0;
        int from = 0;
        while (TryFind(text, from, out int start, out int end, out AddedToken? token))
        {
            // A match that does not count is consumed all the same: shorter tokens inside it are not looked for.
            from = end;
            if ((handling == SpecialTokenHandling.PlainText && token.Special) || (token.SingleWord && TouchesWord(text, start, end)))
            {
                continue;
            }

            if (token.StripLeft)
            {
                start = Math.Max(text[..start].TrimEnd().Length, open);
            }

            if (token.StripRight)
            {
                end = text.Length - text[end..].TrimStart().Length;
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

    private bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end, [NotNullWhen(true)] out AddedToken? token)
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
            Node? node = _root.Find(text[start]);
            for (int i = start + 1; node is not null; i++)
            {
                if (node.Token is not null)
                {
                    (end, token) = (i, node.Token);
                }

                node = i < text.Length ? node.Find(text[i]) : null;
            }

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

    private sealed class Node
    {
        public Dictionary<char, Node>? Children { get; private set; }

        public AddedToken? Token { get; set; }

        public Node? Find(char c) => Children is not null && Children.TryGetValue(c, out Node? node) ? node : null;

        public Node Child(char c)
        {
            Children ??= [];
            if (!Children.TryGetValue(c, out Node? node))
            {
                Children[c] = node = new();
            }

            return node;
        }
    }
}
