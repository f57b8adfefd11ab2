using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Extensions.Explaining;

/// <summary>The most probable next tokens of each template's view.</summary>
internal static class NextWords
{
    public static IReadOnlyList<TemplateExplanation> Explain(LlamaModel model, ITokenizer tokenizer, TemplateEmbeddings views, int top, CancellationToken cancellationToken)
    {
        using OutputHead head = model.CreateOutputHead();
        IReadOnlyList<Template> templates = views.TemplateSet.Templates;
        float[] states = [.. Enumerable.Range(0, templates.Count).SelectMany(template => views[0, template].ToArray())];
        IReadOnlyList<NextTokens> found = head.FindTop(states, views.Layers[0], top, tokenizer.VocabularySize, cancellationToken);
        return [.. templates.Zip(found, (template, tokens) => new TemplateExplanation(template, Words(tokens, tokenizer)))];
    }

    private static TokenProbability[] Words(NextTokens tokens, ITokenizer tokenizer) =>
        [.. tokens.Ids.Select((id, i) => new TokenProbability(tokenizer.Decode([id]), id, (float)tokens.Probability(i)))];
}
