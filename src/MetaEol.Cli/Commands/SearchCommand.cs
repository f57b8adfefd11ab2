using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.Indexing;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Extensions;
using Spectre.Console;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol search</c>: the passages of a folder that answer a question.</summary>
internal static class SearchCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> folder = new("folder") { Description = "A folder with text and Markdown files.", HelpName = "FOLDER" };
        Argument<string> question = new("question") { Description = "What to look for.", HelpName = "QUESTION" };
        Option<int> top = new("--top") { Description = "Number of passages.", DefaultValueFactory = _ => 5, HelpName = "N" };
        Option<string?> index = new("--index") { Description = "The index file. Default: .metaeol.db in FOLDER.", HelpName = "FILE" };
        Option<int> batch = new("--batch") { Description = "Passages per batch: what an interruption can lose.", DefaultValueFactory = _ => 32, HelpName = "N" };
        Option<bool> json = new("--json") { Description = "Print JSON instead of the table." };
        ToolCommand command = new(
            "search",
            "Find the best passages of a folder. The index is a SQLite file that is brought up to date first; only passages that changed are embedded.",
            "metaeol search ./docs \"How do I cancel a request?\"",
            "metaeol search ./handbook \"holidays\" --top 10 --model meta-llama/Llama-3.2-1B")
        {
            folder, question, top, index, batch, json,
        };
        ModelOptions model = new(command, truncate: false);
        top.Validators.Add(result => ModelOptions.AtLeastOne(result, top));
        batch.Validators.Add(result => ModelOptions.AtLeastOne(result, batch));
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

            Table table = new Table().Border(TableBorder.Rounded).AddColumn(new TableColumn("score").RightAligned()).AddColumn("where").AddColumn("passage");
            foreach (FoundPassage passage in found)
            {
                table.AddRow(new Text(passage.Score.ToString("0.000", CultureInfo.InvariantCulture)), new Text($"{passage.File}:{passage.Line}"), new Text(passage.Text));
            }

            terminal.Out.Write(table);
        });
        return command;
    }
}
