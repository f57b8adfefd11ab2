using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Embedding;
using MetaEol.Cli.Models;
using MetaEol.Extensions;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol embed</c>: texts to vectors.</summary>
internal static class EmbedCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> input = new("in") { Description = "A text file (one text per line), a JSON-lines file, a folder of text files, or - for the standard input.", HelpName = "IN" };
        Option<string> output = new("--out", "-o") { Description = "The file to write, or - for the standard output (JSON lines).", Required = true, HelpName = "OUT" };
        Option<string?> field = new("--field", "-f") { Description = "Read IN as JSON lines and take the text from this field. For *.jsonl: text.", HelpName = "NAME" };
        Option<OutputFormat?> format = ToolOption.OptionalChoice(
            "--format", "Default: by the ending of OUT.", ("jsonl", OutputFormat.Jsonl), ("npy", OutputFormat.Npy), ("safetensors", OutputFormat.Safetensors));
        Option<int> batch = ToolOption.Number("--batch", "Texts per batch (what an interruption can lose),", 1, 4096, 64);
        Option<bool> resume = ToolOption.Switch("--resume", "Go on with what an interrupted run left; the result is the same as without the interruption.");
        Option<bool> raw = ToolOption.Switch("--no-normalize", "Plain means over the templates instead of vectors of length 1.");
        ToolCommand command = new(
            "embed",
            "Embed texts into JSON lines, NumPy or safetensors.",
            "metaeol embed sentences.txt --out vectors.npy --model meta-llama/Llama-3.2-1B --layer 75%",
            "metaeol embed reviews.jsonl --field body --out reviews.safetensors --resume",
            "cat questions.txt | metaeol embed - --out - | jq .embedding[0]")
        {
            input, output, field, format, batch, resume, raw,
        };
        ModelOptions model = new(command);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            string path = parse.GetRequiredValue(output);
            bool toStream = path == TextSource.StandardInput;
            OutputFormat chosen = parse.GetValue(format) ?? FormatOf(path, toStream);
            if (toStream && (chosen != OutputFormat.Jsonl || parse.GetValue(resume)))
            {
                throw new ToolException("The standard output takes JSON lines only, and cannot be resumed; give --out a file.");
            }

            TextSource source = TextSource.Open(parse.GetValue(input)!, parse.GetValue(field));
            if (parse.GetValue(resume) && File.Exists(path) && !File.Exists($"{path}.partial"))
            {
                terminal.Notice($"'{path}' is complete already.");
                return;
            }

            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal, normalize: !parse.GetValue(raw), repeatable: true);
            long started = Stopwatch.GetTimestamp();
            EmbedJob job = await terminal.WithProgressAsync("texts", async progress =>
            {
                EmbedJob embed = new(generator, source, chosen, parse.GetValue(batch), progress);
                if (toStream)
                {
                    using Stream stream = StandardStreams.OpenOutput();
                    await embed.ToStreamAsync(stream, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await ToFileAsync(embed, path, parse.GetValue(resume), terminal, cancellationToken).ConfigureAwait(false);
                }

                return embed;
            }).ConfigureAwait(false);

            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            string before = job.Resumed > 0 ? $" ({job.Resumed} more were there)" : string.Empty;
            terminal.Notice(string.Create(
                CultureInfo.InvariantCulture,
                $"{job.Embedded} texts{before} in {seconds:0.0} s: {job.Embedded / Math.Max(seconds, 1e-3):0.0} texts/s, {job.Tokens / Math.Max(seconds, 1e-3):0} prompt tokens/s, {generator.Metadata.DefaultModelDimensions} dimensions."));
        });
        return command;
    }

    private static async Task ToFileAsync(EmbedJob job, string path, bool resume, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            await job.ToFileAsync(path, resume, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            terminal.Notice($"{job.Resumed + job.Embedded} texts are in '{path}.partial'; the same command with --resume goes on from there.");
            throw;
        }
    }

    private static OutputFormat FormatOf(string path, bool toStream) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".JSONL" or ".NDJSON" => OutputFormat.Jsonl,
        ".NPY" => OutputFormat.Npy,
        ".SAFETENSORS" => OutputFormat.Safetensors,
        _ => toStream ? OutputFormat.Jsonl : throw new ToolException($"The ending of '{path}' does not tell the format: end it with .jsonl, .npy or .safetensors, or write --format."),
    };
}
