using System.Net;
using System.Text.Json;
using MetaEol.Extensions;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MetaEol.Fuzz.Targets;

/// <summary>Bodies of HTTP requests, each sent to every endpoint of a running server: nothing but what a contract names may come back, and no vector that is not its text's.</summary>
internal sealed class HttpBodyTarget : FuzzTarget
{
    private const double Tolerance = 1e-4;

    private static readonly string[] Paths = ["/v1/embeddings", "/embed", "/embed_all", "/embed_sparse", "/rerank", "/similarity", "/tokenize", "/api/embed", "/api/embeddings", "/explain"];

    private static readonly int[] Statuses = [200, 400, 404, 413, 422, 424];

    private static readonly byte[][] Bodies =
    [
        """{"model":"small","input":"ab c"}"""u8.ToArray(),
        """{"model":"small","input":["ab","c d",""],"encoding_format":"base64","dimensions":16,"user":"u"}"""u8.ToArray(),
        """{"model":"small:prompteol","input":[[1,70,71],[72]],"encoding_format":"float"}"""u8.ToArray(),
        """{"model":"small","input":[70,71,72]}"""u8.ToArray(),
        """{"inputs":["ab","c"],"normalize":true,"truncate":false,"truncation_direction":"Right","prompt_name":null,"dimensions":null}"""u8.ToArray(),
        """{"query":"ab","texts":["c","d"],"raw_scores":false,"return_text":true,"truncate":true}"""u8.ToArray(),
        """{"inputs":{"source_sentence":"ab","sentences":["c","d"]},"parameters":{"truncate":true,"truncation_direction":"Left","prompt_name":"prompteol"}}"""u8.ToArray(),
        """{"inputs":"a😀b","add_special_tokens":true}"""u8.ToArray(),
        """{"model":"small","input":"ab","truncate":true,"options":{},"keep_alive":"5m"}"""u8.ToArray(),
        """{"model":"small","prompt":"ab"}"""u8.ToArray(),
        """{"model":"small","input":["ab","c"],"top":3,"layer":"75%"}"""u8.ToArray(),
    ];

    private readonly Dictionary<string, float[]> _expected = new(StringComparer.Ordinal);
    private TemporaryFolder? _folder;
    private WebApplication? _application;
    private HttpClient? _client;
    private MetaEolEmbeddingGenerator? _generator;

    public override string Name => "http-bodies";

