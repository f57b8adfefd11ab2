using System.Globalization;
using System.Text;

namespace MetaEol.Llama.Tokenization;

/// <summary>The code points of a pattern and a place in them.</summary>
internal sealed class PatternCursor(string source)
{
    private readonly int[] _codePoints = [.. source.EnumerateRunes().Select(rune => rune.Value)];

    /// <summary>The pattern as written.</summary>
    public string Source => source;

    /// <summary>Index of the next code point.</summary>
    public int Position { get; set; }

    public bool IsAtEnd => Position >= _codePoints.Length;

    /// <summary>A code point ahead, or -1 behind the end.</summary>
    public int Peek(int ahead = 0) => Position + ahead < _codePoints.Length ? _codePoints[Position + ahead] : -1;

    /// <summary>The code point that was read last.</summary>
    public int Last => _codePoints[Position - 1];

    public int Read() => _codePoints[Position++];

    public bool Accept(char expected)
    {
        if (Peek() != expected)
        {
            return false;
        }

        Position++;
        return true;
    }

    public bool Accept(string expected)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (Peek(i) != expected[i])
            {
                return false;
            }
        }

        Position += expected.Length;
        return true;
    }

    /// <summary>Reads up to a code point, without it: the text passed over.</summary>
    public string ReadUntil(int end)
    {
        StringBuilder text = new();
        while (!IsAtEnd && Peek() != end)
        {
            text.Append(new Rune(Read()));
        }

        return text.ToString();
    }

    /// <summary>Reads decimal digits: their number (at most a million), or -1 if there are none.</summary>
    public int ReadNumber()
    {
        int value = -1;
        while (Peek() is >= '0' and <= '9')
        {
            value = Math.Min((Math.Max(value, 0) * 10) + (Read() - '0'), 1_000_000);
        }

        return value;
    }

    /// <summary>Reads hexadecimal digits: a code point.</summary>
    /// <param name="minimum">The fewest digits.</param>
    /// <param name="maximum">The most digits.</param>
    public int ReadHex(int minimum, int maximum)
    {
        int value = 0;
        int count = 0;
        while (count < maximum && Peek() is >= 0 and < 128 && char.IsAsciiHexDigit((char)Peek()))
        {
            value = (value << 4) | int.Parse([(char)Read()], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            count++;
        }

        return count >= minimum && Rune.IsValid(value) ? value : throw Fail("has a hexadecimal escape that names no code point");
    }

    public InvalidModelException Fail(string what) => new($"The regular expression {PatternProgram.Quote(source)} {what} (at character {Position}).");

    public InvalidModelException NotSupported(string what) => new(
        $"The regular expression {PatternProgram.Quote(source)} uses {what} (at character {Position}), which is not supported. Supported are literals, classes, "
        + @"\d \s \w \h and \p{…}, alternatives, groups, (?i), greedy, lazy and possessive quantifiers, lookahead, lookbehind of fixed length and anchors.");
}
