namespace MetaEol.Extensions.Prompting;

/// <summary>The prompts of a request, <c>[texts × templates]</c>: texts, cleaned, and the templates that they stand in. Written out one at a time, when asked for.</summary>
internal sealed class PromptSet
{
    private readonly string[] _texts;
    private readonly string[] _cleaned;
    private readonly bool _clean;
    private readonly bool _plainToEnd;

    /// <summary>The prompts of texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="templates">The templates that they stand in.</param>
    /// <param name="clean">Whether they are cleaned.</param>
    /// <param name="prepends">Whether each prompt gets a placeholder token, for token prepending.</param>
    public PromptSet(IReadOnlyList<string> texts, TemplateSet templates, bool clean, bool prepends = false)
    {
        Prepends = prepends;
        _texts = [.. texts];
        _clean = clean;
        _cleaned = clean ? Array.ConvertAll(_texts, Clean) : [.. _texts];
        Templates = templates.Templates;
    }

    /// <summary>The prompts of reranking: passages, each with the question behind it.</summary>
    /// <param name="passages">The passages; they stand in their prompts as they are.</param>
    /// <param name="prompt">The prompt around a passage.</param>
    /// <param name="question">The question, without white space at its ends.</param>
    /// <param name="plainToEnd">Whether everything from a passage on is plain text, and not the passage alone.</param>
    public PromptSet(IReadOnlyList<string> passages, RerankPrompt prompt, string question, bool plainToEnd)
    {
        _texts = [.. passages];
        _cleaned = [.. passages];
        _plainToEnd = plainToEnd;
        Templates = [prompt.Before(question)];
        ContinuationLength = question.Length;
    }

    /// <summary>Whether each prompt gets a placeholder token before its text.</summary>
    public bool Prepends { get; }

    public int TextCount => _texts.Length;

    public IReadOnlyList<Template> Templates { get; }

    /// <summary>What the texts are, for messages.</summary>
    public string Noun => ContinuationLength > 0 ? "Passage" : "Text";

    /// <summary>The name of the parameter that the texts came in.</summary>
    public string Parameter => ContinuationLength > 0 ? "passages" : "values";

    /// <summary>Length in UTF-16 units of what stands at the end of every prompt and whose likelihood is asked for; 0 where nothing is.</summary>
    public int ContinuationLength { get; }

    /// <summary>
    /// Cleans a text as the MetaEOL reference does, so that it stands between a template's quotes as a sentence. In this order: appends <c>.</c> if the last character is none of
    /// <c>. ? " '</c>; replaces every <c>"</c> by <c>'</c>; if the last character is then <c>?</c>, replaces it by <c>.</c>. An empty text stays empty; nothing is trimmed.
    /// </summary>
    public static string Clean(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        string cleaned = text[^1] is '.' or '?' or '"' or '\'' ? text : text + ".";
        cleaned = cleaned.Replace('"', '\'');
        return cleaned[^1] == '?' ? string.Concat(cleaned.AsSpan(0, cleaned.Length - 1), ".") : cleaned;
    }

    /// <summary>A text as it was given, or what is left of it.</summary>
    public string Text(int text) => _texts[text];

    /// <summary>Keeps the beginning of a text.</summary>
    public void Cut(int text, int length)
    {
        _texts[text] = _texts[text][..length];
        _cleaned[text] = _clean ? Clean(_texts[text]) : _texts[text];
    }

    /// <summary>Writes out one prompt.</summary>
    /// <param name="text">Index of the text.</param>
    /// <param name="template">Index of the template.</param>
    /// <param name="plain">The part of it that comes from outside: where the text stands.</param>
    public string Format(int text, int template, out Range plain)
    {
        string prompt = Templates[template].Format(_cleaned[text], out plain);
        plain = _plainToEnd ? plain.Start.. : plain;
        return prompt;
    }
}
