using System.Diagnostics;
using System.Globalization;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Filtering;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Benchmarks;

/// <summary>What the basis of the filter of dimensions costs for a model of a given width: computing it once, finding it again, and filtering a vector.</summary>
internal sealed class FilterFigures(TextWriter output, int hiddenSize, int vocabulary)
{
    public const string Argument = "--basis";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, TimeSpan> _ends = [];

    public void Run()
    {
        using var folder = new TemporaryFolder();
        new RandomModel
        {
            HiddenSize = hiddenSize,
            VocabularySize = vocabulary,
            IntermediateSize = 64,
            LayerCount = 1,
            AttentionHeads = hiddenSize / 64,
            KeyValueHeads = 1,
            TieWordEmbeddings = true,
            Type = "BF16",
        }.Write(folder["model"]);
        using LlamaWeights weights = LlamaWeights.Load(folder["model"], LlamaConfig.Load(folder["model"]));
        var cache = new BasisCache(folder["cache"]);

        TimeSpan processorBefore = Process.GetCurrentProcess().TotalProcessorTime;
        Stopwatch watch = Stopwatch.StartNew();
        SpectralBasis basis = SpectralBasis.Compute(weights, progress: new Steps(this, watch));
        TimeSpan total = watch.Elapsed, processor = Process.GetCurrentProcess().TotalProcessorTime - processorBefore;
        Write($"head {vocabulary} × {hiddenSize}, {Environment.ProcessorCount} threads: {total.TotalSeconds:0.0} s, {processor.TotalSeconds:0.0} s of processor time, peak {PeakBytes() / 1e6:0} MB of which {2.0 * vocabulary * hiddenSize / 1e6:0} MB is the mapped head");
        TimeSpan previous = default;
        foreach ((string step, TimeSpan end) in _ends.OrderBy(pair => pair.Value))
        {
            Write($"  {step}: {(end - previous).TotalSeconds:0.0} s");
            previous = end;
        }

        cache.Keep(weights, basis);
        watch.Restart();
        VectorFilter filter = cache.Find(weights)!.Window(hiddenSize / 4, hiddenSize / 2);
        Write($"found again: {watch.Elapsed.TotalMilliseconds:0} ms, {new FileInfo(cache.PathOf(weights)).Length / 1e6:0.0} MB on disk");

        double[] vectors = [.. Enumerable.Range(0, 64 * hiddenSize).Select(i => Math.Sin(i))], filtered = new double[64 * filter.Dimensions];
        filter.Apply(vectors, filtered);
        watch.Restart();
        filter.Apply(vectors, filtered);
        Write($"filtering to {filter.Dimensions}: {watch.Elapsed.TotalMilliseconds / 64:0.000} ms a vector, in batches of 64");

        watch.Restart();
        RandomProjection.Create(hiddenSize, hiddenSize / 2, seed: 0);
        Write($"random projection to {hiddenSize / 2}: {watch.Elapsed.TotalSeconds:0.00} s");
    }

    private static long PeakBytes() => Process.GetCurrentProcess().PeakWorkingSet64;

    private void Write(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed class Steps(FilterFigures owner, Stopwatch watch) : IProgress<FilterProgress>
    {
        public void Report(FilterProgress value)
        {
            lock (owner._gate)
            {
                owner._ends[value.Step] = watch.Elapsed;
            }
        }
    }
}
