using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Quantization;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol quantize</c>: a model in 8 bits on disk.</summary>
internal static class QuantizeCommand
{
    private const int MostMegabytes = 1_000_000;

    public static Command Create(Terminal terminal)
    {
        Argument<string> model = new("model") { Description = "Model folder, or name of a downloaded model.", HelpName = "FOLDER|NAME" };
        Argument<string> output = new("out") { Description = "Folder to write: empty or not there yet, or what an interrupted run left.", HelpName = "OUT" };
        Option<int> shard = ToolOption.Number("--shard-size", "Most megabytes of weights in a file,", 1, MostMegabytes, (int)(new QuantizeOptions().ShardBytes / 1_000_000));
        Option<int?> threads = ToolOption.OptionalNumber("--threads", "Number of threads (default: all processors),", 1, CpuEncoderOptions.MaximumThreads);
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of the folder.");
        ToolCommand command = new(
            "quantize",
            "Write a model in 8 bits: about half the size of 16 bits, ready at once, shared by all processes, and the same vectors as with --precision int8. An interrupted run goes on where it was; the same model gives the same bytes on every machine.",
            "metaeol quantize meta-llama/Llama-3.2-1B ./models/Llama-3.2-1B-int8",
            "metaeol embed texts.txt --model ./models/Llama-3.2-1B-int8")
        {
            model, output, shard, threads, json,
        };
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            string folder = ModelLocator.Find(parse.GetValue(model), terminal).Folder;
            QuantizeOptions options = new() { ShardBytes = parse.GetValue(shard) * 1_000_000L };
            options = parse.GetValue(threads) is { } count ? options with { Threads = count } : options;
            QuantizedModel written = await terminal.WithProgressAsync("B", progress => Task.Run(
                () => ModelQuantizer.Quantize(folder, parse.GetValue(output)!, options, new Forward(progress), cancellationToken), cancellationToken)).ConfigureAwait(false);
            terminal.Notice(string.Create(
                CultureInfo.InvariantCulture,
                $"{written.Files.Count} {(written.Files.Count == 1 ? "file" : "files")}, {written.Bytes / 1e6:0.0} MB of {written.SourceBytes / 1e6:0.0} MB, of which {written.WrittenBytes / 1e6:0.0} MB written now."));
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, written);
                return;
            }

            terminal.WriteLine(written.Folder);
        });
        return command;
    }

    private sealed class Forward(ProgressReport progress) : IProgress<QuantizeProgress>
    {
        public void Report(QuantizeProgress value) => progress.Report("quantizing", value.Bytes, value.TotalBytes, value.Bytes);
    }
}
