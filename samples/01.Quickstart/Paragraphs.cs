using System.Text;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MetaEol.Samples.Quickstart;

/// <summary>Takes a document apart into its paragraphs.</summary>
internal static partial class Paragraphs
{
    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UseYamlFrontMatter().Build();

    /// <summary>The paragraphs of a plain text: what stands between empty lines.</summary>
    public static IReadOnlyList<string> FromPlainText(string text) => Clean(EmptyLines().Split(text));

    /// <summary>The paragraphs of a Markdown text, without its mark-up: list items and quotations count, headings, code blocks and HTML do not.</summary>
    public static IReadOnlyList<string> FromMarkdown(string text) =>
        Clean(Markdig.Markdown.Parse(text, Markdown).Descendants<ParagraphBlock>().Select(paragraph => PlainText(paragraph.Inline)));

    private static string PlainText(ContainerInline? inlines)
    {
        StringBuilder text = new();
        foreach (Inline inline in inlines?.Descendants() ?? [])
        {
            _ = inline switch
            {
                LiteralInline literal => text.Append(literal.Content),
                CodeInline code => text.Append(code.Content),
                HtmlEntityInline entity => text.Append(entity.Transcoded),
                AutolinkInline link => text.Append(link.Url),
                LineBreakInline => text.Append(' '),
                _ => text,
            };
        }

        return text.ToString();
    }

    private static List<string> Clean(IEnumerable<string> paragraphs) =>
        [.. paragraphs.Select(paragraph => WhiteSpace().Replace(paragraph, " ").Trim()).Where(paragraph => paragraph.Length > 0)];

    [GeneratedRegex(@"(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)")]
    private static partial Regex EmptyLines();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