    public override TimeSpan TimeLimit => TimeSpan.FromSeconds(20);

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new JsonMutator(Bodies, ["small", "small:duo", "prompteol", "base64", "Left", "<s>", "\\ud800", "75%"], ["\"small\"", "[[]]", "[1,2,3]", "\"\\ud800\"", "{\"source_sentence\":1}"]),
        new ByteMutator(Bodies),
    ];

    public override void Run(byte[] input)
    {
        Start();
        foreach (string path in Paths)
        {
            using ByteArrayContent content = new(input);
            content.Headers.ContentType = new("application/json");
            using HttpResponseMessage response = _client!.PostAsync(new Uri(path, UriKind.Relative), content).GetAwaiter().GetResult();
            byte[] answer = response.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult();
            DifferenceException.Unless(Statuses.Contains((int)response.StatusCode), $"{path} answers {(int)response.StatusCode}.");
            using JsonDocument json = Parse(path, answer);
            if (response.StatusCode == HttpStatusCode.OK && path == "/v1/embeddings")
            {
                Check(input, json.RootElement);
            }
            else if (response.StatusCode != HttpStatusCode.OK)
            {
                DifferenceException.Unless(json.RootElement.TryGetProperty("error", out _), $"{path} answers {(int)response.StatusCode} without an error.");
            }
        }
    }

    public override bool IsDocumented(Exception exception) => false;

    public override void Dispose()
    {
        _client?.Dispose();
        if (_application is not null)
        {
            _application.StopAsync().GetAwaiter().GetResult();
            _application.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        _folder?.Dispose();
        base.Dispose();
    }

    private static JsonDocument Parse(string path, byte[] answer)
    {
        try
        {
            return JsonDocument.Parse(answer);
        }
        catch (JsonException)
        {
            throw new DifferenceException($"{path} answers what is no JSON.");
        }
    }

    /// <summary>Every vector is that of its text, in the format that was asked for.</summary>
    private void Check(byte[] input, JsonElement answer)
    {
        using JsonDocument request = JsonDocument.Parse(input);
        JsonElement given = request.RootElement.GetProperty("input");
        bool base64 = request.RootElement.TryGetProperty("encoding_format", out JsonElement format) && format.ValueKind == JsonValueKind.String && format.GetString()!.Equals("base64", StringComparison.OrdinalIgnoreCase);
        bool isOne = given.ValueKind == JsonValueKind.String || (given.GetArrayLength() > 0 && given[0].ValueKind == JsonValueKind.Number);
        JsonElement[] items = isOne ? [given] : [.. given.EnumerateArray()];
        JsonElement data = answer.GetProperty("data");
        DifferenceException.Unless(data.GetArrayLength() == items.Length, "There are not as many vectors as texts.");
        bool isFiltered = request.RootElement.TryGetProperty("dimensions", out JsonElement dimensions) && dimensions.ValueKind == JsonValueKind.Number && dimensions.GetInt32() < SmallModel.Llama.HiddenSize;
        int width = isFiltered ? dimensions.GetInt32() : SmallModel.Llama.HiddenSize;
        bool isPlain = !isFiltered && request.RootElement.GetProperty("model").GetString() == "small";
        for (int i = 0; i < items.Length; i++)
        {
            float[] vector = Read(data[i].GetProperty("embedding"), base64);
            DifferenceException.Unless(vector.Length == width && data[i].GetProperty("index").GetInt32() == i, "A vector has another width or place.");
            if (isPlain && items[i].ValueKind == JsonValueKind.String)
            {
                float[] expected = Expected(items[i].GetString()!);
                DifferenceException.Unless(vector.Zip(expected, (x, y) => Math.Abs(x - y)).Max() < Tolerance, "A vector is not that of its text.");
            }
        }
    }

    private static float[] Read(JsonElement embedding, bool base64)
    {
        DifferenceException.Unless((embedding.ValueKind == JsonValueKind.String) == base64, "A vector has not the format that was asked for.");
        if (!base64)
        {
            return [.. embedding.EnumerateArray().Select(value => value.GetSingle())];
        }

        byte[] bytes = embedding.GetBytesFromBase64();
        return [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, i * 4))];
    }

    private float[] Expected(string text)
    {
        if (!_expected.TryGetValue(text, out float[]? vector))
        {
            if (_expected.Count > 1000)
            {
                _expected.Clear();
            }

            vector = _generator!.GenerateAsync([text]).GetAwaiter().GetResult()[0].Vector.ToArray();
            _expected.Add(text, vector);
        }

        return vector;
    }

    private void Start()
    {
        if (_application is not null)
        {
            return;
        }

        _folder = new TemporaryFolder();
        RandomModel model = SmallModel.Llama with { VocabularySize = 6144 };
        model.Write(_folder.Path);
        File.Copy(Path.Combine(TestPaths.DemoModel, "tokenizer.json"), _folder.File("tokenizer.json"), overwrite: true);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMetaEolEmbeddings(_folder.Path, options => options.ModelId = "small");
        _application = builder.Build();
        _application.MapOpenAIEmbeddings();
        _application.MapTextEmbeddingsInference();
        _application.MapOllamaEmbeddings();
        _application.MapEmbeddingPage();
        _application.StartAsync().GetAwaiter().GetResult();
        _client = new HttpClient { BaseAddress = new Uri(_application.Urls.First()) };
        _generator = _application.Services.GetRequiredService<MetaEolEmbeddingGenerator>();
    }
}
