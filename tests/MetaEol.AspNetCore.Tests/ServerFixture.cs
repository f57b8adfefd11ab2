using MetaEol.Extensions;
using MetaEol.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MetaEol.AspNetCore.Tests;

/// <summary>A running server over the demo model, with all endpoints, for tests that change nothing of it.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private WebApplication? _application;

    public HttpClient Client { get; private set; } = null!;

    public Uri Address => Client.BaseAddress!;

    /// <summary>The generator that the server is over.</summary>
    internal MetaEolEmbeddingGenerator Generator => _application!.Services.GetRequiredService<MetaEolEmbeddingGenerator>();

    internal static async Task<WebApplication> StartAsync(Action<IServiceCollection> services, Action<EmbeddingServerOptions>? options = null, Action<WebApplication>? map = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        services(builder.Services);
        builder.Services.AddEmbeddingServer(options);
        WebApplication application = builder.Build();
        (map ?? MapAll)(application);
        await application.StartAsync();
        return application;
    }

    internal static Task<WebApplication> StartDemoAsync(Action<EmbeddingServerOptions>? options = null) =>
        StartAsync(services => services.AddMetaEolEmbeddings(TestPaths.DemoModel), options);

    internal static HttpClient ClientOf(WebApplication application) => new() { BaseAddress = new Uri(application.Urls.First()), Timeout = TimeSpan.FromMinutes(4) };

    public async Task InitializeAsync()
    {
        _application = await StartDemoAsync(options => options.Aliases["text-embedding-3-small"] = "demo");
        Client = ClientOf(_application);
        await Generator.LoadAsync();
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _application!.DisposeAsync();
    }

    private static void MapAll(WebApplication application)
    {
        application.MapOpenAIEmbeddings();
        application.MapTextEmbeddingsInference();
        application.MapOllamaEmbeddings();
        application.MapEmbeddingPage();
        application.MapEmbeddingHealth();
    }
}
