namespace MetaEol.AspNetCore.Json;

/// <summary>A model, as OpenAI lists it, and what else there is to know of one.</summary>
internal sealed record ModelEntry(
    string Id, string Object, long Created, string OwnedBy, int? Dimensions, IReadOnlyList<int> SmallerDimensions, int? ContextLength, int? Layers, string? TemplateSet, string? Role, string? Fingerprint);
