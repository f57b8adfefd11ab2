namespace MetaEol.AspNetCore.Json;

/// <summary>What <c>/explain</c> answers: how each text's vector came about, and how alike the texts are.</summary>
internal sealed record Explanation(
    string Model, string TemplateSet, IReadOnlyList<ExplainedTemplate> Templates, IReadOnlyList<ExplainedText> Texts, double[][] Similarity, int Dimensions, long Tokens);
