using System.Security.Cryptography;
using System.Text;
using MetaEol.Cli.Hub;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama.Hub;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>The answers of a hub to a pull, in order: the list of files, then head and content of each.</summary>
internal sealed class HubTarget : FuzzTarget
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly RepositoryId Repository = RepositoryId.TryParse("some-org/tiny")!;
    private static readonly byte[] Config = """{"hidden_size":8}"""u8.ToArray();
    private static readonly byte[][] Listings = [Encoding.UTF8.GetBytes($$"""{"sha":"{{Commit}}","siblings":[{"rfilename":"config.json"},{"rfilename":"model.safetensors"},{"rfilename":"README.md"}]}""")];

    private readonly TemporaryFolder _folder = new();
    private int _run;

    public override string Name => "hub";

    protected override IReadOnlyList<IMutator> Mutators { get; } = Create();

    public override void Run(byte[] input)
    {
        // A cache of its own: what an earlier input left must not change what this one does.
        string cache = _folder[$"{_run++}"];
        try
        {
            using RawServer server = new(RawServer.Split(input));
            HubSettings settings = new(server.Address, Token: null, cache, Offline: false);
            using HubClient client = new(settings, firstPause: TimeSpan.FromMilliseconds(1)) { Patience = Patience };
            PulledModel model = new ModelPuller(settings, client).PullAsync(Repository, null, CancellationToken.None).GetAwaiter().GetResult();
            foreach (HubFile file in model.Files)
            {
                DifferenceException.Unless(new FileInfo(Path.Combine(model.Folder, file.Name)) is { Exists: true } there && (there.ResolveLinkTarget(true) as FileInfo ?? there).Length == file.Size, "A file of a model that was pulled is missing, or of another size.");
            }
        }
        finally
        {
            bool stayed = Directory.GetFileSystemEntries(_folder.Path).All(path => path == cache);
            if (Directory.Exists(cache))
            {
                Directory.Delete(cache, recursive: true);
            }

            DifferenceException.Unless(stayed, "A hub's answer led to a file outside the cache.");
        }
    }

    public override bool IsDocumented(Exception exception) => exception is HubException;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private static IReadOnlyList<IMutator> Create()
    {
        byte[][] rest = [Head(Config), Content(Config), Head([1, 2, 3]), Content([1, 2, 3])];
        HttpMutator listings = new(Listings, ["config.json", "tokenizer.json", "model.safetensors", "model-00001-of-00002.safetensors", "model.safetensors.index.json", "../x", "/etc/x", "a/b", Commit, "x.bin", "C:\\x"], rest);
        return [listings, listings, new ByteMutator(listings.Seeds)];
    }

    private static byte[] Head(byte[] content) => Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nX-Repo-Commit: {Commit}\r\nETag: \"{GitHash(content)}\"\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n");

    private static byte[] Content(byte[] content) => HttpMutator.Answer($"HTTP/1.1 200 OK\r\nETag: \"{GitHash(content)}\"\r\n", content);

    private static string GitHash(byte[] content) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
}
