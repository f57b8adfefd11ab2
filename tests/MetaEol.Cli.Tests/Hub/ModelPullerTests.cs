using System.Diagnostics;
using System.Text.Json;
using MetaEol.Cli.Hub;
using MetaEol.Llama.Hub;
using MetaEol.Tests;
using static MetaEol.Cli.Tests.Hub.HttpServer;

namespace MetaEol.Cli.Tests.Hub;

public sealed class ModelPullerTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeHub _hub = new();
    private readonly List<string> _notices = [];

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task PullAsync_NewModel_FillsTheCacheAsPythonDoes()
    {
        PulledModel model = await PullAsync();
        string root = _folder["models--some-org--tiny-llama"], snapshot = Path.Combine(root, "snapshots", FakeHub.Commit);
        Assert.Equal(snapshot, model.Folder);
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(root, "refs", "main")));
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Directory.GetFiles(snapshot).Select(Path.GetFileName).Order());
        foreach (string name in new[] { "config.json", "model.safetensors", "tokenizer.json" })
        {
            Assert.Equal(_hub.Files[name], File.ReadAllBytes(Path.Combine(snapshot, name)));
            string? target = new FileInfo(Path.Combine(snapshot, name)).LinkTarget;
            Assert.StartsWith(Path.Combine("..", "..", "blobs"), target, StringComparison.Ordinal);
        }

        // The blobs are named by their hashes, and nothing else was left.
        Assert.Contains(FakeHub.GitHash(_hub.Files["config.json"]), Directory.GetFiles(Path.Combine(root, "blobs")).Select(Path.GetFileName));
        Assert.Equal(3, Directory.GetFiles(Path.Combine(root, "blobs")).Length);
        Assert.Equal(snapshot, new HubCache(_folder.Path).Find(RepositoryId.TryParse(FakeHub.Repository)!));
    }

    [Fact]
    public async Task PullAsync_Again_DownloadsNothing()
    {
        await PullAsync();
        PulledModel again = await PullAsync();
        Assert.Equal(0, again.DownloadedBytes);
        Assert.Single(_hub.Storage.Requests);
    }

    [Fact]
    public async Task PullAsync_WithToken_SendsItToTheHubOnly()
    {
        await PullAsync(token: "secret-token");
        Assert.All(_hub.Server.Requests, request => Assert.Equal("Bearer secret-token", request.Headers["Authorization"]));
        Assert.All(_hub.Storage.Requests, request => Assert.False(request.Headers.ContainsKey("Authorization")));
        Assert.NotEmpty(_hub.Storage.Requests);
    }

    [Fact]
    public async Task PullAsync_ConnectionCutInTheMiddle_GoesOnWhereItWas()
    {
        int cuts = 0;
        _hub.InterceptStorage = request => cuts++ < 2 ? new Answer(200, _hub.Files["model.safetensors"]) { SupportsRanges = true, CutAfter = 100_000 } : null;
        PulledModel model = await PullAsync();
        Assert.Equal(_hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(model.Folder, "model.safetensors")));
        Assert.Equal(["none", "bytes=100000-", "bytes=200000-"], _hub.Storage.Requests.Select(request => request.Headers.GetValueOrDefault("Range", "none")));
        Assert.Contains(_notices, notice => notice.StartsWith("model.safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PullAsync_ServerWithoutRanges_StartsOver()
    {
        int cuts = 0;
        _hub.InterceptStorage = request => new Answer(200, _hub.Files["model.safetensors"]) { CutAfter = cuts++ < 1 ? 100_000 : null };
        PulledModel model = await PullAsync();
        Assert.Equal(_hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(model.Folder, "model.safetensors")));
    }

    [Fact]
    public async Task PullAsync_ConnectionAlwaysCutAtOnce_GivesUpAndALaterPullResumes()
    {
        bool broken = true;
        _hub.InterceptStorage = request => broken
            ? new Answer(200, _hub.Files["model.safetensors"]) { SupportsRanges = true, CutAfter = request.Headers.ContainsKey("Range") ? 0 : 50_000 }
            : null;
        HubException exception = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Contains("stays incomplete at 50000 of 300000 bytes", exception.Message, StringComparison.Ordinal);
        Assert.Null(new HubCache(_folder.Path).Find(RepositoryId.TryParse(FakeHub.Repository)!));

        broken = false;
        PulledModel model = await PullAsync();
        Assert.Equal(250_000, model.DownloadedBytes);
        Assert.Equal(_hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(model.Folder, "model.safetensors")));
    }

    [Theory]
    [InlineData("model.safetensors", "SHA-256")]
    [InlineData("config.json", "git hash")]
    public async Task PullAsync_CorruptByte_IsRefusedAndLeavesNothing(string name, string check)
    {
        byte[] damaged = [.. _hub.Files[name]];
        damaged[damaged.Length / 2] ^= 1;
        _hub.InterceptStorage = request => name == "model.safetensors" ? new Answer(200, damaged) { SupportsRanges = true } : null;
        _hub.Intercept = request => request.Method == "GET" && name == "config.json" && request.Path.EndsWith(name, StringComparison.Ordinal) ? new Answer(200, damaged) : null;
        HubException exception = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.Contains($"'{name}' arrived damaged: its {check} is ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories), file => File.ReadAllBytes(file).AsSpan().SequenceEqual(damaged));
        Assert.Null(new HubCache(_folder.Path).Find(RepositoryId.TryParse(FakeHub.Repository)!));
    }

    [Fact]
    public async Task PullAsync_DamagedRemainderOfAnEarlierRun_IsDownloadedAnew()
    {
        string blobs = Directory.CreateDirectory(_folder["models--some-org--tiny-llama", "blobs"]).FullName;
        string hash = _hub.Resolve("model.safetensors").Headers["X-Linked-Etag"].Trim('"');
        File.WriteAllBytes(Path.Combine(blobs, $"{hash}.incomplete"), new byte[1000]);
        PulledModel model = await PullAsync();
        Assert.Equal(_hub.Files["model.safetensors"], File.ReadAllBytes(Path.Combine(model.Folder, "model.safetensors")));
    }

    [Fact]
    public async Task PullAsync_MoreBytesThanAnnounced_IsRefused()
    {
        _hub.InterceptStorage = request => new Answer(200, new byte[400_000]);
        Assert.Contains("more bytes", (await Assert.ThrowsAsync<HubException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PullAsync_TooManyRequests_WaitsAsLongAsAsked()
    {
        int refusals = 0;
        _hub.Intercept = request => refusals++ < 1 ? new Answer(429) { Headers = { ["Retry-After"] = "1" } } : null;
        Stopwatch watch = Stopwatch.StartNew();
        await PullAsync();
        Assert.True(watch.Elapsed.TotalSeconds > 0.99, $"It waited {watch.Elapsed}.");
        Assert.Contains("The hub asks to wait (429); trying again in 1 s.", _notices);
    }

    [Fact]
    public async Task PullAsync_AskedToWaitAnHour_SaysSoAtOnce()
    {
        _hub.Intercept = request => new Answer(429) { Headers = { ["Retry-After"] = "3600" } };
        Assert.Contains("asks to wait 60 minutes", (await Assert.ThrowsAsync<HubException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, null, "there is no such model, or it is private: set HF_TOKEN")]
    [InlineData(401, "GatedRepo", "accept its terms")]
    [InlineData(403, null, "access is forbidden")]
    [InlineData(403, "GatedRepo", "accept its terms")]
    [InlineData(404, "RepoNotFound", "there is no such model or file")]
    [InlineData(404, "RevisionNotFound", "no such branch, tag or commit")]
    [InlineData(500, null, "The hub answered 500, 5 times in a row")]
    public async Task PullAsync_Refused_SaysWhatHelps(int status, string? code, string expected)
    {
        _hub.Intercept = request => code is null ? new Answer(status) : new Answer(status) { Headers = { ["X-Error-Code"] = code } };
        HubException exception = await Assert.ThrowsAsync<HubException>(() => PullAsync());
        Assert.StartsWith("some-org/tiny-llama: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PullAsync_RenamedModel_FollowsRedirectsOnTheSameHost()
    {
        _hub.Intercept = request => request.Path.StartsWith("/old", StringComparison.Ordinal) || request.Path.StartsWith("/api/models/old", StringComparison.Ordinal)
            ? new Answer(307) { Headers = { ["Location"] = request.Path.Replace("/old/name", $"/{FakeHub.Repository}", StringComparison.Ordinal) } }
            : null;
        PulledModel model = await PullAsync("old/name");
        Assert.Equal(3, model.Files.Count);
    }

    [Fact]
    public async Task PullAsync_EndlessRedirects_End()
    {
        _hub.Intercept = request => new Answer(307) { Headers = { ["Location"] = request.Path } };
        Assert.Contains("redirected more than", (await Assert.ThrowsAsync<HubException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../evil.safetensors")]
    [InlineData("/tmp/evil.safetensors")]
    [InlineData("..\\evil.safetensors")]
    public async Task PullAsync_NameThatLeavesTheFolder_IsRefused(string name)
    {
        _hub.ListedNames.Add(name);
        Assert.Contains("leads out of the model's folder", (await Assert.ThrowsAsync<HubException>(() => PullAsync())).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task PullAsync_EntityTagThatIsAPath_StaysInTheBlobs()
    {
        _hub.Intercept = request => request.Path.EndsWith("config.json", StringComparison.Ordinal)
            ? new Answer(200, _hub.Files["config.json"]) { Headers = { ["ETag"] = "\"../../../evil\"" } }
            : null;
        PulledModel model = await PullAsync();
        Assert.Equal(_hub.Files["config.json"], File.ReadAllBytes(Path.Combine(model.Folder, "config.json")));
        Assert.Equal(3, Directory.GetFiles(_folder["models--some-org--tiny-llama", "blobs"]).Length);
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task PullAsync_CommitThatIsAPath_IsRefused()
    {
        _hub.Intercept = request => new Answer(200, """{ "sha": "../../../../evil", "siblings": [] }""");
        Assert.Contains("which is not one", (await Assert.ThrowsAsync<HubException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PullAsync_Shards_DownloadsThoseOfTheIndexOnly()
    {
        _hub.Files.Remove("model.safetensors");
        _hub.Files["model-00001-of-00002.safetensors"] = [1];
        _hub.Files["model-00002-of-00002.safetensors"] = [2, 2];
        _hub.Files["consolidated.safetensors"] = [3, 3, 3];
        _hub.Files["model.safetensors.index.json"] = JsonSerializer.SerializeToUtf8Bytes(new
        {
            weight_map = new Dictionary<string, string> { ["a"] = "model-00001-of-00002.safetensors", ["b"] = "model-00002-of-00002.safetensors", ["c"] = "model-00001-of-00002.safetensors" },
        });
        PulledModel model = await PullAsync();
        Assert.Equal(
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"], Directory.GetFiles(model.Folder, "*.safetensors").Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task PullAsync_IndexThatNamesAPath_IsRefused()
    {
        _hub.Files["model.safetensors.index.json"] = """{ "weight_map": { "a": "../../x.safetensors" } }"""u8.ToArray();
        Assert.Contains("which the model does not have", (await Assert.ThrowsAsync<HubException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PullAsync_PickledWeightsOnly_SaysWhyNot()
    {
        _hub.Files.Remove("model.safetensors");
        Assert.Contains("no safetensors weights", (await Assert.ThrowsAsync<HubException>(() => PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PullAsync_Commit_WritesNoReference()
    {
        PulledModel model = await PullAsync($"{FakeHub.Repository}@{FakeHub.Commit}");
        Assert.False(Directory.Exists(_folder["models--some-org--tiny-llama", "refs"]));
        Assert.Equal(model.Folder, new HubCache(_folder.Path).Find(RepositoryId.TryParse($"{FakeHub.Repository}@{FakeHub.Commit}")!));
    }

    [Fact]
    public async Task PullAsync_Cancelled_KeepsWhatCameAndEnds()
    {
        using CancellationTokenSource source = new();
        _hub.InterceptStorage = request => new Answer(200, _hub.Files["model.safetensors"]) { CutAfter = 100_000 };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PullAsync(progress: new Act(report =>
        {
            if (report.File == "model.safetensors")
            {
                source.Cancel();
            }
        }), cancellationToken: source.Token));
        Assert.NotEmpty(Directory.GetFiles(_folder["models--some-org--tiny-llama", "blobs"], "*.incomplete"));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a/b/c")]
    [InlineData("org/name@../x")]
    [InlineData("org/..")]
    [InlineData("org--x/name")]
    [InlineData("org/name@")]
    [InlineData("")]
    public void TryParse_NotARepository_IsNull(string text) => Assert.Null(RepositoryId.TryParse(text));

    [Fact]
    public void From_Environment_FollowsPythonsRules()
    {
        string file = _folder.Write("token", "hf_x\n");
        Dictionary<string, string> variables = new() { ["HF_HOME"] = _folder.Path };
        HubSettings settings = HubSettings.From(variables.GetValueOrDefault);
        Assert.Equal(("https://huggingface.co/", "hf_x", _folder["hub"], false), (settings.Endpoint.AbsoluteUri, settings.Token, settings.CacheFolder, settings.Offline));

        (variables["HF_TOKEN"], variables["HF_ENDPOINT"], variables["HF_HUB_CACHE"], variables["HF_HUB_OFFLINE"]) = ("hf_y", "http://mirror:81/hf/", _folder["cache"], "1");
        settings = HubSettings.From(variables.GetValueOrDefault);
        Assert.Equal(("http://mirror:81/hf/", "hf_y", _folder["cache"], true), (settings.Endpoint.AbsoluteUri, settings.Token, settings.CacheFolder, settings.Offline));

        variables["HF_ENDPOINT"] = "ftp://x";
        Assert.Contains("ftp://x", Assert.Throws<HubException>(() => HubSettings.From(variables.GetValueOrDefault)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(file));
    }

    private async Task<PulledModel> PullAsync(string repository = FakeHub.Repository, string? token = null, IProgress<PullProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        HubSettings settings = new(_hub.Server.Address, token, _folder.Path, Offline: false);
        using HubClient client = new(settings, TimeSpan.FromMilliseconds(5)) { Notify = _notices.Add, Patience = Patience.Hang };
        return await new ModelPuller(settings, client).PullAsync(RepositoryId.TryParse(repository)!, progress, cancellationToken);
    }

    private sealed class Act(Action<PullProgress> action) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => action(value);
    }
}
