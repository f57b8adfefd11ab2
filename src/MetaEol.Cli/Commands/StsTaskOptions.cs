using System.CommandLine;
using MetaEol.Cli.CommandLine;
using MetaEol.Evaluation.SentEval;

namespace MetaEol.Cli.Commands;

/// <summary>The data folder and which STS tasks of it.</summary>
internal sealed class StsTaskOptions
{
    private readonly Argument<string> _data = new("data") { Description = "SentEval's data folder.", HelpName = "DATA" };

    private readonly Option<string[]> _names = new("--tasks")
    {
        Description = $"Some of {string.Join(", ", SentEvalFolder.StsTaskNames)}. Default: all that are there.",
        HelpName = "TASK,...",
    };

    private readonly Option<StsSplit> _split = ToolOption.Choice(
        "--split", "test, what papers report; or dev, to choose on (STS-B and SICK-R have it).", StsSplit.Test, ("test", StsSplit.Test), ("dev", StsSplit.Dev));

    public StsTaskOptions(Command command)
    {
        command.Add(_data);
        command.Add(_names);
        command.Add(_split);
    }

    public StsSplit Split(ParseResult parse) => parse.GetValue(_split);

    /// <exception cref="ToolException">A task is not there.</exception>
    public IReadOnlyList<StsTask> Read(ParseResult parse, Terminal terminal)
    {
        SentEvalFolder folder = new(parse.GetValue(_data)!);
        StsSplit split = parse.GetValue(_split);
        IReadOnlyList<string> known = [.. SentEvalFolder.StsTaskNames.Where(task => SentEvalFolder.HasSplit(task, split))];
        return [.. TaskSelection.Choose(parse.GetValue(_names), known, task => folder.MissingStsFiles(task, split), folder.Path, terminal).Select(task => folder.ReadSts(task, split))];
    }
}
