using System.Text;
using Spectre.Console;

namespace MetaEol.Cli.Display;

/// <summary>
/// A table that stays readable in a narrow terminal. It is drawn with the first of these that fits: as it is; with its texts broken; if it is a table of numbers,
/// without a frame, and in several parts one below the other; else each row as a paragraph.
/// </summary>
internal sealed class ResultTable
{
    private const int NarrowestText = 18, NarrowestName = 12;
    private readonly List<Column> _columns = [];
    private readonly List<Cell[]> _rows = [];

    /// <summary>Whether lines between the rows show where a row of several lines ends.</summary>
    public bool Separated { get; init; }

    /// <summary>Adds a column of text, which may be broken where it is <paramref name="breakable"/>.</summary>
    public ResultTable Text(string heading, bool breakable = true) => Add(new Column(heading, Numeric: false, breakable));

    /// <summary>Adds a column of numbers, which are never broken.</summary>
    public ResultTable Number(string heading) => Add(new Column(heading, Numeric: true, Breakable: false));

    /// <summary>Adds a row, with a cell for each column.</summary>
    public ResultTable Row(params Cell[] cells)
    {
        if (cells.Length != _columns.Count)
        {
            throw new ArgumentException($"A row of {cells.Length} cells does not fit a table of {_columns.Count} columns.", nameof(cells));
        }

        _rows.Add(cells);
        return this;
    }

    /// <summary>Prints the table to the standard output.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="title">What stands above it, or null.</param>
    public void Write(Terminal terminal, string? title = null)
    {
        if (title is not null)
        {
            terminal.Out.MarkupLine($"[bold]{Markup.Escape(Printable.Line(title))}[/]");
        }

        foreach (string line in Draw(terminal.Width))
        {
            terminal.Out.MarkupLine(line);
        }
    }

    /// <summary>Whether nothing has to be broken in a width.</summary>
    public bool Fits(int width) => NaturalWidths().Sum() + Frame <= width;

    /// <summary>The table's lines, as markup, none wider than a width.</summary>
    internal IEnumerable<string> Draw(int width)
    {
        int[] natural = NaturalWidths();
        if (Shrink(natural, width - Frame) is { } widths)
        {
            return Framed(widths);
        }

        return _columns.Skip(1).All(column => column.Numeric) ? Plain(natural[0], width) : Paragraphs(width);
    }

    /// <summary>Columns that the lines between the fields take.</summary>
    private int Frame => (3 * _columns.Count) + 1;

    private int[] NaturalWidths() => [.. _columns.Select((column, index) => _rows.Select(row => row[index].Width).Append(((Cell)column.Heading).Width).Max())];

    /// <summary>Widths with which the columns fit, the breakable ones narrower than they are by nature; null if there are none.</summary>
    private int[]? Shrink(int[] natural, int available)
    {
        int[] widths = [.. natural];
        int excess = widths.Sum() - available;
        while (excess > 0)
        {
            // The widest gives way first, so that the others keep what they need.
            int widest = Enumerable.Range(0, widths.Length).Where(index => _columns[index].Breakable && widths[index] > NarrowestText).OrderByDescending(index => widths[index]).FirstOrDefault(-1);
            if (widest < 0)
            {
                return null;
            }

            int next = Enumerable.Range(0, widths.Length).Where(index => index != widest && _columns[index].Breakable).Select(index => widths[index]).Where(other => other < widths[widest]).DefaultIfEmpty(NarrowestText).Max();
            int taken = Math.Max(1, Math.Min(excess, widths[widest] - Math.Max(next, NarrowestText)));
            widths[widest] -= taken;
            excess -= taken;
        }

        return widths;
    }

