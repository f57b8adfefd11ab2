using System.Diagnostics;
using System.Globalization;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;

namespace MetaEol.Benchmarks;

/// <summary>The memory that a process needs for a call, mapped weights left out, measured in a process of its own (Linux only).</summary>
public static class PeakMemory
{
    /// <summary>The argument, followed by a model folder and a number of texts, that makes this program encode them and print its peak.</summary>
    public const string Argument = "--peak-memory";

    /// <summary>What the process under measurement does.</summary>
    public static void Run(string folder, int texts)
    {
        LlamaConfig config = LlamaConfig.Load(folder);
        using var weights = LlamaWeights.Load(folder, config);
        using var encoder = new CpuPromptEncoder(config, weights);
        var prompts = Workload.OfPaper().TextLast(texts, 15);
        long peak = 0;
        using (new Timer(_ => peak = Math.Max(peak, OwnBytes() ?? 0), null, 0, 5))
        {
            encoder.Encode(prompts, [config.LayerCount], new float[prompts.Count * config.HiddenSize]);
        }

        Console.WriteLine(Math.Max(peak, OwnBytes() ?? 0).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Bytes of the whole process, runtime included, or null where the system does not tell.</summary>
    public static long? Measure(string folder, int texts)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        using Process process = OwnProcess.Start(Argument, folder, texts.ToString(CultureInfo.InvariantCulture));
        return long.Parse(process.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
    }

    /// <summary>The process's own memory in bytes, mapped files left out; null where the system does not tell.</summary>
    public static long? OwnBytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
