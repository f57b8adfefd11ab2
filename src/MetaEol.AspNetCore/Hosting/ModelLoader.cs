using Microsoft.Extensions.Hosting;

namespace MetaEol.AspNetCore.Hosting;

/// <summary>Begins to load all models when the application starts, which listens meanwhile: so it is live at once, and ready soon.</summary>
internal sealed class ModelLoader(EmbeddingGateway gateway) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        gateway.StartLoading();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
