using System.Diagnostics;
using System.Text;
using MetaEol.Cli.Hub;
using MetaEol.Llama.Hub;
using MetaEol.Tests;
using static MetaEol.Cli.Tests.Hub.HttpServer;

namespace MetaEol.Cli.Tests.Hub;

/// <summary>A hub that means ill, or is broken: every pull ends soon, with an error that says what came, and leaves no file that could be taken for the model's.</summary>
public sealed class HostileHubTests : IAsyncDisposable
{
    private const string Weights = "model.safetensors";

    // What the client waits where it is to give up: nothing else may take so long.
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeHub _hub = new();

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Listing_ThatNeverEndsByDrips_IsGivenUp()
    {
        _hub.Intercept = request => Raw("HTTP/1.1 200 OK\r\n\r\n{ \"sha\": \"", " ", TimeSpan.FromMilliseconds(50));
        await FailsAsync("answer is not complete after 4 s", Short);
    }

    [Fact]
    public async Task Listing_ThatNeverEndsAtFullSpeed_IsCutOff()
    {
        _hub.Intercept = request => Raw("HTTP/1.1 200 OK\r\n\r\n{ \"sha\": \"", new string('a', 1 << 16), TimeSpan.Zero);
        await FailsAsync("more than 67,108,864 bytes");
    }

    [Fact]
    public async Task Listing_WithoutAnyAnswer_IsGivenUp()
    {
        _hub.Intercept = request => Raw(string.Empty, string.Empty, TimeSpan.FromMilliseconds(50));
        await FailsAsync("no answer within 1 s, 5 times in a row", Short);
    }

    [Fact]
    public async Task Listing_HeadersThatNeverEnd_AreGivenUp()
    {
        _hub.Intercept = request => Raw("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n", TimeSpan.Zero);
        await FailsAsync("5 times in a row");
    }

    [Theory]
    [InlineData("<html><body>Please sign in</body></html>")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{ \"sha\": 1 }")]
    [InlineData("{ \"sha\": \"0123456789abcdef0123456789abcdef01234567\" }")]
    [InlineData("{ \"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": 7 }")]
    [InlineData("{ \"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": [ null ] }")]
    [InlineData("{ \"sha\": \"0123456789abcdef0123456789abcdef01234567\", \"siblings\": [ { \"rfilename\": \"\\ud800\" } ] }")]
    public async Task Listing_ThatIsNoListing_IsRefused(string body)
    {
        _hub.Intercept = request => new Answer(200, body);
        await FailsAsync("list of files cannot be read");
    }

    [Fact]
    public async Task Listing_DeepJson_IsRefused()
    {
        _hub.Intercept = request => new Answer(200, string.Concat(Enumerable.Repeat("{\"siblings\":[", 100_000)));
        await FailsAsync("list of files cannot be read");
    }

    [Fact]
    public async Task Listing_CutShort_SaysThatItBroke()
    {
        _hub.Intercept = request => new Answer(200, "{ \"sha\": \"0123456789\" }") { CutAfter = 5 };
        await FailsAsync("answer breaks off");
    }

    [Theory]
    [InlineData("file:///etc/passwd", "redirects to 'file://', which is not an https address")]
    [InlineData("ftp://127.0.0.1/x", "redirects to 'ftp://127.0.0.1', which is not an https address")]
    [InlineData("javascript:alert(1)", "which is not an https address")]
    [InlineData(null, "does not say where to")]
    public async Task Redirect_ToAnotherScheme_IsNotFollowed(string? location, string expected)
    {
        _hub.Intercept = request => location is null ? new Answer(302) : new Answer(302) { Headers = { ["Location"] = location } };
        await FailsAsync(expected);
        _hub.Intercept = null;
        _hub.InterceptStorage = request => location is null ? new Answer(302) : new Answer(302) { Headers = { ["Location"] = location } };
        await FailsAsync(expected);
    }

    [Fact]
    public async Task Weights_PartWithoutContentRange_IsGivenUp()
    {
        // Once there is a part, the server answers 206 and never says which part that is.
        LeavePart(1000);
        _hub.InterceptStorage = request => new Answer(206, new byte[10]);
        await FailsAsync("stays incomplete");
        Assert.InRange(_hub.Storage.Requests.Count, 2, 10);
    }

    [Fact]
    public async Task Weights_WrongContentRange_IsGivenUp()
    {
        LeavePart(1000);
        _hub.InterceptStorage = request => new Answer(206, new byte[10]) { Headers = { ["Content-Range"] = "bytes 0-9/300000" } };
        await FailsAsync("stays incomplete");
        Assert.InRange(_hub.Storage.Requests.Count, 2, 10);
    }

    [Fact]
    public async Task Weights_AlwaysCutAtTheSamePlaceWithoutRanges_IsGivenUp()
    {
        _hub.InterceptStorage = request => new Answer(200, _hub.Files[Weights]) { CutAfter = 100_000 };
        await FailsAsync("stays incomplete at 100000 of 300000 bytes");
        Assert.InRange(_hub.Storage.Requests.Count, 2, 10);
    }

    [Fact]
    public async Task Weights_EndlessBody_IsCutOffAtTheAnnouncedSize()
    {
        _hub.InterceptStorage = request => Raw("HTTP/1.1 200 OK\r\n\r\n", new string('x', 1 << 16), TimeSpan.Zero);
        await FailsAsync("more bytes of 'model.safetensors' than the 300000 it announced");
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories), file => new FileInfo(file).Length > 300_000);
    }