    private IEnumerable<string> Framed(int[] widths)
    {
        string Rule(char left, char middle, char right) => $"{left}{string.Join(middle, widths.Select(width => new string('─', width + 2)))}{right}";
        yield return Rule('╭', '┬', '╮');
        IReadOnlyList<string> Lines(IReadOnlyList<Cell> cells) => Side(cells, _columns, widths, "│ ", " │ ", " │");
        foreach (string line in Lines([.. _columns.Select(column => (Cell)column.Heading)]))
        {
            yield return line;
        }

        yield return Rule('├', '┼', '┤');
        for (int i = 0; i < _rows.Count; i++)
        {
            foreach (string line in Lines(_rows[i]))
            {
                yield return line;
            }

            if (Separated && i < _rows.Count - 1)
            {
                yield return Rule('├', '┼', '┤');
            }
        }

        yield return Rule('╰', '┴', '╯');
    }

    /// <summary>Names and numbers without a frame, in as many parts as the width asks for.</summary>
    private IEnumerable<string> Plain(int naturalName, int width)
    {
        int name = Math.Min(naturalName, Math.Max(NarrowestName, width / 3));
        int[] widths = [name, .. NaturalWidths().Skip(1)];
        for (int first = 1; first < _columns.Count;)
        {
            int count = 0, used = name;
            while (first + count < _columns.Count && (count == 0 || used + 1 + widths[first + count] <= width))
            {
                used += 1 + widths[first + count++];
            }

            // Two spaces between the columns where there is room for them.
            int[] shown = [0, .. Enumerable.Range(first, count)];
            string gap = used + count <= width ? "  " : " ";
            Column[] columns = [.. shown.Select(index => _columns[index])];
            int[] these = [.. shown.Select(index => widths[index])];
            foreach (string line in Side([.. columns.Select(column => Cell.Of(column.Heading, "grey"))], columns, these, string.Empty, gap, string.Empty))
            {
                yield return line;
            }

            foreach (string line in _rows.SelectMany(row => Side([.. shown.Select(index => row[index])], columns, these, string.Empty, gap, string.Empty)))
            {
                yield return line;
            }

            first += count;
            if (first < _columns.Count)
            {
                yield return string.Empty;
            }
        }
    }

    private IEnumerable<string> Paragraphs(int width)
    {
        foreach (Cell[] row in _rows)
        {
            foreach ((string markup, _) in row[0].Lines(width))
            {
                yield return $"[bold]{markup}[/]";
            }

            for (int i = 1; i < row.Length; i++)
            {
                string heading = Printable.Line(_columns[i].Heading);
                int indent = Math.Min(heading.GetCellWidth() + 4, width / 2);
                IReadOnlyList<(string Markup, int Width)> lines = row[i].Lines(Math.Max(1, width - indent));
                for (int line = 0; line < lines.Count; line++)
                {
                    yield return $"{(line == 0 ? $"  [grey]{Markup.Escape(heading)}[/]  " : new string(' ', indent))}{lines[line].Markup}";
                }
            }
        }
    }

    /// <summary>Cells side by side, each in its width, on as many lines as the longest needs.</summary>
    private static List<string> Side(IReadOnlyList<Cell> cells, IReadOnlyList<Column> columns, int[] widths, string left, string between, string right)
    {
        IReadOnlyList<(string Markup, int Width)>[] lines = [.. cells.Select((cell, index) => cell.Lines(widths[index]))];
        List<string> result = [];
        for (int row = 0; row < lines.Max(cell => cell.Count); row++)
        {
            StringBuilder line = new(left);
            for (int i = 0; i < cells.Count; i++)
            {
                (string markup, int width) = row < lines[i].Count ? lines[i][row] : (string.Empty, 0);
                string padding = new(' ', Math.Max(0, widths[i] - width));
                line.Append(i == 0 ? string.Empty : between).Append(columns[i].Numeric ? padding + markup : markup + padding);
            }

            result.Add($"{line.Append(right)}".TrimEnd());
        }

        return result;
    }

    private ResultTable Add(Column column)
    {
        _columns.Add(column);
        return this;
    }

    private sealed record Column(string Heading, bool Numeric, bool Breakable);
}
