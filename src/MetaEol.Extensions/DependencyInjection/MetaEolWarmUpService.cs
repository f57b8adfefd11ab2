using Microsoft.Extensions.Hosting;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>Loads a generator's model, and computes what its templates share, before the host has started.</summary>
internal sealed class MetaEolWarmUpService(MetaEolEmbeddingGenerator generator) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Two texts in two calls: the encoder keeps the beginnings that different calls share, and those are the templates'.
        foreach (string text in (string[])["Warm up.", "Ready?"])
        {
            await generator.GenerateAsync([text], cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
