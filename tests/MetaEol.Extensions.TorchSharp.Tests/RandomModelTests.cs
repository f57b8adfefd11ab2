using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>Shapes and options that no golden model has, against the CPU encoder.</summary>
public class RandomModelTests
{
    public static TheoryData<string> Names => [.. ModelVariants.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_RandomModel_AgreesWithCpuEncoder(string name)
    {
        using var folder = new TemporaryFolder();
        ModelVariants.All[name].Write(folder.Path);
        var config = LlamaConfig.Load(folder.Path);
        using var weights = LlamaWeights.Load(folder.Path, config);
        using var torch = new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1 });
        using var cpu = new CpuPromptEncoder(config, weights);
        AssertEqual(config, torch, cpu, [.. Enumerable.Range(0, config.LayerCount + 1)], seed: 1);
        AssertEqual(config, torch, cpu, [config.LayerCount], seed: 2);
    }

    [Fact]
    public void Encode_LongPromptsBesideShortOnes_AgreesWithCpuEncoder()
    {
        using var folder = new TemporaryFolder();
        new RandomModel().Write(folder.Path);
        var config = LlamaConfig.Load(folder.Path);
        using var weights = LlamaWeights.Load(folder.Path, config);
        using var torch = new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1 });
        using var cpu = new CpuPromptEncoder(config, weights);
        var random = new Random(4);
        int[] tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(config.VocabularySize))];
        int[] prefix = tokens(700);
        ReadOnlyMemory<int>[] prompts = [tokens(1500), (int[])[.. prefix, .. tokens(300)], (int[])[.. prefix, .. tokens(9)], tokens(3), prefix];
        AssertEqual(config, torch, cpu, [config.LayerCount], prompts);
    }

    private static void AssertEqual(LlamaConfig config, IPromptEncoder torch, IPromptEncoder cpu, int[] layers, int seed)
    {
        var random = new Random(seed);
        int[] prefix = [.. Enumerable.Range(0, 40).Select(_ => random.Next(config.VocabularySize))];
        var prompts = new ReadOnlyMemory<int>[24];
        for (int i = 0; i < prompts.Length; i++)
        {
            prompts[i] = (int[])[.. prefix.AsSpan(0, random.Next(prefix.Length)), .. Enumerable.Range(0, random.Next(1, 90)).Select(_ => random.Next(config.VocabularySize))];
        }

        AssertEqual(config, torch, cpu, layers, prompts);
    }

    private static void AssertEqual(LlamaConfig config, IPromptEncoder torch, IPromptEncoder cpu, int[] layers, ReadOnlyMemory<int>[] prompts)
    {
        var found = new float[prompts.Length * layers.Length * config.HiddenSize];
        var expected = new float[found.Length];
        torch.Encode(prompts, layers, found);
        cpu.Encode(prompts, layers, expected);
        Assert.InRange(RelativeError.Largest(expected, found, config.HiddenSize), 0, 1e-5);
    }
}
