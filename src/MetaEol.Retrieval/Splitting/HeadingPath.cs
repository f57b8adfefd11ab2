using System.Text;

namespace MetaEol.Retrieval.Splitting;

/// <summary>The headings that a place of a document stands under.</summary>
internal sealed class HeadingPath
{
    private const int Levels = 6, MaxHeadingLength = 120, MaxLength = 240;

    private readonly string?[] _headings = new string?[Levels + 1];

    /// <param name="title">The document's title, which stands before all headings.</param>
    public HeadingPath(string? title) => Set(0, title);

    /// <summary>The title and the headings, the outermost first. Not longer than a passage bears, however long they are: they stand in each of its passages.</summary>
    public string Text { get; private set; } = string.Empty;

    /// <summary>Comes to a heading; those below the level end.</summary>
    /// <param name="level">1 to 6; 0 for the title.</param>
    /// <param name="heading">Its text.</param>
    public void Set(int level, string? heading)
    {
        _headings[level] = Shorten(OneLine(heading), MaxHeadingLength);
        Array.Clear(_headings, level + 1, Levels - level);

        // A first heading often repeats the title.
        IEnumerable<string> path = _headings.Where(text => !string.IsNullOrEmpty(text)).Select(text => text!).Distinct(StringComparer.OrdinalIgnoreCase);
        Text = Shorten(string.Join(" › ", path), MaxLength);
    }

    private static string OneLine(string? heading)
    {
        StringBuilder text = new();
        foreach (Rune rune in (heading ?? string.Empty).EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune))
            {
                text.Append(rune);
            }
            else if (text.Length > 0 && text[^1] != ' ')
            {
                text.Append(' ');
            }

            if (text.Length > MaxHeadingLength)
            {
                break;
            }
        }

        return text.ToString().TrimEnd();
    }

    private static string Shorten(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)].TrimEnd();
}
