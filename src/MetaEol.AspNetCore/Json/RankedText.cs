namespace MetaEol.AspNetCore.Json;

/// <summary>A text's place in TEI's <c>/rerank</c>.</summary>
internal sealed record RankedText(int Index, double Score, string? Text);
