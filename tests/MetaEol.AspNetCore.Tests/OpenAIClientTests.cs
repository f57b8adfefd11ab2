using System.ClientModel;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using Microsoft.AspNetCore.Builder;
using OpenAI;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace MetaEol.AspNetCore.Tests;

/// <summary>The official client against the running server: it always asks for base64.</summary>
public sealed class OpenAIClientTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Text = "Two dogs run through the snow.";

    [Theory]
    [InlineData("demo", null)]
    [InlineData("demo:metaeol", null)]
    [InlineData("text-embedding-3-small", null)]
    [InlineData("demo:prompteol", "prompteol")]
    [InlineData("demo:duo", "duo")]
    [InlineData("demo:retrieval", "retrieval")]
    [InlineData("demo:retrieval:query", "retrieval", TextRole.Query)]
    public async Task GenerateEmbedding_OfAModelName_IsTheGenerators(string model, string? templates, TextRole? role = null)
    {
        OpenAIEmbedding embedding = await Client(model).GenerateEmbeddingAsync(Text);

        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, Text, templates is null ? null : TemplateSet.Load(templates), role), embedding.ToFloats().Span);
    }

    [Fact]
    public async Task GenerateEmbeddings_OfTexts_AreInOrderWithUsage()
    {
        string[] texts = ["A man plays a guitar.", "", "Someone is making music.", "A \"quoted\" word, ein Wörtchen, 😀"];

        OpenAIEmbeddingCollection embeddings = await Client("demo").GenerateEmbeddingsAsync(texts);

        Assert.Equal([0, 1, 2, 3], embeddings.Select(embedding => embedding.Index));
        for (int i = 0; i < texts.Length; i++)
        {
            Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, texts[i]), embeddings[i].ToFloats().Span);
        }

        Assert.Equal("demo", embeddings.Model);
        Assert.True(embeddings.Usage.InputTokenCount > 100);
        Assert.Equal(embeddings.Usage.InputTokenCount, embeddings.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task GenerateEmbeddings_OfTokenIds_AreThoseOfTheirTexts()
    {
        string[] texts = [Text, "Someone is making music."];
        await server.Generator.LoadAsync();
        var tokenizer = (ITokenizer)server.Generator.GetService(typeof(ITokenizer))!;
        ReadOnlyMemory<int>[] ids = [.. texts.Select(text => (ReadOnlyMemory<int>)tokenizer.Encode(text))];

        OpenAIEmbeddingCollection embeddings = await Client("demo").GenerateEmbeddingsAsync(ids);

        for (int i = 0; i < texts.Length; i++)
        {
            Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, texts[i]), embeddings[i].ToFloats().Span);
        }
    }

    [Fact]
    public async Task GenerateEmbedding_OfFewerDimensions_IsFiltered_AndOfMoreIsAnErrorThatNamesThem()
    {
        OpenAIEmbedding embedding = await Client("demo").GenerateEmbeddingAsync(Text, new EmbeddingGenerationOptions { Dimensions = 128, EndUserId = "someone" });

        Assert.Equal(128, embedding.ToFloats().Length);
        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => Client("demo").GenerateEmbeddingAsync(Text, new EmbeddingGenerationOptions { Dimensions = 1000 }));
        Assert.Equal(400, error.Status);
        Assert.Contains("dimensions", error.Message, StringComparison.Ordinal);
        Assert.Contains("256", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateEmbedding_OfAnUnknownModel_Is404()
    {
        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => Client("gpt-17").GenerateEmbeddingAsync(Text));

        Assert.Equal(404, error.Status);
        Assert.Contains("model_not_found", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateEmbedding_OfATextThatIsTooLong_IsAnErrorThatNamesIt()
    {
        string[] texts = ["short", string.Concat(Enumerable.Repeat("snow and ice ", 400))];

        ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => Client("demo").GenerateEmbeddingsAsync(texts));

        Assert.Equal(400, error.Status);
        Assert.Contains("input[1]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_AreListedAndFound()
    {
        OpenAIModelCollection models = await new OpenAIClient(new ApiKeyCredential("none"), Options()).GetOpenAIModelClient().GetModelsAsync();
        OpenAIModel model = await new OpenAIClient(new ApiKeyCredential("none"), Options()).GetOpenAIModelClient().GetModelAsync("demo:prompteol");

        Assert.Equal(["demo", "demo:prompteol", "demo:essence", "demo:duo", "demo:retrieval", "demo:retrieval:query"], models.Select(found => found.Id));
        Assert.Equal("metaeol", model.OwnedBy);
    }

    [Fact]
    public async Task Keys_AreAskedFor()
    {
        await using WebApplication application = await ServerFixture.StartDemoAsync(options =>
        {
            options.ApiKeys.Add("first-key");
            options.ApiKeys.Add("second-key");
        });
        Uri address = new(application.Urls.First());

        await ClientOf(address, "demo", "second-key").GenerateEmbeddingAsync(Text);
        foreach (string wrong in new[] { "second-ke", "second-key2", "x" })
        {
            ClientResultException error = await Assert.ThrowsAsync<ClientResultException>(() => ClientOf(address, "demo", wrong).GenerateEmbeddingAsync(Text));
            Assert.Equal(401, error.Status);
            Assert.Contains("invalid_api_key", error.Message, StringComparison.Ordinal);
        }
    }

    private static OpenAIClientOptions Options(Uri address) => new() { Endpoint = new Uri(address, "v1"), NetworkTimeout = TimeSpan.FromMinutes(4) };

    private static EmbeddingClient ClientOf(Uri address, string model, string key) => new(model, new ApiKeyCredential(key), Options(address));

    private OpenAIClientOptions Options() => Options(server.Address);

    private EmbeddingClient Client(string model) => ClientOf(server.Address, model, "none");
}
