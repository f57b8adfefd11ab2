using Microsoft.Extensions.Hosting;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>Loads a generator's model, and computes what its templates share, before the host has started.</summary>
internal sealed class MetaEolWarmUpService(MetaEolEmbeddingGenerator generator) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken) =>
        await generator.GenerateAsync(["Warm up."], cancellationToken: cancellationToken).ConfigureAwait(false);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
