using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Evaluation.Charts;
using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Sweeps;
using MetaEol.Extensions;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol sweep</c>: the paper's figures, and the choice of layer and templates for a model.</summary>
internal static class SweepCommand
{
    public static Command Create(Terminal terminal) => new ToolCommand("sweep", "Find the best layer or templates of a model by measurement.")
    {
        CreateLayers(terminal),
        CreateTemplates(terminal),
    };

    private static ToolCommand CreateLayers(Terminal terminal)
    {
        ToolCommand command = new(
            "layers",
            "The STS average of every layer (hidden_states index), from one pass per text (the paper's Figure 4).",
            "metaeol sweep layers SentEval/data --model meta-llama/Llama-3.2-1B --csv layers.csv --plot layers.svg",
            "metaeol sweep layers SentEval/data --tasks STS-B --split dev");
        StsTaskOptions tasks = new(command);
        (Option<string?> csv, Option<string?> plot, Option<bool> json) = OutputOptions(command);
        ModelOptions model = new(command, layer: false, dimensions: false);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            IReadOnlyList<StsTask> read = tasks.Read(parse, terminal);
            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal);
            IReadOnlyList<LayerScore> scores = await terminal.WithProgressAsync(
                "texts", progress => new LayerSweep(generator).RunAsync(read, progress: progress, cancellationToken: cancellationToken)).ConfigureAwait(false);

            LayerScore best = scores.MaxBy(score => score.Average)!;
            ScoreTable table = new([.. read.Select(task => task.Name)]);
            foreach (LayerScore score in scores)
            {
                table.Add($"{score.Layer}", [.. score.Tasks.Select(task => task.Spearman)], score == best);
            }

