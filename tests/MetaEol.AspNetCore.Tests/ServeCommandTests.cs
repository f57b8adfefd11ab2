using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using MetaEol.Tests;

namespace MetaEol.AspNetCore.Tests;

/// <summary>The tool's <c>serve</c>, from outside: with curl, with Python's standard library, over HTTP/1.1 and HTTP/2.</summary>
public sealed class ServeCommandTests
{
    private const string Body = """{"model":"demo","input":["Two dogs run.","Someone is making music."]}""";

    [SkippableFact]
    public async Task Python_WithItsStandardLibrary_GetsTheSameVectors()
    {
        await using ServeProcess server = await ServeProcess.StartAsync();
        using TemporaryFolder folder = new();
        string script = folder.Write("ask.py", """
            import base64, json, struct, sys, urllib.request
            def ask(path, body):
                request = urllib.request.Request(sys.argv[1] + path, json.dumps(body).encode(), {"Content-Type": "application/json", "Authorization": "Bearer none"})
                with urllib.request.urlopen(request) as response:
                    return json.load(response)
            texts = ["Two dogs run.", "Ein Wörtchen \U0001F600"]
            floats = ask("v1/embeddings", {"model": "demo", "input": texts})
            packed = ask("v1/embeddings", {"model": "demo", "input": texts, "encoding_format": "base64"})
            tei = ask("embed", {"inputs": texts})
            ollama = ask("api/embed", {"model": "demo", "input": texts})
            for i in range(2):
                a = floats["data"][i]["embedding"]
                raw = base64.b64decode(packed["data"][i]["embedding"])
                b = struct.unpack("<%df" % (len(raw) // 4), raw)
                for other in (b, tei[i], ollama["embeddings"][i]):
                    assert len(a) == len(other) == 256
                    assert max(abs(x - y) for x, y in zip(a, other)) < 1e-5
            try:
                ask("v1/embeddings", {"model": "demo", "input": []})
                raise SystemExit("no error")
            except urllib.error.HTTPError as error:
                assert error.code == 400 and "input" in json.load(error)["error"]["message"]
            print("all equal")
            """);

        (int exitCode, string output) = await RunAsync("python3", script, server.Client.BaseAddress!.ToString());

        Assert.Equal((0, "all equal"), (exitCode, output.Trim()));
    }

    [SkippableTheory]
    [InlineData("--http1.1", "1.1")]
    [InlineData("--http2-prior-knowledge", "2")]
    public async Task Curl_OverEitherVersion_GetsAnAnswer(string option, string version)
    {
        await using ServeProcess server = await ServeProcess.StartAsync();

        (int exitCode, string output) = await RunAsync(
            "curl", "--silent", "--show-error", option, "--write-out", "\n%{http_code} %{http_version}", $"{server.Client.BaseAddress}v1/embeddings", "-H", "Content-Type: application/json", "-d", Body);

        Assert.Equal(0, exitCode);
        string[] parts = output.Split('\n');
        Assert.Equal($"200 {version}", parts[1]);
        Assert.Equal(2, JsonDocument.Parse(parts[0]).RootElement.GetProperty("data").GetArrayLength());
    }

    [SkippableFact]
    public async Task Https_WithACertificate_NegotiatesHttp2()
    {
        using TemporaryFolder folder = new();
        (int exitCode, _) = await RunAsync(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder.File("key.pem"), "-out", folder.File("cert.pem"), "-days", "2", "-subj", "/CN=localhost");
        Assert.Equal(0, exitCode);
        await using ServeProcess server = await ServeProcess.StartAsync("--certificate", folder.File("cert.pem"), "--certificate-key", folder.File("key.pem"));

        using HttpRequestMessage request = new(HttpMethod.Get, "/live") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        using HttpResponseMessage response = await server.Client.SendAsync(request);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("https", server.Client.BaseAddress!.Scheme);
    }

    [SkippableFact]
    public async Task Terminate_AnswersWhatIsUnderWay_AndEndsWith0()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using ServeProcess server = await ServeProcess.StartAsync("--drain-seconds", "600");
        string texts = string.Join(',', Enumerable.Range(0, 1500).Select(i => $"\"Text number {i} is about {i * 7}.\""));
        Task<HttpAnswer> running = HttpAnswer.PostAsync(server.Client, "/v1/embeddings", $$"""{"model":"demo:prompteol","input":[{{texts}}]}""");
        using HttpClient other = new() { BaseAddress = server.Client.BaseAddress };
        await Eventually.TrueAsync(() => !other.GetStringAsync(new Uri("/metrics", UriKind.Relative)).Result.Contains("metaeol_server_running_tokens 0\n", StringComparison.Ordinal));

