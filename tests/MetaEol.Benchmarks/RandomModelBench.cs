using System.Diagnostics;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Benchmarks;

/// <summary>A model folder of a shape with random weights, written to a temporary folder, and timed calls of encoders over it.</summary>
public sealed class RandomModelBench : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaWeights _weights;

    public RandomModelBench(ModelShape shape)
    {
        shape.Write(_folder.Path);
        Config = LlamaConfig.Load(_folder.Path);
        _weights = LlamaWeights.Load(_folder.Path, Config);
    }

    public LlamaConfig Config { get; }

    /// <summary>The model folder.</summary>
    public string Folder => _folder.Path;

    /// <summary>An encoder; the naive one shares and keeps nothing.</summary>
    public CpuPromptEncoder CreateEncoder(int threads, Precision precision = Precision.Float32, bool naive = false, string? prefixCachePath = null) =>
        new(Config, _weights, new CpuEncoderOptions
        {
            Threads = threads,
            Precision = precision,
            PrefixCachePath = prefixCachePath,
            SharePrefixes = !naive,
            PrefixCacheBytes = naive ? 0 : new CpuEncoderOptions().PrefixCacheBytes,
        });

    /// <summary>Seconds of one call.</summary>
    public double Seconds(CpuPromptEncoder encoder, IReadOnlyList<ReadOnlyMemory<int>> prompts, int? layer = null)
    {
        float[] states = new float[prompts.Count * Config.HiddenSize];
        long start = Stopwatch.GetTimestamp();
        encoder.Encode(prompts, [layer ?? Config.LayerCount], states);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Seconds of as many calls as there are prompts, each with one of them.</summary>
    public double SecondsAlone(CpuPromptEncoder encoder, IReadOnlyList<ReadOnlyMemory<int>> prompts) => prompts.Sum(prompt => Seconds(encoder, [prompt]));

    /// <summary>Token rows that a call with these prompts computes, with nothing in the prefix cache.</summary>
    public static int TokensComputed(IReadOnlyList<ReadOnlyMemory<int>> prompts) => EncodePlan.Create(prompts).TokensComputed;

    public void Dispose()
    {
        _weights.Dispose();
        _folder.Dispose();
    }
}
