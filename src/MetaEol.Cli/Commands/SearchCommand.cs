using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Models;
using MetaEol.Cli.Searching;
using MetaEol.Extensions;
using MetaEol.Retrieval;
using MetaEol.Retrieval.Documents;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol search</c>: the passages of a folder that answer a question.</summary>
internal static class SearchCommand
{
    /// <summary>The index's name in the folder that it is of.</summary>
    public const string IndexName = ".metaeol.db";

    /// <summary>The folder, among what an index remembers.</summary>
    public const string FolderName = "folder";

    private const int BatchSize = 32;

    public static Command Create(Terminal terminal)
    {
        Argument<string> folder = new("folder") { Description = "A folder with text and Markdown files.", HelpName = "FOLDER" };
        Argument<string> question = new("question") { Description = "What to look for.", HelpName = "QUESTION" };
        Option<bool> leftOut = ToolOption.Switch("--left-out", "List the files that were left out, and why.");
        Option<bool> noUpdate = ToolOption.Switch("--no-update", "Search the index as it is, without looking at the files.");
        Option<bool> rebuild = ToolOption.Switch("--rebuild", "Embed everything anew: with another model, layer or template set.");
        Option<string?> index = ToolOption.Text("--index", $"The index file. Default: {IndexName} in FOLDER.", "FILE");
        Option<int> batch = ToolOption.Number("--batch", "Passages per batch (what an interruption can lose),", 1, 4096, BatchSize);
        ToolCommand command = new(
            "search",
            "Find the passages of a folder that answer a question, by words and by meaning. The index is a SQLite file that is brought up to date first; only passages that changed are embedded.",
            "metaeol search ./docs \"How do I cancel a request?\"",
            "metaeol search ./handbook \"holidays\" --top 10 --scores --model meta-llama/Llama-3.2-1B",
            "metaeol search . \"retry policy\" --extensions md,cs --exclude tests/")
        {
            folder, question,
        };
        SearchOutput output = new(command, rerank: true);
        FileSelection files = new(command);
        foreach (Option option in new Option[] { leftOut, noUpdate, rebuild, index, batch })
        {
            command.Add(option);
        }

        ModelOptions model = new(command, truncate: false, prepending: false);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            string root = Path.GetFullPath(parse.GetValue(folder)!);
            if (!Directory.Exists(root))
            {
                throw new ToolException($"There is no folder '{root}' to search.");
            }

            string path = Path.GetFullPath(parse.GetValue(index) ?? Path.Combine(root, IndexName));
            if (string.IsNullOrWhiteSpace(parse.GetValue(question)))
            {
                throw new ToolException("The question is empty: write what to look for behind the folder.");
            }

            if (parse.GetValue(noUpdate) && parse.GetValue(rebuild))
            {
                throw new ToolException("--no-update and --rebuild contradict each other: write one of them.");
            }

            IndexInfo? info = SearchIndex.ReadInfo(path);
            if (parse.GetValue(index) is not null && info?.Properties.GetValueOrDefault(FolderName) is { } other && other != root && !parse.GetValue(rebuild))
            {
                throw new ToolException($"'{path}' is the index of the folder '{other}': name another file with --index, or write --rebuild to give it to '{root}'.");
            }

            IndexedModel? remembered = IndexedModel.Of(info);
            (MetaEolEmbeddingGenerator generator, IndexedModel used) = CreateGenerator(model, parse, terminal, remembered, path, parse.GetValue(rebuild));
            using (generator)
            {
                await ModelOptions.PrepareFilterAsync(generator, terminal, cancellationToken).ConfigureAwait(false);
                DocumentFolder documents = new(root, files.Choose(parse, parse.GetValue(rebuild) ? null : info?.Properties, terminal));
                SearchIndexOptions options = new() { Path = path, BatchSize = parse.GetValue(batch) };
                used.Note(options);
                files.Note(documents.Options, options);
                options.Properties[FolderName] = root;
                using SearchIndex opened = new(generator, options);
                try
                {
                    if (parse.GetValue(rebuild))
                    {
                        await opened.ResetAsync(cancellationToken).ConfigureAwait(false);
                    }

                    if (!parse.GetValue(noUpdate))
                    {
                        await UpdateAsync(opened, documents, path, terminal, parse.GetValue(leftOut), cancellationToken).ConfigureAwait(false);
                    }

                    output.Write(parse, terminal, await opened.SearchAsync(parse.GetValue(question)!, output.Options(parse), cancellationToken).ConfigureAwait(false));
                }
                catch (IndexBusyException exception)
                {
                    throw new ToolException($"{exception.Message} With --no-update it is searched as it is.", exception);
                }
                catch (IndexMismatchException exception)
                {
                    string difference = remembered is null ? "another model" : used.DifferenceFrom(remembered);
                    throw new ToolException(
                        $"The index '{path}' has {exception.Index.Passages} passages embedded otherwise: {difference}. Leave the option out to search it as it is, name another file with --index, or write --rebuild to embed them all anew.",
                        exception);
                }
            }
        });
        return command;
    }

    private static async Task UpdateAsync(SearchIndex index, DocumentFolder documents, string path, Terminal terminal, bool list, CancellationToken cancellationToken)
    {
        IndexUpdate update = await terminal.WithProgressAsync(
            "passages",
            progress => index.UpdateAsync(documents, new Progress(progress), cancellationToken)).ConfigureAwait(false);

        // The index and the files beside it are no documents that anyone misses.
        string own = Path.GetRelativePath(documents.Path, path).Replace('\\', '/');
        LeftOutFile[] leftOut = [.. documents.LeftOut.Where(file => !file.Path.StartsWith(own, StringComparison.Ordinal))];
        terminal.Notice(string.Create(CultureInfo.InvariantCulture, $"{update.Documents} files, {update.Passages} passages; {update.Embedded} embedded now, {update.Removed} removed."));
        if (list)
        {
            foreach (string line in LeftOutSummary.Lines(leftOut))
            {
                terminal.Notice($"Left out {line}.");
            }
        }
        else if (LeftOutSummary.Line(leftOut) is { } summary)
        {
            terminal.Notice(summary);
        }

        if (update.Passages == 0)
        {
            throw new ToolException($"There is nothing to search in '{documents.Path}': {(update.Documents == 0 ? "no file was read" : "the files that were read hold no text")}. --extensions tells which files to read.");
        }
    }

    private static (MetaEolEmbeddingGenerator Generator, IndexedModel Used) CreateGenerator(ModelOptions model, ParseResult parse, Terminal terminal, IndexedModel? remembered, string path, bool rebuild)
    {
        if (remembered is not null && !model.NamesModel(parse))
        {
            remembered.ThrowIfUnusable(path);
            terminal.Notice($"With the index's model: {Path.GetFileName(remembered.Model)}.");
        }

        return model.CreateIndexGenerator(parse, terminal, remembered, rebuild);
    }

    private sealed class Progress(Display.ProgressReport report) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) => report.Report("embedding passages", value.Embedded, value.ToEmbed, value.Embedded);
    }
}
