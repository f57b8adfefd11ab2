using System.Diagnostics;
using System.Runtime.InteropServices;
using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.TorchSharp;
using MetaEol.Llama;
using TorchSharp;

namespace MetaEol.Samples.Torch;

/// <summary>Prompt tokens per second: on libtorch as the library does it, on libtorch prompt by prompt, and on the managed encoder.</summary>
internal static class Benchmark
{
    private const int Rounds = 3;

    /// <summary>Measures a model and prints a line for each way, and one to send back.</summary>
    /// <param name="modelPath">The model folder.</param>
    /// <param name="options">Options of the encoder on libtorch.</param>
    /// <param name="texts">The texts, which are put into the eight MetaEOL templates.</param>
    public static void Run(string modelPath, TorchSharpOptions options, IReadOnlyList<string> texts)
    {
        using LlamaModel model = LlamaModel.Load(modelPath);
        ReadOnlyMemory<int>[] prompts = [.. texts.SelectMany(text => TemplateSet.MetaEol.Templates.Select(template => new ReadOnlyMemory<int>([.. model.Tokenizer.Encode(template.Format(text))])))];
        Console.WriteLine($"{texts.Count} texts in {TemplateSet.MetaEol.Templates.Count} templates: {prompts.Sum(prompt => prompt.Length)} prompt tokens");
        double planned, alone, managed;
        string device;
        using (var encoder = new TorchSharpPromptEncoder(model.Config, model.Weights, options))
        {
            device = string.Join(", ", options.Devices.DefaultIfEmpty(options.Device));
            int replicas = encoder.Metadata.ConcurrentCalls;
            planned = Measure(encoder, [.. prompts.Chunk((prompts.Length + replicas - 1) / replicas)], "libtorch, a call for each replica");
        }

        options.PrefixCacheBytes = 0;
        using (var encoder = new TorchSharpPromptEncoder(model.Config, model.Weights, options))
        {
            // As many as take a tolerable time: they share nothing, so that each costs what it has.
            alone = Measure(encoder, [.. prompts.Take(64).Select(prompt => (ReadOnlyMemory<int>[])[prompt])], "libtorch, each prompt by itself (naive)");
        }

        using (IPromptEncoder encoder = model.CreateEncoder())
        {
            managed = Measure(encoder, [prompts], "managed encoder on the CPU");
        }

        string torchVersion = typeof(torch).Assembly.GetName().Version!.ToString(3);
        Console.WriteLine(FormattableString.Invariant(
            $"To send back: {Path.GetFileName(Path.TrimEndingDirectorySeparator(modelPath))}; {device} {options.Precision}{(options.AllowTf32 ? " TF32" : "")}; TorchSharp {torchVersion}; {RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} processors; tokens/s {planned:0} planned, {alone:0} naive, {managed:0} managed"));
    }

    /// <summary>The median of some rounds behind one to warm up; the prompt tokens of all calls count, whether they are shared or not.</summary>
    private static double Measure(IPromptEncoder encoder, IReadOnlyList<ReadOnlyMemory<int>[]> calls, string name)
    {
        int layer = encoder.Metadata.LayerCount;
        long tokens = calls.Sum(prompts => prompts.Sum(prompt => (long)prompt.Length));
        var rates = new double[Rounds];
        for (int round = -1; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            Parallel.ForEach(
                calls, new ParallelOptions { MaxDegreeOfParallelism = encoder.Metadata.ConcurrentCalls },
                prompts => encoder.Encode(prompts, [layer], new float[prompts.Length * encoder.Metadata.Dimensions]));

            if (round >= 0)
            {
                rates[round] = tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        double median = rates.Order().ElementAt(Rounds / 2);
        Console.WriteLine(FormattableString.Invariant($"{name,-45} {median,10:0} tokens/s"));
        return median;
    }
}
