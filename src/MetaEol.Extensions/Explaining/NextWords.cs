using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Extensions.Explaining;

/// <summary>The most probable next tokens of each template's view.</summary>
internal static class NextWords
{
    /// <summary>Explains the views of one text, each from its template's layer.</summary>
    public static IReadOnlyList<TemplateExplanation> Explain(
        OutputHead head, ITokenizer tokenizer, ViewBatch views, IReadOnlyList<Template> templates, int top, CancellationToken cancellationToken)
    {
        var explanations = new TemplateExplanation[templates.Count];
        foreach (IGrouping<int, int> ofLayer in Enumerable.Range(0, templates.Count).GroupBy(template => views.LayerOf(template)))
        {
            float[] states = [.. ofLayer.SelectMany(template => views[0, template].ToArray())];
            foreach ((int template, NextTokens tokens) in ofLayer.Zip(head.FindTop(states, ofLayer.Key, top, tokenizer.VocabularySize, cancellationToken)))
            {
                explanations[template] = new TemplateExplanation(templates[template], Words(tokens, tokenizer)) { Layer = ofLayer.Key };
            }
        }

        return explanations;
    }

    private static TokenProbability[] Words(NextTokens tokens, ITokenizer tokenizer) =>
        [.. tokens.Ids.Select((id, i) => new TokenProbability(tokenizer.Decode([id]), id, (float)tokens.Probability(i)))];
}
