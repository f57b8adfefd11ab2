using System.Runtime.InteropServices;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Weights;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Benchmarks;

/// <summary>A matrix product with random bfloat16 weights, inputs and room for outputs.</summary>
internal sealed unsafe class Product : IDisposable
{
    /// <summary>As the encoder puts the rows of x: a little more than a row apart, so that rows of a power of two do not compete for the same lines of the cache.</summary>
    private const int RowPadding = 16;

    private readonly ProductShape _shape;
    private readonly ushort* _weights;
    private readonly float* _x;
    private readonly float* _y;
    private readonly EncoderProducts _products;
    private readonly Linear _linear;

    /// <param name="shape">Sizes.</param>
    /// <param name="rows">Most rows of a run.</param>
    /// <param name="precision">Arithmetic.</param>
    public Product(ProductShape shape, int rows, Precision precision)
    {
        _shape = shape;
        long count = (long)shape.Outputs * shape.Inputs;
        _weights = (ushort*)NativeMemory.AlignedAlloc((nuint)count * sizeof(ushort), 64);
        _x = (float*)NativeMemory.AlignedAlloc((nuint)rows * (nuint)(shape.Inputs + RowPadding) * sizeof(float), 64);
        _y = (float*)NativeMemory.AlignedAlloc((nuint)rows * (nuint)shape.Outputs * sizeof(float), 64);
        var random = new Random(1);
        for (long i = 0; i < count; i++)
        {
            _weights[i] = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16);
        }

        for (long i = 0; i < (long)rows * (shape.Inputs + RowPadding); i++)
        {
            _x[i] = random.NextSingle() - 0.5f;
        }

        NativeMemory.Clear(_y, (nuint)rows * (nuint)shape.Outputs * sizeof(float));
        _products = new EncoderProducts(new CpuEncoderOptions { Precision = precision }, quantized: false, NullLogger.Instance);
        _linear = _products.Factory.Create([new WeightMatrix((byte*)_weights, WeightType.BFloat16, shape.Outputs, shape.Inputs)], [null]);
    }

    /// <summary>Computes the product of some rows once.</summary>
    public void Run(WorkerPool pool, int rows) => _linear.Multiply(pool, _x, _shape.Inputs + RowPadding, rows, _y, _shape.Outputs, accumulate: false);

    /// <summary>Seconds of the fastest run.</summary>
    public double Seconds(WorkerPool pool, int rows, double milliseconds) => Timing.Best(() => Run(pool, rows), milliseconds);

    public void Dispose()
    {
        _linear.Dispose();
        _products.Dispose();
        NativeMemory.AlignedFree(_weights);
        NativeMemory.AlignedFree(_x);
        NativeMemory.AlignedFree(_y);
    }
}
