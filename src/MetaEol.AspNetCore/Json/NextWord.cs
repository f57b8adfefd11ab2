namespace MetaEol.AspNetCore.Json;

/// <summary>A token that the model may say next.</summary>
internal sealed record NextWord(string Token, int Id, double Probability);
