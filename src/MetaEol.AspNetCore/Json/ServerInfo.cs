using System.Text.Json.Serialization;

namespace MetaEol.AspNetCore.Json;

/// <summary>TEI's <c>/info</c>.</summary>
internal sealed record ServerInfo(
    string ModelId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? ModelSha,
    string ModelDtype,
    ModelType ModelType,
    int MaxConcurrentRequests,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? MaxInputLength,
    long MaxBatchTokens,
    int MaxClientBatchSize,
    bool AutoTruncate,
    int TokenizationWorkers,
    string Version);
