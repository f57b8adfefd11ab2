using BenchmarkDotNet.Attributes;
using MetaEol.Llama.Kernels;

namespace MetaEol.Benchmarks;

/// <summary>Attention of 512 rows over one prompt of their own, and over a shared prefix with short branches.</summary>
[InProcess]
[MinColumn]
public class AttentionBenchmarks
{
    private WorkerPool _pool = null!;
    private AttentionCase _case = null!;

    [ParamsSource(nameof(Shapes))]
    public ModelShape Shape { get; set; } = ModelShape.SmolLm135M;

    /// <summary>Tokens of a prefix that all rows share.</summary>
    [Params(0, 64, 512)]
    public int Prefix { get; set; }

    /// <summary>Tokens of a branch.</summary>
    [Params(32, 512)]
    public int Branch { get; set; }

    public static IEnumerable<ModelShape> Shapes => ModelShape.All;

    [GlobalSetup]
    public void Setup()
    {
        _pool = new WorkerPool(Environment.ProcessorCount);
        _case = new AttentionCase(Shape, Prefix, Branch, rows: 512, _pool.Threads);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _case.Dispose();
        _pool.Dispose();
    }

    [Benchmark]
    public void Attend() => _case.Run(_pool);
}
