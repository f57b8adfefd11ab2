using MetaEol.Extensions.Prompting;

namespace MetaEol.Extensions;

/// <summary>What the model would say after one template's prompt.</summary>
/// <param name="Template">The template.</param>
/// <param name="Tokens">The most probable next tokens, the most probable first.</param>
public sealed record TemplateExplanation(Template Template, IReadOnlyList<TokenProbability> Tokens)
{
    /// <summary>The index into <c>hidden_states</c> that the view comes from.</summary>
    public int Layer { get; init; }
}
