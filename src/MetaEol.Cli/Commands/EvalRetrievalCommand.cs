using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Evaluation.Retrieval;
using MetaEol.Evaluation.Statistics;
using MetaEol.Extensions;
using MetaEol.Retrieval;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol eval retrieval</c>: how well each mode of search does on a collection with judgements.</summary>
internal static class EvalRetrievalCommand
{
    private static readonly SearchMode[] Modes = [SearchMode.Dense, SearchMode.Words, SearchMode.Sparse, SearchMode.Hybrid];

    public static Command Create(Terminal terminal)
    {
        Argument<string> data = new("data") { Description = "A folder with corpus.jsonl, queries.jsonl and qrels/test.tsv.", HelpName = "DATA" };
        Option<string?> split = ToolOption.Text("--split", "Which judgements of qrels. Default: test.", "NAME");
        Option<string?> index = ToolOption.Text("--index", "Keep the index in this file, so that the next run embeds nothing. Default: in memory.", "FILE");
        Option<int> tokens = ToolOption.Number("--passage-tokens", "The most tokens of a passage; longer documents are cut,", 16, 100_000, new SearchIndexOptions().MaxPassageTokens);
        Option<int> rerank = ToolOption.Number("--rerank", "One more row: the hybrid ranking with so many of its best reranked by the likelihood of the question (slow),", 0, 100, 0);
        Option<bool> json = ToolOption.Switch("--json", "Print JSON with all details instead of the table.");
        ToolCommand command = new(
            "retrieval",
            "Retrieval in BEIR's layout: nDCG@10, reciprocal rank and recall of every mode of search, in one run, with 95 % bootstrap intervals over the questions.",
            "metaeol eval retrieval scifact --model meta-llama/Llama-3.2-1B",
            "metaeol eval retrieval my-questions --split dev --index my-questions.db --json")
        {
            data, split, index, tokens, rerank, json,
        };
        ModelOptions model = new(command, truncate: false);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            BeirFolder collection = BeirFolder.Read(parse.GetValue(data)!, parse.GetValue(split) ?? "test");
            if (collection.UnknownJudgements > 0)
            {
                terminal.Warn(string.Create(CultureInfo.InvariantCulture, $"{collection.UnknownJudgements} judgements are of documents or questions that are not in the collection, and left out."));
            }

            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal);
            await ModelOptions.PrepareFilterAsync(generator, terminal, cancellationToken).ConfigureAwait(false);
            using SearchIndex opened = new(generator, new SearchIndexOptions { Path = parse.GetValue(index), MaxPassageTokens = parse.GetValue(tokens) });
            IReadOnlyList<RetrievalScores> scores = await terminal.WithProgressAsync(string.Empty, progress => new RetrievalEvaluator(opened) { Rerank = parse.GetValue(rerank) }.EvaluateAsync(collection, Modes, progress, cancellationToken)).ConfigureAwait(false);
            IndexInfo info = (await opened.GetInfoAsync(cancellationToken).ConfigureAwait(false))!;
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, new
                {
                    model = generator.Metadata.DefaultModelId,
                    templates = generator.TemplateSet.Name,
                    layer = $"{model.Layer(parse)}",
                    dimensions = generator.Metadata.DefaultModelDimensions,
                    split = collection.Split,
                    documents = collection.Documents.Count,
                    passages = info.Passages,
                    questions = collection.Queries.Count,
                    modes = scores,
                });
                return;
            }

            ResultTable table = new ResultTable().Text("mode").Number("nDCG@10").Number("95 %").Number("MRR@10");
            foreach (int depth in scores[0].Recall.Keys)
            {
                table.Number(string.Create(CultureInfo.InvariantCulture, $"recall@{depth}"));
            }

            foreach (RetrievalScores score in scores)
            {
                table.Row([Name(score), Format(score.Ndcg10.Mean), Interval(score.Ndcg10), Format(score.ReciprocalRank10.Mean), .. score.Recall.Values.Select(recall => (Cell)Format(recall))]);
            }

            table.Write(terminal, string.Create(CultureInfo.InvariantCulture, $"{info.ModelId}: {collection.Queries.Count} questions, {collection.Documents.Count} documents, {info.Passages} passages ({collection.Split})"));
        });
        return command;
    }

    private static string Name(RetrievalScores score) =>
        score.Mode.ToString().ToLowerInvariant() + (score.Rerank == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", {score.Rerank} reranked"));

    private static string Format(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Interval(BootstrapInterval interval) => $"{Format(interval.Low)}–{Format(interval.High)}";
}
