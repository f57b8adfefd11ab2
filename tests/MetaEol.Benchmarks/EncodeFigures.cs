using System.Globalization;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels;
using MetaEol.Tests;

namespace MetaEol.Benchmarks;

/// <summary>End-to-end figures of one model.</summary>
internal sealed class EncodeFigures(RandomModelBench model, int threads, int naiveTexts, int sharedTexts, int passages)
{
    private const int TextTokens = 15;
    private const int PassageTokens = 256;
    private const int MicroBatch = 512;

    private readonly Workload _workload = Workload.OfPaper();

    /// <summary>What is measured, for a heading.</summary>
    public static string Description => $"texts of {TextTokens} tokens in 8 prompts of 97, 27 of them behind the template's beginning";

    /// <summary>Tokens per second where there is nothing to share.</summary>
    public double DistinctTokensPerSecond(int prompts)
    {
        using CpuPromptEncoder encoder = model.CreateEncoder(threads);
        model.Seconds(encoder, _workload.Distinct(1, 8));
        return prompts * 96 / model.Seconds(encoder, _workload.Distinct(prompts, 96));
    }

    /// <summary>Prints texts per second, and how many times faster sharing, stopping early and the cache are.</summary>
    public void Print(Action<string, string> line)
    {
        int threeQuarters = (int)Math.Round(0.75 * model.Config.LayerCount);
        using CpuPromptEncoder naive = model.CreateEncoder(threads, naive: true);
        using CpuPromptEncoder shared = model.CreateEncoder(threads);
        model.Seconds(naive, _workload.Distinct(1, 8));
        double alone = model.SecondsAlone(naive, _workload.TextLast(naiveTexts, TextTokens)) / naiveTexts;
        line("each prompt alone, full depth", $"{1 / alone:0.00} texts/s");
        line("all prompts in one call, nothing shared", Figure(model.Seconds(naive, _workload.TextLast(naiveTexts, TextTokens)) / naiveTexts, alone));

        var texts = _workload.TextLast(sharedTexts, TextTokens);
        double tree = TimeCold(texts, Precision.Float32, null) / sharedTexts;
        line("prefix tree, full depth", Figure(tree, alone));
        line($"peak memory above the mapped weights, {sharedTexts} texts", PeakMemory.Measure(model.Folder, sharedTexts) is { } bytes ? $"{bytes / 1e6:0} MB" : "not known here");
        line("prefix tree, layer at 3/4 depth", Figure(TimeCold(texts, Precision.Float32, threeQuarters) / sharedTexts, alone));
        foreach (Precision precision in new[] { Precision.BFloat16, Precision.Int8 }.Where(FigureTable.IsHere))
        {
            line($"prefix tree, full depth, {precision}", Figure(TimeCold(texts, precision, null) / sharedTexts, alone));
            line($"prefix tree, layer at 3/4 depth, {precision}", Figure(TimeCold(texts, precision, threeQuarters) / sharedTexts, alone));
        }

        OneText(line);

        var passage = _workload.TextFirst(passages, PassageTokens);
        double passageAlone = model.SecondsAlone(naive, passage) / passages;
        line($"passages of {PassageTokens} tokens, each prompt alone", $"{1 / passageAlone:0.00} texts/s");
        line($"passages of {PassageTokens} tokens, text first", Figure(TimeCold(passage, Precision.Float32, null) / passages, passageAlone));
    }

    /// <summary>Prints what token prepending adds to the time of a call, with the templates in the prefix cache and in turns with calls without it.</summary>
    public void PrintPrepending(Action<string, string> line)
    {
        foreach ((int texts, int tokens) in new[] { (sharedTexts, TextTokens), (sharedTexts, 60), (1, TextTokens) })
        {
            int layers = model.Config.LayerCount, place = Workload.TokensBeforeText;
            var prepending = new TokenPrepending(1, Math.Max(2, (int)Math.Round(0.22 * layers)));
            using CpuPromptEncoder encoder = model.CreateEncoder(threads);

            // Texts are new in every call: the very same prompts would come out of the prefix cache.
            void Encode(TokenPrepending? with)
            {
                var prompts = _workload.TextLast(texts, tokens);
                PromptBatch batch = with is null
                    ? new(prompts, [layers])
                    : new([.. prompts.Select(prompt => (ReadOnlyMemory<int>)(int[])[.. prompt.Span[..place], prompt.Span[^1], .. prompt.Span[place..]])], [layers])
                    {
                        Prepending = with,
                        Placeholders = [.. Enumerable.Repeat(place, prompts.Count)],
                    };
                encoder.Encode(batch, new float[prompts.Count * model.Config.HiddenSize]);
            }

            double[] seconds = Timing.BestOfEach([() => Encode(null), () => Encode(prepending)], 4000);
            line(
                string.Create(CultureInfo.InvariantCulture, $"token prepending, {texts} {(texts == 1 ? "text" : "texts")} of {tokens} tokens"),
                string.Create(CultureInfo.InvariantCulture, $"{seconds[1] * 1000:0} ms, {(seconds[1] / seconds[0]) - 1:+0.0 %;-0.0 %}"));
        }
    }

