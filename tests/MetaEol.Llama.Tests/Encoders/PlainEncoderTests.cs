using System.Globalization;
using System.Text.Json.Nodes;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Encoders;

/// <summary>The plain decoder against Hugging Face's code in float64: the page that is read first, and that encoders are held against, says what the models do.</summary>
public sealed class PlainEncoderTests
{
    // What is left of float64's 1e-15: the weights of norms are float32, with the one that the Gemmas add.
    private const double Tolerance = 1e-7;

    public static TheoryData<string> GoldenModels => PromptEncoderConformance.GoldenModels;

    public static TheoryData<string> ModelsWithLogits =>
        [.. Directory.EnumerateFiles(TestPaths.Methods, "next-token-*.json").Select(file => Path.GetFileNameWithoutExtension(file)["next-token-".Length..]).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(GoldenModels))]
    public void Encode_GoldenModel_AgreesWithHuggingFace(string model)
    {
        using Model loaded = new(model);
        foreach (JsonNode? prompt in JsonNode.Parse(File.ReadAllText(Path.Combine(TestPaths.Golden, model, "expected.json")))!["prompts"]!.AsArray())
        {
            int[] ids = [.. prompt!["ids"]!.AsArray().Select(id => (int)id!)];
            double[][] states = loaded.Plain.Encode(ids);
            for (int layer = 0; layer < states.Length; layer++)
            {
                AssertClose(Numbers(prompt["hidden"]![layer.ToString(CultureInfo.InvariantCulture)]!["f64"]!), states[layer], $"{ids.Length} tokens, hidden_states[{layer}]");
            }
        }
    }

    [Theory]
    [MemberData(nameof(ModelsWithLogits))]
    public void Logits_GoldenModel_AgreeWithHuggingFace(string model)
    {
        using Model loaded = new(model);
        foreach (JsonNode? prompt in JsonNode.Parse(File.ReadAllText(Path.Combine(TestPaths.Methods, $"next-token-{model}.json")))!["prompts"]!.AsArray())
        {
            int[] ids = [.. prompt!["ids"]!.AsArray().Select(id => (int)id!)];
            AssertClose(Numbers(prompt["logits"]!), loaded.Plain.Logits(loaded.Plain.Encode(ids)[^1]), $"{ids.Length} tokens, logits");
        }
    }

    private static double[] Numbers(JsonNode array) => [.. array.AsArray().Select(number => (double)number!)];

    private static void AssertClose(double[] expected, double[] found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        double error = Math.Sqrt(expected.Zip(found, (a, b) => (a - b) * (a - b)).Sum() / expected.Sum(a => a * a));
        Assert.True(error <= Tolerance, $"{what}: relative L2 error {error:E1}.");
    }

    private sealed class Model : IDisposable
    {
        private readonly LlamaWeights _weights;

        public Model(string name)
        {
            string folder = Path.Combine(TestPaths.Golden, name);
            LlamaConfig config = LlamaConfig.Load(folder);
            _weights = LlamaWeights.Load(folder, config);
            Plain = new PlainEncoder(config, _weights);
        }

        public PlainEncoder Plain { get; }

        public void Dispose() => _weights.Dispose();
    }
}
