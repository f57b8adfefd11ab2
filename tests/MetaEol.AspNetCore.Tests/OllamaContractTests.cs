using System.Text.Json;

namespace MetaEol.AspNetCore.Tests;

/// <summary>Ollama's routes, with bodies as its documentation has them.</summary>
public sealed class OllamaContractTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData("demo")]
    [InlineData("demo:latest")]
    public async Task Embed_OfATextAndOfTexts(string model)
    {
        HttpAnswer one = await HttpAnswer.PostAsync(server.Client, "/api/embed", $$"""{"model":"{{model}}","input":"Why is the sky blue?","options":{"temperature":0},"keep_alive":"5m"}""");
        HttpAnswer two = await HttpAnswer.PostAsync(server.Client, "/api/embed", $$"""{"model":"{{model}}","input":["Why is the sky blue?","Why is the grass green?"],"truncate":true}""");

        Assert.Equal(["model", "embeddings", "total_duration", "load_duration", "prompt_eval_count"], one.Json.EnumerateObject().Select(field => field.Name));
        float[] expected = await Vectors.OfAsync(server.Generator, "Why is the sky blue?");
        Vectors.AssertEqual(expected, one.Vector("embeddings", 0));
        Vectors.AssertEqual(expected, two.Vector("embeddings", 0));
        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, "Why is the grass green?"), two.Vector("embeddings", 1));
        Assert.True(one.Json.GetProperty("total_duration").GetInt64() > 1000);
        Assert.True(one.Json.GetProperty("prompt_eval_count").GetInt64() > 100);
    }

    [Fact]
    public async Task Embeddings_OfBefore_GivesOneVector()
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/api/embeddings", """{"model":"demo","prompt":"Here is an article about llamas..."}""");

        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, "Here is an article about llamas..."), answer.Vector("embedding"));
    }

    [Fact]
    public async Task Embed_OfATextThatIsTooLong_IsAnErrorUnlessTruncateIsTrue()
    {
        string input = JsonSerializer.Serialize(string.Concat(Enumerable.Repeat("snow and ice ", 400)));

        Assert.Equal(400, (await HttpAnswer.PostAsync(server.Client, "/api/embed", $$"""{"model":"demo","input":{{input}}}""")).Status);
        Assert.Equal(400, (await HttpAnswer.PostAsync(server.Client, "/api/embed", $$"""{"model":"demo","input":{{input}},"truncate":false}""")).Status);
        Assert.Equal(200, (await HttpAnswer.PostAsync(server.Client, "/api/embed", $$"""{"model":"demo","input":{{input}},"truncate":true}""")).Status);
    }

    [Theory]
    [InlineData("""{"model":"other","input":"a"}""", 404)]
    [InlineData("""{"input":"a"}""", 400)]
    [InlineData("""{"model":"demo","input":3}""", 400)]
    [InlineData("""{"model":"demo","input":"a","dimensions":300}""", 400)]
    public async Task AWrongBody_IsATextOfError(string body, int status)
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/api/embed", body);

        Assert.Equal(status, answer.Status);
        Assert.Equal(JsonValueKind.String, answer.Json.GetProperty("error").ValueKind);
    }

    [Fact]
    public async Task TagsAndVersion_AreTold()
    {
        HttpAnswer tags = await HttpAnswer.GetAsync(server.Client, "/api/tags");
        HttpAnswer version = await HttpAnswer.GetAsync(server.Client, "/api/version");

        JsonElement model = tags.Json.GetProperty("models")[0];
        Assert.Equal(["name", "model", "modified_at", "size", "digest", "details"], model.EnumerateObject().Select(field => field.Name));
        Assert.Equal("demo", model.GetProperty("name").GetString());
        Assert.True(model.GetProperty("size").GetInt64() > 1_000_000);
        Assert.Matches("^[0-9]+[.][0-9]+[.][0-9]+", version.Json.GetProperty("version").GetString());
    }
}