    /// <summary>Prints the same for a template set's own words.</summary>
    public void PrintTemplates(TemplateSet templates, ITokenizer tokenizer, Action<string, string> line)
    {
        var workload = Workload.Of(templates, tokenizer);
        using CpuPromptEncoder naive = model.CreateEncoder(threads, naive: true);
        double alone = model.SecondsAlone(naive, workload.TextLast(naiveTexts, TextTokens)) / naiveTexts;
        var texts = workload.TextLast(sharedTexts, TextTokens);
        double tokens = texts.Average(prompt => prompt.Length);
        double computed = (double)RandomModelBench.TokensComputed(texts) / texts.Count;
        double tree = TimeCold(texts, Precision.Float32, null) / sharedTexts;
        line(string.Create(CultureInfo.InvariantCulture, $"template set '{templates}' ({tokens:0} tokens, {computed:0} computed)"), Figure(tree, alone));
    }

    /// <summary>Share of the time of a call that its matrix products take when they run by themselves.</summary>
    public double ProductShare(ModelShape shape, WorkerPool pool)
    {
        var prompts = _workload.TextLast(sharedTexts, TextTokens);
        int rows = RandomModelBench.TokensComputed(prompts);
        double products = 0;
        foreach ((int count, int steps) in new[] { (MicroBatch, rows / MicroBatch), (rows % MicroBatch, 1) })
        {
            if (count > 0 && steps > 0)
            {
                products += steps * (shape.Layers - 1) * shape.Products.Sum(product => Seconds(product, count, pool));
                products += steps * Seconds(new ProductShape("kv", 2 * shape.KeyValueHeads * shape.HeadDimension, shape.HiddenSize), count, pool);
            }
        }

        ProductShape query = new("q", shape.Heads * shape.HeadDimension, shape.HiddenSize);
        products += shape.Products.Skip(1).Prepend(query).Sum(product => Seconds(product, Math.Min(MicroBatch, prompts.Count), pool)) * prompts.Count / Math.Min(MicroBatch, prompts.Count);
        return products / TimeCold(prompts, Precision.Float32, null);
    }

    private static double Seconds(ProductShape shape, int rows, WorkerPool pool)
    {
        using var product = new Product(shape, rows, Precision.Float32);
        return product.Seconds(pool, rows, 20);
    }

    private static string Figure(double seconds, double alone) => $"{1 / seconds:0.00} texts/s, {alone / seconds:0.0} x";

    private void OneText(Action<string, string> line)
    {
        double cold = double.MaxValue, warm = double.MaxValue;
        for (int run = 0; run < 2; run++)
        {
            using CpuPromptEncoder encoder = model.CreateEncoder(threads);
            model.Seconds(encoder, _workload.Distinct(1, 8));
            cold = Math.Min(cold, model.Seconds(encoder, _workload.TextLast(1, TextTokens)));
            model.Seconds(encoder, _workload.TextLast(1, TextTokens));
            for (int i = 0; i < 3; i++)
            {
                warm = Math.Min(warm, model.Seconds(encoder, _workload.TextLast(1, TextTokens)));
            }
        }

        line("one text, nothing in the prefix cache", $"{cold * 1000:0} ms");
        line("one text, its templates in the prefix cache", $"{warm * 1000:0} ms, {cold / warm:0.0} x");

        using var folder = new TemporaryFolder();
        double restored = double.MaxValue;
        for (int run = 0; run < 4; run++)
        {
            using CpuPromptEncoder encoder = model.CreateEncoder(threads, prefixCachePath: folder.Path);
            double seconds = model.Seconds(encoder, _workload.TextLast(1, TextTokens));
            model.Seconds(encoder, _workload.TextLast(1, TextTokens));
            restored = run == 0 ? restored : Math.Min(restored, seconds);
        }

        line("a new encoder's first text, its templates on disk", $"{restored * 1000:0} ms, {cold / restored:0.0} x");
    }

    /// <summary>Seconds of a call on an encoder with an empty prefix cache that has run and, in 8 bits, quantized before.</summary>
    private double TimeCold(IReadOnlyList<ReadOnlyMemory<int>> prompts, Precision precision, int? layer)
    {
        using CpuPromptEncoder encoder = model.CreateEncoder(threads, precision);
        model.Seconds(encoder, _workload.Distinct(2, 8), layer);
        return model.Seconds(encoder, prompts, layer);
    }
}
