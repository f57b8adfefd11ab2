using Microsoft.Extensions.Hosting;

namespace MetaEol.AspNetCore.Hosting;

/// <summary>Loads all models once the server listens, so that it is live at once, and ready soon.</summary>
internal sealed class ModelLoader(EmbeddingGateway gateway) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await gateway.LoadAsync(stoppingToken).ConfigureAwait(false);
            gateway.Logger.Ready();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            gateway.Logger.LoadFailed(e);
        }
    }
}
