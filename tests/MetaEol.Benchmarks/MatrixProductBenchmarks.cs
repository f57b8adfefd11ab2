using BenchmarkDotNet.Attributes;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels;

namespace MetaEol.Benchmarks;

/// <summary>The gate and up projections, the largest product of a layer.</summary>
[InProcess]
[MinColumn]
public class MatrixProductBenchmarks
{
    private WorkerPool _pool = null!;
    private Product _product = null!;

    [ParamsSource(nameof(Shapes))]
    public ModelShape Shape { get; set; } = ModelShape.SmolLm135M;

    [Params(1, 8, 32, 128, 512)]
    public int Rows { get; set; }

    [ParamsSource(nameof(Precisions))]
    public Precision Precision { get; set; }

    public static IEnumerable<Precision> Precisions => Enum.GetValues<Precision>().Where(FigureTable.IsHere);

    public static IEnumerable<ModelShape> Shapes => ModelShape.All;

    [GlobalSetup]
    public void Setup()
    {
        _pool = new WorkerPool(Environment.ProcessorCount);
        _product = new Product(Shape.Products[2], Rows, Precision);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _product.Dispose();
        _pool.Dispose();
    }

    [Benchmark]
    public void Multiply() => _product.Run(_pool, Rows);
}
