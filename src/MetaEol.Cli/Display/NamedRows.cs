using Spectre.Console;

namespace MetaEol.Cli.Display;

/// <summary>Names with what there is to say about each, without a frame.</summary>
internal static class NamedRows
{
    private const int Gap = 3, NarrowestValue = 24;

    public static void Write(Terminal terminal, IEnumerable<(string Name, string Value)> rows)
    {
        (string Name, string Value)[] all = [.. rows];
        int indent = all.Max(row => row.Name.GetCellWidth()) + Gap;

        // In a very narrow terminal the values stand below their names.
        bool below = terminal.Width < indent + NarrowestValue;
        foreach ((string name, string value) in all)
        {
            IReadOnlyList<(string Markup, int Width)> lines = Cell.Of(value).Lines(Math.Max(1, terminal.Width - (below ? Gap : indent)));
            terminal.Out.MarkupLine($"[bold]{Markup.Escape(name)}[/]{(below ? string.Empty : new string(' ', indent - name.GetCellWidth()) + lines[0].Markup)}");
            foreach ((string markup, _) in below ? lines : lines.Skip(1))
            {
                terminal.Out.MarkupLine(new string(' ', below ? Gap : indent) + markup);
            }
        }
    }
}
