namespace MetaEol.AspNetCore.Json;

/// <summary>How a model's states become a vector.</summary>
internal sealed record PoolingType(string Pooling);
