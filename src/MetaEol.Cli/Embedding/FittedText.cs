namespace MetaEol.Cli.Embedding;

/// <summary>How much of a text fits a model.</summary>
/// <param name="Length">UTF-16 units of it that fit in every template; the text's own length if all of it does.</param>
/// <param name="PromptTokens">Tokens of its first prompt that does not fit, or of its longest.</param>
/// <param name="ContextTokens">Tokens that a prompt may have.</param>
internal readonly record struct FittedText(int Length, int PromptTokens, int ContextTokens);
