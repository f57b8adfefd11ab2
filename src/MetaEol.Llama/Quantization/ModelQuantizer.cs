using System.Text;
using System.Text.Json.Nodes;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.ModelFiles;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama.Quantization;

/// <summary>Makes a model folder in 8 bits of one in 16 or 32: its projections as integers with scales, all else as it is.</summary>
/// <remarks>
/// The integers are those that <see cref="Encoders.Precision.Int8"/> makes of the model in memory, so that both give the same vectors to the bit; and they lie in the files as the
/// products read them, so that they are mapped and not copied. The same model gives the same bytes on every machine.
/// </remarks>
public static class ModelQuantizer
{
    private const string PartialSuffix = ".partial";

    // Is there as long as the folder is not complete, and says of what it is made.
    private const string StateName = "quantize.state";

    // Configuration, tokenizer, and what is told about a model and its licence (mostly without an extension): everything but weights, their indexes and code.
    private static readonly string[] CopiedExtensions = [".json", ".model", ".vocab", ".tiktoken", ".jinja", ".txt", ".md", ""];

    /// <summary>Quantizes a model.</summary>
    /// <param name="modelFolder">The model's folder.</param>
    /// <param name="outputFolder">
    /// The folder to write, made if need be. It must be empty, or hold what an interrupted run with the same model and options left: complete files are kept, the rest is written.
    /// Each file gets its name when it is complete and on the disk, and the weights can be loaded when all of them are.
    /// </param>
    /// <param name="options">Options; null takes the defaults.</param>
    /// <param name="progress">Is told after every few megabytes.</param>
    /// <param name="cancellationToken">Ends it; a later run goes on with the file at hand.</param>
    /// <exception cref="ArgumentException">A folder is null or empty, or both are the same.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such model folder.</exception>
    /// <exception cref="InvalidModelException">The model cannot be read, is quantized already, or has weights that are not finite.</exception>
    /// <exception cref="IOException">The output folder holds other files, or cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static QuantizedModel Quantize(
        string modelFolder, string outputFolder, QuantizeOptions? options = null, IProgress<QuantizeProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelFolder);
        ArgumentException.ThrowIfNullOrEmpty(outputFolder);
        options ??= new QuantizeOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ShardBytes, 1, "options.ShardBytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, "options.Threads");
        (modelFolder, outputFolder) = (Path.GetFullPath(modelFolder), Path.GetFullPath(outputFolder));
        if (ModelFolder.FindFault(modelFolder) is { } fault)
        {
            throw new DirectoryNotFoundException(fault);
        }

        if (string.Equals(Path.TrimEndingDirectorySeparator(modelFolder), Path.TrimEndingDirectorySeparator(outputFolder), StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{outputFolder}' is the model itself; name another folder for what is written.", nameof(outputFolder));
        }

        using LlamaWeights weights = LlamaWeights.Load(modelFolder, LlamaConfig.Load(modelFolder));
        if (weights.IsQuantized)
        {
            throw new InvalidModelException($"The model in '{modelFolder}' is quantized already.");
        }

        IReadOnlyList<QuantizedShard> shards = QuantizedShard.Divide(weights.Sources, options.ShardBytes);
        string[] others = [.. Directory.EnumerateFiles(modelFolder).Where(IsCopied).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        byte[] state = Encoding.UTF8.GetBytes($"format {QuantizedFormat.Version}, shards of {options.ShardBytes} bytes, made of {weights.Fingerprint}\n");
        CheckOutput(outputFolder, state);
        Directory.CreateDirectory(outputFolder);
        Write(Path.Combine(outputFolder, StateName), stream => stream.Write(state));
        foreach (string name in others)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using FileStream source = ModelFile.Open(Path.Combine(modelFolder, name), "expected a file of the model");
            Write(Path.Combine(outputFolder, name), source.CopyTo);
        }

        long total = shards.Sum(shard => shard.Length), done = 0, written = 0;
        var content = new QuantizedContent(weights, options.Threads);
        foreach (QuantizedShard shard in shards)
        {
            string path = Path.Combine(outputFolder, shard.Name);
            if (shard.IsComplete(path))
            {
                done += shard.Length;
                progress?.Report(new QuantizeProgress(shard.Name, done, total));
                continue;
            }

            Write(path, stream =>
            {
                stream.Write(shard.Header);
                done += shard.Header.Length;
                foreach (ReadOnlyMemory<byte> piece in content.Pieces(shard))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    stream.Write(piece.Span);
                    done += piece.Length;
                    progress?.Report(new QuantizeProgress(shard.Name, done, total));
                }
            });
            written += shard.Length;
        }

        if (shards.Count > 1)
        {
            byte[] index = Encoding.UTF8.GetBytes(Index(shards));
            Write(Path.Combine(outputFolder, ModelFileKind.WeightIndex.Name), stream => stream.Write(index));
        }

        // Every header is read as that of any model is, and held against the configuration.
        LlamaWeights.Load(outputFolder, LlamaConfig.Load(outputFolder)).Dispose();
        File.Delete(Path.Combine(outputFolder, StateName));
        return new QuantizedModel(outputFolder, [.. shards.Select(shard => shard.Name)], total, weights.Files.Sum(file => new FileInfo(file.Path).Length), written);
    }

    private static bool IsCopied(string path)
    {
        string name = Path.GetFileName(path);
        return !name.StartsWith('.')
            && !name.EndsWith(".index.json", StringComparison.OrdinalIgnoreCase)
            && CopiedExtensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase)
            && new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path) is { Exists: true, Length: > 0 };
    }

    private static void CheckOutput(string folder, byte[] state)
    {
        if (File.Exists(folder))
        {
            throw new IOException($"'{folder}' is a file; name a folder that is empty or not there yet.");
        }

        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any(path => Path.GetFileName(path) != StateName + PartialSuffix))
        {
            return;
        }

        string path = Path.Combine(folder, StateName);
        if (!File.Exists(path))
        {
            throw new IOException($"'{folder}' is not empty, and holds nothing that an interrupted run left; name a folder that is empty or not there yet.");
        }

        if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(state))
        {
            throw new IOException($"'{folder}' holds what a run with another model or other options left; delete it, or name another folder.");
        }
    }

    // What is left of a file that was not completed is overwritten by the run that goes on.
    private static void Write(string path, Action<Stream> write) => CompleteFile.Write(path, path + PartialSuffix, write);

    private static string Index(IReadOnlyList<QuantizedShard> shards)
    {
        JsonObject map = [];
        foreach ((string tensor, string file) in shards.SelectMany(shard => shard.Tensors.Select(tensor => (tensor.Name, shard.Name))).OrderBy(entry => entry.Item1, StringComparer.Ordinal))
        {
            map[tensor] = file;
        }

        JsonObject index = new()
        {
            ["metadata"] = new JsonObject { ["total_size"] = shards.Sum(shard => shard.Length - shard.Header.Length) },
            ["weight_map"] = map,
        };
        return index.ToJsonString() + "\n";
    }
}
