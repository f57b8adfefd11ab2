namespace MetaEol.Extensions.Prompting;

/// <summary>Finds what makes a template work badly although it is valid: what the prompts of the MetaEOL paper have, and this one lacks.</summary>
public static class TemplateCheck
{
    private const string OneWord = "one word";

    /// <summary>Looks at a template.</summary>
    /// <param name="template">The template.</param>
    /// <returns>One sentence per finding; empty if there is none.</returns>
    public static IReadOnlyList<string> FindWarnings(Template template)
    {
        ArgumentNullException.ThrowIfNull(template);
        List<string> warnings = [];
        string prefix = template.Prefix.Trim(), suffix = template.Suffix.TrimEnd();
        if (!suffix.Contains(OneWord, StringComparison.OrdinalIgnoreCase))
        {
            warnings.Add("It does not ask for one word behind the text: without 'in one word' the meaning is spread over the words to come, and the last token's hidden state holds little of it.");
        }

        if (!suffix.EndsWith('"') && !suffix.EndsWith('\u201c'))
        {
            warnings.Add("It does not end with an opening quote: end with :\" so that the word itself comes next, and not a space or a quote.");
        }

        if (prefix.All(IsQuote))
        {
            warnings.Add("The text stands first: the model reads it before it knows the task; put the instruction before the text.");
        }

        if (prefix.Length > 0 && !IsQuote(prefix[^1]) || suffix.Length > 0 && !IsQuote(template.Suffix[0]))
        {
            warnings.Add("The text stands without quotes: write \"{text}\", so that the model sees where it begins and ends.");
        }

        if (template.Suffix.Length > suffix.Length)
        {
            warnings.Add("It ends with white space, which is removed from the prompt.");
        }

        if (template.Layer is { Index: 0 } or { Depth: 0 })
        {
            warnings.Add("Its layer is 0, the token embeddings: there the last token's state is the same for every text; take a layer of the upper half.");
        }

        return warnings;
    }

    private static bool IsQuote(char c) => c is '"' or '\'' or '`' or '\u00ab' or '\u00bb' or (>= '\u2018' and <= '\u201f') or '\u2039' or '\u203a' or (>= '\u300c' and <= '\u300f');
}