            string name = generator.Metadata.DefaultModelId ?? "model", title = $"{name}: Spearman × 100 by layer ({tasks.Split(parse).ToString().ToLowerInvariant()})";
            Save(parse.GetValue(csv), writer => table.WriteCsv(writer, "hidden_states index"));
            Save(parse.GetValue(plot), writer => writer.Write(new LineChart(
                title,
                "layer (hidden_states index; 0 = token embeddings)",
                "Spearman × 100",
                [
                    new ChartSeries(read.Count > 1 ? "average" : read[0].Name, Finite(scores.Select(score => ((double)score.Layer, score.Average))), $"best: layer {best.Layer}, {ScoreTable.Format(best.Average)}"),
                    .. read.Count > 1 ? read.Select((task, index) => new ChartSeries(task.Name, Finite(scores.Select(score => ((double)score.Layer, score.Tasks[index].Spearman))))) : [],
                ]).ToSvg()));
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, new { model = name, best = best.Layer, layers = scores.Select(score => new { score.Layer, score.Average, tasks = score.Tasks.ToDictionary(task => task.Task, task => task.Spearman) }) });
                return;
            }

            table.Write(terminal, title, "layer");
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Best: --layer {best.Layer} of {scores[^1].Layer}, at {100.0 * best.Layer / Math.Max(1, scores[^1].Layer):0} % of the depth."));
        });
        return command;
    }

    private static ToolCommand CreateTemplates(Terminal terminal)
    {
        ToolCommand command = new(
            "templates",
            "The STS average over the number and choice of templates, one template repeated, and one meta-task alone, from one pass per text (the paper's Figure 3).",
            "metaeol sweep templates SentEval/data --model meta-llama/Llama-3.2-1B --layer 75% --plot templates.svg",
            "metaeol sweep templates SentEval/data --templates my-set.json --tasks STS-B --split dev");
        StsTaskOptions tasks = new(command);
        (Option<string?> csv, Option<string?> plot, Option<bool> json) = OutputOptions(command);
        ModelOptions model = new(command, dimensions: false);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            IReadOnlyList<StsTask> read = tasks.Read(parse, terminal);
            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal);
            TemplateSweepResult result = await terminal.WithProgressAsync(
                "texts", progress => new TemplateSweep(generator, layer: model.Layer(parse)).RunAsync(read, progress, cancellationToken)).ConfigureAwait(false);

            TemplateScore best = result.Best.MaxBy(score => score.Average)!;
            ScoreTable table = new([.. read.Select(task => task.Name)]);
            foreach (TemplateScore score in result.InOrder.Concat(result.Repeated).Concat(result.MetaTasks))
            {
                table.Add(score.Name, score.TaskScores);
            }

            foreach (TemplateScore score in result.Best)
            {
                table.Add($"{score.Name}: {string.Join(", ", score.Templates)}", score.TaskScores, score == best);
            }

            string name = generator.Metadata.DefaultModelId ?? "model", title = $"{name}, set {generator.TemplateSet.Name}: Spearman × 100 by templates ({tasks.Split(parse).ToString().ToLowerInvariant()})";
            Save(parse.GetValue(csv), writer => table.WriteCsv(writer, "templates"));
            double repeated = result.Repeated.Average(score => score.Average);
            Save(parse.GetValue(plot), writer => writer.Write(new LineChart(
                title,
                "number of templates",
                read.Count > 1 ? "Spearman × 100, average of the tasks" : $"Spearman × 100, {read[0].Name}",
                [
                    new ChartSeries(result.Exhaustive ? "best selection" : "best by adding one", Line(result.Best), $"best: {best.Templates.Count} {(best.Templates.Count == 1 ? "template" : "templates")}, {ScoreTable.Format(best.Average)}"),
                    new ChartSeries("in the set's order", Line(result.InOrder)),
                    new ChartSeries("one repeated (mean)", [.. Enumerable.Range(1, result.InOrder.Count).Select(count => ((double)count, repeated))]),
                    .. result.MetaTasks.Select(task => new ChartSeries(task.Name, [(task.Templates.Count, task.Average)])),
                ]).ToSvg()));
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, new { model = name, templates = generator.TemplateSet.Name, tasks = read.Select(task => task.Name), result.Exhaustive, result.InOrder, result.Best, result.Repeated, result.MetaTasks });
                return;
            }

            table.Write(terminal, title, "templates");
            terminal.WriteLine($"Best: {string.Join(", ", best.Templates)}. {(result.Exhaustive ? "All selections were tried." : "Each selection adds the template that helps most to the one before.")}");
            if (tasks.Split(parse) == StsSplit.Test && best.Templates.Count < result.InOrder.Count)
            {
                terminal.Warn("chosen on the same pairs it is scored on, so its score is a little too high; choose with --split dev.");
            }
        });
        return command;
    }

    private static IReadOnlyList<(double X, double Y)> Line(IReadOnlyList<TemplateScore> scores) => Finite(scores.Select(score => ((double)score.Templates.Count, score.Average)));

    /// <summary>The points that can be drawn: where all similarities are equal, the correlation is not defined.</summary>
    private static IReadOnlyList<(double X, double Y)> Finite(IEnumerable<(double X, double Y)> points) => [.. points.Where(point => double.IsFinite(point.Y))];

    private static (Option<string?> Csv, Option<string?> Plot, Option<bool> Json) OutputOptions(Command command)
    {
        Option<string?> csv = ToolOption.Text("--csv", "Write the table to this file.", "FILE"), plot = ToolOption.Text("--plot", "Draw the result into this file (SVG).", "FILE.svg");
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of the table.");
        command.Add(csv);
        command.Add(plot);
        command.Add(json);
        plot.Validators.Add(result =>
        {
            if (result.Tokens is [var file] && !file.Value.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
            {
                result.AddError($"--plot draws SVG: end '{file.Value}' with .svg.");
            }
        });
        return (csv, plot, json);
    }

    private static void Save(string? path, Action<TextWriter> write)
    {
        if (path is not null)
        {
            path = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? path);
            using StreamWriter writer = new(path);
            write(writer);
        }
    }
}
