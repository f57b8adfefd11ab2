namespace MetaEol.Extensions;

/// <summary>How much of a text fits the model's context in every template.</summary>
/// <param name="Length">UTF-16 units from the text's beginning that fit; the text's own length if it fits whole.</param>
/// <param name="PromptTokens">Tokens of all prompts of that part.</param>
public readonly record struct TextFit(int Length, long PromptTokens);
