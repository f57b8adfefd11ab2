using System.Diagnostics;
using MetaEol.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MetaEol.AspNetCore.Tests;

/// <summary>Any generator, several of them, and under keys.</summary>
public sealed class OtherGeneratorTests
{
    [Fact]
    public async Task AnyGenerator_IsServed()
    {
        await using WebApplication application = await StartAsync(services => services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new HeldGenerator("other")));
        using HttpClient client = ServerFixture.ClientOf(application);

        HttpAnswer answer = await HttpAnswer.PostAsync(client, "/v1/embeddings", """{"model":"other","input":["a","b"]}""");
        HttpAnswer tei = await HttpAnswer.PostAsync(client, "/embed", """{"inputs":"a"}""");

        Assert.Equal(HeldGenerator.Expected("b"), answer.Vector("data", 1, "embedding"));
        Assert.Equal(1, tei.Vector(0).Sum(value => value * value), 1e-5);
        Assert.True(answer.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32() > 0);
    }

    [Theory]
    [InlineData("/v1/embeddings", """{"model":"held","input":[1,2]}""", 400, "token ids")]
    [InlineData("/v1/embeddings", """{"model":"held","input":"a","dimensions":4}""", 400, "dimensions")]
    [InlineData("/v1/embeddings", """{"model":"held:prompteol","input":"a"}""", 404, "held")]
    [InlineData("/embed_sparse", """{"inputs":"a"}""", 424, "sparse")]
    [InlineData("/embed_all", """{"inputs":"a"}""", 424, "views")]
    [InlineData("/rerank", """{"query":"a","texts":["b"]}""", 424, "passages")]
    [InlineData("/tokenize", """{"inputs":"a"}""", 424, "tokenizer")]
    [InlineData("/explain", """{"input":"a"}""", 500, "explanations")]
    public async Task WhatAGeneratorCannotDo_IsToldAndNotIgnored(string path, string body, int status, string named)
    {
        await using WebApplication application = await StartAsync(services => services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new HeldGenerator()));
        using HttpClient client = ServerFixture.ClientOf(application);

        HttpAnswer answer = await HttpAnswer.PostAsync(client, path, body);

        Assert.Equal(status, answer.Status);
        Assert.Contains(named, answer.Json.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AVectorThatIsNone_IsAnErrorAndNotAnAnswer()
    {
        await using WebApplication application = await StartAsync(
            services => services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new HeldGenerator { VectorOf = _ => [1, float.NaN] }));
        using HttpClient client = ServerFixture.ClientOf(application);

        Assert.Equal(500, (await HttpAnswer.PostAsync(client, "/v1/embeddings", """{"model":"held","input":"a"}""")).Status);
        Assert.Equal(424, (await HttpAnswer.PostAsync(client, "/embed", """{"inputs":"a"}""")).Status);
    }

    [Fact]
    public async Task GeneratorsWithKeys_AreServedUnderTheirKeys()
    {
        await using WebApplication application = await ServerFixture.StartAsync(
            services =>
            {
                services.AddMetaEolEmbeddings(TestPaths.DemoModel, options => options.TemplateSet = Extensions.Prompting.TemplateSet.PromptEol, "plain");
                services.AddMetaEolEmbeddings(TestPaths.DemoModel, serviceKey: "full");
                services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>("other", new HeldGenerator("not this name"));
            },
            options =>
            {
                options.TemplateSets.Clear();
                options.TemplateSets.Add("metaeol");
                options.TemplateSets.Add("prompteol");
            },
            app => app.MapOpenAIEmbeddings("full", "plain", "other"));
        using HttpClient client = ServerFixture.ClientOf(application);

        HttpAnswer models = await HttpAnswer.GetAsync(client, "/v1/models");
        HttpAnswer full = await HttpAnswer.PostAsync(client, "/v1/embeddings", """{"model":"full:prompteol","input":"a dog"}""");
        HttpAnswer plain = await HttpAnswer.PostAsync(client, "/v1/embeddings", """{"model":"plain","input":"a dog"}""");

        Assert.Equal(["full", "full:prompteol", "plain", "plain:metaeol", "other"], models.Json.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
        Vectors.AssertEqual(plain.Vector("data", 0, "embedding"), full.Vector("data", 0, "embedding"));
    }

    [Fact]
    public async Task AllThatAreRegistered_AreServedWithoutKeysBeingNamed()
    {
        await using WebApplication application = await ServerFixture.StartAsync(
            services =>
            {
                services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new HeldGenerator("first"));
                services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>("key", new HeldGenerator("second"));
            },
            map: app => app.MapOpenAIEmbeddings());
        using HttpClient client = ServerFixture.ClientOf(application);

        HttpAnswer models = await HttpAnswer.GetAsync(client, "/v1/models");

        Assert.Equal(["first", "second"], models.Json.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task OneLine_IsEnough()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new HeldGenerator());
        await using WebApplication application = builder.Build();
        application.MapOpenAIEmbeddings();
        await application.StartAsync();
        using HttpClient client = ServerFixture.ClientOf(application);

        Assert.Equal(200, (await HttpAnswer.PostAsync(client, "/v1/embeddings", """{"model":"held","input":"a"}""")).Status);
    }

    [Fact]
    public async Task TheLog_HasOneLineARequest_WithoutTheText()
    {
        ListLogger log = new();
        await using WebApplication application = await ServerFixture.StartAsync(services =>
        {
            services.AddSingleton<ILoggerProvider>(log);
            services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new HeldGenerator());
        });
        using HttpClient client = ServerFixture.ClientOf(application);

        await HttpAnswer.PostAsync(client, "/v1/embeddings", """{"model":"held","input":["a secret","another secret"]}""");
        await HttpAnswer.PostAsync(client, "/v1/embeddings", """{"model":"secret","input":"a secret"}""");
        IReadOnlyList<string> Lines() => [.. log.Lines("MetaEol.AspNetCore").Where(line => line.StartsWith("POST", StringComparison.Ordinal))];
        await Eventually.TrueAsync(() => Lines().Count == 2);

        Assert.Contains("POST /v1/embeddings 200: model held, 2 texts", Lines()[0], StringComparison.Ordinal);
        Assert.Contains("404", Lines()[1], StringComparison.Ordinal);
        Assert.All(log.Lines(""), line => Assert.DoesNotContain("secret", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ASpan_TellsModelTextsAndStatus()
    {
        List<Activity> spans = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == ServerTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (spans)
                {
                    spans.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using WebApplication application = await StartAsync(services => services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new HeldGenerator("spanned")));
        using HttpClient client = ServerFixture.ClientOf(application);

        await HttpAnswer.PostAsync(client, "/embed", """{"inputs":["a","b","c"]}""");
        Activity? span = null;
        await Eventually.TrueAsync(() =>
        {
            lock (spans)
            {
                return (span = spans.Find(found => found.OperationName == ServerTelemetry.Request && (string?)found.GetTagItem("metaeol.model") == "spanned")) is not null;
            }
        });

        Assert.Equal(3, span!.GetTagItem("metaeol.texts"));
        Assert.Equal("tei", span.GetTagItem("metaeol.dialect"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
        lock (spans)
        {
            Assert.Contains(spans, found => found.OperationName == ServerTelemetry.Wait && found.ParentSpanId == span.SpanId);
        }
    }

    private static Task<WebApplication> StartAsync(Action<IServiceCollection> services) => ServerFixture.StartAsync(services);
}
