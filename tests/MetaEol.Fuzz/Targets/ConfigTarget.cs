using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary><c>config.json</c>: reading it, its rotary frequencies, and a model whose weights it was not made for.</summary>
internal sealed class ConfigTarget : FuzzTarget
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, byte[]> _weights = [];
    private string? _written;

    public override string Name => "config";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new JsonMutator(SmallModel.Configs, ["llama", "LlamaForCausalLM", "mistral", "phi3", "gemma3_text", "olmo2", "smollm3", "silu", "gelu_pytorch_tanh", "yarn", "longrope", "sliding_attention", "full_attention"], SmallModel.RopeScalings),
        new JsonMutator([SmallModel.Configs[0]], ["silu", "gelu"], SmallModel.RopeScalings),
        new ByteMutator(SmallModel.Configs),
    ];

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_folder.File("config.json"), input);
        LlamaConfig config = LlamaConfig.Load(_folder.Path);
        DifferenceException.Unless(PromptEncoderMetadata.Of(config).ContextTokens > 0, "A context holds no token.");
        foreach (RotaryParameters rotary in config.Rotary.OfType<RotaryParameters>().Distinct())
        {
            foreach (int length in (int[])[1, 9, config.ContextTokens])
            {
                double[] frequencies = RotaryFrequencies.Compute(rotary, RotaryFrequencies.LengthKey(config, length));
                DifferenceException.Unless(frequencies.All(double.IsFinite) && double.IsFinite(rotary.Amplitude), "A rotary frequency is not finite.");
            }
        }

        WriteWeights(config.Architecture);
        using LlamaWeights weights = LlamaWeights.Load(_folder.Path, config);
        using var encoder = new CpuPromptEncoder(config, weights, new CpuEncoderOptions { Threads = 1, PrefixCacheBytes = 0 });
        int tokens = Math.Min(9, config.ContextTokens);
        float[] states = new float[config.HiddenSize];
        encoder.Encode([Enumerable.Range(0, tokens).Select(i => i % config.VocabularySize).ToArray()], [config.LayerCount], states);
        DifferenceException.Unless(EncodeChecks.FindFault(states, config.HiddenSize) < 0, "A hidden state is zero or not finite.");
    }

    public override bool IsDocumented(Exception exception) => exception is InvalidModelException;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    /// <summary>Puts the weights of the family beside the configuration.</summary>
    private void WriteWeights(string architecture)
    {
        RandomModel model = SmallModel.All.FirstOrDefault(model => model.Architecture == architecture) ?? SmallModel.Llama;
        if (_written == model.Architecture)
        {
            return;
        }

        if (!_weights.TryGetValue(model.Architecture, out byte[]? weights))
        {
            _weights[model.Architecture] = weights = SmallModel.Weights(model);
        }

        File.WriteAllBytes(_folder.File("model.safetensors"), weights);
        _written = model.Architecture;
    }
}
