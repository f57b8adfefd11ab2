using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>What 8 bits cost on libtorch beside what they cost on the CPU encoder, whose inputs are rounded to 8 bits, too.</summary>
public class Int8ErrorTests
{
    public static TheoryData<string> Models =>
    [
        TestPaths.DemoModel, Path.Combine(TestPaths.Golden, "llama-tied-f32"), Path.Combine(TestPaths.Golden, "phi3-longrope-bf16"), Path.Combine(TestPaths.Golden, "qwen3-bf16"),
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Encode_Int8_ErrsNoMoreThanTheCpuEncoder(string model)
    {
        var config = LlamaConfig.Load(model);
        using var weights = LlamaWeights.Load(model, config);
        using var exact = new CpuPromptEncoder(config, weights, new CpuEncoderOptions { Precision = Precision.Float32 });
        using var cpu = new CpuPromptEncoder(config, weights, new CpuEncoderOptions { Precision = Precision.Int8 });
        using var torch = new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1, Precision = TorchPrecision.Int8 });
        float[] expected = Encode(exact);
        double errorOfCpu = MeanError(expected, Encode(cpu));
        double errorOfTorch = MeanError(expected, Encode(torch));
        Assert.True(errorOfTorch > 0 && errorOfTorch <= 1.05 * errorOfCpu, $"libtorch {errorOfTorch:0.0e+0}, CPU {errorOfCpu:0.0e+0}");

        float[] Encode(IPromptEncoder encoder)
        {
            var random = new Random(7);
            ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(0, 24).Select(_ => new ReadOnlyMemory<int>([.. Enumerable.Range(0, random.Next(5, 40)).Select(_ => random.Next(config.VocabularySize))]))];
            var states = new float[prompts.Length * config.HiddenSize];
            encoder.Encode(prompts, [config.LayerCount], states);
            return states;
        }

        double MeanError(float[] right, float[] found) => Enumerable.Range(0, right.Length / config.HiddenSize)
            .Average(row => RelativeError.Largest(right.AsSpan(row * config.HiddenSize, config.HiddenSize), found.AsSpan(row * config.HiddenSize, config.HiddenSize), config.HiddenSize));
    }
}
