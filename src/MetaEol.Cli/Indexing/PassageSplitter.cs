using System.Text;
using System.Text.RegularExpressions;
using MetaEol.Llama;

namespace MetaEol.Cli.Indexing;

/// <summary>Cuts a text or Markdown file into its paragraphs, and those that are too long for the model at ends of sentences.</summary>
internal sealed partial class PassageSplitter(ITokenizer tokenizer, int maxTokens)
{
    public IEnumerable<Passage> Split(string content)
    {
        StringBuilder paragraph = new();
        int start = 0, number = 0;
        string heading = string.Empty;
        using StringReader reader = new(content);
        while (true)
        {
            string? line = reader.ReadLine();
            number++;
            bool isHeading = line is not null && HeadingPattern().IsMatch(line);
            if ((string.IsNullOrWhiteSpace(line) || isHeading) && paragraph.Length > 0)
            {
                foreach (string piece in Fit(heading + paragraph))
                {
                    yield return new Passage(start, piece);
                }

                paragraph.Clear();
            }

            if (line is null)
            {
                yield break;
            }

            if (isHeading)
            {
                // A heading says what the paragraphs under it are about, and is no passage of its own.
                heading = line.TrimStart('#', ' ').TrimEnd('#', ' ') + ": ";
            }
            else if (!string.IsNullOrWhiteSpace(line) && line.AsSpan().ContainsAnyExcept("-=*_#`~|: \t"))
            {
                start = paragraph.Length == 0 ? number : start;
                paragraph.Append(paragraph.Length == 0 ? string.Empty : " ").Append(line.Trim());
            }
        }
    }

    private IEnumerable<string> Fit(string paragraph)
    {
        if (tokenizer.CountTokens(paragraph) <= maxTokens)
        {
            yield return paragraph;
            yield break;
        }

        // Sentences are gathered as long as they fit; one that alone does not fit is cut.
        string gathered = string.Empty;
        foreach (string sentence in SentenceEndPattern().Split(paragraph))
        {
            string joined = gathered.Length == 0 ? sentence : $"{gathered} {sentence}";
            if (tokenizer.CountTokens(joined) <= maxTokens)
            {
                gathered = joined;
                continue;
            }

            if (gathered.Length > 0)
            {
                yield return gathered;
            }

            gathered = sentence;
            while (tokenizer.CountTokens(gathered) > maxTokens)
            {
                int end = Math.Max(1, tokenizer.GetIndexByTokenCount(gathered, maxTokens));
                end = end < gathered.Length && char.IsSurrogatePair(gathered, end - 1) ? end + 1 : end;

                // Between words, unless that would leave less than half.
                int space = gathered.LastIndexOf(' ', end - 1);
                end = space > end / 2 ? space : end;
                yield return gathered[..end];
                gathered = gathered[end..].TrimStart();
            }
        }

        if (gathered.Length > 0)
        {
            yield return gathered;
        }
    }

    [GeneratedRegex(@"\A#{1,6}\s+\S")]
    private static partial Regex HeadingPattern();

    [GeneratedRegex(@"(?<=[.!?]['"")\]]?)\s+")]
    private static partial Regex SentenceEndPattern();
}
