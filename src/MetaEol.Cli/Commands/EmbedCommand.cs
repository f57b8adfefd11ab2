using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Embedding;
using MetaEol.Cli.Files;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Extensions;
using MetaEol.Extensions.SmallVectors;
using MetaEol.Retrieval;
using MetaEol.Retrieval.Documents;
using MetaEol.Retrieval.Splitting;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol embed</c>: texts to vectors.</summary>
internal sealed class EmbedCommand
{
    private const string OnErrorName = "--on-error";

    private readonly Terminal _terminal;

    private readonly Argument<string> _input = new("in")
    {
        Description = "A text file (one text per line), JSON lines, a table (CSV, TSV), a folder of text files, or - for the standard input.",
        HelpName = "IN",
    };

    private readonly Option<string?> _output = ToolOption.Text("--out", "The file to write, or - for the standard output (JSON lines).", "OUT", "-o");
    private readonly Option<string?> _field = ToolOption.Text("--field", "Read IN as JSON lines and take the text from this field. For *.jsonl: text.", "NAME", "-f");

    private readonly Option<string?> _column = ToolOption.Text(
        "--column", "Read IN as a table and take the text from this column: its name in the first line, or its number where the first line is a row as the others. For *.csv and *.tsv: text.", "NAME|N");

    private readonly Option<char?> _separator = ToolOption.OptionalChoice("--separator", "What stands between a table's columns. Default: a tab for *.tsv, else a comma.", ("comma", ','), ("tab", '\t'), ("semicolon", ';'));

    private readonly Option<Encoding?> _encoding = new("--encoding")
    {
        Description = "The encoding of IN, such as windows-1252. Default: utf-8, or what a mark at the beginning says.",
        HelpName = "NAME",
        CustomParser = result =>
        {
            try
            {
                return DecodedText.Find(result.Tokens[0].Value);
            }
            catch (ArgumentException exception)
            {
                result.AddError($"--encoding: {exception.Message}");
                return null;
            }
        },
    };

    private readonly Option<OutputFormat?> _format = ToolOption.OptionalChoice(
        "--format", "The format of OUT. Default: by its ending.", ("jsonl", OutputFormat.Jsonl), ("npy", OutputFormat.Npy), ("safetensors", OutputFormat.Safetensors));

    private readonly Option<VectorType> _type = VectorTypeOption.Create("The numbers of a vector in OUT: float32 (default), float16, int8 (a scale for each vector, in JSON lines only; cosines need none), or binary (signs, eight to a byte).");

    private readonly Option<OnError?> _onError = ToolOption.OptionalChoice(
        OnErrorName,
        "What becomes of a text that does not fit the model's context, or cannot be read: stop before anything is embedded (default), skip it, or truncate what is too long.",
        ("stop", OnError.Stop),
        ("skip", OnError.Skip),
        ("truncate", OnError.Truncate));

    private readonly Option<bool> _split = ToolOption.Switch("--split", "Embed the passages of each text, a row for each, as search makes them.");
    private readonly Option<bool> _truncate = ToolOption.Switch("--truncate", $"The same as {OnErrorName} truncate.");
    private readonly Option<int> _batch = ToolOption.Number("--batch", "Rows per batch (what an interruption can lose),", 1, 4096, 64);
    private readonly Option<bool> _resume = ToolOption.Switch("--resume", "Go on with what an interrupted run left; the result is the same as without the interruption.");
    private readonly Option<bool> _force = ToolOption.Switch("--force", "Replace OUT, or what an interrupted run left of it.");
    private readonly Option<bool> _raw = ToolOption.Switch("--no-normalize", "Plain means over the templates instead of vectors of length 1.");
    private readonly Option<bool> _json = ToolOption.Switch("--json", "Print a summary as JSON when it is done.");
    private readonly ModelOptions _model;

