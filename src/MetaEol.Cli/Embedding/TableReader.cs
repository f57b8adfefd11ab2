using System.Text;

namespace MetaEol.Cli.Embedding;

/// <summary>Rows of a table in text: comma-separated as RFC 4180 says, with quotes around fields that hold separators or line ends; tab-separated without quotes.</summary>
internal sealed class TableReader(DecodedText text, char separator)
{
    private const int LongestRow = 64 << 20;
    private readonly bool _quotes = separator != '\t';

    /// <summary>The line where the row that was read last began, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Lines read so far.</summary>
    private int _lines;

    /// <summary>The fields of the next row that is not blank; null at the end.</summary>
    /// <exception cref="ToolException">A quote is never closed, or something stands behind a closing one; what follows could not be told apart any more.</exception>
    public List<string>? Read()
    {
        while (text.Peek() >= 0)
        {
            Line = _lines + 1;
            List<string> fields = ReadRow();
            if (fields is not [""])
            {
                return fields;
            }
        }

        return null;
    }

    private List<string> ReadRow()
    {
        List<string> fields = [];
        int length = 0;
        while (true)
        {
            string field = _quotes && text.Peek() == '"' ? ReadQuoted() : ReadPlain();
            fields.Add(field);
            length += field.Length;
            ThrowIfTooLong(length);
            int next = text.Next();
            if (next == separator)
            {
                continue;
            }

            if (next == '\r' && text.Peek() == '\n')
            {
                text.Next();
            }
            else if (next is not ('\r' or '\n' or -1))
            {
                throw new ToolException($"line {_lines + 1}: '{(char)next}' stands behind a closing quote; a quote inside a quoted field is written twice, and a field without quotes does not begin with one.");
            }

            _lines++;
            return fields;
        }
    }

    private string ReadPlain()
    {
        StringBuilder field = new();
        while (text.Peek() is var next && next >= 0 && next != separator && next is not ('\r' or '\n'))
        {
            field.Append((char)text.Next());
            ThrowIfTooLong(field.Length);
        }

        return field.ToString();
    }

    private string ReadQuoted()
    {
        int opened = _lines + 1;
        StringBuilder field = new();
        text.Next();
        while (true)
        {
            int next = text.Next();
            if (next < 0)
            {
                throw new ToolException($"line {opened}: a quote is opened and never closed.");
            }

            if (next == '"')
            {
                if (text.Peek() != '"')
                {
                    return field.ToString();
                }

                text.Next();
            }
            else if (next == '\n' || (next == '\r' && text.Peek() != '\n'))
            {
                _lines++;
            }

            field.Append((char)next);
            ThrowIfTooLong(field.Length);
        }
    }

    private void ThrowIfTooLong(int length)
    {
        if (length > LongestRow)
        {
            throw new ToolException($"line {Line}: a row has more than {LongestRow >> 20} million characters; is a quote never closed?");
        }
    }
}