    [Fact]
    public async Task Weights_ADripAtATime_IsGivenUp()
    {
        _hub.InterceptStorage = request => Raw("HTTP/1.1 200 OK\r\n\r\n", "x", TimeSpan.FromMilliseconds(20));
        await FailsAsync("stays incomplete", Short);
        Assert.InRange(_hub.Storage.Requests.Count, 2, 10);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("many")]
    public async Task Weights_SizeThatIsNone_IsRefused(string size)
    {
        _hub.Intercept = request => request.Path.EndsWith(Weights, StringComparison.Ordinal) ? new Answer(200) { Headers = { ["X-Linked-Size"] = size, ["X-Linked-Etag"] = "\"x\"" } } : null;
        await FailsAsync("no entity tag and size for 'model.safetensors'");
    }

    [Theory]
    [InlineData(Weights, "9000000000000000", "needs 9,000,000,000,000,000 bytes")]
    [InlineData("tokenizer.json", "9000000000", "such a file has 536870912 at most")]
    public async Task File_LargerThanAnyOfItsKind_IsNotBegun(string name, string size, string expected)
    {
        _hub.Intercept = request => request.Path.EndsWith(name, StringComparison.Ordinal) ? new Answer(200) { Headers = { ["X-Linked-Size"] = size, ["X-Linked-Etag"] = "\"x\"" } } : null;
        await FailsAsync(expected);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{ \"weight_map\": [] }")]
    [InlineData("{ \"weight_map\": { \"a\": 5 } }")]
    [InlineData("\u0000\u0001")]
    public async Task Index_ThatIsNone_IsRefused(string index)
    {
        _hub.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes(index);
        await FailsAsync("not an index of shards");
    }

    [Fact]
    public async Task Index_Deep_IsRefused()
    {
        _hub.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes("{ \"weight_map\": " + new string('[', 1_000_000));
        await FailsAsync("not an index of shards");
    }

    [Fact]
    public async Task Status_ThatIsNoHttp_IsGivenUp()
    {
        _hub.Intercept = request => Raw("SSH-2.0-OpenSSH_9.9\r\n", string.Empty, null);
        await FailsAsync("5 times in a row");
    }

    [Fact]
    public async Task Error_WithEscapesAndALongMessage_IsPrintedHarmlessAndShort()
    {
        _hub.Intercept = request => new Answer(403) { Headers = { ["X-Error-Message"] = "\u001b[2J\u001b[31mowned" } };
        Dictionary<string, string> environment = new() { ["HF_HOME"] = _folder["home"], ["HF_ENDPOINT"] = _hub.Server.Address.AbsoluteUri };
        Tool.Result result = await Tool.RunWithAsync(null, environment, "pull", FakeHub.Repository);
        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain('\u001b', result.Error);
        Assert.InRange(result.Error.Length, 10, 3000);
    }

