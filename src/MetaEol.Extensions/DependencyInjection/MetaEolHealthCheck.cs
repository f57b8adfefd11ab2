using Microsoft.Extensions.AI;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>Healthy when the model is loaded. Encodes nothing, so that a check does not wait behind requests.</summary>
internal sealed class MetaEolHealthCheck(MetaEolEmbeddingGenerator generator) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        EmbeddingGeneratorMetadata metadata = generator.Metadata;
        try
        {
            await generator.LoadAsync(cancellationToken).ConfigureAwait(false);
            var data = new Dictionary<string, object>
            {
                ["model"] = metadata.DefaultModelId ?? "",
                ["dimensions"] = metadata.DefaultModelDimensions ?? 0,
                ["templateSet"] = generator.TemplateSet.Name,
            };
            return HealthCheckResult.Healthy($"'{metadata.DefaultModelId}' is loaded.", data);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"'{metadata.DefaultModelId}' cannot be used: {e.Message}", e);
        }
    }
}
