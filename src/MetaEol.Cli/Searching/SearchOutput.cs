using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Results;
using MetaEol.Retrieval;

namespace MetaEol.Cli.Searching;

/// <summary>The options of commands that find passages, and how these are shown.</summary>
internal sealed class SearchOutput
{
    private readonly Option<int> _top = ToolOption.Number("--top", "Number of passages,", 1, 1000, 5);

    private readonly Option<SearchMode> _mode = ToolOption.Choice(
        "--mode", "What counts: hybrid (words and meaning, default), dense (meaning) or words.", SearchMode.Hybrid, ("hybrid", SearchMode.Hybrid), ("dense", SearchMode.Dense), ("words", SearchMode.Words));

    private readonly Option<bool> _scores = ToolOption.Switch("--scores", "Show what words and meaning each say: score and place.");
    private readonly Option<bool> _json = ToolOption.Switch("--json", "Print JSON instead of the table.");

    public SearchOutput(Command command)
    {
        command.Add(_top);
        command.Add(_mode);
        command.Add(_scores);
        command.Add(_json);
    }

    public SearchOptions Options(ParseResult parse) => new() { Top = parse.GetValue(_top), Mode = parse.GetValue(_mode) };

    public void Write(ParseResult parse, Terminal terminal, IReadOnlyList<SearchResult> results)
    {
        if (parse.GetValue(_json))
        {
            JsonResult.Write(terminal.Data, results.Select(result => new
            {
                score = result.Score,
                file = result.Passage.Document,
                line = result.Passage.Line,
                endLine = result.Passage.EndLine,
                heading = result.Passage.Heading,
                text = result.Passage.Text,
                words = result.Words,
                dense = result.Dense,
            }));
            return;
        }

        if (results.Count == 0)
        {
            terminal.Notice("No passage holds a word of the question.");
            return;
        }

        bool scores = parse.GetValue(_scores), cosines = parse.GetValue(_mode) == SearchMode.Dense;
        ResultTable table = new ResultTable { Separated = true }.Number("score");
        if (scores)
        {
            table.Number("words").Number("meaning");
        }

        table.Text("where", breakable: false).Text("passage");
        foreach (SearchResult result in results)
        {
            Cell[] parts = scores ? [Part(result.Words, "0.00"), Part(result.Dense, "0.000")] : [];
            table.Row([result.Score.ToString(cosines ? "0.000" : "0.00", CultureInfo.InvariantCulture), .. parts, $"{result.Passage.Document}:{result.Passage.Line}", result.Passage.EmbeddedText]);
        }

        table.Write(terminal);
    }

    private static Cell Part(PartScore? part, string format) => part is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{part.Score.ToString(format, CultureInfo.InvariantCulture)} #{part.Rank}");
}
