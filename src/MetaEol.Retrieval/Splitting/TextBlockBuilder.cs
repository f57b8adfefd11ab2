using System.Text;

namespace MetaEol.Retrieval.Splitting;

/// <summary>
/// Gathers a block's characters on one line and remembers where each came from. Runs of white space and control characters become one space, so that no passage
/// holds escape sequences; half a surrogate pair becomes U+FFFD.
/// </summary>
internal sealed class TextBlockBuilder
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _origins = [];
    private readonly List<int> _breaks = [];

    public bool IsEmpty => _text.Length == 0;

    /// <summary>Appends a part of the document as a line of the block.</summary>
    /// <param name="document">The document's text.</param>
    /// <param name="start">Where the line begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="isBreak">Whether a passage may end before this line.</param>
    public void AppendLine(string document, int start, int end, bool isBreak)
    {
        bool pendingSpace = _text.Length > 0, isFirst = true;
        for (int i = start; i < end; i++)
        {
            char letter = document[i];
            if (char.IsWhiteSpace(letter) || char.IsControl(letter))
            {
                pendingSpace = _text.Length > 0;
                continue;
            }

            if (pendingSpace)
            {
                Append(' ', i);
                pendingSpace = false;
            }

            if (isFirst && isBreak && _text.Length > 0)
            {
                _breaks.Add(_text.Length);
            }

            isFirst = false;
            if (char.IsHighSurrogate(letter) && i + 1 < end && char.IsLowSurrogate(document[i + 1]))
            {
                Append(letter, i);
                Append(document[++i], i);
            }
            else
            {
                Append(char.IsSurrogate(letter) ? '\uFFFD' : letter, i);
            }
        }
    }

    /// <summary>Takes the block, and begins a new one.</summary>
    /// <param name="heading">The headings that it stands under.</param>
    /// <param name="withMarkup">Whether the text holds Markdown's inline mark-up, to be left out.</param>
    public TextBlock Take(string heading, bool withMarkup)
    {
        TextBlock block = new(heading, _text.ToString(), [.. _origins], [.. _breaks]);
        _text.Clear();
        _origins.Clear();
        _breaks.Clear();
        return withMarkup ? InlineMarkup.Remove(block) : block;
    }

    private void Append(char letter, int origin)
    {
        _text.Append(letter);
        _origins.Add(origin);
    }
}
