using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using MetaEol.Retrieval;
using MetaEol.Tests;
using Microsoft.Extensions.AI;

namespace MetaEol.Benchmarks;

/// <summary>Measures searches over an index of many passages, beside NumPy's product of the same matrix where Python has it.</summary>
public sealed class SearchFigures
{
    /// <summary>The argument that makes this program print the figures, followed by the number of passages.</summary>
    public const string Argument = "--search";

    // The demo model's width.
    private const int Dimensions = 256;

    private const int Words = 30_000, WordsPerPassage = 40, Questions = 40, PassagesPerDocument = 10;

    private readonly TextWriter _output;
    private readonly int _passages;

    /// <param name="output">Receives the figures.</param>
    /// <param name="passages">Number of passages.</param>
    public SearchFigures(TextWriter output, int passages)
    {
        _output = output;
        _passages = passages;
    }

    /// <summary>Measures and prints.</summary>
    public async Task RunAsync()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("index.db");
        using var generator = new RandomGenerator();
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_passages} passages of {WordsPerPassage} words, {Dimensions} dimensions"));
        using (SearchIndex index = Open(generator, path, _passages))
        {
            Stopwatch watch = Stopwatch.StartNew();
            await index.UpdateAsync(Documents()).ConfigureAwait(false);
            Line("indexing, without the embedding", $"{_passages / watch.Elapsed.TotalSeconds:0} passages/s, file of {new FileInfo(path).Length / 1e6:0} MB");
            watch.Restart();
            await index.UpdateAsync(Documents()).ConfigureAwait(false);
            Line("update where nothing has changed", $"{watch.Elapsed.TotalSeconds:0.0} s");
        }

        foreach ((string name, int mostFloat) in new[] { ("float32", _passages), ("8 bits, with an exact look", 0) })
        {
            using SearchIndex index = Open(generator, path, mostFloat);
            long before = OwnBytesAfterCollection();
            Stopwatch watch = Stopwatch.StartNew();
            await index.SearchAsync(Question(0), new SearchOptions { Mode = SearchMode.Dense }).ConfigureAwait(false);
            double load = watch.Elapsed.TotalSeconds;
            Line($"{name}: first search", $"{load:0.00} s, {(OwnBytesAfterCollection() - before) / 1e6:0} MB");
            foreach (SearchMode mode in new[] { SearchMode.Dense, SearchMode.Hybrid })
            {
                Line($"{name}: {mode}", Milliseconds(await MeasureAsync(index, mode).ConfigureAwait(false)));
            }
        }

        using (SearchIndex index = Open(generator, path, _passages))
        {
            Line("Words", Milliseconds(await MeasureAsync(index, SearchMode.Words).ConfigureAwait(false)));
        }

        Line("NumPy: matrix @ question, and the ten largest", NumPy(folder) is { } seconds ? Milliseconds(seconds) : "not here: python3 has no numpy");
    }

    private static SearchIndex Open(RandomGenerator generator, string path, int mostFloat) =>
        new(generator, new SearchIndexOptions { Path = path, MostFloatVectors = mostFloat, BatchSize = 1024 });

    private static string Question(int number)
    {
        var random = new Random(number);
        return string.Join(' ', Enumerable.Range(0, 6).Select(_ => Word(random)));
    }

    // Few words are frequent and most are rare, as in texts.
    private static string Word(Random random) => $"w{(int)(Words * Math.Pow(random.NextDouble(), 3))}";

    private static async Task<double> MeasureAsync(SearchIndex index, SearchMode mode)
    {
        var options = new SearchOptions { Top = 10, Mode = mode };
        await index.SearchAsync(Question(Questions), options).ConfigureAwait(false);
        double[] seconds = new double[Questions];
        for (int i = 0; i < Questions; i++)
        {
            long started = Stopwatch.GetTimestamp();
            await index.SearchAsync(Question(i), options).ConfigureAwait(false);
            seconds[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        return seconds.Order().ElementAt(Questions / 2);
    }

    private IEnumerable<SearchDocument> Documents()
    {
        for (int i = 0; i < _passages / PassagesPerDocument; i++)
        {
            var random = new Random(i);
            yield return new SearchDocument($"d{i}", string.Join("\n\n", Enumerable.Range(0, PassagesPerDocument).Select(_ => string.Join(' ', Enumerable.Range(0, WordsPerPassage).Select(_ => Word(random))))));
        }
    }

    private double? NumPy(TemporaryFolder folder)
    {
        byte[] matrix = new byte[Dimensions * sizeof(float)];
        using (FileStream file = File.Create(folder.File("matrix.f32")))
        {
            for (int i = 0; i < _passages; i++)
            {
                RandomGenerator.Vector(i).CopyTo(MemoryMarshal.Cast<byte, float>(matrix.AsSpan()));
                file.Write(matrix);
            }
        }

        string script = folder.Write("product.py", $"""
            import numpy, time
            matrix = numpy.fromfile("{folder.File("matrix.f32")}", dtype=numpy.float32).reshape(-1, {Dimensions})
            times = []
            for i in range({Questions}):
                question = matrix[i * 7].copy()
                start = time.perf_counter()
                scores = matrix @ question
                best = numpy.argpartition(-scores, 10)[:10]
                best = best[numpy.argsort(-scores[best])]
                times.append(time.perf_counter() - start)
            print(sorted(times)[len(times) // 2])
            """);
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("python3", [script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string printed = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? double.Parse(printed, CultureInfo.InvariantCulture) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static long OwnBytesAfterCollection()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return PeakMemory.OwnBytes() ?? Environment.WorkingSet;
    }

    private static string Milliseconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{1000 * seconds:0.0} ms");

    private void Line(string what, FormattableString figure) => Line(what, figure.ToString(CultureInfo.InvariantCulture));

    private void Line(string what, string figure) => _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-52} {figure}"));

    private sealed class RandomGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public static float[] Vector(int seed)
        {
            var random = new Random(seed);
            float[] vector = new float[Dimensions];
            for (int i = 0; i < Dimensions; i++)
            {
                vector[i] = (float)(random.NextDouble() - 0.5);
            }

            return vector;
        }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(Vector(text.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter)))))));

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("random", null, "random", Dimensions) : null;

        public void Dispose()
        {
        }
    }
}
