using System.Text.Json;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoding;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Encoding;

/// <summary>Every model under <c>tests/golden</c> against the hidden states that Hugging Face's modelling code gives in float64.</summary>
public class GoldenHiddenStatesTests
{
    /// <summary>The most that float32 may differ from float64; see docs/architecture.md.</summary>
    private const double Tolerance = 2e-5;

    public static TheoryData<string> Models => [.. Directory.GetDirectories(TestPaths.Golden).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Encode_GoldenModel_EqualsFloat64Record(string model)
    {
        string folder = Path.Combine(TestPaths.Golden, model);
        LlamaConfig config = LlamaConfig.Load(folder);
        using LlamaWeights weights = LlamaWeights.Load(folder, config);
        using var encoder = new CpuPromptEncoder(config, weights, new CpuEncoderOptions { Threads = 2 });
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
        JsonElement[] records = [.. expected.RootElement.GetProperty("prompts").EnumerateArray()];
        ReadOnlyMemory<int>[] prompts = [.. records.Select(record => new ReadOnlyMemory<int>([.. record.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]))];
        int[] layers = [.. Enumerable.Range(0, config.LayerCount + 1)];
        var states = new float[prompts.Length * layers.Length * config.HiddenSize];

        // Three times: the prefix cache learns in the first call, stores in the second and serves in the third.
        for (int call = 0; call < 3; call++)
        {
            encoder.Encode(prompts, layers, states);

            for (int p = 0; p < prompts.Length; p++)
            {
                foreach (int layer in layers)
                {
                    double[] record = [.. records[p].GetProperty("hidden").GetProperty($"{layer}").GetProperty("f64").EnumerateArray().Select(value => value.GetDouble())];
                    double error = RelativeError.Of(states.AsSpan(((p * layers.Length) + layer) * config.HiddenSize, config.HiddenSize), record);
                    Assert.True(error <= Tolerance, $"{model}, call {call}, prompt {p} ({prompts[p].Length} tokens), hidden_states[{layer}]: relative error {error:E1}.");
                }
            }
        }
    }
}
