using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MetaEol.Extensions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace MetaEol.AspNetCore.Hosting;

/// <summary>A whole server: all endpoints over MetaEOL models. What <c>metaeol serve</c> runs.</summary>
public static class EmbeddingHost
{
    /// <summary>Runs until the process is asked to stop (SIGTERM, SIGINT) or the token is cancelled, and requests under way are answered.</summary>
    /// <param name="options">Options; at least one model.</param>
    /// <param name="cancellationToken">Stops the server.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message says what to write instead.</exception>
    /// <exception cref="IOException">The address cannot be listened at.</exception>
    public static async Task RunAsync(EmbeddingHostOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        WebApplication application = Create(options);
        await using (application.ConfigureAwait(false))
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
            options.Started?.Invoke(application.Urls.First(url => !url.Contains("inner", StringComparison.Ordinal)));
            await application.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static WebApplication Create(EmbeddingHostOptions options)
    {
        IPAddress[] addresses = Check(options);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AddLogging(builder, options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTime);
        builder.Services.AddRouting();
        builder.Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options.Server));
        builder.Services.AddEmbeddingServer();
        List<object> keys = [];
        foreach (MetaEolOptions model in options.Models)
        {
            string key = model.ModelId!;
            keys.Add(key);
            builder.Services.AddKeyedSingleton(key, (provider, _) => new MetaEolEmbeddingGenerator(model, provider.GetService<ILoggerFactory>()));
            builder.Services.AddKeyedSingleton<Microsoft.Extensions.AI.IEmbeddingGenerator<string, Microsoft.Extensions.AI.Embedding<float>>>(
                key, (provider, _) => provider.GetRequiredKeyedService<MetaEolEmbeddingGenerator>(key));
        }

        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<IConnectionListenerFactory, InnerListenerFactory>();
        if (options.CertificateFile is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            PriorKnowledge priorKnowledge = new();
            priorKnowledge.AddEndpoint(kestrel);
            kestrel.Limits.MaxRequestBodySize = options.Server.MaxBodyBytes;
            foreach (IPAddress address in addresses)
            {
                kestrel.Listen(address, options.Port, listen => Listen(listen, options, priorKnowledge));
            }
        });
        if (options.CorsOrigins.Count > 0)
        {
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy.WithOrigins([.. options.CorsOrigins]).AllowAnyHeader().WithMethods("GET", "POST")));
        }

        WebApplication application = builder.Build();
        if (options.CorsOrigins.Count > 0)
        {
            application.UseCors();
        }

        object[] served = [.. keys];
        application.MapOpenAIEmbeddings(served);
        application.MapTextEmbeddingsInference(served);
        application.MapOllamaEmbeddings(served);
        application.MapEmbeddingPage(options.Search, served);
        application.MapEmbeddingHealth();
        return application;
    }

    private static void AddLogging(WebApplicationBuilder builder, EmbeddingHostOptions options)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // It warns that a plain connection cannot negotiate HTTP/2, which PriorKnowledge sees to.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);

        // A failure to start is thrown, so that the caller tells of it; here its trace would be told once more.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (options.JsonLog)
        {
            builder.Logging.AddJsonConsole(console => console.TimestampFormat = "O");
        }
        else
        {
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
            });
        }

        // The standard output is for the address alone.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void Listen(ListenOptions listen, EmbeddingHostOptions options, PriorKnowledge priorKnowledge)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        if (options.CertificateFile is { } file)
        {
            listen.UseHttps(X509Certificate2.CreateFromPemFile(file, options.CertificateKeyFile));
        }
        else
        {
            priorKnowledge.Detect(listen);
        }
    }

    private static IPAddress[] Check(EmbeddingHostOptions options)
    {
        if (options.Models.Count == 0)
        {
            throw new ArgumentException("There is no model to serve: give at least one.", nameof(options));
        }

        foreach (MetaEolOptions model in options.Models)
        {
            if (string.IsNullOrWhiteSpace(model.ModelId) || options.Models.Count(other => other.ModelId == model.ModelId) > 1)
            {
                throw new ArgumentException($"The model '{model.ModelPath}' is called '{model.ModelId}': each model needs a {nameof(MetaEolOptions.ModelId)} of its own.", nameof(options));
            }
        }

        if (options.Server.Failures().FirstOrDefault() is { } failure)
        {
            throw new ArgumentException(failure, nameof(options));
        }

        IPAddress[] addresses = options.Host switch
        {
            "localhost" => options.Port == 0 || !Socket.OSSupportsIPv6 ? [IPAddress.Loopback] : [IPAddress.Loopback, IPAddress.IPv6Loopback],
            "*" => [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any],
            _ => [IPAddress.TryParse(options.Host, out IPAddress? address)
                ? address
                : throw new ArgumentException($"'{options.Host}' is no address to listen at: write an IP address, localhost, or * for all.", nameof(options))],
        };
        if (options.Server.ApiKeys.Count == 0 && !addresses.All(IPAddress.IsLoopback))
        {
            throw new ArgumentException(
                $"'{options.Host}' can be reached from other machines, and there are no API keys: give keys, or listen at 127.0.0.1 behind a proxy that asks for them.", nameof(options));
        }

        return addresses;
    }
}
