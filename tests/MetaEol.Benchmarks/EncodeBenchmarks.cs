using BenchmarkDotNet.Attributes;
using MetaEol.Llama.Encoders;

namespace MetaEol.Benchmarks;

/// <summary>Eight templates per text through a model of SmolLM2-135M's shape, full depth.</summary>
[InProcess]
[MinColumn]
[SimpleJob(launchCount: 1, warmupCount: 1, iterationCount: 3, invocationCount: 1)]
public class EncodeBenchmarks
{
    private RandomModelBench _model = null!;
    private CpuPromptEncoder _encoder = null!;
    private IReadOnlyList<ReadOnlyMemory<int>> _prompts = [];
    private float[] _states = [];

    [Params(1, 64)]
    public int Texts { get; set; }

    /// <summary>15 tokens with the text last, or 256 tokens with the text first.</summary>
    [Params(15, 256)]
    public int TextTokens { get; set; }

    [Params("naive", "shared", "shared int8")]
    public string Way { get; set; } = "naive";

    [GlobalSetup]
    public void Setup()
    {
        _model = new RandomModelBench(ModelShape.SmolLm135M);
        _encoder = _model.CreateEncoder(Environment.ProcessorCount, Way == "shared int8" ? Precision.Int8 : Precision.Float32, naive: Way == "naive");
        var workload = Workload.OfPaper();
        _prompts = TextTokens == 15 ? workload.TextLast(Texts, 15) : workload.TextFirst(Texts, TextTokens);
        _states = new float[_prompts.Count * _model.Config.HiddenSize];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _encoder.Dispose();
        _model.Dispose();
    }

    [Benchmark]
    public void Encode() => _encoder.Encode(_prompts, [_model.Config.LayerCount], _states);
}
