namespace MetaEol.Llama;

/// <summary>How much a token counts in a sparse vector.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Weight">Its weight, above 0.</param>
public readonly record struct TokenWeight(int Id, float Weight);
