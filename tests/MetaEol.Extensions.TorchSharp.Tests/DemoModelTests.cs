using System.Text.Json;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>The demo model's reference embeddings (mean over the eight templates, float64), from the recorded token ids.</summary>
public class DemoModelTests
{
    [Theory]
    [InlineData(TorchPrecision.Float32, 2e-5)]
    [InlineData(TorchPrecision.BFloat16, 1e-2)]
    [InlineData(TorchPrecision.Float16, 2e-3)]
    [InlineData(TorchPrecision.Int8, 3e-2)]
    public void Encode_DemoModel_AgreesWithReference(TorchPrecision precision, double tolerance)
    {
        var config = LlamaConfig.Load(TestPaths.DemoModel);
        using var weights = LlamaWeights.Load(TestPaths.DemoModel, config);
        using var encoder = new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1, Precision = precision });
        using var reference = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, "reference.json")));
        foreach (JsonElement sentence in reference.RootElement.GetProperty("sentences").EnumerateArray())
        {
            int[][] prompts = sentence.GetProperty("prompt_token_ids").Deserialize<int[][]>()!;
            float[] expectedMean = sentence.GetProperty("embedding").Deserialize<float[]>()!;

            float[] last = Encode([.. prompts], [config.LayerCount]);
            float[] mean = [.. Enumerable.Range(0, config.HiddenSize).Select(i => (float)Enumerable.Range(0, prompts.Length).Average(p => last[(p * config.HiddenSize) + i]))];
            Assert.InRange(RelativeError.Largest(expectedMean, mean, config.HiddenSize), 0, tolerance);

            // Recorded for the first sentence only.
            if (sentence.TryGetProperty("first_template_last_token_hidden_states", out JsonElement recorded))
            {
                float[][] expectedStates = recorded.Deserialize<float[][]>()!;
                float[] states = Encode([prompts[0]], [.. Enumerable.Range(0, expectedStates.Length)]);
                Assert.InRange(RelativeError.Largest([.. expectedStates.SelectMany(state => state)], states, config.HiddenSize), 0, tolerance);
            }
        }

        float[] Encode(int[][] prompts, int[] layers)
        {
            var states = new float[prompts.Length * layers.Length * config.HiddenSize];
            encoder.Encode([.. prompts.Select(prompt => new ReadOnlyMemory<int>(prompt))], layers, states);
            return states;
        }
    }
}
