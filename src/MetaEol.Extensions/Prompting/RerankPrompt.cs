namespace MetaEol.Extensions.Prompting;

/// <summary>The prompt of reranking, taken apart: what stands before a passage, and between it and the question.</summary>
/// <param name="Prefix">What stands before the passage.</param>
/// <param name="Suffix">What stands behind the passage; the question follows.</param>
internal sealed record RerankPrompt(string Prefix, string Suffix)
{
    /// <summary>Reads a prompt.</summary>
    /// <exception cref="ArgumentException">It does not hold <c>{passage}</c> exactly once, or has a place for the question.</exception>
    public static RerankPrompt Parse(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        string[] parts = prompt.Split(RerankOptions.Placeholder);
        return parts.Length != 2
            ? throw new ArgumentException($"The rerank prompt '{prompt}' holds {RerankOptions.Placeholder} {parts.Length - 1} times: it must hold it exactly once, where the passage is to stand.", nameof(prompt))
            : prompt.Contains("{question}", StringComparison.Ordinal)
            ? throw new ArgumentException($"The rerank prompt '{prompt}' holds {{question}}: leave it out and let the prompt end where the question begins, for the question follows the prompt.", nameof(prompt))
            : new RerankPrompt(parts[0], parts[1]);
    }

    /// <summary>The template of passages, with the question at its end.</summary>
    public Template Before(string question) => new(Prefix, Suffix + question, "rerank");
}
