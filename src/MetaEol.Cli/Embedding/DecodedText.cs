using System.Text;

namespace MetaEol.Cli.Embedding;

/// <summary>Text from bytes, with a mark where bytes are none in the encoding, so that the place can be told.</summary>
internal sealed class DecodedText : IDisposable
{
    // U+FDEF is no character and in no text; behind U+FFFD it tells bytes that could not be decoded from a U+FFFD that stood in the file.
    private const string Replacement = "\uFFFD", Marked = "\uFFFD\uFDEF";
    private const int LongestLine = 64 << 20;
    private readonly Encoding _encoding;
    private readonly StreamReader _reader;
    private readonly DecodingReport _report;
    private readonly char[] _buffer = new char[1 << 14];
    private (int Start, int End) _filled;

    public DecodedText(Stream stream, Encoding? encoding, DecodingReport report)
    {
        _encoding = (Encoding)(encoding ?? Encoding.UTF8).Clone();
        _encoding.DecoderFallback = new DecoderReplacementFallback(Marked);
        _reader = new StreamReader(stream, _encoding, detectEncodingFromByteOrderMarks: true);
        _report = report;
    }

    /// <summary>The encoding that a name stands for.</summary>
    /// <exception cref="ArgumentException">None.</exception>
    public static Encoding Find(string name)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            return Encoding.GetEncoding(name);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new ArgumentException($"'{name}' is not an encoding that can be read: write a name such as utf-8, utf-16, iso-8859-1 or windows-1252.", exception);
        }
    }

    /// <summary>The next character, taken; -1 at the end.</summary>
    public int Next()
    {
        int next = Peek();
        _filled.Start += next < 0 ? 0 : 1;
        return next;
    }

    /// <summary>The next character; -1 at the end.</summary>
    public int Peek()
    {
        if (_filled.Start == _filled.End)
        {
            _filled = (0, _reader.Read(_buffer, 0, _buffer.Length));
        }

        return _filled.End == 0 ? -1 : _buffer[_filled.Start];
    }

    /// <summary>The next line, marks in it, without what ends it (LF, CR, or both); null at the end.</summary>
    /// <exception cref="ToolException">It is longer than any line of text.</exception>
    public string? ReadLine()
    {
        if (Peek() < 0)
        {
            return null;
        }

        StringBuilder? line = null;
        while (true)
        {
            ReadOnlySpan<char> rest = _buffer.AsSpan(_filled.Start.._filled.End);
            int end = rest.IndexOfAny('\r', '\n');
            if (end >= 0)
            {
                string last = line is null ? rest[..end].ToString() : line.Append(rest[..end]).ToString();
                _filled.Start += end;
                if (Next() == '\r' && Peek() == '\n')
                {
                    Next();
                }

                return last;
            }

            line = (line ?? new StringBuilder()).Append(rest);
            _filled.Start = _filled.End;
            ThrowIfTooLong(line.Length);
            if (Peek() < 0)
            {
                return line.ToString();
            }
        }
    }

    /// <summary>All that is left, marks in it.</summary>
    public string ReadToEnd()
    {
        StringBuilder text = new();
        while (Peek() >= 0)
        {
            text.Append(_buffer.AsSpan(_filled.Start.._filled.End));
            _filled.Start = _filled.End;
            ThrowIfTooLong(text.Length);
        }

        return text.ToString();
    }

    /// <summary>Takes the marks out of a text, and notes where it was that there were some.</summary>
    public string Unmark(string text, string source)
    {
        // An encoding that a mark at the beginning of the file named decodes in its own way.
        bool own = ReferenceEquals(_reader.CurrentEncoding, _encoding);
        bool undecodable = text.Contains(own ? Marked : Replacement, StringComparison.Ordinal);
        _report.Note(source, _reader.CurrentEncoding.WebName, undecodable, text.Contains('\0', StringComparison.Ordinal));
        return own && undecodable ? text.Replace(Marked, Replacement, StringComparison.Ordinal) : text;
    }

    public void Dispose() => _reader.Dispose();

    private static void ThrowIfTooLong(int length)
    {
        if (length > LongestLine)
        {
            throw new ToolException($"the input has a text of more than {LongestLine >> 20} million characters; is it a text file at all?");
        }
    }
}
