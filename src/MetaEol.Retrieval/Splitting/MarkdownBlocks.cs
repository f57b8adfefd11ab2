namespace MetaEol.Retrieval.Splitting;

/// <summary>
/// The paragraphs of a Markdown text, each with the headings above it. A list, a table and a fenced code block count as one paragraph each. One pass over the lines.
/// </summary>
internal sealed class MarkdownBlocks
{
    private const int MaxFrontMatterLines = 200;

    private readonly string _text;
    private readonly (int Start, int End)[] _lines;
    private readonly HeadingPath _headings;
    private readonly TextBlockBuilder _block = new();
    private readonly List<TextBlock> _blocks = [];
    private int _lineCount;

    private MarkdownBlocks(SearchDocument document)
    {
        _text = document.Text;
        _lines = [.. Lines.Of(document.Text)];
        _headings = new HeadingPath(document.Title);
    }

    public static IReadOnlyList<TextBlock> Read(SearchDocument document)
    {
        MarkdownBlocks reader = new(document);
        for (int line = reader.SkipFrontMatter(); line < reader._lines.Length;)
        {
            line = reader.ReadLine(line);
        }

        reader.EndParagraph();
        return reader._blocks;
    }

    /// <summary>Reads from a line on; gives the line to go on with.</summary>
    private int ReadLine(int index)
    {
        (int start, int end) = WithoutQuotation(_lines[index]);
        ReadOnlySpan<char> line = _text.AsSpan(start, end - start);
        if (line.IsEmpty || Lines.IsBlank(_text, start, end))
        {
            EndParagraph();
        }
        else if (FenceOf(line) is { Length: > 0 } fence)
        {
            EndParagraph();
            return ReadCode(index + 1, fence.ToString());
        }
        else if (HeadingLevel(line) is > 0 and { } level)
        {
            EndParagraph();
            _headings.Set(level, Plain(WithoutClosingMark(line[level..]).ToString()));
        }
        else if (_lineCount == 1 && UnderlineLevel(line) is > 0 and { } underlined)
        {
            _headings.Set(underlined, _block.Take(string.Empty, withMarkup: true).Text);
            _lineCount = 0;
        }
        else if (!line.ContainsAnyExcept("-=*_|:+ \t"))
        {
            // A thematic break, or the line between a table's head and body.
            if (!line.Contains('|') && !line.Contains(':'))
            {
                EndParagraph();
            }
        }
        else
        {
            int marker = ListMarkerLength(line);
            _block.AppendLine(_text, start + marker, end, isBreak: marker > 0 || line[0] == '|');
            _lineCount++;
        }

        return index + 1;
    }

    private int ReadCode(int index, string fence)
    {
        for (; index < _lines.Length; index++)
        {
            (int start, int end) = WithoutQuotation(_lines[index]);
            ReadOnlySpan<char> line = _text.AsSpan(start, end - start);
            if (line.StartsWith(fence, StringComparison.Ordinal) && line.TrimEnd().TrimStart(fence[0]).IsEmpty)
            {
                index++;
                break;
            }

            _block.AppendLine(_text, start, end, isBreak: true);
        }

        if (!_block.IsEmpty)
        {
            _blocks.Add(_block.Take(_headings.Text, withMarkup: false));
        }

        return index;
    }

    private void EndParagraph()
    {
        if (!_block.IsEmpty && _block.Take(_headings.Text, withMarkup: true) is { Text.Length: > 0 } block)
        {
            _blocks.Add(block);
        }

        _lineCount = 0;
    }

    // YAML between two lines of three hyphens at the very beginning.
    private int SkipFrontMatter()
    {
        if (!IsFrontMatterMark(0, "---"))
        {
            return 0;
        }

        for (int i = 1; i < Math.Min(_lines.Length, MaxFrontMatterLines); i++)
        {
            if (IsFrontMatterMark(i, "---") || IsFrontMatterMark(i, "..."))
            {
                return i + 1;
            }
        }

        return 0;
    }

    private bool IsFrontMatterMark(int line, string mark) =>
        line < _lines.Length && _text.AsSpan(_lines[line].Start, _lines[line].End - _lines[line].Start).TrimEnd().SequenceEqual(mark);

    // The line without white space at its ends and without the marks of quotations.
    private (int Start, int End) WithoutQuotation((int Start, int End) line)
    {
        (int start, int end) = line;
        while (start < end && (char.IsWhiteSpace(_text[start]) || _text[start] == '>'))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(_text[end - 1]))
        {
            end--;
        }

        return (start, end);
    }

    private static ReadOnlySpan<char> FenceOf(ReadOnlySpan<char> line)
    {
        if (line[0] is not ('`' or '~'))
        {
            return [];
        }

        int length = line.IndexOfAnyExcept(line[0]) is >= 0 and { } other ? other : line.Length;

        // ``code`` in a paragraph is no fence.
        return length < 3 || (line[0] == '`' && line[length..].Contains('`')) ? [] : line[..length];
    }

    private static int HeadingLevel(ReadOnlySpan<char> line)
    {
        int level = line.IndexOfAnyExcept('#') is >= 0 and { } other ? other : line.Length;
        return level is >= 1 and <= 6 && (level == line.Length || char.IsWhiteSpace(line[level])) ? level : 0;
    }

    // "## Part ##" is headed "Part", and "# C#" is headed "C#".
    private static ReadOnlySpan<char> WithoutClosingMark(ReadOnlySpan<char> heading)
    {
        ReadOnlySpan<char> open = heading.TrimEnd('#');
        return open.IsEmpty || char.IsWhiteSpace(open[^1]) ? open : heading;
    }

    private static int UnderlineLevel(ReadOnlySpan<char> line) => !line.ContainsAnyExcept('=') ? 1 : !line.ContainsAnyExcept('-') && line.Length > 1 ? 2 : 0;

    private static int ListMarkerLength(ReadOnlySpan<char> line)
    {
        int mark = line[0] is '-' or '*' or '+' or '•' ? 1 : 0;
        if (mark == 0)
        {
            while (mark < Math.Min(line.Length, 9) && char.IsAsciiDigit(line[mark]))
            {
                mark++;
            }

            mark = mark > 0 && mark < line.Length && line[mark] is '.' or ')' ? mark + 1 : 0;
        }

        return mark > 0 && mark < line.Length && line[mark] == ' ' ? mark + 1 : 0;
    }

    private static string Plain(string heading)
    {
        TextBlockBuilder builder = new();
        builder.AppendLine(heading, 0, heading.Length, isBreak: false);
        return builder.IsEmpty ? string.Empty : builder.Take(string.Empty, withMarkup: true).Text;
    }
}
