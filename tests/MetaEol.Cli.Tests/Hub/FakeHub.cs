using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using static MetaEol.Cli.Tests.Hub.HttpServer;

namespace MetaEol.Cli.Tests.Hub;

/// <summary>A hub with one model, whose large files lie on another host, as on the real one. <see cref="Intercept"/> makes it misbehave.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Repository = "some-org/tiny-llama", Commit = "0123456789abcdef0123456789abcdef01234567";

    public FakeHub()
    {
        Storage = new HttpServer(request => InterceptStorage?.Invoke(request) ?? new Answer(200, Files[request.Path[1..]]) { SupportsRanges = true });
        Server = new HttpServer(request => Intercept?.Invoke(request) ?? Serve(request));
    }

    public Dictionary<string, byte[]> Files { get; } = new()
    {
        ["config.json"] = "{ \"hidden_size\": 8 }"u8.ToArray(),
        ["tokenizer.json"] = "{ }"u8.ToArray(),
        ["README.md"] = "# A model"u8.ToArray(),
        ["modeling_custom.py"] = "import os"u8.ToArray(),
        ["pytorch_model.bin"] = [1, 2, 3],
        ["model.safetensors"] = RandomNumberGenerator.GetBytes(300_000),
    };

    /// <summary>Names that the list of files has besides.</summary>
    public List<string> ListedNames { get; } = [];

    public HttpServer Server { get; }

    public HttpServer Storage { get; }

    public Func<Request, Answer?>? Intercept { get; set; }

    public Func<Request, Answer?>? InterceptStorage { get; set; }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Storage.DisposeAsync();
    }

    public Answer Resolve(string name)
    {
        byte[] content = Files[name];
        return name.EndsWith(".safetensors", StringComparison.Ordinal)
            ? new Answer(302)
            {
                Headers =
                {
                    ["Location"] = new Uri(Storage.Address, name).AbsoluteUri,
                    ["X-Repo-Commit"] = Commit,
                    ["X-Linked-Size"] = $"{content.Length}",
                    ["X-Linked-Etag"] = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\"",
                },
            }
            : new Answer(200, content) { SupportsRanges = true, Headers = { ["X-Repo-Commit"] = Commit, ["ETag"] = $"\"{GitHash(content)}\"" } };
    }

    public static string GitHash(byte[] content) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    private Answer Serve(Request request)
    {
        if (request.Path == $"/api/models/{Repository}/revision/main" || request.Path == $"/api/models/{Repository}/revision/{Commit}")
        {
            return new Answer(200, JsonSerializer.Serialize(new { sha = Commit, siblings = Files.Keys.Concat(ListedNames).Select(name => new { rfilename = name }) }));
        }

        string prefix = $"/{Repository}/resolve/{Commit}/";
        return request.Path.StartsWith(prefix, StringComparison.Ordinal) && Files.ContainsKey(request.Path[prefix.Length..])
            ? Resolve(request.Path[prefix.Length..])
            : new Answer(404) { Headers = { ["X-Error-Code"] = request.Path.Contains("/revision/", StringComparison.Ordinal) ? "RevisionNotFound" : "EntryNotFound" } };
    }
}
