using MetaEol.Extensions;

namespace MetaEol.AspNetCore.Hosting;

/// <summary>Options of an <see cref="EmbeddingHost"/>.</summary>
public sealed class EmbeddingHostOptions
{
    /// <summary>The models, each with an id of its own; at least one. The first is the default.</summary>
    public IList<MetaEolOptions> Models { get; } = [];

    /// <summary>The endpoints' options.</summary>
    public EmbeddingServerOptions Server { get; } = new();

    /// <summary>The address to listen at: an IP address, <c>localhost</c>, or <c>*</c> for all. Default: <c>127.0.0.1</c>. Any other than the machine's own needs a key.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>The port, 0 to 65535; 0 takes a free one. Default: 8080.</summary>
    public int Port { get; set; } = 8080;

    /// <summary>A PEM file with a certificate and its chain, for HTTPS; null for plain HTTP.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The PEM file with the certificate's key; null where it is in <see cref="CertificateFile"/>, too.</summary>
    public string? CertificateKeyFile { get; set; }

    /// <summary>Origins whose pages may call the server, such as <c>https://app.example</c>; <c>*</c> for all. Empty (the default): none.</summary>
    public IList<string> CorsOrigins { get; } = [];

    /// <summary>Longest time that requests under way may take once the process is asked to stop. Default: 30 seconds.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether log lines are JSON objects. Default: false.</summary>
    public bool JsonLog { get; set; }

    /// <summary>Searches documents for the page; null: the page has no search.</summary>
    public Func<string, int, CancellationToken, Task<IReadOnlyList<FoundPassage>>>? Search { get; set; }

    /// <summary>Told the address once the server listens; or null.</summary>
    public Action<string>? Started { get; set; }
}
