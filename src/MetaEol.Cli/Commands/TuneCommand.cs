using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Evaluation.Charts;
using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Statistics;
using MetaEol.Evaluation.Tuning;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using MetaEol.Llama.Encoders;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol tune</c>: the best template set, layer, dimensions and prepending for what they cost.</summary>
internal static class TuneCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(Terminal terminal)
    {
        Argument<string> data = new("data") { Description = "SentEval's data folder, or a JSON lines file of your own: {\"first\", \"second\", \"score\"} or {\"question\", \"passage\"} on each line.", HelpName = "DATA" };
        Option<(double Amount, bool IsTime)?> budget = new("--budget") { Description = "Most that a text may cost: 20ms, or 150tokens. Default: no limit.", HelpName = "N(ms|tokens)", CustomParser = ReadBudget };
        Option<string?> task = ToolOption.Text("--task", "The task of SentEval's folder: STS-B (default) or SICK-R.", "TASK");
        Option<string[]> sets = new("--sets") { Description = "Template sets to try, as for --templates. Default: metaeol, prompteol, essence, duo.", HelpName = "SET,..." };
        Option<string[]> layers = new("--layers") { Description = "Layers to try, as for --layer. Default: last, -2, 88%, 75%, 62%, 50%.", HelpName = "LAYER,..." };
        Option<string[]> sizes = new("--sizes") { Description = "Dimensions to try. Default: the model's own, a half and a quarter.", HelpName = "N,..." };
        Option<bool> noPrepending = ToolOption.Switch("--no-prepending", "Leave out token prepending, which takes a second pass through the model.");
        Option<string?> plot = ToolOption.Text("--plot", "Draw score against cost into this file (SVG).", "FILE.svg");
        Option<bool> all = ToolOption.Switch("--all", "Show all combinations, not only those that no other one beats.");
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of the table.");
        ToolCommand command = new(
            "tune",
            "Find the best template set, layer, dimensions and token prepending for their price, on your texts: chosen on one half of the data, reported on the other.",
            "metaeol tune SentEval/data --model meta-llama/Llama-3.2-1B --plot tune.svg",
            "metaeol tune my-pairs.jsonl --budget 20ms --sets metaeol,prompteol",
            "metaeol tune my-questions.jsonl --budget 150tokens --sizes 1024,512")
        {
            data, budget, task, sets, layers, sizes, noPrepending, plot, all, json,
        };
        ModelOptions model = new(command, dimensions: false);
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            TuneData read = Read(parse.GetValue(data)!, parse.GetValue(task));
            TuneGrid grid = new() { TokenPrepending = !parse.GetValue(noPrepending) };
            Dictionary<TemplateSet, string> given = Items(parse.GetValue(sets)).Select(name => (Set: TemplateSet.Load(name), Name: name)).DistinctBy(item => item.Set).ToDictionary(item => item.Set, item => item.Name);
            grid = given.Count > 0 ? grid with { Sets = [.. given.Keys] } : grid;
            grid = Items(parse.GetValue(layers)) is { Length: > 0 } depths ? grid with { Layers = [.. depths.Select(depth => LayerSelector.Parse(depth, null))] } : grid;
            grid = Items(parse.GetValue(sizes)) is { Length: > 0 } numbers ? grid with { Dimensions = [.. numbers.Select(Size)] } : grid;
            using MetaEolEmbeddingGenerator generator = model.CreateGenerator(parse, terminal);
            TuneResult result = await terminal.WithProgressAsync(
                "texts", progress => new Tuner(generator).RunAsync(grid, read, model.Layer(parse), progress, cancellationToken)).ConfigureAwait(false);

            (double Amount, bool IsTime)? most = parse.GetValue(budget);
            TuneScore choice = result.Choose(most is { IsTime: false } tokens ? tokens.Amount : null, most is { IsTime: true } time ? time.Amount : null)
                ?? throw new ToolException(Invariant($"Nothing that was tried is within the budget: the cheapest costs {result.Front[0].Tokens:0} tokens, {result.Front[0].Milliseconds:0.00} ms. Raise --budget, or try fewer templates or earlier layers."));
            BootstrapInterval gain = result.Gain(choice);
            string name = generator.Metadata.DefaultModelId ?? "model";
            Precision? precision = parse.GetValue<bool>("--int8") ? Precision.Int8 : parse.GetValue<Precision?>("--precision");
            string section = Section(parse.GetValue<string?>("--model") ?? (generator.GetService(typeof(LlamaModel)) as LlamaModel)?.Folder ?? name, choice.Candidate, given.GetValueOrDefault(choice.Candidate.Templates, choice.Candidate.Templates.Name), precision);
            if (parse.GetValue(plot) is { } path)
            {
                WritePlot(path, name, result, choice);
            }

            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, new
                {
                    model = name,
                    data = read.Name,
                    metric = read.Metric,
                    baseline = Shown(result.Baseline),
                    choice = Shown(choice),
                    gain = new { gain.Mean, gain.Low, gain.High, isWithinNoise = IsNoise(gain) },
                    front = result.Front.Select(Shown),
                    all = result.Scores.Select(Shown),
                    settings = JsonNode.Parse(section),
                });
                return;
            }

            Write(terminal, name, result, choice, parse.GetValue(all) ? result.Scores : result.Front);
            terminal.WriteLine(Invariant($"Chosen{(most is null ? "" : " within the budget")}: {choice.Candidate}. On the test part {choice.Test:0.00}, the default {result.Baseline.Test:0.00}: {gain.Mean:+0.00;-0.00} (95 %: {gain.Low:+0.00;-0.00} to {gain.High:+0.00;-0.00}){(IsNoise(gain) ? ", which is within the noise" : "")}."));
            terminal.WriteLine("In appsettings.json:");
            terminal.WriteLine(section);
        });
        return command;
    }

    private static bool IsNoise(BootstrapInterval gain) => !(gain.Low > 0 || gain.High < 0);

    private static TuneData Read(string path, string? task)
    {
        if (!Directory.Exists(path))
        {
            return task is null ? TuneData.ReadJsonLines(path) : throw new ToolException($"--task is for SentEval's data folder, and '{path}' is none.");
        }

        return TuneData.FromSentEval(new SentEvalFolder(path), task ?? "STS-B");
    }

    private static string[] Items(string[]? values) => [.. (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static int Size(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0 ? size : throw new ToolException($"--sizes has '{text}': write whole numbers above 0, such as 1024,512.");

    private static (double Amount, bool IsTime)? ReadBudget(ArgumentResult result)
    {
        string text = result.Tokens[0].Value.Trim().ToLowerInvariant();
        bool isTime = text.EndsWith("ms", StringComparison.Ordinal);
        if ((isTime || text.EndsWith("tokens", StringComparison.Ordinal))
            && double.TryParse(text[..^(isTime ? 2 : 6)], NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out double amount) && amount > 0)
        {
            return (amount, isTime);
        }

        result.AddError($"--budget is '{result.Tokens[0].Value}': write milliseconds or tokens for a text, such as 20ms or 150tokens.");
        return null;
    }

    private static void Write(Terminal terminal, string name, TuneResult result, TuneScore choice, IEnumerable<TuneScore> shown)
    {
        ResultTable table = new ResultTable().Text("templates").Text("layer").Text("prepending").Text("dimensions").Number("tokens").Number("ms").Number("dev").Number("test");
        foreach (TuneScore score in shown.Append(result.Baseline).OrderBy(score => score.Tokens))
        {
            TuneCandidate candidate = score.Candidate;
            string note = score == choice ? " ◂ chosen" : ReferenceEquals(score, result.Baseline) ? " (default)" : "";
            string? style = score == choice ? "bold green" : null;
            table.Row(
            [
                .. new[]
                {
                    candidate.Templates.Name + note, candidate.Layer is int layer ? Invariant($"{layer}") : "own", candidate.TokenPrepending ? "yes" : "",
                    Invariant($"{candidate.Dimensions}{(candidate.Filter == DimensionFilter.Off ? "" : $" {candidate.Filter}")}"),
                    Invariant($"{score.Tokens:0}"), Invariant($"{score.Milliseconds:0.00}"), ScoreTable.Format(score.Dev), ScoreTable.Format(score.Test),
                }.Select(cell => Cell.Of(cell, style)),
            ]);
        }

        table.Write(terminal, $"{name} on {result.Data.Name}, {result.Data.Metric}: what no other combination beats");
    }

    private static void WritePlot(string path, string name, TuneResult result, TuneScore choice)
    {
        IEnumerable<ChartSeries> sets = result.Scores.Where(score => double.IsFinite(score.Dev)).GroupBy(score => score.Candidate.Templates.Name + (score.Candidate.TokenPrepending ? ", prepending" : ""))
            .Select(group => new ChartSeries(group.Key, [.. group.GroupBy(score => score.Tokens).OrderBy(cost => cost.Key).Select(cost => (cost.Key, cost.Max(score => score.Dev)))]));
        LineChart chart = new(
            $"{name} on {result.Data.Name}: score against cost",
            "tokens computed for a text",
            $"{result.Data.Metric} (development part)",
            [new ChartSeries("front", [.. result.Front.Select(score => (score.Tokens, score.Dev))], Invariant($"best: {result.Front[^1].Dev:0.00}")), new ChartSeries("chosen", [(choice.Tokens, choice.Dev)]), .. sets]);
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, chart.ToSvg());
    }

    private static object Shown(TuneScore score) => new
    {
        templates = score.Candidate.Templates.Name,
        score.Candidate.Layer,
        score.Candidate.TokenPrepending,
        score.Candidate.Dimensions,
        filter = score.Candidate.Filter.ToString(),
        score.Tokens,
        score.Milliseconds,
        score.Dev,
        score.Test,
    };

    private static string Section(string model, TuneCandidate candidate, string templates, Precision? precision)
    {
        JsonObject section = new() { [nameof(MetaEolOptions.ModelPath)] = model, [nameof(MetaEolOptions.TemplateSet)] = templates };
        if (candidate.Layer is int layer)
        {
            section[nameof(MetaEolOptions.Layer)] = layer;
        }

        if (candidate.TokenPrepending)
        {
            section[nameof(MetaEolOptions.TokenPrepending)] = true;
        }

        if (candidate.Filter != DimensionFilter.Off)
        {
            section[nameof(MetaEolOptions.Dimensions)] = candidate.Dimensions;
            section[nameof(MetaEolOptions.Filter)] = candidate.Filter.ToString();
        }

        if (precision is not null)
        {
            section[nameof(MetaEolOptions.Cpu)] = new JsonObject { [nameof(MetaEolOptions.Cpu.Precision)] = $"{precision}" };
        }

        return new JsonObject { [MetaEolOptions.SectionName] = section }.ToJsonString(Indented);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
