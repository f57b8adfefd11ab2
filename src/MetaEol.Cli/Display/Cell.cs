using System.Text;
using Spectre.Console;

namespace MetaEol.Cli.Display;

/// <summary>What stands in a field of a table: text that may be broken between its parts.</summary>
internal sealed class Cell
{
    private readonly IReadOnlyList<Part> _parts;
    private readonly string _gap;

    private Cell(IReadOnlyList<Part> parts, string gap)
    {
        _parts = parts;
        _gap = gap;
        Width = parts.Sum(part => part.Width) + (Math.Max(0, parts.Count - 1) * gap.Length);
    }

    /// <summary>Columns that it takes on one line.</summary>
    public int Width { get; }

    public static implicit operator Cell(string text) => Of(text);

    /// <summary>A text, broken between words.</summary>
    public static Cell Of(string text, string? style = null) => new([.. Printable.Line(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => new Part(word, null, style))], " ");

    /// <summary>Items with a detail each, such as a word and its probability, which stay together.</summary>
    public static Cell Items(IEnumerable<(string Text, string Detail)> items) =>
        new([.. items.Select(item => new Part(Printable.Line(item.Text, 100), Printable.Line(item.Detail, 100), null))], "  ");

    /// <summary>Its lines in a width, as markup, with the columns that each takes.</summary>
    public IReadOnlyList<(string Markup, int Width)> Lines(int width)
    {
        List<(string Markup, int Width)> lines = [];
        StringBuilder line = new();
        int used = 0;
        foreach (Part part in _parts.SelectMany(part => part.Width <= width ? [part] : part.Break(width)))
        {
            if (used > 0 && used + _gap.Length + part.Width > width)
            {
                lines.Add(($"{line}", used));
                line.Clear();
                used = 0;
            }

            if (used > 0)
            {
                line.Append(_gap);
                used += _gap.Length;
            }

            line.Append(part.Markup);
            used += part.Width;
        }

        lines.Add(($"{line}", used));
        return lines;
    }

    private sealed record Part(string Text, string? Detail, string? Style)
    {
        public int Width { get; } = Text.GetCellWidth() + (Detail is null ? 0 : 1 + Detail.GetCellWidth());

        public string Markup
        {
            get
            {
                string text = Spectre.Console.Markup.Escape(Text);
                string styled = Style is null ? text : $"[{Style}]{text}[/]";
                return Detail is null ? styled : $"{styled} [grey]{Spectre.Console.Markup.Escape(Detail)}[/]";
            }
        }

        /// <summary>Pieces of a part that is wider than a line.</summary>
        public IEnumerable<Part> Break(int width)
        {
            StringBuilder piece = new();
            int used = 0;
            foreach (Rune rune in (Detail is null ? Text : $"{Text} {Detail}").EnumerateRunes())
            {
                int wide = Math.Max(0, rune.ToString().GetCellWidth());
                if (used > 0 && used + wide > width)
                {
                    yield return new Part($"{piece}", null, Style);
                    piece.Clear();
                    used = 0;
                }

                piece.Append(rune);
                used += wide;
            }

            yield return new Part($"{piece}", null, Style);
        }
    }
}
