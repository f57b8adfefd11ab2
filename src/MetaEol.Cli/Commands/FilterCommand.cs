using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;
using MetaEol.Llama;
using MetaEol.Llama.Filtering;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol filter</c>: the basis of the filter of dimensions, computed ahead.</summary>
internal static class FilterCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string?> name = new("model") { Description = "Model folder, or name of a downloaded model. Default: as for --model.", Arity = ArgumentArity.ZeroOrOne, HelpName = "FOLDER|NAME" };
        Option<int?> threads = ToolOption.OptionalNumber("--threads", "Number of threads (default: all processors),", 1, 1024);
        Option<bool> force = ToolOption.Switch("--force", "Compute it again, even if it is there.");
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of rows.");
        ToolCommand command = new(
            "filter",
            $"Compute a model's basis for vectors of fewer dimensions (--dimensions) ahead. It is computed once for a model, in seconds to minutes, and kept in ${BasisCache.EnvironmentVariable} or ~/.cache/metaeol; without this command, the first vector that needs it waits for it.",
            "metaeol filter meta-llama/Llama-3.2-1B",
            "metaeol embed texts.txt --out vectors.npy --model meta-llama/Llama-3.2-1B --dimensions 1024")
        {
            name, threads, force, json,
        };
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            ModelLocation location = ModelLocator.Find(parse.GetValue(name), terminal);
            using LlamaModel model = LlamaModel.Load(location.Folder);
            BasisCache cache = BasisCache.FromEnvironment();
            SpectralBasis? found = parse.GetValue(force) ? null : cache.Find(model.Weights);
            long started = Stopwatch.GetTimestamp();
            SpectralBasis basis = found ?? await terminal.WithProgressAsync(string.Empty, progress => Task.Run(
                () => SpectralBasis.Compute(model.Weights, parse.GetValue(threads), new FilterProgressReport(progress), cancellationToken), CancellationToken.None)).ConfigureAwait(false);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            if (found is null)
            {
                cache.Keep(model.Weights, basis);
            }

            string path = cache.PathOf(model.Weights);
            long bytes = new FileInfo(path).Length;
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, new { model = location.Name, path, bytes, computed = found is null, seconds = found is null ? elapsed.TotalSeconds : 0, dimensions = basis.InputDimensions, basis.SingularValues });
                return;
            }

            NamedRows.Write(terminal,
            [
                ("model", location.Name),
                ("basis", found is null ? Invariant($"computed in {elapsed.TotalSeconds:0.0} s") : "there already"),
                ("file", Invariant($"{path} ({bytes / 1e6:0.0} MB)")),
                ("dimensions", Invariant($"1 to {basis.SingularValues.Count}")),
                ("singular values", Invariant($"{basis.SingularValues[0]:0.###} the largest, {basis.SingularValues[basis.SingularValues.Count / 2]:0.###} in the middle, {basis.SingularValues[^1]:0.###} the smallest")),
            ]);
        });
        return command;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
