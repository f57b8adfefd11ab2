using System.CommandLine;
using MetaEol.Cli.CommandLine;
using MetaEol.Cli.Display;
using MetaEol.Cli.Models;
using MetaEol.Cli.Results;

namespace MetaEol.Cli.Commands;

/// <summary><c>metaeol info</c>: what a model folder holds.</summary>
internal static class InfoCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string?> model = new("model") { Description = "Model folder, or name of a downloaded model. Default: as for --model.", Arity = ArgumentArity.ZeroOrOne, HelpName = "FOLDER|NAME" };
        Option<bool> json = ToolOption.Switch("--json", "Print JSON instead of rows.");
        ToolCommand command = new(
            "info",
            "Show what a model folder holds, the memory it needs, and whether it is supported.",
            "metaeol info meta-llama/Llama-3.2-1B",
            "metaeol info ./models/my-llama --json")
        {
            model, json,
        };
        command.SetAction(terminal, (parse, _) =>
        {
            ModelInfo info = ModelInfo.Read(ModelLocator.Find(parse.GetValue(model), terminal).Folder);
            if (parse.GetValue(json))
            {
                JsonResult.Write(terminal.Data, info);
            }
            else
            {
                NamedRows.Write(terminal, info.Rows());
            }

            return info.Supported ? Task.CompletedTask : throw new ToolException("this model cannot be used; see 'supported' above.");
        });
        return command;
    }
}