        int exitCode = await server.TerminateAsync();

        HttpAnswer answer = await running;
        Assert.Equal(200, answer.Status);
        Assert.Equal(1500, answer.Json.GetProperty("data").GetArrayLength());
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task Models_Aliases_Keys_AndCors_AreAsTheCommandLineSays()
    {
        using TemporaryFolder folder = new();
        string keys = folder.Write("keys.txt", "# the team's\nfirst\n\n  second  \n");
        await using ServeProcess server = await ServeProcess.StartAsync(
            "--model", $"one={TestPaths.DemoModel}", "--model", $"two={TestPaths.DemoModel}", "--templates", "prompteol", "--alias", "text-embedding-3-small=two",
            "--api-key-file", keys, "--cors", "https://app.example", "--json-log");
        Assert.Equal(401, (await HttpAnswer.GetAsync(server.Client, "/v1/models")).Status);
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", "second");
        server.Client.DefaultRequestHeaders.Add("Origin", "https://app.example");

        HttpAnswer models = await HttpAnswer.GetAsync(server.Client, "/v1/models");
        HttpAnswer alias = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", """{"model":"text-embedding-3-small","input":"a secret"}""");

        Assert.Equal(["one", "one:metaeol", "two", "two:metaeol"], models.Json.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!).Where(id => !id.Contains(':', StringComparison.Ordinal) || id.EndsWith(":metaeol", StringComparison.Ordinal)));
        Assert.Equal(200, alias.Status);
        Assert.Equal("https://app.example", Assert.Single(alias.Headers.GetValues("Access-Control-Allow-Origin")));
        await Eventually.TrueAsync(() => server.Log.Contains("\"Texts\":1", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", server.Log, StringComparison.Ordinal);
        Assert.All(server.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public async Task Cors_IsOffUnlessAsked()
    {
        await using ServeProcess server = await ServeProcess.StartAsync();
        server.Client.DefaultRequestHeaders.Add("Origin", "https://app.example");

        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", Body);

        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Index_OfSearch_IsSearched()
    {
        using TemporaryFolder folder = new();
        folder.Write("music.md", "The choir sings in the church on Sunday.");
        folder.Write("dogs.md", "The dog runs through the snow.");
        using (Process search = Process.Start(new ProcessStartInfo("dotnet", ["exec", ServeProcess.Tool, "search", folder.Path, "Who sings?"]) { RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            await search.StandardOutput.ReadToEndAsync();
            await search.WaitForExitAsync();
            Assert.Equal(0, search.ExitCode);
        }

        await using ServeProcess server = await ServeProcess.StartAsync("--index", folder.Path);

        HttpAnswer settings = await HttpAnswer.GetAsync(server.Client, "/page/settings");
        HttpAnswer found = await HttpAnswer.PostAsync(server.Client, "/search", """{"query":"Who sings in church?","top":1}""");

        Assert.True(settings.Json.GetProperty("search").GetBoolean());
        Assert.Equal("music.md", found.Json.GetProperty("results")[0].GetProperty("document").GetString());
        Assert.Equal(1, found.Json.GetProperty("results").GetArrayLength());
    }

    [Theory]
    [InlineData("API keys", "--host", "0.0.0.0")]
    [InlineData("no address", "--host", "somewhere")]
    [InlineData("called 'demo'", "--model", "demo", "--model", "demo")]
    [InlineData("NAME=MODEL", "--alias", "nothing")]
    [InlineData("no index", "--index", ".")]
    [InlineData("nowhere.txt", "--api-key-file", "nowhere.txt")]
    [InlineData("--port", "--port", "70000")]
    public async Task AWrongCommandLine_IsOneSentence(string named, params string[] arguments)
    {
        (int exitCode, string error) = await ServeProcess.FailAsync(arguments);

        Assert.InRange(exitCode, 1, 2);
        string last = error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("metaeol: ", last, StringComparison.Ordinal);
        Assert.Contains(named, last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APortThatIsTaken_IsOneSentence()
    {
        await using ServeProcess server = await ServeProcess.StartAsync();

        (int exitCode, string error) = await ServeProcess.FailAsync("--port", $"{server.Client.BaseAddress!.Port}");

        Assert.Equal(1, exitCode);
        Assert.Contains($"{server.Client.BaseAddress.Port}", error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Skip.IfNot(folders.Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is not on this machine.");
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await error);
    }
}
