using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using MetaEol.AspNetCore.Json;
using MetaEol.AspNetCore.Load;
using MetaEol.AspNetCore.Metrics;
using MetaEol.AspNetCore.Models;
using MetaEol.AspNetCore.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MetaEol.AspNetCore;

/// <summary>What all endpoints of an application share: options, keys, the queue, and the numbers for <c>/metrics</c>.</summary>
internal sealed class EmbeddingGateway
{
    // For applications that map endpoints without AddEmbeddingServer().
    private static readonly ConditionalWeakTable<IServiceProvider, EmbeddingGateway> Unregistered = [];

    private readonly byte[][] _keys;
    private readonly List<ModelCatalog> _catalogs = [];
    private Task _loading = Task.CompletedTask;
    private int _openRequests;

    public EmbeddingGateway(IServiceProvider services)
    {
        Services = services;
        Options = services.GetService<IOptions<EmbeddingServerOptions>>()?.Value ?? new EmbeddingServerOptions();
        if (Options.Failures().FirstOrDefault() is { } failure)
        {
            throw new OptionsValidationException(nameof(EmbeddingServerOptions), typeof(EmbeddingServerOptions), [failure]);
        }

        Logger = (services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("MetaEol.AspNetCore");
        Gate = new FairGate(Options.MaxWaitingTokens, Options.RunningTokens, services.GetService<TimeProvider>() ?? TimeProvider.System);
        Metrics = new MetricsCollector(Gate);
        _keys = [.. Options.ApiKeys.Select(Hash)];
        Stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
    }

    public IServiceProvider Services { get; }

    public EmbeddingServerOptions Options { get; }

    public ILogger Logger { get; }

    public FairGate Gate { get; }

    public MetricsCollector Metrics { get; }

    /// <summary>When this application began, in Unix time: what models say that they were created.</summary>
    public long StartedAt { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>Cancelled when the application is asked to stop.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>The gateway of an application.</summary>
    public static EmbeddingGateway Of(IServiceProvider services) =>
        services.GetService<EmbeddingGateway>() ?? Unregistered.GetValue(services, provider => new EmbeddingGateway(provider));

    /// <summary>The models of endpoints that are mapped together.</summary>
    public ModelCatalog AddCatalog(object[] serviceKeys)
    {
        ModelCatalog catalog = new(Services, Options, serviceKeys);
        _catalogs.Add(catalog);
        return catalog;
    }

    /// <summary>Whether all models can answer at once and the application is not about to stop.</summary>
    public bool IsReady => !Stopping.IsCancellationRequested && _catalogs.TrueForAll(catalog => catalog.Models.All(model => model.IsReady));

    /// <summary>Begins to load what is not loaded yet, where that is not under way already; a load that failed is tried again.</summary>
    public void StartLoading()
    {
        lock (_catalogs)
        {
            if (_loading.IsCompleted)
            {
                _loading = Task.Run(LoadAsync);
            }
        }
    }

    /// <summary>Counts a request in; false where there are too many already.</summary>
    public bool TryOpen()
    {
        if (Interlocked.Increment(ref _openRequests) <= Options.MaxConcurrentRequests)
        {
            return true;
        }

        Close();
        return false;
    }

    /// <summary>Counts a request out.</summary>
    public void Close() => Interlocked.Decrement(ref _openRequests);

    /// <summary>Who sends a request, by its key and address; null where its key is missing or wrong.</summary>
    public string? Identify(HttpContext http)
    {
        int key = -1;
        if (_keys.Length > 0)
        {
            const string Scheme = "Bearer ";
            string header = http.Request.Headers.Authorization.ToString();
            byte[] given = Hash(header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "");

            // All are compared, and hashes of one length, so that the time says nothing of the keys.
            for (int i = 0; i < _keys.Length; i++)
            {
                key = CryptographicOperations.FixedTimeEquals(given, _keys[i]) ? i : key;
            }

            if (key < 0)
            {
                return null;
            }
        }

        return $"{key} {http.Connection.RemoteIpAddress}";
    }

    /// <summary>Answers 200 where all models are loaded and the application is not about to stop.</summary>
    public async Task WriteReadyAsync(HttpContext http)
    {
        bool ready = IsReady;
        if (!ready)
        {
            // A balancer sends nothing to a server that is not ready, so that no request would load the models.
            StartLoading();
        }

        http.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await JsonAnswer.WriteAsync(
            http.Response, new ReadyState(ready ? "ready" : Stopping.IsCancellationRequested ? "stopping" : "loading"), ServerJsonContext.Default.ReadyState, http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>What <c>/metrics</c> answers.</summary>
    public async Task WriteMetricsAsync(HttpContext http)
    {
        StringWriter text = new(System.Globalization.CultureInfo.InvariantCulture);
        Metrics.Write(text);
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await http.Response.WriteAsync(text.ToString(), http.RequestAborted).ConfigureAwait(false);
    }

    private async Task LoadAsync()
    {
        try
        {
            foreach (ServedModel model in _catalogs.SelectMany(catalog => catalog.Models))
            {
                await model.LoadAsync(Stopping).ConfigureAwait(false);
            }

            Logger.Ready();
        }
        catch (Exception e) when (!Stopping.IsCancellationRequested && e is not ObjectDisposedException)
        {
            Logger.LoadFailed(e);
        }
        catch (Exception)
        {
            // The application stops, or never started, and the models go with it.
        }
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
