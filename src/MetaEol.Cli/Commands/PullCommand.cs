using System.CommandLine;
using System.Globalization;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Hub;
using MetaEol.Cli.Results;
using MetaEol.Llama.Hub;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol pull</c>: download a model.</summary>
internal static class PullCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> repository = new("repo") { Description = "organisation/name on the hub, and with @ a branch, tag or commit.", HelpName = "REPO[@REVISION]" };
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of the folder.");
        ToolCommand command = new(
            "pull",
            "Download a model's configuration, tokenizer and safetensors weights from a Hugging Face hub (HF_ENDPOINT, HF_TOKEN, HF_HOME), into the cache that Python uses. An interrupted download goes on where it was.",
            "metaeol pull HuggingFaceTB/SmolLM2-135M",
            "HF_TOKEN=hf_... metaeol pull meta-llama/Llama-3.2-1B@main")
        {
            repository, json,
        };
        command.SetAction(terminal, async (parse, cancellationToken) =>
        {
            string name = parse.GetValue(repository)!;
            RepositoryId id = RepositoryId.TryParse(name) ?? throw new ToolException($"'{name}' is not a model on a hub: write organisation/name, or organisation/name@revision.");
            HubSettings settings = HubSettings.FromEnvironment();
            PulledModel model = await terminal.WithProgressAsync("B", async progress =>
            {
                using HubClient client = new(settings) { Notify = terminal.Warn };
                return await new ModelPuller(settings, client).PullAsync(id, new Forward(progress), cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);

            terminal.Notice(string.Create(
                CultureInfo.InvariantCulture, $"{id} at {model.Commit[..12]}: {model.Files.Count} files, {model.Files.Sum(file => file.Size) / 1e6:0.0} MB, of which {model.DownloadedBytes / 1e6:0.0} MB downloaded now."));
            terminal.Notice($"For vectors of fewer dimensions than the model's, 'metaeol filter {id}' computes the basis ahead; else the first one waits for it.");
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, new { model = id.Name, model.Commit, model.Folder, model.DownloadedBytes, files = model.Files.Select(file => new { file.Name, file.Size, file.Digest }) });
                return;
            }

            terminal.WriteLine(model.Folder);
        });
        return command;
    }

    private sealed class Forward(ProgressReport progress) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => progress.Report(value.File, value.Done, value.Size, value.Done);
    }
}
