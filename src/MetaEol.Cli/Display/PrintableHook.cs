using Spectre.Console.Rendering;

namespace MetaEol.Cli.Display;

/// <summary>The last gate before the terminal: drops from every piece of text what <see cref="Printable"/> would have replaced. What the console itself adds, colours and movements, is kept.</summary>
internal sealed class PrintableHook : IRenderHook
{
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) => renderables.Select(renderable => new Gate(renderable));

    private sealed class Gate(IRenderable inner) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => inner.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            inner.Render(options, maxWidth).Select(segment => segment.IsControlCode || segment.IsLineBreak ? segment : new Segment(Drop(segment.Text), segment.Style));

        private static string Drop(string text) => text.EnumerateRunes().Any(rune => rune.Value != '\n' && Printable.IsUnsafe(rune))
            ? string.Concat(text.EnumerateRunes().Where(rune => rune.Value == '\n' || !Printable.IsUnsafe(rune)))
            : text;
    }
}
