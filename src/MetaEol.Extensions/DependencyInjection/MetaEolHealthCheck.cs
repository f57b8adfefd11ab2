using MetaEol.Llama;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>Healthy when the model is loaded. Encodes nothing, so that a check does not wait behind requests.</summary>
internal sealed class MetaEolHealthCheck(Func<MetaEolEmbeddingGenerator> resolve) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // Options that are not valid throw here; they are a finding too, and not a failure of the check.
            MetaEolEmbeddingGenerator generator = resolve();
            await generator.LoadAsync(cancellationToken).ConfigureAwait(false);
            EmbeddingGeneratorMetadata metadata = generator.Metadata;
            var data = new Dictionary<string, object>
            {
                ["model"] = metadata.DefaultModelId ?? "",
                ["dimensions"] = metadata.DefaultModelDimensions ?? 0,
                ["templateSet"] = generator.TemplateSet.Name,
            };
            EncoderHealth health = (generator.GetService(typeof(IPromptEncoder)) as IPromptEncoder)?.Health ?? EncoderHealth.Good;
            if (health.Problem is { } problem)
            {
                HealthStatus status = health.CanEncode ? HealthStatus.Degraded : context.Registration.FailureStatus;
                return new HealthCheckResult(status, $"'{metadata.DefaultModelId}' is loaded, but: {problem}", data: data);
            }

            return HealthCheckResult.Healthy($"'{metadata.DefaultModelId}' is loaded.", data);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"The model cannot be used: {e.Message}", e);
        }
    }
}
