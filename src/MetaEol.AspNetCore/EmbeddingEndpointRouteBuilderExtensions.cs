using MetaEol.AspNetCore;
using MetaEol.AspNetCore.Explaining;
using MetaEol.AspNetCore.Json;
using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Ollama;
using MetaEol.AspNetCore.OpenAI;
using MetaEol.AspNetCore.Page;
using MetaEol.AspNetCore.Requests;
using MetaEol.AspNetCore.TextEmbeddingsInference;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps embedding endpoints over the application's <c>IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt;</c>.</summary>
/// <remarks>
/// <para>Without service keys all registered generators are served, each under the model id that its metadata give; with keys, those of the keys, under the key where it is a string. MetaEOL generators are served with other
/// template sets, too, as <c>model:set</c>. The first is the default.</para>
/// <para>All endpoints of an application share the options and the queue of <c>AddEmbeddingServer</c>, which may be left out.</para>
/// </remarks>
public static class EmbeddingEndpointRouteBuilderExtensions
{
    /// <summary>Maps <c>POST /v1/embeddings</c>, <c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>, as OpenAI has them.</summary>
    /// <param name="endpoints">Where to map them.</param>
    /// <param name="serviceKeys">Keys of the generators; none serves all that are registered.</param>
    /// <returns>The endpoints, to configure them further.</returns>
    public static IEndpointConventionBuilder MapOpenAIEmbeddings(this IEndpointRouteBuilder endpoints, params object[] serviceKeys)
    {
        (EmbeddingGateway gateway, ModelCatalog catalog) = Prepare(endpoints, serviceKeys);
        OpenAIEndpoints handlers = new(gateway, catalog);
        EndpointRunner runner = new(gateway, new OpenAIDialect());
        RouteGroupBuilder group = endpoints.MapGroup("/v1");
        group.MapPost("/embeddings", runner.Create("openai_embed", handlers.EmbedAsync));
        group.MapGet("/models", runner.Create("models", handlers.ListAsync));
        group.MapGet("/models/{**id}", runner.Create("models", handlers.GetAsync));
        return group;
    }

    /// <summary>
    /// Maps the routes of Text Embeddings Inference: <c>/embed</c> (and <c>POST /</c>), <c>/embed_all</c>, <c>/embed_sparse</c>, <c>/rerank</c>, <c>/similarity</c>, <c>/tokenize</c>, <c>/info</c>, and without a key
    /// <c>/health</c>, <c>/ping</c> and <c>/metrics</c>. It has one model: the default.
    /// </summary>
    /// <inheritdoc cref="MapOpenAIEmbeddings" path="/param|/returns"/>
    public static IEndpointConventionBuilder MapTextEmbeddingsInference(this IEndpointRouteBuilder endpoints, params object[] serviceKeys)
    {
        (EmbeddingGateway gateway, ModelCatalog catalog) = Prepare(endpoints, serviceKeys);
        TeiEndpoints handlers = new(gateway, catalog);
        EndpointRunner runner = new(gateway, new TeiDialect());
        RouteGroupBuilder group = endpoints.MapGroup("");
        group.MapPost("/", runner.Create("embed", handlers.EmbedAsync));
        group.MapPost("/embed", runner.Create("embed", handlers.EmbedAsync));
        group.MapPost("/embed_all", runner.Create("embed_all", handlers.EmbedAllAsync));
        group.MapPost("/embed_sparse", runner.Create("embed_sparse", handlers.EmbedSparseAsync));
        group.MapPost("/rerank", runner.Create("rerank", handlers.RerankAsync));
        group.MapPost("/similarity", runner.Create("similarity", handlers.SimilarityAsync));
        group.MapPost("/tokenize", runner.Create("tokenize", handlers.TokenizeAsync));
        group.MapGet("/info", runner.Create("info", handlers.InfoAsync));
        group.MapGet("/health", gateway.WriteReadyAsync);
        group.MapGet("/ping", gateway.WriteReadyAsync);
        group.MapGet("/metrics", gateway.WriteMetricsAsync);
        return group;
    }

