using System.Net;
using System.Text.Json;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;

namespace MetaEol.AspNetCore.Tests;

/// <summary>The routes of Text Embeddings Inference, with bodies as its documentation and clients send them.</summary>
public sealed class TeiContractTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    // More characters of it never take fewer tokens, so that what fits of its end is one text.
    private static readonly string LongText = string.Concat(Enumerable.Repeat("snow ", 600)) + "dogs";

    [Theory]
    [InlineData("/embed")]
    [InlineData("/")]
    public async Task Embed_OfAText_IsAListOfOneVector(string path)
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, path, """{"inputs":"What is Deep Learning?"}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal(1, answer.Json.GetArrayLength());
        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, "What is Deep Learning?"), answer.Vector(0));
    }

    [Fact]
    public async Task Embed_AsHuggingFacesClientSendsIt()
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(
            server.Client, "/embed", """{"inputs":["a dog","a cat"],"normalize":true,"truncate":false,"truncation_direction":"Right","prompt_name":null,"dimensions":null}""");

        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, "a dog"), answer.Vector(0));
        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, "a cat"), answer.Vector(1));
        foreach (string name in new[] { "x-compute-type", "x-compute-time", "x-compute-characters", "x-compute-tokens", "x-total-time", "x-tokenization-time", "x-queue-time", "x-inference-time" })
        {
            Assert.True(answer.Headers.Contains(name), name);
        }
    }

    [Fact]
    public async Task Embed_WithoutNormalize_IsThePlainMean()
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/embed", """{"inputs":"a dog","normalize":false}""");

        TemplateEmbeddings views = await server.Generator.GenerateTemplateEmbeddingsAsync(["a dog"]);
        float[] mean = new float[views.HiddenSize];
        for (int i = 0; i < mean.Length; i++)
        {
            mean[i] = (float)Enumerable.Range(0, 8).Average(template => (double)views[0, template].Span[i]);
        }

        Vectors.AssertEqual(mean, answer.Vector(0));
    }

    [Fact]
    public async Task Embed_WithAPromptName_TakesThatTemplateSet()
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/embed", """{"inputs":"a dog","prompt_name":"prompteol"}""");

        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, "a dog", TemplateSet.PromptEol), answer.Vector(0));
        Assert.Equal(422, (await HttpAnswer.PostAsync(server.Client, "/embed", """{"inputs":"a dog","prompt_name":"none"}""")).Status);
    }

    [Fact]
    public async Task Embed_OfATextThatIsTooLong_IsAnErrorUnlessTruncateIsAsked()
    {
        string inputs = JsonSerializer.Serialize(LongText);

        HttpAnswer refused = await HttpAnswer.PostAsync(server.Client, "/embed", $$"""{"inputs":{{inputs}}}""");
        HttpAnswer right = await HttpAnswer.PostAsync(server.Client, "/embed", $$"""{"inputs":{{inputs}},"truncate":true}""");
        HttpAnswer left = await HttpAnswer.PostAsync(server.Client, "/embed", $$"""{"inputs":{{inputs}},"truncate":true,"truncation_direction":"Left"}""");

        Assert.Equal(422, refused.Status);
        Assert.Equal("Validation", refused.Json.GetProperty("error_type").GetString());
        Assert.Contains("inputs", refused.Json.GetProperty("error").GetString(), StringComparison.Ordinal);
        int length = (await server.Generator.MeasureAsync([LongText]))[0].Length;
        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, LongText[..length]), right.Vector(0));
        Assert.True(Vectors.Distance(right.Vector(0), left.Vector(0)) > 0.01);

        int tooLong = 0, start = LongText.Length;
        while (start - tooLong > 1)
        {
            int middle = (start + tooLong) / 2;
            (tooLong, start) = await FitsAsync(LongText[middle..]) ? (tooLong, middle) : (middle, start);
        }

        Vectors.AssertEqual(await Vectors.OfAsync(server.Generator, LongText[start..]), left.Vector(0));
    }

    [Fact]
    public async Task EmbedAll_IsTheViewOfEachTemplate()
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/embed_all", """{"inputs":["a dog","a cat"],"normalize":false}""");

        TemplateEmbeddings views = await server.Generator.GenerateTemplateEmbeddingsAsync(["a dog", "a cat"]);
        Assert.Equal(8, answer.Json[0].GetArrayLength());
        Vectors.AssertEqual(views[0, 0].Span, answer.Vector(0, 0));
        Vectors.AssertEqual(views[1, 7].Span, answer.Vector(1, 7));
    }

    [Fact]
    public async Task EmbedSparse_IsTheSparseVector()
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/embed_sparse", """{"inputs":"Two dogs run through the snow."}""");

        SparseEmbedding expected = (await server.Generator.GenerateSparseAsync(["Two dogs run through the snow."]))[0];
        Assert.Equal(expected.TokenIds.ToArray(), answer.Json[0].EnumerateArray().Select(term => term.GetProperty("index").GetInt32()));
        Vectors.AssertEqual(expected.Weights.Span, [.. answer.Json[0].EnumerateArray().Select(term => term.GetProperty("value").GetSingle())]);
    }

    [Fact]
    public async Task Rerank_IsBestFirst()
    {
        const string Body = """{"query":"What is Deep Learning?","texts":["Deep Learning is not...","Deep learning is...","The dog sleeps."],"return_text":true,"raw_scores":true}""";
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, "/rerank", Body);
        HttpAnswer scaled = await HttpAnswer.PostAsync(server.Client, "/rerank", Body.Replace("\"raw_scores\":true", "\"raw_scores\":false", StringComparison.Ordinal));

        IReadOnlyList<RerankedPassage> expected = await server.Generator.RerankAsync("What is Deep Learning?", ["Deep Learning is not...", "Deep learning is...", "The dog sleeps."]);
        Assert.Equal(expected.Select(passage => passage.Index), answer.Json.EnumerateArray().Select(text => text.GetProperty("index").GetInt32()));
        Assert.Equal(expected[0].Score, answer.Json[0].GetProperty("score").GetDouble(), 1e-4);
        Assert.Equal(Math.Exp(expected[0].Score), scaled.Json[0].GetProperty("score").GetDouble(), 1e-4);
        Assert.Equal(new[] { "Deep Learning is not...", "Deep learning is...", "The dog sleeps." }[expected[0].Index], answer.Json[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Similarity_IsTheCosineWithEachSentence()
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(
            server.Client, "/similarity", """{"inputs":{"source_sentence":"a dog","sentences":["a dog","a cat"]},"parameters":{"truncate":false}}""");

        float[] dog = await Vectors.OfAsync(server.Generator, "a dog"), cat = await Vectors.OfAsync(server.Generator, "a cat");
        Assert.Equal(1, answer.Json[0].GetDouble(), 1e-5);
        Assert.Equal(dog.Zip(cat, (x, y) => (double)x * y).Sum(), answer.Json[1].GetDouble(), 1e-5);
    }

    [Fact]
    public async Task Tokenize_TellsIdsTextsAndPlaces()
    {
        HttpAnswer with = await HttpAnswer.PostAsync(server.Client, "/tokenize", """{"inputs":["Two dögs run 😀."]}""");
        HttpAnswer without = await HttpAnswer.PostAsync(server.Client, "/tokenize", """{"inputs":"Two dögs run 😀.","add_special_tokens":false}""");

        JsonElement[] tokens = [.. with.Json[0].EnumerateArray()];
        Assert.True(tokens[0].GetProperty("special").GetBoolean());
        Assert.Equal(JsonValueKind.Null, tokens[0].GetProperty("start").ValueKind);
        Assert.Equal(tokens.Length - 1, without.Json[0].GetArrayLength());
        int end = 0;
        foreach (JsonElement token in tokens[1..])
        {
            int start = token.GetProperty("start").GetInt32();
            Assert.True(start <= end);
            end = Math.Max(end, token.GetProperty("stop").GetInt32());
        }

        Assert.Equal("Two dögs run 😀.".Length, end);
    }

    [Fact]
    public async Task Info_TellsTheLimits()
    {
        HttpAnswer answer = await HttpAnswer.GetAsync(server.Client, "/info");

        Assert.Equal("demo", answer.Json.GetProperty("model_id").GetString());
        Assert.Equal("float32", answer.Json.GetProperty("model_dtype").GetString());
        Assert.Equal(2048, answer.Json.GetProperty("max_client_batch_size").GetInt32());
        Assert.InRange(answer.Json.GetProperty("max_input_length").GetInt32(), 1, 511);
        Assert.False(answer.Json.GetProperty("auto_truncate").GetBoolean());
        foreach (string name in new[] { "model_sha", "model_type", "max_concurrent_requests", "max_batch_tokens", "tokenization_workers", "version" })
        {
            Assert.True(answer.Json.TryGetProperty(name, out _), name);
        }
    }

    [Theory]
    [InlineData("/embed", """{"inputs":[]}""", 400, "Empty")]
    [InlineData("/embed", """{}""", 422, "Validation")]
    [InlineData("/embed", """{"inputs":"a","normalize":"yes"}""", 422, "Validation")]
    [InlineData("/embed", """{"inputs":"a","truncation_direction":"Up"}""", 422, "Validation")]
    [InlineData("/embed", """{"inputs":"a","dimensions":257}""", 422, "Validation")]
    [InlineData("/embed", """nonsense""", 422, "Validation")]
    [InlineData("/rerank", """{"query":"a","texts":[]}""", 400, "Empty")]
    [InlineData("/rerank", """{"query":" ","texts":["a"]}""", 422, "Validation")]
    [InlineData("/rerank", """{"texts":["a"]}""", 422, "Validation")]
    [InlineData("/similarity", """{"inputs":{"source_sentence":"a","sentences":[]}}""", 400, "Empty")]
    [InlineData("/similarity", """{"inputs":{"sentences":["a"]}}""", 422, "Validation")]
    [InlineData("/tokenize", """{"inputs":[1,2]}""", 422, "Validation")]
    public async Task AWrongBody_IsTeisError(string path, string body, int status, string type)
    {
        HttpAnswer answer = await HttpAnswer.PostAsync(server.Client, path, body);

        Assert.Equal(status, answer.Status);
        Assert.Equal(type, answer.Json.GetProperty("error_type").GetString());
        Assert.NotEmpty(answer.Json.GetProperty("error").GetString()!);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/ping")]
    [InlineData("/live")]
    [InlineData("/ready")]
    public async Task Health_Is200WhenLoaded(string path) => Assert.Equal(200, (await HttpAnswer.GetAsync(server.Client, path)).Status);

    [Fact]
    public async Task Metrics_HaveTeisNamesAndTags()
    {
        await HttpAnswer.PostAsync(server.Client, "/embed", """{"inputs":"a dog"}""");

        using HttpResponseMessage response = await server.Client.GetAsync(new Uri("/metrics", UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        foreach (string name in new[]
        {
            "te_request_count", "te_request_success", "te_request_duration", "te_request_queue_duration", "te_request_inference_duration", "te_request_tokenization_duration",
            "te_request_input_length", "te_batch_next_size", "te_batch_next_tokens", "te_queue_size",
        })
        {
            Assert.Contains($"# TYPE {name} ", text, StringComparison.Ordinal);
        }

        Assert.Contains("metaeol_encode_duration_seconds_count{model=\"demo\",precision=\"float32\"}", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [0-9.E+-]+)$""", line));
    }

    private async Task<bool> FitsAsync(string text) => (await server.Generator.MeasureAsync([text]))[0].Length >= text.Length;
}
