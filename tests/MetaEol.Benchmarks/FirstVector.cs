using System.Diagnostics;
using MetaEol.Extensions;
using Microsoft.Extensions.AI;

namespace MetaEol.Benchmarks;

/// <summary>The time from the start of a process to its first vector, with the demo model.</summary>
public static class FirstVector
{
    /// <summary>The argument that makes this program compute one vector and end.</summary>
    public const string Argument = "--first-vector";

    /// <summary>What the process under measurement does.</summary>
    public static async Task RunAsync()
    {
        using var generator = new MetaEolEmbeddingGenerator(new MetaEolOptions { ModelPath = DemoModel.Folder });
        GeneratedEmbeddings<Embedding<float>> result = await generator.GenerateAsync(["A first sentence, to be turned into a vector."]).ConfigureAwait(false);
        Console.WriteLine(result[0].Vector.Length);
    }

    /// <summary>Seconds from starting a process until it has printed its vector's length, the best of some.</summary>
    public static double Seconds(int runs)
    {
        double best = double.MaxValue;
        for (int i = 0; i < runs; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            using Process process = OwnProcess.Start(Argument);
            string? line = process.StandardOutput.ReadLine();
            double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            process.WaitForExit();
            if (process.ExitCode != 0 || !int.TryParse(line, out _))
            {
                throw new InvalidOperationException($"The process that was to compute a vector ended with code {process.ExitCode} and printed '{line}'.");
            }

            best = Math.Min(best, seconds);
        }

        return best;
    }
}