    /// <summary>Maps <c>POST /api/embed</c>, <c>POST /api/embeddings</c>, <c>GET /api/tags</c> and <c>GET /api/version</c>, as Ollama has them.</summary>
    /// <inheritdoc cref="MapOpenAIEmbeddings" path="/param|/returns"/>
    public static IEndpointConventionBuilder MapOllamaEmbeddings(this IEndpointRouteBuilder endpoints, params object[] serviceKeys)
    {
        (EmbeddingGateway gateway, ModelCatalog catalog) = Prepare(endpoints, serviceKeys);
        OllamaEndpoints handlers = new(gateway, catalog);
        EndpointRunner runner = new(gateway, new OllamaDialect());
        RouteGroupBuilder group = endpoints.MapGroup("/api");
        group.MapPost("/embed", runner.Create("ollama_embed", handlers.EmbedAsync));
        group.MapPost("/embeddings", runner.Create("ollama_embed", handlers.EmbedOneAsync));
        group.MapGet("/tags", runner.Create("models", handlers.ListAsync));
        group.MapGet("/version", runner.Create("version", OllamaEndpoints.VersionAsync));
        return group;
    }

    /// <summary>
    /// Maps the page that shows what a vector is (<c>GET /</c>), with <c>POST /explain</c>, which tells each template's most probable next words and how alike texts are, and <c>POST /search</c>, where there is a search.
    /// </summary>
    /// <param name="endpoints">Where to map them; the page asks for its data at the root.</param>
    /// <param name="search">Searches documents: gives the best passages for a question, at most as many as asked for. Null: the page has no search.</param>
    /// <param name="serviceKeys">Keys of the generators; none serves all that are registered.</param>
    /// <returns>The endpoints, to configure them further.</returns>
    public static IEndpointConventionBuilder MapEmbeddingPage(
        this IEndpointRouteBuilder endpoints, Func<string, int, CancellationToken, Task<IReadOnlyList<FoundPassage>>>? search = null, params object[] serviceKeys)
    {
        (EmbeddingGateway gateway, ModelCatalog catalog) = Prepare(endpoints, serviceKeys);
        PageEndpoints page = new(gateway, search);
        EndpointRunner runner = new(gateway, new OpenAIDialect());
        RouteGroupBuilder group = endpoints.MapGroup("");
        group.MapGet("/", PageEndpoints.File("index.html", "text/html; charset=utf-8"));
        group.MapGet("/page/page.js", PageEndpoints.File("page.js", "text/javascript; charset=utf-8"));
        group.MapGet("/page/page.css", PageEndpoints.File("page.css", "text/css; charset=utf-8"));
        group.MapGet("/page/icon.svg", PageEndpoints.File("icon.svg", "image/svg+xml"));
        group.MapGet("/page/settings", page.SettingsAsync);
        group.MapPost("/explain", runner.Create("explain", new ExplainEndpoints(catalog).ExplainAsync));
        if (search is not null)
        {
            group.MapPost("/search", runner.Create("search", page.SearchAsync));
        }

        return group;
    }

    /// <summary>Maps <c>GET /live</c>, which answers as long as the process does, and <c>GET /ready</c>, which has the status 200 once all models are loaded, and 503 before and while the application stops. Neither asks for a key.</summary>
    /// <param name="endpoints">Where to map them.</param>
    /// <returns>The endpoints, to configure them further.</returns>
    public static IEndpointConventionBuilder MapEmbeddingHealth(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        EmbeddingGateway gateway = EmbeddingGateway.Of(endpoints.ServiceProvider);
        RouteGroupBuilder group = endpoints.MapGroup("");
        group.MapGet("/live", static http => JsonAnswer.WriteAsync(http.Response, new ReadyState("live"), ServerJsonContext.Default.ReadyState, http.RequestAborted));
        group.MapGet("/ready", gateway.WriteReadyAsync);
        return group;
    }

    private static (EmbeddingGateway Gateway, ModelCatalog Catalog) Prepare(IEndpointRouteBuilder endpoints, object[] serviceKeys)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(serviceKeys);
        EmbeddingGateway gateway = EmbeddingGateway.Of(endpoints.ServiceProvider);
        return (gateway, gateway.AddCatalog(serviceKeys));
    }
}