    private EmbedCommand(Terminal terminal, ToolCommand command)
    {
        _terminal = terminal;
        command.Add(_input);
        _output.Required = true;
        foreach (Option option in new Option[] { _output, _field, _column, _separator, _encoding, _format, _type, _onError, _truncate, _split, _batch, _resume, _force, _raw, _json })
        {
            command.Add(option);
        }

        _model = new ModelOptions(command, truncate: false, role: true);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_truncate) && result.GetValue(_onError) is { } other and not OnError.Truncate)
            {
                result.AddError($"--truncate and {OnErrorName} {other.ToString().ToLowerInvariant()} contradict each other; give one of the two.");
            }
        });
        command.SetAction(terminal, RunAsync);
    }

    public static Command Create(Terminal terminal)
    {
        ToolCommand command = new(
            "embed",
            "Embed texts into JSON lines, NumPy or safetensors.",
            "metaeol embed sentences.txt --out vectors.npy --model meta-llama/Llama-3.2-1B --layer 75%",
            "metaeol embed reviews.jsonl --field body --out reviews.safetensors --resume",
            "metaeol embed tickets.csv --column description --out tickets.jsonl --on-error skip",
            "metaeol embed sentences.txt --out vectors.npy --dimensions 128 --type int8",
            "metaeol embed ./handbook --split --out passages.jsonl",
            "cat questions.txt | metaeol embed - --out - | jq .embedding[0]");
        _ = new EmbedCommand(terminal, command);
        return command;
    }

    private async Task RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string input = parse.GetValue(_input)!, output = parse.GetValue(_output)!;
        bool toStream = output == TextSource.StandardInput;
        if (toStream && (parse.GetValue(_resume) || parse.GetValue(_force) || parse.GetValue(_json)))
        {
            throw new ToolException("--resume, --force and --json are for an output file: the standard output takes the vectors, and is gone with the run. Give --out a file.");
        }

        OutputFormat format = parse.GetValue(_format) ?? FormatOf(output, toStream);
        if (toStream && format != OutputFormat.Jsonl)
        {
            throw new ToolException("The standard output takes JSON lines only; give --out a file.");
        }

        InputOptions options = new(parse.GetValue(_field), parse.GetValue(_column), parse.GetValue(_separator), parse.GetValue(_encoding));
        string path = toStream ? string.Empty : FileOf(output);
        using TextSource source = await TextSource.OpenAsync(input, options, onlyOnce: toStream, cancellationToken).ConfigureAwait(false);
        if (!toStream)
        {
            ThrowIfSame(new OutputPaths(path), source);
        }

        if (parse.GetValue(_resume) && !source.CanResume)
        {
            throw new ToolException("What comes through a pipe cannot be resumed, since it cannot be read again; write it to a file first.");
        }

        using MetaEolEmbeddingGenerator generator = _model.CreateGenerator(parse, _terminal, normalize: !parse.GetValue(_raw), repeatable: true);
        MetaEolEmbeddingGenerationOptions? request = _model.RequestOptions(parse, generator.TemplateSet);
        int dimensions = generator.Metadata.DefaultModelDimensions ?? throw new ToolException("The model's configuration cannot be read; 'metaeol info' tells why.");
        EmbedState wanted = new(await generator.GetFingerprintAsync(request, cancellationToken).ConfigureAwait(false), source.Identity, format, parse.GetValue(_batch))
        {
            Model = generator.Metadata.DefaultModelId,
            Templates = generator.TemplateSet.Name,
            Dimensions = dimensions,
            Type = parse.GetValue(_type),
        };
        OnError onError = parse.GetValue(_truncate) ? OnError.Truncate : parse.GetValue(_onError) ?? OnError.Stop;
        bool splits = parse.GetValue(_split);
        PassageSplitter? splitter = splits ? await CreateSplitterAsync(generator, cancellationToken).ConfigureAwait(false) : null;

        // Without --split a splitter is needed only to finish a text that was begun with it; the model is loaded by then, so that nothing is waited for.
        RowReader rows = new(source, generator, request, record => Split(splitter ??= CreateSplitterAsync(generator, CancellationToken.None).GetAwaiter().GetResult(), record), splits, onError);
        await ModelOptions.PrepareFilterAsync(generator, _terminal, cancellationToken).ConfigureAwait(false);
        if (toStream)
        {
            await ToStreamAsync(parse, generator, source, rows, wanted, cancellationToken).ConfigureAwait(false);
            return;
        }

        bool hasRowList = format != OutputFormat.Jsonl && (source.HasNames || splits || onError == OnError.Skip);
        using EmbedOutput? opened = EmbedOutput.Open(path, wanted, parse.GetValue(_resume), parse.GetValue(_force), hasRowList, out EmbedState? finished);
        if (opened is null)
        {
            _terminal.Notice($"'{output}' is complete already: {Count(finished!.Rows, UnitOf(parse))}{Problems(finished.Skipped, finished.Cut)}.");
            Print(parse, path, finished, resumed: finished.Rows, tokens: 0, seconds: 0);
            return;
        }

        await ToFileAsync(parse, generator, source, rows, opened, path, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<PassageSplitter> CreateSplitterAsync(MetaEolEmbeddingGenerator generator, CancellationToken cancellationToken)
    {
        try
        {
            return await PassageSplitter.CreateAsync(generator, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            throw new ToolException($"--split is not possible with this model and template set: {exception.Message}", exception);
        }
    }

    private static IReadOnlyList<TextPassage> Split(PassageSplitter splitter, TextRecord record)
    {
        bool isMarkdown = record.File is { } file && DocumentFolder.IsMarkdown(file);
        SearchDocument document = new(record.Source, record.Text) { Format = isMarkdown ? DocumentFormat.Markdown : DocumentFormat.PlainText };
        return [.. splitter.Split(document).Select((passage, number) => new TextPassage(number, passage.Line, passage.EmbeddedText))];
    }

    private async Task ToStreamAsync(ParseResult parse, MetaEolEmbeddingGenerator generator, TextSource source, RowReader rows, EmbedState wanted, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        EmbedJob job = await _terminal.WithProgressAsync(UnitOf(parse), async progress =>
        {
            EmbedJob embed = new(generator, _model.RequestOptions(parse, generator.TemplateSet), source, rows, wanted.BatchSize, _terminal, progress);
            await embed.ToStreamAsync(new BufferedStream(_terminal.Output, 1 << 16), wanted.Dimensions, wanted.Type, cancellationToken).ConfigureAwait(false);
            return embed;
        }).ConfigureAwait(false);
        Tell(parse, job, 0, Stopwatch.GetElapsedTime(started).TotalSeconds, wanted.Dimensions);
    }

    private async Task ToFileAsync(
        ParseResult parse, MetaEolEmbeddingGenerator generator, TextSource source, RowReader rows, EmbedOutput output, string path, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp(), before = output.State.Rows;

        // The name as it was typed, unless it is a link to where the files really are.
        OutputPaths shown = new(Path.GetFullPath(parse.GetValue(_output)!) == path ? parse.GetValue(_output)! : path);
        EmbedJob job;
        try
        {
            job = await _terminal.WithProgressAsync(UnitOf(parse), async progress =>
            {
                EmbedJob embed = new(generator, _model.RequestOptions(parse, generator.TemplateSet), source, rows, output.State.BatchSize, _terminal, progress);
                await embed.ToFileAsync(output, cancellationToken).ConfigureAwait(false);
                return embed;
            }).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (output.State.Rows == 0 || !source.CanResume)
            {
                output.Abandon();
                throw;
            }

            string kept = $"{Count(output.State.Rows, UnitOf(parse))} {(output.State.Rows == 1 ? "is" : "are")} in '{OutputPaths.Partial(shown.Output)}'; the same command with --resume goes on from there.";
            if (exception is IOException)
            {
                // A full disk, most often.
                throw new ToolException($"{exception.Message} {kept}", exception);
            }

            _terminal.Notice(kept);
            throw;
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Tell(parse, job, before, seconds, output.State.Dimensions);
        if (output.State.Skipped + output.State.Cut > 0)
        {
            _terminal.Warn($"{Problems(output.State.Skipped, output.State.Cut).TrimStart(',', ' ')}: '{shown.ProblemList}' lists which and why.");
        }

        Print(parse, path, output.State, before, job.Tokens, seconds);
    }

    private void Tell(ParseResult parse, EmbedJob job, long before, double seconds, int dimensions)
    {
        double least = Math.Max(seconds, 1e-3);
        string resumed = before > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({before} more were there)") : string.Empty;
        _terminal.Notice(string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(job.Embedded, UnitOf(parse))}{resumed}{Problems(job.Skipped, job.Cut)} in {seconds:0.0} s: {job.Embedded / least:0.0} {UnitOf(parse)}/s, {job.Tokens / least:0} prompt tokens/s, {dimensions} dimensions."));
    }

    private void Print(ParseResult parse, string path, EmbedState state, long resumed, long tokens, double seconds)
    {
        if (parse.GetValue(_json))
        {
            OutputPaths paths = new(path);
            JsonResult.Write(_terminal.Data, new EmbedSummary(
                path, state.Format, state.Generator, state.Model, state.Templates ?? string.Empty, state.Dimensions, state.Type, state.Texts, state.Rows, resumed, state.Skipped, state.Cut, tokens,
                Math.Round(seconds, 3), state.RowListBytes > 0 ? paths.RowList : null, state.ProblemListBytes > 0 ? paths.ProblemList : null));
        }
    }

    private string UnitOf(ParseResult parse) => parse.GetValue(_split) ? "passages" : "texts";

    private static string Count(long count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? unit.TrimEnd('s') : unit)}");

    private static string Problems(long skipped, long cut) => $"{(skipped > 0 ? $", {skipped} skipped" : string.Empty)}{(cut > 0 ? $", {cut} cut" : string.Empty)}";

    /// <summary>The file that an output's name stands for, links followed.</summary>
    /// <exception cref="ToolException">It is something else than a file.</exception>
    private static string FileOf(string output)
    {
        string path = RealPath.Of(output);
        if (Directory.Exists(path))
        {
            throw new ToolException($"'{output}' is a folder; --out must be a file.");
        }

        // Numbered streams (/dev/fd/63, which a shell makes of >(command)) lead to names that are none.
        bool device = !OperatingSystem.IsWindows() && (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal));
        return device || (File.Exists(path) && !FileKind.IsRegular(path))
            ? throw new ToolException($"'{output}' is no regular file but a device, pipe or socket, which cannot be written in parts and replaced as a whole; write --out - for the standard output.")
            : path;
    }

    private static void ThrowIfSame(OutputPaths output, TextSource source)
    {
        HashSet<string> inputs = [.. source.Paths.Select(RealPath.Of)];
        if (output.All.FirstOrDefault(inputs.Contains) is { } same)
        {
            throw new ToolException($"'{same}' is read, and would be written too; give --out another name.");
        }

        if (source.Folder is { } folder && TextSource.IsTextFile(output.Output) && output.Output.StartsWith($"{RealPath.Of(folder)}{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        {
            throw new ToolException($"'{output.Output}' lies in the folder whose text files are read, and would be one of them at the next run; give --out another name or folder.");
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