    [SkippableTheory]
    [InlineData("KILL", 137)]
    [InlineData("TERM", 130)]
    public async Task Pull_EndedInTheMiddle_GoesOnWhereItWas(string signal, int exitCode)
    {
        Skip.If(OperatingSystem.IsWindows(), "Signals are Unix's.");

        // The first storage answer stops half way and holds the connection; the process is ended there.
        int asked = 0;
        byte[] weights = _hub.Files[Weights];
        _hub.InterceptStorage = request => asked++ == 0
            ? new Answer(200, string.Empty) { Raw = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {weights.Length}\r\n\r\n"), .. weights[..150_000]], RepeatEvery = TimeSpan.FromSeconds(1) }
            : null;
        Dictionary<string, string> environment = new() { ["HF_HUB_CACHE"] = _folder.Path, ["HF_ENDPOINT"] = _hub.Server.Address.AbsoluteUri };
        using (Process process = Tool.Start(["pull", FakeHub.Repository], environment))
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            while (!process.HasExited && !Directory.EnumerateFiles(_folder.Path, "*.incomplete", SearchOption.AllDirectories).Any(file => new FileInfo(file).Length >= 100_000))
            {
                await Task.Delay(5);
            }

            using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            {
                await kill.WaitForExitAsync();
            }

            await process.WaitForExitAsync();
            Assert.Equal(exitCode, process.ExitCode);
            Assert.DoesNotContain("   at ", await error, StringComparison.Ordinal);
            Assert.Empty(await output);
        }

        Assert.Null(new HubCache(_folder.Path).Find(RepositoryId.TryParse(FakeHub.Repository)!));
        long there = new FileInfo(Directory.EnumerateFiles(_folder.Path, "*.incomplete", SearchOption.AllDirectories).Single()).Length;
        Assert.InRange(there, 100_000, 150_000);
        Tool.Result pulled = (await Tool.RunWithAsync(null, environment, "pull", FakeHub.Repository, "--json")).Succeeded();
        System.Text.Json.JsonElement summary = System.Text.Json.JsonDocument.Parse(pulled.Output).RootElement;
        Assert.Equal($"bytes={there}-", _hub.Storage.Requests.Last().Headers["Range"]);
        Assert.Equal(weights.Length - there, summary.GetProperty("downloadedBytes").GetInt64());
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(summary.GetProperty("folder").GetString()!, Weights)));
    }

    [SkippableFact]
    public async Task Pull_OnAFullDisk_GoesOnWhenThereIsRoom()
    {
        string small = Directory.CreateDirectory(_folder["small"]).FullName;
        Skip.If(OperatingSystem.IsWindows() || await RunAsync("mount", "-t", "tmpfs", "-o", "size=100k", "none", small) != 0, "Only an administrator can mount a file system that is full soon.");
        try
        {
            Dictionary<string, string> environment = new() { ["HF_HUB_CACHE"] = small, ["HF_ENDPOINT"] = _hub.Server.Address.AbsoluteUri };
            Tool.Result full = await Tool.RunWithAsync(null, environment, "pull", FakeHub.Repository);
            full.FailedWith("needs 300,000 bytes");
            Assert.DoesNotContain("   at ", full.Error, StringComparison.Ordinal);
            Assert.Null(new HubCache(small).Find(RepositoryId.TryParse(FakeHub.Repository)!));
            Assert.Equal(0, await RunAsync("mount", "-o", "remount,size=20m", small));
            (await Tool.RunWithAsync(null, environment, "pull", FakeHub.Repository)).Succeeded();
            Assert.Equal(_hub.Files[Weights], File.ReadAllBytes(Path.Combine(new HubCache(small).Find(RepositoryId.TryParse(FakeHub.Repository)!)!, Weights)));
        }
        finally
        {
            await RunAsync("umount", small);
        }
    }

    [Fact]
    public async Task Pull_TwoAtOnce_AreToldOfEachOther()
    {
        string blobs = Directory.CreateDirectory(_folder["models--some-org--tiny-llama", "blobs"]).FullName;
        string hash = _hub.Resolve(Weights).Headers["X-Linked-Etag"].Trim('"');
        using FileStream other = new(Path.Combine(blobs, $"{hash}.incomplete"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        await FailsAsync("another download of the same file seems to run");
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static Answer Raw(string head, string repeated, TimeSpan? every) => new(200, repeated) { Raw = Encoding.Latin1.GetBytes(head), RepeatEvery = every };

    private void LeavePart(int length)
    {
        string blobs = Directory.CreateDirectory(_folder["models--some-org--tiny-llama", "blobs"]).FullName;
        string hash = _hub.Resolve(Weights).Headers["X-Linked-Etag"].Trim('"');
        File.WriteAllBytes(Path.Combine(blobs, $"{hash}.incomplete"), _hub.Files[Weights][..length]);
    }

    /// <summary>Pulls, and expects an error that says something.</summary>
    private async Task FailsAsync(string expected, TimeSpan? patience = null)
    {
        HubSettings settings = new(_hub.Server.Address, null, _folder.Path, Offline: false);
        using HubClient client = new(settings, TimeSpan.FromMilliseconds(5)) { Patience = patience ?? Patience.Hang };
        HubException exception = await Assert.ThrowsAsync<HubException>(
            () => new ModelPuller(settings, client).PullAsync(RepositoryId.TryParse(FakeHub.Repository)!, null, default).WaitAsync(2 * Patience.Hang));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Null(new HubCache(_folder.Path).Find(RepositoryId.TryParse(FakeHub.Repository)!));
    }
}
