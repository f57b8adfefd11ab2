using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Indexing;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Extensions;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol search</c>: the passages of a folder that answer a question.</summary>
internal static class SearchCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> folder = new("folder") { Description = "A folder with text and Markdown files.", HelpName = "FOLDER" };
        Argument<string> question = new("question") { Description = "What to look for.", HelpName = "QUESTION" };
        Option<int> top = ToolOption.Number("--top", "Number of passages,", 1, 1000, 5);
        Option<string?> index = ToolOption.Text("--index", "The index file. Default: .metaeol.db in FOLDER.", "FILE");
        Option<int> batch = ToolOption.Number("--batch", "Passages per batch (what an interruption can lose),", 1, 4096, 32);
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of the table.");
        ToolCommand command = new(
            "search",
            "Find the best passages of a folder. The index is a SQLite file that is brought up to date first; only passages that changed are embedded.",
            "metaeol search ./docs \"How do I cancel a request?\"",
            "metaeol search ./handbook \"holidays\" --top 10 --model meta-llama/Llama-3.2-1B")
        {
            folder, question, top, index, batch, json,
        };
        ModelOptions model = new(command, truncate: false);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            string path = Path.GetFullPath(parse.GetValue(folder)!);
            if (!Directory.Exists(path))
            {
                throw new ToolException($"There is no folder '{path}' to search.");
            }

            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal);
            using PassageIndex passages = PassageIndex.Open(parse.GetValue(index) ?? Path.Combine(path, PassageIndex.DefaultName), generator);
            IndexUpdate update = await terminal.WithProgressAsync("passages", progress => passages.UpdateAsync(path, parse.GetValue(batch), progress, cancellationToken)).ConfigureAwait(false);
            terminal.Notice(string.Create(CultureInfo.InvariantCulture, $"{update.Files} files, {update.Passages} passages; {update.Embedded} embedded now, {update.Removed} removed."));
            IReadOnlyList<FoundPassage> found = await passages.SearchAsync(parse.GetValue(question)!, parse.GetValue(top), cancellationToken).ConfigureAwait(false);
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, found);
                return;
            }

            ResultTable table = new ResultTable().Number("score").Text("where").Text("passage");
            foreach (FoundPassage passage in found)
            {
                table.Row(passage.Score.ToString("0.000", CultureInfo.InvariantCulture), $"{passage.File}:{passage.Line}", passage.Text);
            }

            table.Write(terminal);
        });
        return command;
    }
}
