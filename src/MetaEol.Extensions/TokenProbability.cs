namespace MetaEol.Extensions;

/// <summary>One token that the model may say next.</summary>
/// <param name="Token">The token's text.</param>
/// <param name="Id">The token's id.</param>
/// <param name="Probability">Its probability among all tokens of the vocabulary, 0 to 1.</param>
public readonly record struct TokenProbability(string Token, int Id, float Probability);
