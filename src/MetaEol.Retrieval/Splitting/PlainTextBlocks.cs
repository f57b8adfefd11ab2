namespace MetaEol.Retrieval.Splitting;

/// <summary>The paragraphs of a plain text: what stands between empty lines.</summary>
internal static class PlainTextBlocks
{
    public static IEnumerable<TextBlock> Read(SearchDocument document)
    {
        string heading = new HeadingPath(document.Title).Text;
        TextBlockBuilder block = new();
        foreach ((int start, int end) in Lines.Of(document.Text))
        {
            if (Lines.IsBlank(document.Text, start, end))
            {
                if (!block.IsEmpty)
                {
                    yield return block.Take(heading, withMarkup: false);
                }
            }
            else
            {
                block.AppendLine(document.Text, start, end, isBreak: false);
            }
        }

        if (!block.IsEmpty)
        {
            yield return block.Take(heading, withMarkup: false);
        }
    }
}
