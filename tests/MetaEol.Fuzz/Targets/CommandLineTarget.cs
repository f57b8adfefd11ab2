using System.Text;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>Command lines, an argument on each line, in a folder with a model and some texts.</summary>
internal sealed class CommandLineTarget : FuzzTarget
{
    private const int MostArguments = 24;

    // These go over the network, or take minutes when they are right.
    private static readonly string[] Left = ["pull", "generate", "eval", "sweep"];

    private static readonly string[] Lines =
    [
        "embed\nin.txt\n--out\nout.jsonl\n--model\ntiny\n--force", "embed\nin.csv\n--column\n2\n--out\nout.npy\n--model\ntiny\n--force\n--json\n--threads\n2", "explain\nTwo dogs run.\n--model\ntiny\n--top\n3\n--json", "info\ntiny\n--json", "templates\nlist\n--json",
        "templates\ncheck\nown.json", "--help", "embed\n--help", "--version",
    ];

    private readonly TemporaryFolder _folder = new();
    private string? _before;

    public override string Name => "command-line";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
    [
        new TextMutator(
            Lines,
            [
                "\n", "\n--", "\n-", "=", "--threads", "--batch", "--layer", "--templates", "--template-set", "--model", "--out", "--format", "--on-error", "--truncate", "--no-normalize", "--json", "--encoding", "--column", "--field", "--separator", "--top", "--verbose", "--resume",
                "\n0", "\n-1", "\n99999999999", "\nNaN", "\n75%", "\n1e9", "\nutf-99", "\nutf-16", "\nnpy", "\nskip", "\ntab", "\nprompteol", "\nmetaeol", "\nnone", "\ntiny", "\nin.csv", "\nown.json", "\nown.json#b", "\n@x", "\n[bold]", "\n\u001b[31m", "\nexplain", "\ninfo",
            ],
            1000),
    ];

    public override void Run(byte[] input)
    {
        if (_before is null)
        {
            Prepare();
        }

        // No argument names a place outside the folder, nor the standard input, which is the fuzzer's own.
        string[] arguments = [.. Encoding.UTF8.GetString(input).Split('\n').Take(MostArguments)];
        if (!arguments.Any(argument => argument == "-" || argument.AsSpan().ContainsAny("/\\:~\0") || argument.Contains("..", StringComparison.Ordinal) || Left.Contains(argument)))
        {
            InProcessTool.Run(arguments);
        }
    }

    public override bool IsDocumented(Exception exception) => false;

    public override void Dispose()
    {
        Environment.CurrentDirectory = _before ?? Environment.CurrentDirectory;
        _folder.Dispose();
        base.Dispose();
    }

    private void Prepare()
    {
        SmallModel.Llama.Write(_folder["tiny"]);
        File.WriteAllBytes(_folder["tiny", "tokenizer.json"], TokenizerSeeds.Json[1]);
        _folder.Write("in.txt", "Two dogs run.\nA man sings.\n");
        _folder.Write("in.csv", "id,text\n1,\"Two dogs, run.\"\n");
        _folder.Write("own.json", """{"name":"own","templates":[{"name":"b","text":"This \"{text}\" means in one word:\""}]}""");
        _before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = _folder.Path;
    }
}
