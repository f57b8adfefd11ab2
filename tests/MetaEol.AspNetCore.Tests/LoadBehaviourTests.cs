using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using OpenAI.Embeddings;

namespace MetaEol.AspNetCore.Tests;

/// <summary>What becomes of requests when there are too many, they are too large, or nobody waits for them.</summary>
public sealed class LoadBehaviourTests
{
    private const string Body = """{"model":"held","input":"a text of some length"}""";

    [Fact]
    public async Task TooMuchWaiting_Is429WithRetryAfter_AndTheClientTriesAgain()
    {
        using HeldGenerator generator = new();
        await using WebApplication application = await StartAsync(generator, options => (options.MaxWaitingTokens, options.RunningTokens) = (5, 1));
        using HttpClient client = ServerFixture.ClientOf(application);
        generator.Hold();
        Task<HttpAnswer> running = HttpAnswer.PostAsync(client, "/v1/embeddings", Body);
        await generator.CalledAsync(1);
        Task<HttpAnswer> waiting = HttpAnswer.PostAsync(client, "/v1/embeddings", Body);
        EmbeddingGateway gateway = application.Services.GetRequiredService<EmbeddingGateway>();
        await Eventually.TrueAsync(() => gateway.Gate.Waiting.Requests == 1);

        HttpAnswer refused = await HttpAnswer.PostAsync(client, "/v1/embeddings", Body);
        HttpAnswer tei = await HttpAnswer.PostAsync(client, "/embed", """{"inputs":"a text of some length"}""");
        HttpAnswer ollama = await HttpAnswer.PostAsync(client, "/api/embed", Body);

        Assert.Equal([429, 429, 429], [refused.Status, tei.Status, ollama.Status]);
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal("rate_limit_exceeded", refused.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("Overloaded", tei.Json.GetProperty("error_type").GetString());

        // The official client waits as long as it is told and asks again.
        Refusals refusals = new();
        EmbeddingClient official = new("held", new ApiKeyCredential("none"), OptionsOf(application, refusals));
        Task<ClientResult<OpenAIEmbedding>> again = official.GenerateEmbeddingAsync("a text of some length");
        await Eventually.TrueAsync(() => refusals.Count >= 1);
        generator.LetGo();
        OpenAIEmbedding embedding = await again;

        Assert.Equal(HeldGenerator.Expected("a text of some length"), embedding.ToFloats().ToArray());
        Assert.Equal(200, (await running).Status);
        Assert.Equal(200, (await waiting).Status);
    }

    [Fact]
    public async Task TooManyRequests_Are429()
    {
        using HeldGenerator generator = new();
        await using WebApplication application = await StartAsync(generator, options => options.MaxConcurrentRequests = 1);
        using HttpClient client = ServerFixture.ClientOf(application);
        generator.Hold();
        Task<HttpAnswer> running = HttpAnswer.PostAsync(client, "/v1/embeddings", Body);
        await generator.CalledAsync(1);

        HttpAnswer refused = await HttpAnswer.PostAsync(client, "/v1/embeddings", Body);
        generator.LetGo();

        Assert.Equal(429, refused.Status);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(200, (await running).Status);
        Assert.Equal(200, (await HttpAnswer.PostAsync(client, "/v1/embeddings", Body)).Status);
    }

    [Fact]
    public async Task AClientThatLeaves_StopsCosting()
    {
        using HeldGenerator generator = new();
        await using WebApplication application = await StartAsync(generator, options => options.RunningTokens = 1);
        EmbeddingGateway gateway = application.Services.GetRequiredService<EmbeddingGateway>();
        using HttpClient client = ServerFixture.ClientOf(application);
        generator.Hold();
        using CancellationTokenSource leaves = new(), leavesFirst = new();
        EmbeddingClient official = new("held", new ApiKeyCredential("none"), OptionsOf(application));
        Task running = official.GenerateEmbeddingAsync("a", cancellationToken: leaves.Token);
        await generator.CalledAsync(1);
        Task waiting = official.GenerateEmbeddingAsync("b", cancellationToken: leavesFirst.Token);
        await Eventually.TrueAsync(() => gateway.Gate.Waiting.Requests == 1);

        await leavesFirst.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.TrueAsync(() => gateway.Gate.Waiting is (0, 0));
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Eventually.TrueAsync(() => gateway.Gate is { RunningTokens: 0, Waiting: (0, 0) });

        Assert.Equal(1, generator.Cancelled);
        Assert.Single(generator.Calls);
        generator.LetGo();
        Assert.Equal(200, (await HttpAnswer.PostAsync(client, "/v1/embeddings", Body)).Status);
    }

    [Fact]
    public async Task AConnectionThatIsCut_StopsCosting()
    {
        using HeldGenerator generator = new();
        await using WebApplication application = await StartAsync(generator);
        EmbeddingGateway gateway = application.Services.GetRequiredService<EmbeddingGateway>();
        Uri address = new(application.Urls.First());
        generator.Hold();
        using (TcpClient connection = new(address.Host, address.Port))
        {
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
            await generator.CalledAsync(1);
        }

        await Eventually.TrueAsync(() => generator.Cancelled == 1 && gateway.Gate.RunningTokens == 0);
        generator.LetGo();
    }

    [Fact]
    public async Task AQuestion_BesideThousandsOfTexts_DoesNotWaitForThemAll()
    {
        using HeldGenerator generator = new();
        await using WebApplication application = await StartAsync(
            generator,
            options =>
            {
                options.RunningTokens = 8192;
                options.ApiKeys.Add("bulk");
                options.ApiKeys.Add("person");
            });
        using HttpClient bulk = ServerFixture.ClientOf(application), person = ServerFixture.ClientOf(application);
        bulk.DefaultRequestHeaders.Authorization = new("Bearer", "bulk");
        person.DefaultRequestHeaders.Authorization = new("Bearer", "person");
        EmbeddingGateway gateway = application.Services.GetRequiredService<EmbeddingGateway>();

        // 2,048 texts of 100 tokens are 26 parts; a part runs, one waits.
        string texts = string.Join(',', Enumerable.Range(0, 2048).Select(i => $"\"{new string((char)('a' + (i % 26)), 400)}\""));
        generator.Hold();
        Task<HttpAnswer> many = HttpAnswer.PostAsync(bulk, "/v1/embeddings", $$"""{"model":"held","input":[{{texts}}]}""");
        await generator.CalledAsync(1);
        await Eventually.TrueAsync(() => gateway.Gate.Waiting.Requests == 1);
        Task<HttpAnswer> question = HttpAnswer.PostAsync(person, "/v1/embeddings", """{"model":"held","input":"a question"}""");
        await Eventually.TrueAsync(() => gateway.Gate.Waiting.Requests == 2);
        generator.LetGo();

        Assert.Equal(200, (await question).Status);
        HttpAnswer all = await many;
        Assert.Equal(2048, all.Json.GetProperty("data").GetArrayLength());
        int place = generator.Calls.ToList().FindIndex(call => call is ["a question"]);
        Assert.InRange(place, 1, 3);
        Assert.True(generator.Calls.Count > 20);
    }

    [Fact]
    public async Task ABodyThatIsTooLarge_Is413()
    {
        using HeldGenerator generator = new();
        await using WebApplication application = await StartAsync(generator, options => options.MaxBodyBytes = 1000);
        using HttpClient client = ServerFixture.ClientOf(application);
        string large = $$"""{"model":"held","input":"{{new string('a', 2000)}}"}""";

        Assert.Equal(413, (await HttpAnswer.PostAsync(client, "/v1/embeddings", large)).Status);
        Assert.Equal(413, (await HttpAnswer.PostAsync(client, "/embed", large)).Status);
        Assert.Equal(200, (await HttpAnswer.PostAsync(client, "/v1/embeddings", Body)).Status);
    }

    [Fact]
    public async Task ARequestThatTakesTooLong_Is503()
    {
        using HeldGenerator generator = new();
        await using WebApplication application = await StartAsync(generator, options => options.RequestTimeout = TimeSpan.FromMilliseconds(50));
        using HttpClient client = ServerFixture.ClientOf(application);
        generator.Hold();

        HttpAnswer answer = await HttpAnswer.PostAsync(client, "/v1/embeddings", Body);

        Assert.Equal(503, answer.Status);
        generator.LetGo();
    }

    [Fact]
    public async Task Stop_AnswersWhatIsUnderWay_AndIsNotReadyMeanwhile()
    {
        using HeldGenerator generator = new();
        WebApplication application = await StartAsync(generator);
        using HttpClient client = ServerFixture.ClientOf(application);
        EmbeddingGateway gateway = application.Services.GetRequiredService<EmbeddingGateway>();
        Assert.True(gateway.IsReady);
        generator.Hold();
        Task<HttpAnswer> running = HttpAnswer.PostAsync(client, "/v1/embeddings", Body);
        await generator.CalledAsync(1);

        Task stopping = application.StopAsync();
        await Eventually.TrueAsync(() => !gateway.IsReady);
        Assert.False(stopping.IsCompleted);
        generator.LetGo();

        Assert.Equal(200, (await running).Status);
        await stopping;
        await application.DisposeAsync();
    }

    [Fact]
    public async Task WhileAModelLoads_TheServerIsLiveAndNotReady()
    {
        using ManualResetEventSlim loads = new();
        await using WebApplication application = await ServerFixture.StartAsync(services => services.AddMetaEolEmbeddings(MetaEol.Tests.TestPaths.DemoModel).UseEncoder((_, model) =>
        {
            loads.Wait();
            return model.CreateEncoder();
        }));
        using HttpClient client = ServerFixture.ClientOf(application);

        Task<HttpAnswer> waits = HttpAnswer.PostAsync(client, "/v1/embeddings", """{"model":"demo","input":"a"}""");
        HttpAnswer live = await HttpAnswer.GetAsync(client, "/live"), ready = await HttpAnswer.GetAsync(client, "/ready"), health = await HttpAnswer.GetAsync(client, "/health");
        loads.Set();

        Assert.Equal([200, 503, 503], [live.Status, ready.Status, health.Status]);
        Assert.Equal(200, (await waits).Status);
        Assert.Equal(200, (await HttpAnswer.GetAsync(client, "/ready")).Status);
    }

    [Fact]
    public async Task Health_IsForEveryone_AndAllElseForKeys()
    {
        using HeldGenerator generator = new();
        await using WebApplication application = await StartAsync(generator, options => options.ApiKeys.Add("key"));
        using HttpClient client = ServerFixture.ClientOf(application);

        foreach (string path in new[] { "/live", "/ready", "/health", "/ping" })
        {
            Assert.Equal(200, (await HttpAnswer.GetAsync(client, path)).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/metrics", UriKind.Relative))).StatusCode);
        foreach (string path in new[] { "/v1/models", "/api/tags", "/info" })
        {
            HttpAnswer answer = await HttpAnswer.GetAsync(client, path);
            Assert.Equal(401, answer.Status);
            Assert.True(answer.Headers.Contains("WWW-Authenticate"));
        }

        foreach (string path in new[] { "/v1/embeddings", "/embed", "/embed_all", "/embed_sparse", "/rerank", "/similarity", "/tokenize", "/api/embed", "/api/embeddings", "/explain", "/" })
        {
            Assert.Equal(401, (await HttpAnswer.PostAsync(client, path, Body)).Status);
        }

        Assert.Empty(generator.Calls);
    }

    private static Task<WebApplication> StartAsync(HeldGenerator generator, Action<EmbeddingServerOptions>? options = null) =>
        ServerFixture.StartAsync(services => services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(_ => generator), options);

    private static OpenAIClientOptions OptionsOf(WebApplication application, PipelinePolicy? policy = null)
    {
        OpenAIClientOptions options = new() { Endpoint = new Uri(new Uri(application.Urls.First()), "v1"), NetworkTimeout = TimeSpan.FromMinutes(4) };
        if (policy is not null)
        {
            options.AddPolicy(policy, PipelinePosition.PerTry);
        }

        return options;
    }

    /// <summary>Counts the answers with status 429 that the official client gets.</summary>
    private sealed class Refusals : PipelinePolicy
    {
        public int Count { get; private set; }

        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) => ProcessNext(message, pipeline, currentIndex);

        public override async ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            await ProcessNextAsync(message, pipeline, currentIndex);
            Count += message.Response!.Status == 429 ? 1 : 0;
        }
    }
}
