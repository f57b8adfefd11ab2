namespace MetaEol.Retrieval;

/// <summary>What an index says about itself.</summary>
/// <param name="Fingerprint">The fingerprint of the generator whose vectors it holds.</param>
/// <param name="ModelId">The generator's model id; null where it has none.</param>
/// <param name="Documents">Number of documents.</param>
/// <param name="Passages">Number of passages.</param>
/// <param name="Properties">What the application noted at the last update.</param>
public sealed record IndexInfo(string Fingerprint, string? ModelId, int Documents, int Passages, IReadOnlyDictionary<string, string> Properties);
