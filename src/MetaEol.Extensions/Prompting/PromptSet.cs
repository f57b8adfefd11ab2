namespace MetaEol.Extensions.Prompting;

/// <summary>The prompts of a request, <c>[texts × templates]</c>: texts, cleaned, and the templates that they stand in. Written out one at a time, when asked for.</summary>
internal sealed class PromptSet
{
    private readonly string[] _texts;
    private readonly string[] _cleaned;
    private readonly bool _clean;

    public PromptSet(IReadOnlyList<string> texts, TemplateSet templates, bool clean)
    {
        _texts = [.. texts];
        _clean = clean;
        _cleaned = clean ? Array.ConvertAll(_texts, TextCleaner.Clean) : [.. _texts];
        Templates = templates.Templates;
    }

    public int TextCount => _texts.Length;

    public IReadOnlyList<Template> Templates { get; }

    /// <summary>A text as it was given, or what is left of it.</summary>
    public string Text(int text) => _texts[text];

    /// <summary>Keeps the beginning of a text.</summary>
    public void Cut(int text, int length)
    {
        _texts[text] = _texts[text][..length];
        _cleaned[text] = _clean ? TextCleaner.Clean(_texts[text]) : _texts[text];
    }

    /// <summary>Writes out one prompt.</summary>
    /// <param name="text">Index of the text.</param>
    /// <param name="template">Index of the template.</param>
    /// <param name="ofText">Where the text stands in it.</param>
    public string Format(int text, int template, out Range ofText) => Templates[template].Format(_cleaned[text], out ofText);
}
