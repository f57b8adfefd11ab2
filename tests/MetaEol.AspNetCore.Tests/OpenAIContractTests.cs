using System.Buffers.Binary;
using System.Text.Json;

namespace MetaEol.AspNetCore.Tests;

/// <summary>The fields of <c>/v1/embeddings</c>, one by one.</summary>
public sealed class OpenAIContractTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Answer_HasOpenAIsFields()
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", """{"model":"demo","input":["a","b"],"unknown":{"x":[1]},"user":"u"}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal(["object", "data", "model", "usage"], answer.Json.EnumerateObject().Select(field => field.Name));
        Assert.Equal("list", answer.Json.GetProperty("object").GetString());
        JsonElement second = answer.Json.GetProperty("data")[1];
        Assert.Equal("embedding", second.GetProperty("object").GetString());
        Assert.Equal(1, second.GetProperty("index").GetInt32());
        Assert.Equal(256, second.GetProperty("embedding").GetArrayLength());
    }

    [Fact]
    public async Task Base64_IsTheSameVectorAsNumbers()
    {
        HttpAnswer numbers = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", """{"model":"demo","input":"a dog","encoding_format":"float"}""");
        HttpAnswer text = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", """{"model":"demo","input":"a dog","encoding_format":"base64"}""");

        byte[] bytes = text.Json.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Assert.Equal(256 * 4, bytes.Length);
        float[] decoded = [.. Enumerable.Range(0, 256).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * 4)))];
        Vectors.AssertEqual(numbers.Vector("data", 0, "embedding"), decoded);
    }

    [Fact]
    public async Task Dimensions_FewerThanTheModels_AreThoseOfTheFilter()
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", """{"model":"demo","input":["a dog"],"dimensions":64}""");
        HttpAnswer mean = await HttpAnswer.PostAsync(server.Client, "/embed", """{"inputs":"a dog","dimensions":64,"normalize":false}""");
        HttpAnswer views = await HttpAnswer.PostAsync(server.Client, "/embed_all", """{"inputs":"a dog","dimensions":64}""");

        float[] expected = (await server.Generator.GenerateAsync(["a dog"], new Microsoft.Extensions.AI.EmbeddingGenerationOptions { Dimensions = 64 }))[0].Vector.ToArray();
        Assert.Equal(64, expected.Length);
        Vectors.AssertEqual(expected, answer.Vector("data", 0, "embedding"));
        float[] plain = mean.Vector(0);
        double norm = Math.Sqrt(plain.Sum(value => (double)value * value));
        Assert.NotEqual(1, norm, 3);
        Vectors.AssertEqual(expected, Array.ConvertAll(plain, value => (float)(value / norm)));
        Assert.Equal(64, views.Vector(0, 7).Length);
    }

    [Fact]
    public async Task TokenIds_OfOneText_AreOneInput()
    {
        HttpAnswer tokens = await HttpAnswer.PostAsync(server.Client, "/tokenize", """{"inputs":"Two dogs run."}""");
        string ids = string.Join(',', tokens.Json[0].EnumerateArray().Select(token => token.GetProperty("id").GetInt32()));

        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", $$"""{"model":"demo","input":[{{ids}}]}""");

        Assert.Equal(1, answer.Json.GetProperty("data").GetArrayLength());
        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, "Two dogs run."), answer.Vector("data", 0, "embedding"));
    }

    [Theory]
    [InlineData("""{"input":"a"}""", "model")]
    [InlineData("""{"model":3,"input":"a"}""", "model")]
    [InlineData("""{"model":"demo"}""", "input")]
    [InlineData("""{"model":"demo","input":null}""", "input")]
    [InlineData("""{"model":"demo","input":{}}""", "input")]
    [InlineData("""{"model":"demo","input":5}""", "input")]
    [InlineData("""{"model":"demo","input":[]}""", "input")]
    [InlineData("""{"model":"demo","input":[[]]}""", "input")]
    [InlineData("""{"model":"demo","input":["a",1]}""", "input")]
    [InlineData("""{"model":"demo","input":["a",null]}""", "input")]
    [InlineData("""{"model":"demo","input":[1,"a"]}""", "input")]
    [InlineData("""{"model":"demo","input":[1.5]}""", "input")]
    [InlineData("""{"model":"demo","input":[-1]}""", "input")]
    [InlineData("""{"model":"demo","input":[99999999]}""", "input")]
    [InlineData("""{"model":"demo","input":[[1],"a"]}""", "input")]
    [InlineData("""{"model":"demo","input":"\ud800"}""", "input")]
    [InlineData("""{"model":"demo","input":"a","encoding_format":"int8"}""", "encoding_format")]
    [InlineData("""{"model":"demo","input":"a","encoding_format":1}""", "encoding_format")]
    [InlineData("""{"model":"demo","input":"a","dimensions":0}""", "dimensions")]
    [InlineData("""{"model":"demo","input":"a","dimensions":"256"}""", "dimensions")]
    [InlineData("""{"model":"demo","input":"a","dimensions":257}""", "dimensions")]
    [InlineData("""{"model":"demo","input":"a","dimensions":1e99}""", "dimensions")]
    [InlineData("""{"model":"demo","input":"a","user":7}""", "user")]
    public async Task AWrongField_Is400WithItsName(string body, string field)
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", body);

        Assert.Equal(400, answer.Status);
        JsonElement error = answer.Json.GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Equal(field, error.GetProperty("param").GetString());
        Assert.Contains(field, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("{\"model\":\"demo\",\"input\":\"a\"} x")]
    public async Task ABodyThatIsNoObject_Is400(string body)
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", body);

        Assert.Equal(400, answer.Status);
        Assert.Equal("invalid_request_error", answer.Json.GetProperty("error").GetProperty("type").GetString());
    }

    [Fact]
    public async Task MoreThan2048Texts_Are400()
    {
        string texts = string.Join(',', Enumerable.Repeat("\"a\"", 2049));

        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", $$"""{"model":"demo:prompteol","input":[{{texts}}]}""");

        Assert.Equal(400, answer.Status);
        Assert.Contains("2048", answer.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MoreThan300000Tokens_Are400()
    {
        string text = string.Join(' ', Enumerable.Repeat("snow", 300));
        string texts = string.Join(',', Enumerable.Repeat($"\"{text}\"", 1100));

        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", $$"""{"model":"demo:prompteol","input":[{{texts}}]}""");

        Assert.Equal(400, answer.Status);
        Assert.Contains("300000", answer.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyTexts_AreEachTheirOwn()
    {
        string[] texts = [.. Enumerable.Range(0, 300).Select(i => $"Text number {i} is about {i * 7}.")];

        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/v1/embeddings", JsonSerializer.Serialize(new { model = "demo:prompteol", input = texts }));

        Assert.Equal(300, answer.Json.GetProperty("data").GetArrayLength());
        foreach (int i in new[] { 0, 1, 77, 150, 298, 299 })
        {
            Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, texts[i], Extensions.Prompting.TemplateSet.PromptEol), answer.Vector("data", i, "embedding"));
        }
    }

    [Fact]
    public async Task Models_TellDimensionsContextAndFingerprint()
    {
        HttpAnswer answer = await HttpAnswer.GetAsync(server.Client, "/v1/models");

        JsonElement model = answer.Json.GetProperty("data")[0];
        Assert.Equal("model", model.GetProperty("object").GetString());
        Assert.Equal(256, model.GetProperty("dimensions").GetInt32());
        Assert.Equal(512, model.GetProperty("context_length").GetInt32());
        Assert.Equal(await server.Generator.GetFingerprintAsync(), model.GetProperty("fingerprint").GetString());
        JsonElement plain = answer.Json.GetProperty("data")[1];
        Assert.Equal(await server.Generator.GetFingerprintAsync(new Extensions.MetaEolEmbeddingGenerationOptions { TemplateSet = Extensions.Prompting.TemplateSet.PromptEol }), plain.GetProperty("fingerprint").GetString());
        Assert.True(model.GetProperty("created").GetInt64() > 1_700_000_000);
        Assert.Equal(404, (await HttpAnswer.GetAsync(server.Client, "/v1/models/other")).Status);
    }
}
