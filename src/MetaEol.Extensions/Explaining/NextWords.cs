using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Extensions.Explaining;

/// <summary>The most probable next tokens of each template's view.</summary>
internal static class NextWords
{
    /// <summary>Explains the views of one text at one layer.</summary>
    public static IReadOnlyList<TemplateExplanation> Explain(
        OutputHead head, ITokenizer tokenizer, ViewBatch views, IReadOnlyList<Template> templates, int top, CancellationToken cancellationToken)
    {
        IReadOnlyList<NextTokens> found = head.FindTop(views.States.Span, views.Layers[0], top, tokenizer.VocabularySize, cancellationToken);
        return [.. templates.Zip(found, (template, tokens) => new TemplateExplanation(template, Words(tokens, tokenizer)))];
    }

    private static TokenProbability[] Words(NextTokens tokens, ITokenizer tokenizer) =>
        [.. tokens.Ids.Select((id, i) => new TokenProbability(tokenizer.Decode([id]), id, (float)tokens.Probability(i)))];
}
