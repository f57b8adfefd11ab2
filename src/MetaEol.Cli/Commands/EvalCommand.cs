using System.CommandLine;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Sts;
using MetaEol.Evaluation.Transfer;
using MetaEol.Extensions;
using MetaEol.Extensions.SmallVectors;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol eval</c>: the paper's tables, and retrieval.</summary>
internal static class EvalCommand
{
    public static Command Create(Terminal terminal) => new ToolCommand("eval", "Run the benchmarks of the paper on a SentEval data folder, or a retrieval benchmark in BEIR's layout.")
    {
        CreateSts(terminal),
        CreateTransfer(terminal),
        EvalRetrievalCommand.Create(terminal),
    };

    private static ToolCommand CreateSts(Terminal terminal)
    {
        Option<bool> json = JsonOption();
        ToolCommand command = new(
            "sts",
            "Semantic textual similarity: STS12-16, STS-B and SICK-R, Spearman x 100 in SentEval's \"all\" setting, without any training.",
            "metaeol eval sts SentEval/data --model meta-llama/Llama-2-7b-hf --layer -5",
            "metaeol eval sts SentEval/data --tasks STS-B --split dev --json",
            "metaeol eval sts SentEval/data --dimensions 1024 --type int8");
        StsTaskOptions tasks = new(command);
        Option<VectorType> type = VectorTypeOption.Create("Score vectors that were kept in float32 (default), float16, int8 or binary.");
        command.Add(type);
        command.Add(json);
        ModelOptions model = new(command);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            IReadOnlyList<StsTask> read = tasks.Read(parse, terminal);
            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal);
            await ModelOptions.PrepareFilterAsync(generator, terminal, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<StsScores> scores = await terminal.WithProgressAsync("texts", progress => new StsEvaluator(new TypedVectors(generator, parse.GetValue(type))).EvaluateAsync(read, progress, cancellationToken)).ConfigureAwait(false);
            ScoreTable table = new([.. scores.Select(score => score.Task)]);
            table.Add(generator.Metadata.DefaultModelId ?? "model", [.. scores.Select(score => score.Spearman)]);
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, new { model = generator.Metadata.DefaultModelId, templates = generator.TemplateSet.Name, layer = $"{model.Layer(parse)}", dimensions = generator.Metadata.DefaultModelDimensions, type = parse.GetValue(type), metric = "spearman x 100", average = scores.Average(score => score.Spearman), tasks = scores });
            }
            else
            {
                table.Write(terminal, "Spearman × 100");
            }
        });
        return command;
    }

    private static ToolCommand CreateTransfer(Terminal terminal)
    {
        Argument<string> data = new("data") { Description = "SentEval's data folder.", HelpName = "DATA" };
        Option<string[]> names = new("--tasks") { Description = $"Some of {string.Join(", ", SentEvalFolder.TransferTaskNames)}. Default: all that are there.", HelpName = "TASK,..." };
        Option<int> folds = ToolOption.Number("--folds", "Number of folds of the cross-validation (SentEval's default configuration has 10, its prototyping one 5),", 2, 100, 10);
        Option<bool> json = JsonOption();
        ToolCommand command = new(
            "transfer",
            "Classification with frozen vectors: MR, CR, SUBJ, MPQA, SST2, TREC and MRPC, accuracy of a logistic regression in SentEval's protocol.",
            "metaeol eval transfer SentEval/data --model meta-llama/Llama-2-7b-hf",
            "metaeol eval transfer SentEval/data --tasks MR,TREC --json")
        {
            data, names, folds, json,
        };
        ModelOptions model = new(command);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            SentEvalFolder folder = new(parse.GetValue(data)!);
            IReadOnlyList<string> chosen = TaskSelection.Choose(parse.GetValue(names), SentEvalFolder.TransferTaskNames, folder.MissingTransferFiles, folder.Path, terminal);
            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal, normalize: false);
            await ModelOptions.PrepareFilterAsync(generator, terminal, cancellationToken).ConfigureAwait(false);
            TransferEvaluator evaluator = new(generator, foldCount: parse.GetValue(folds));
            List<TransferScore> scores = [];
            foreach (string name in chosen)
            {
                TransferTask task = folder.ReadTransfer(name);
                scores.Add(await terminal.WithProgressAsync(string.Empty, progress => evaluator.EvaluateAsync(task, progress, cancellationToken)).ConfigureAwait(false));
            }

            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, new { model = generator.Metadata.DefaultModelId, templates = generator.TemplateSet.Name, layer = $"{model.Layer(parse)}", dimensions = generator.Metadata.DefaultModelDimensions, metric = "accuracy x 100", average = scores.Average(score => score.Accuracy), tasks = scores });
                return;
            }

            ScoreTable table = new([.. scores.Select(score => score.Task)]);
            table.Add(generator.Metadata.DefaultModelId ?? "model", [.. scores.Select(score => score.Accuracy)]);
            table.Write(terminal, "accuracy × 100");
        });
        return command;
    }

    private static Option<bool> JsonOption() => ToolOption.Switch("--json", "Print JSON with all details instead of the table.");
}
