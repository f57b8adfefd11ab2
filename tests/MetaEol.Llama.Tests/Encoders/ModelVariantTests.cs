using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Encoders;

/// <summary>The CPU encoder against the plain decoder, on models whose options no golden model has.</summary>
public sealed class ModelVariantTests
{
    public static TheoryData<string> Names => [.. ModelVariants.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_ModelVariant_EqualsThePlainDecoder(string name)
    {
        using var folder = new TemporaryFolder();
        ModelVariants.All[name].Write(folder.Path);
        LlamaConfig config = LlamaConfig.Load(folder.Path);
        using LlamaWeights weights = LlamaWeights.Load(folder.Path, config);
        using var encoder = new CpuPromptEncoder(config, weights, new CpuEncoderOptions { Threads = 2, StepRows = 37 });
        var plain = new PlainEncoder(config, weights);
        var random = new Random(name.Length);
        int[] prefix = Tokens(random, config, 40);

        // Beginnings that prompts of different lengths share, three calls that find those of the calls before in the cache.
        for (int call = 0; call < 3; call++)
        {
            ReadOnlyMemory<int>[] prompts =
            [
                .. Enumerable.Range(0, 6).Select(i => new ReadOnlyMemory<int>([.. prefix.AsSpan(0, 3 + (7 * i)), .. Tokens(random, config, 1 + random.Next(ModelVariants.LongestPrompt - 40))])),
                Tokens(random, config, ModelVariants.LongestPrompt),
            ];
            int[] layers = [.. Enumerable.Range(0, config.LayerCount + 1)];
            var states = new float[prompts.Length * layers.Length * config.HiddenSize];
            encoder.Encode(prompts, layers, states);
            for (int p = 0; p < prompts.Length; p++)
            {
                double[][] expected = plain.Encode(prompts[p].Span);
                foreach (int layer in layers)
                {
                    double error = RelativeError.Of(states.AsSpan(((p * layers.Length) + layer) * config.HiddenSize, config.HiddenSize), expected[layer]);
                    Assert.True(error <= 1e-5, $"Call {call}, prompt {p} ({prompts[p].Length} tokens), hidden_states[{layer}]: relative error {error:E1}.");
                }
            }
        }
    }

    private static int[] Tokens(Random random, LlamaConfig config, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(config.VocabularySize))];
}
