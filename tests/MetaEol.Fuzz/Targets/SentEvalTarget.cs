using System.Text;
using MetaEol.Evaluation.SentEval;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>Benchmark data in SentEval's layouts; the same bytes as the files of every task.</summary>
internal sealed class SentEvalTarget : FuzzTarget
{
    private static readonly string[] Files =
    [
        "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n1\tA man sings.\tSomeone sings.\t4.5\tNEUTRAL\n2\tA dog runs.\tThe cat sleeps.\t1\tNEUTRAL\n",
        "main-captions\tMSRvid\t2012test\t0000\t5.000\tA man with a hard hat is dancing.\tA man wearing a hard hat is dancing.\nmain-captions\tMSRvid\t2012test\t0002\t4.750\tA child rides.\tA child is riding.\n",
        "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t1089874\t1089925\tPCCW's officer said so.\tIt was said.\n0\t3019446\t3019327\tNo.\tYes.\n",
        "DESC:manner How did serfdom develop ?\nENTY:cremat What films featured the character ?\n",
        "a stirring , funny film\t1\nno plot\t0\n",
    ];

    private readonly TemporaryFolder _folder = new();
    private SentEvalFolder? _data;

    public override string Name => "senteval";

    protected override IReadOnlyList<IMutator> Mutators { get; } =
        [new TextMutator(Files, ["\t", "\n", "\r", "\u2028", "\u0085", "\u001c", "\0", "4.5", "NaN", "1e999", "0", "1", "2", ":", " ", "sentence_A", "relatedness_score"]), new ByteMutator([.. Files.Select(Encoding.UTF8.GetBytes)])];

    public override void Run(byte[] input)
    {
        _data ??= Prepare();
        foreach (string task in (string[])["STS-B", "SICK-R"])
        {
            StsTask? sts = Write(_data.MissingStsFiles(task, StsSplit.Dev), input, () => _data.ReadSts(task, StsSplit.Dev));
            DifferenceException.Unless(sts?.Subsets.All(subset => subset.Pairs.All(pair => double.IsFinite(pair.Score))) != false, "A score is not finite.");
        }

        foreach (string task in SentEvalFolder.TransferTaskNames)
        {
            Write(_data.MissingTransferFiles(task), input, () => _data.ReadTransfer(task));
        }
    }

    public override bool IsDocumented(Exception exception) => false;

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private T? Write<T>(IReadOnlyList<string> files, byte[] input, Func<T> read)
        where T : class
    {
        string[] paths = [.. files.Select(file => _folder["downstream", file])];
        try
        {
            foreach (string path in paths)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, input);
            }

            return Refusal.Expect<SentEvalFormatException, T>(read);
        }
        finally
        {
            Array.ForEach(paths, File.Delete);
        }
    }

    private SentEvalFolder Prepare()
    {
        Directory.CreateDirectory(_folder["downstream"]);
        return new SentEvalFolder(_folder.Path);
    }
}
