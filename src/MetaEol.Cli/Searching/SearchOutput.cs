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
        "--mode", "What counts: hybrid (all together, default), dense (meaning), words, or sparse (words as the model weighs them).", SearchMode.Hybrid, ("hybrid", SearchMode.Hybrid), ("dense", SearchMode.Dense), ("words", SearchMode.Words), ("sparse", SearchMode.Sparse));

    private readonly Option<int>? _rerank;

    private readonly Option<bool> _scores = ToolOption.Switch("--scores", "Show what each part says: score and place.");
    private readonly Option<bool> _json = ToolOption.Switch("--json", "Print JSON instead of the table.");

    /// <param name="command">Gets the options.</param>
    /// <param name="rerank">Whether there is a question, by whose likelihood passages can be ranked anew.</param>
    public SearchOutput(Command command, bool rerank)
    {
        command.Add(_top);
        command.Add(_mode);
        if (rerank)
        {
            _rerank = ToolOption.Number("--rerank", "Rank so many of the best anew by how probable the model finds the question behind them (slow),", 0, 1000, 0);
            command.Add(_rerank);
        }

        command.Add(_scores);
        command.Add(_json);
    }

    public SearchOptions Options(ParseResult parse) => new() { Top = parse.GetValue(_top), Mode = parse.GetValue(_mode), Rerank = _rerank is null ? 0 : parse.GetValue(_rerank) };

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
                sparse = result.Sparse,
                likelihood = result.Likelihood,
            }));
            return;
        }

        if (results.Count == 0)
        {
            terminal.Notice(parse.GetValue(_mode) == SearchMode.Sparse ? "No passage has a token of the question's words." : "No passage holds a word of the question.");
            return;
        }

        bool scores = parse.GetValue(_scores), cosines = parse.GetValue(_mode) == SearchMode.Dense, reranked = results[0].Likelihood is not null;
        ResultTable table = new ResultTable { Separated = true }.Number("score");
        if (scores)
        {
            table.Number("words").Number("meaning").Number("sparse");
        }

        if (reranked)
        {
            table.Number("likelihood");
        }

        table.Text("where", breakable: false).Text("passage");
        foreach (SearchResult result in results)
        {
            Cell[] parts = scores ? [Part(result.Words, "0.00"), Part(result.Dense, "0.000"), Part(result.Sparse, "0")] : [];
            Cell[] likelihood = reranked ? [result.Likelihood?.ToString("0.00", CultureInfo.InvariantCulture) ?? "–"] : [];
            table.Row([result.Score.ToString(cosines ? "0.000" : "0.00", CultureInfo.InvariantCulture), .. parts, .. likelihood, $"{result.Passage.Document}:{result.Passage.Line}", result.Passage.EmbeddedText]);
        }

        table.Write(terminal);
    }

    private static Cell Part(PartScore? part, string format) => part is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{part.Score.ToString(format, CultureInfo.InvariantCulture)} #{part.Rank}");
}
