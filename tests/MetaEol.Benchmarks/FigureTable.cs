using System.Globalization;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Encoding;
using MetaEol.Llama.Kernels;

namespace MetaEol.Benchmarks;

/// <summary>Prints one table of figures, all measured in this process, so that their ratios mean something.</summary>
public sealed class FigureTable : IDisposable
{
    private static readonly int[] RowCounts = [1, 8, 32, 128, 512];

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
        Products();
        Attention();
        EncodeSmall();
        EncodeLarge();
        Heading("Demo model");
        Line("process start to first vector", $"{FirstVector.Seconds(_full ? 10 : 5):0.00} s");
    }

    /// <inheritdoc/>
    public void Dispose() => _pool.Dispose();

    private void Products()
    {
        Heading($"Matrix product, share of the peak for M = {string.Join(", ", RowCounts)}; int8 / float32 at M = 512");
        foreach (ModelShape shape in ModelShape.All)
        {
            foreach (ProductShape product in _full ? shape.Products : [shape.Products[2]])
            {
                double milliseconds = _full ? 300 : 40;
                double[] exact = Seconds(product, Precision.Float32, milliseconds);
                double[] quantized = Seconds(product, Precision.Int8, milliseconds);
                Line($"{shape.Name} {product.Name}, float32", Shares(product, exact));
                Line($"{shape.Name} {product.Name}, int8", $"{Shares(product, quantized)}   {exact[^1] / quantized[^1]:0.00} x");
            }
        }
    }

    private double[] Seconds(ProductShape shape, Precision precision, double milliseconds)
    {
        using var product = new Product(shape, RowCounts[^1], precision);
        return Array.ConvertAll(RowCounts, rows => product.Seconds(_pool, rows, milliseconds));
    }

    private string Shares(ProductShape shape, double[] seconds) =>
        string.Join(' ', seconds.Select((time, i) => $"{RowCounts[i] * shape.OperationsPerRow / time / _peak,5:0%}"));

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
        var figures = new EncodeFigures(model, _pool.Threads, naiveTexts: _full ? 64 : 2, sharedTexts: _full ? 64 : 16, passages: _full ? 4 : 1);
        Heading($"{shape.Name} shape: {EncodeFigures.Description}");
        double tokens = figures.DistinctTokensPerSecond(prompts: _full ? 64 : 24);
        Line("prompts of 96 distinct tokens", $"{tokens:0} tokens/s, {tokens * 500e9 / _peak:0} at a peak of 500 GFLOP/s");
        figures.Print(Line);
        using var demo = LlamaModel.Load(DemoModel.Folder);
        figures.PrintTemplates(TemplateSet.MetaEol, demo.Tokenizer, Line);
    }

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
