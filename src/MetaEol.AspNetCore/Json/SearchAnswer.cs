namespace MetaEol.AspNetCore.Json;

/// <summary>What a search on the page has found.</summary>
internal sealed record SearchAnswer(IReadOnlyList<FoundPassage> Results);
