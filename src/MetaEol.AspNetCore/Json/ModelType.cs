namespace MetaEol.AspNetCore.Json;

/// <summary>What kind of model TEI's <c>/info</c> speaks of.</summary>
internal sealed record ModelType(PoolingType Embedding);
