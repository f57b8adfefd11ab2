using System.Diagnostics;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama.Encoders;
using Microsoft.Extensions.AI;

namespace MetaEol.Fuzz.Soak;

/// <summary>What the soak does.</summary>
/// <param name="model">The model folder.</param>
/// <param name="seed">The seed of the choices.</param>
internal sealed class SoakPhases(string model, int seed)
{
    private const int AtATime = 8;
    private static readonly TimeSpan LongestCancel = TimeSpan.FromSeconds(60);

    /// <summary>Calls with mixed texts, template sets, layers and kinds of result, some of them wrong and some cancelled under way.</summary>
    public async Task<SoakCount> CallAsync(int calls)
    {
        var count = new SoakCount();
        using MetaEolEmbeddingGenerator generator = Create(new CpuEncoderOptions());
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(worker => Task.Run(async () =>
        {
            var random = new Random(seed + worker);
            while (Interlocked.Increment(ref next) <= calls)
            {
                await CallOnceAsync(generator, count, random).ConfigureAwait(false);
            }
        }))).ConfigureAwait(false);
        return count;
    }

    /// <summary>Calls that wait behind one that does not end, and are ended in three ways: one by one, all at once, and with the generator.</summary>
    public async Task<SoakCount> CancelAsync(int waiting)
    {
        var count = new SoakCount();
        using ManualResetEventSlim gate = new();
        using MetaEolEmbeddingGenerator generator = new(new MetaEolOptions { ModelPath = model }, createEncoder: context => new HeldEncoder(context.Model.CreateEncoder(), gate));
        await generator.LoadAsync().ConfigureAwait(false);
        int third = waiting / 3;

        CancellationTokenSource[] own = [.. Enumerable.Range(0, third).Select(_ => new CancellationTokenSource())];
        Task[] calls = [.. own.Select((source, i) => count.CountAsync(() => GenerateAsync(generator, $"one {i}", source.Token)))];
        var watch = Stopwatch.StartNew();
        foreach (CancellationTokenSource source in own.Reverse())
        {
            await source.CancelAsync().ConfigureAwait(false);
        }

        await EndAsync(calls, watch).ConfigureAwait(false);
        Array.ForEach(own, source => source.Dispose());

        using (CancellationTokenSource all = new())
        {
            calls = [.. Enumerable.Range(0, third).Select(i => count.CountAsync(() => GenerateAsync(generator, $"all {i}", all.Token)))];
            watch.Restart();
            await all.CancelAsync().ConfigureAwait(false);
            await EndAsync(calls, watch).ConfigureAwait(false);
        }

        // The queue is as good as new: a call that is let go has its vector.
        gate.Set();
        await count.CountAsync(() => GenerateAsync(generator, "between", default)).ConfigureAwait(false);
        gate.Reset();

        calls = [.. Enumerable.Range(0, waiting - (2 * third)).Select(i => count.CountAsync(() => GenerateAsync(generator, $"disposed {i}", default)))];
        watch.Restart();
        generator.Dispose();
        await EndAsync(calls, watch).ConfigureAwait(false);
        return count;
    }

    /// <summary>Generators that are made, used once and disposed; every fourth is disposed while its call runs, and every tenth before it is used.</summary>
    public async Task<SoakCount> LoadAsync(int loads)
    {
        var count = new SoakCount();
        for (int i = 0; i < loads; i++)
        {
            using MetaEolEmbeddingGenerator generator = Create(new CpuEncoderOptions { Threads = 1 + (i % 3), Precision = i % 5 == 0 ? Precision.Int8 : Precision.Float32, EmittedKernels = i % 2 == 0 });
            if (i % 10 == 9)
            {
                generator.Dispose();
            }

            Task call = count.CountAsync(() => GenerateAsync(generator, "Two dogs run.", default));
            if (i % 4 == 3)
            {
                generator.Dispose();
            }

            await call.ConfigureAwait(false);
        }

        return count;
    }

    private static async Task CallOnceAsync(MetaEolEmbeddingGenerator generator, SoakCount count, Random random)
    {
        string[] texts = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Text(random))];
        MetaEolEmbeddingGenerationOptions options = new()
        {
            TemplateSet = random.Next(4) == 0 ? TemplateSet.MetaEol : TemplateSet.PromptEol,
            Layer = random.Next(3) switch { 0 => LayerSelector.Last, 1 => LayerSelector.FromDepth(0.5), _ => LayerSelector.FromIndex(0) },
        };
        switch (random.Next(20))
        {
            case 0:
                await count.CountAsync(() => generator.GenerateAsync([.. texts, new string('x', 10_000)], options), isWrong: true).ConfigureAwait(false);
                break;
            case 1:
                await count.CountAsync(() => generator.GenerateAsync(texts, new EmbeddingGenerationOptions { Dimensions = 3 }), isWrong: true).ConfigureAwait(false);
                break;
            case 2:
                await count.CountAsync(() => generator.GenerateAsync(texts, new MetaEolEmbeddingGenerationOptions { Layer = LayerSelector.FromIndex(99_999) }), isWrong: true).ConfigureAwait(false);
                break;
            case 3:
                using (CancellationTokenSource source = new())
                {
                    Task call = count.CountAsync(() => generator.GenerateAsync(texts, options, source.Token));
                    await Task.Yield();
                    await source.CancelAsync().ConfigureAwait(false);
                    await call.ConfigureAwait(false);
                }

                break;
            case 4:
                await count.CountAsync(() => generator.GenerateTemplateEmbeddingsAsync(texts, options)).ConfigureAwait(false);
                break;
            case 5:
                await count.CountAsync(() => generator.GetFingerprintAsync()).ConfigureAwait(false);
                break;
            default:
                await count.CountAsync(() => generator.GenerateAsync(texts, options)).ConfigureAwait(false);
                break;
        }
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(0, 12)).Select(_ => random.Next(6) switch { 0 => "\ud83d\ude00 ", 1 => "</s>", 2 => "\ud800", _ => "dogs " }));

    private static Task GenerateAsync(MetaEolEmbeddingGenerator generator, string text, CancellationToken cancellationToken) =>
        generator.GenerateAsync([text], new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.PromptEol }, cancellationToken);

    private static async Task EndAsync(Task[] calls, Stopwatch watch)
    {
        await Task.WhenAll(calls).ConfigureAwait(false);
        if (watch.Elapsed > LongestCancel)
        {
            throw new TimeoutException($"It took {watch.Elapsed} until {calls.Length} cancelled calls had ended.");
        }
    }

    private MetaEolEmbeddingGenerator Create(CpuEncoderOptions cpu) => new(new MetaEolOptions { ModelPath = model, Cpu = cpu });
}
