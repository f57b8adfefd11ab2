namespace MetaEol.Extensions;

/// <summary>Options of <see cref="MetaEolEmbeddingGenerator.RerankAsync"/>.</summary>
public sealed record RerankOptions
{
    /// <summary>The place of the passage in a prompt.</summary>
    public const string Placeholder = "{passage}";

    /// <summary>The prompt that is used where none is given.</summary>
    public static string DefaultPrompt => "Passage: {passage}\nA question that this passage answers: ";

    /// <summary>
    /// The prompt, with <c>{passage}</c> exactly once; the question follows it, so it ends where a question would begin. Special tokens of the model may stand in it, so that a chat model gets its own format.
    /// White space at its beginning is removed. Default: <see cref="DefaultPrompt"/>.
    /// </summary>
    public string Prompt { get; init; } = DefaultPrompt;
}
