using System.Globalization;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Kernels.Emitted;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Benchmarks;

/// <summary>Prints one table of figures, all measured in this process, so that their ratios mean something.</summary>
public sealed class FigureTable : IDisposable
{
    private static readonly int[] RowCounts = [1, 8, 27, 128, 512];

    private static readonly Precision[] Precisions = [.. Enum.GetValues<Precision>().Where(IsHere)];

    private readonly TextWriter _output;
    private readonly bool _full;
    private readonly WorkerPool _pool = new(Environment.ProcessorCount);
    private double _peak;

    /// <param name="output">Receives the table.</param>
    /// <param name="full">Whether everything is measured, which takes some ten minutes, or a part that takes less than one.</param>
    public FigureTable(TextWriter output, bool full)
    {
        _output = output;
        _full = full;
    }

    /// <summary>Measures and prints.</summary>
    public void Run()
    {
        _peak = MultiplyAddPeak.Measure(_pool, TimeSpan.FromSeconds(0.5));
        Heading($"Machine: {_pool.Threads} threads, {VectorWidths.Best}");
        Line("multiply-add peak", $"{_peak / 1e9:0} GFLOP/s");
        Line("kernels in machine code", Kernels());
        Products();
        Attention();
        EncodeSmall();
        EncodeLarge();
        Heading("Demo model");
        Line("process start to first vector", $"{FirstVector.Seconds(_full ? 10 : 5):0.00} s");
    }

    /// <summary>Measures and prints what token prepending costs.</summary>
    public void RunPrepending()
    {
        using var model = new RandomModelBench(ModelShape.SmolLm135M);
        Heading($"{ModelShape.SmolLm135M.Name}: {EncodeFigures.Description}");
        SmallFigures(model).PrintPrepending(Line);
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    /// <summary>Whether this machine has the precision.</summary>
    internal static bool IsHere(Precision precision)
    {
        if (precision == Precision.Fastest)
        {
            return false;
        }

        try
        {
            new EncoderProducts(new CpuEncoderOptions { Precision = precision }, quantized: false, NullLogger.Instance).Dispose();
            return true;
        }
        catch (PlatformNotSupportedException)
        {
            return false;
        }
    }

    private static string Kernels()
    {
        bool created = EmittedKernels.TryCreate(out EmittedKernels? kernels, out string? reason);
        using (kernels)
        {
            return created ? $"8 bits: {kernels!.HasInt8}, bfloat16: {kernels.HasBFloat16}" : $"none: {reason}";
        }
    }

    private void Products()
    {
        Heading($"Matrix product, share of the float32 peak for M = {string.Join(", ", RowCounts)}; times as fast as float32 at M = 512");
        foreach (ModelShape shape in ModelShape.All)
        {
            foreach (ProductShape product in _full ? shape.Products : [shape.Products[2]])
            {
                double[][] seconds = Seconds(product, _full ? 1000 : 120);
                for (int i = 0; i < Precisions.Length; i++)
                {
                    Line($"{shape.Name} {product.Name}, {Precisions[i]}", $"{Shares(product, seconds, i)}   {seconds[^1][0] / seconds[^1][i]:0.00} x");
                }
            }
        }
    }

    // For each number of rows, of each precision; precisions take turns.
    private double[][] Seconds(ProductShape shape, double milliseconds)
    {
        Product[] products = Array.ConvertAll(Precisions, precision => new Product(shape, RowCounts[^1], precision));
        double[][] seconds = Array.ConvertAll(RowCounts, rows => Timing.BestOfEach([.. products.Select(product => (Action)(() => product.Run(_pool, rows)))], milliseconds));
        Array.ForEach(products, product => product.Dispose());
        return seconds;
    }

    private string Shares(ProductShape shape, double[][] seconds, int precision) =>
        string.Join(' ', seconds.Select((times, i) => $"{RowCounts[i] * shape.OperationsPerRow / times[precision] / _peak,5:0%}"));

    private void Attention()
    {
        Heading("Attention of 512 rows, share of the peak: one prompt; 16 branches of 32 tokens under a prefix of 512");
        foreach (ModelShape shape in ModelShape.All)
        {
            Line(shape.Name, $"{AttentionShare(shape, 0, 512),5:0%} {AttentionShare(shape, 512, 32),5:0%}");
        }
    }

    private double AttentionShare(ModelShape shape, int prefix, int branch)
    {
        using var attention = new AttentionCase(shape, prefix, branch, rows: 512, _pool.Threads);
        return attention.Operations / Timing.Best(() => attention.Run(_pool), _full ? 300 : 60) / _peak;
    }

    private void EncodeSmall()
    {
        ModelShape shape = ModelShape.SmolLm135M;
        using var model = new RandomModelBench(shape);
        EncodeFigures figures = SmallFigures(model);
        Heading($"{shape.Name} shape: {EncodeFigures.Description}");
        double tokens = figures.DistinctTokensPerSecond(prompts: _full ? 64 : 24);
        Line("prompts of 96 distinct tokens", $"{tokens:0} tokens/s, {tokens * 500e9 / _peak:0} at a peak of 500 GFLOP/s");
        figures.Print(Line);
        figures.PrintPrepending(Line);
        using var demo = LlamaModel.Load(DemoModel.Folder);
        figures.PrintTemplates(TemplateSet.MetaEol, demo.Tokenizer, Line);
    }

    private EncodeFigures SmallFigures(RandomModelBench model) => new(model, _pool.Threads, naiveTexts: _full ? 64 : 2, sharedTexts: _full ? 64 : 16, passages: _full ? 4 : 1);

    private void EncodeLarge()
    {
        ModelShape shape = _full ? ModelShape.Llama1B : ModelShape.Llama1B.Cut(layers: 3, vocabulary: 8192);
        using var model = new RandomModelBench(shape);
        var figures = new EncodeFigures(model, _pool.Threads, naiveTexts: _full ? 8 : 1, sharedTexts: _full ? 64 : 4, passages: 1);
        Heading($"{shape.Name} shape{(_full ? "" : ", 3 of its 16 layers")}: {EncodeFigures.Description}");
        Line("share of time in matrix products", $"{figures.ProductShare(shape, _pool):0%}");
        if (_full)
        {
            figures.Print(Line);
        }
    }

    private void Heading(string text)
    {
        _output.WriteLine();
        _output.WriteLine(text);
    }

    private void Line(string what, string figure) => _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-52} {figure}"));
}
