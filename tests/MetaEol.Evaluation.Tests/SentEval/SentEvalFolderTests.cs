using System.Text;
using MetaEol.Evaluation.SentEval;
using MetaEol.Tests;

namespace MetaEol.Evaluation.Tests.SentEval;

public sealed class SentEvalFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadSts_YearTask_ReadsSubsetsInOrderAndSkipsPairsWithoutScore()
    {
        foreach (string subset in new[] { "FNWN", "headlines", "OnWN" })
        {
            _folder.Write($"STS/STS13-en-test/STS.input.{subset}.txt", $"{subset} a  b\tc\td\ne\tf\ng\th\n");
            _folder.Write($"STS/STS13-en-test/STS.gs.{subset}.txt", "4.5\n\n0\n");
        }

        StsTask task = Open().ReadSts("STS13");
        Assert.Equal(["FNWN", "headlines", "OnWN"], task.Subsets.Select(subset => subset.Name));
        Assert.Equal([new SentencePair("FNWN a b", "c", 4.5), new SentencePair("g", "h", 0)], task.Subsets[0].Pairs);
        Assert.Equal(6, task.Pairs.Count());
    }

    [Theory]
    [InlineData("STS12", 5)]
    [InlineData("STS13", 3)]
    [InlineData("STS14", 6)]
    [InlineData("STS15", 5)]
    [InlineData("STS16", 5)]
    public void ReadSts_EveryYear_WantsSentEvalsSubsets(string task, int subsets) =>
        Assert.Equal(2 * subsets, Open().MissingStsFiles(task).Count);

    [Fact]
    public void ReadSts_Benchmark_TakesScoreAndSentencesFromTheirColumns()
    {
        _folder.Write("STS/STSBenchmark/sts-dev.csv", "main-news\tMSRpar\t2012\t0001\t3.200\ta \"man\" , walks\tb\n\n");
        _folder.Write("STS/STSBenchmark/sts-test.csv", "g\tf\ty\t1\t5\tx\ty\tsource\tlicence\n");
        Assert.Equal([new SentencePair("a \"man\" , walks", "b", 3.2)], Open().ReadSts("STS-B", StsSplit.Dev).Pairs);
        Assert.Equal([new SentencePair("x", "y", 5)], Open().ReadSts("STS-B").Pairs);
    }

    [Theory]
    [InlineData("pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment", "1\tA dog\tA cat\t2.5\tNEUTRAL")]
    [InlineData("pair_ID\tsentence_A\tsentence_B\tentailment_label\trelatedness_score", "1\tA dog\tA cat\tNEUTRAL\t2.5")]
    public void ReadSts_Sick_ReadsTheColumnsThatTheHeaderNames(string header, string line)
    {
        _folder.Write("SICK/SICK_test_annotated.txt", $"{header}\r\n{line}\r\n");
        Assert.Equal([new SentencePair("A dog", "A cat", 2.5)], Open().ReadSts("SICK-R").Pairs);
    }

    [Fact]
    public void ReadTransfer_TwoFiles_JoinsSortsAndReadsLatin1()
    {
        _folder.Write("CR/custrev.pos", "very good camera\ncaf\u00e9\n", Encoding.Latin1);
        _folder.Write("CR/custrev.neg", "bad\n", Encoding.Latin1);
        TransferTask task = Open().ReadTransfer("CR");
        Assert.Equal(TransferProtocol.NestedCrossValidation, task.Protocol);
        Assert.Equal([new TransferExample("bad", null, 0), new TransferExample("caf\u00e9", null, 1), new TransferExample("very good camera", null, 1)], task.Train);
        Assert.Empty(task.Test);
    }

    [Theory]
    [InlineData("MR", "rt-polarity.pos", "rt-polarity.neg")]
    [InlineData("SUBJ", "subj.objective", "subj.subjective")]
    [InlineData("MPQA", "mpqa.pos", "mpqa.neg")]
    public void ReadTransfer_TwoFiles_FirstIsClassOne(string task, string one, string zero)
    {
        _folder.Write($"{task}/{one}", "first\n");
        _folder.Write($"{task}/{zero}", "other text\n");
        Assert.Equal([new TransferExample("first", null, 1), new TransferExample("other text", null, 0)], Open().ReadTransfer(task).Train);
    }

    [Fact]
    public void ReadTransfer_Sst2_ReadsThreeParts()
    {
        foreach (string part in new[] { "train", "dev", "test" })
        {
            _folder.Write($"SST/binary/sentiment-{part}", $"it 's {part} . \t1\nno\t0\n");
        }

        TransferTask task = Open().ReadTransfer("SST2");
        Assert.Equal(TransferProtocol.TrainDevTest, task.Protocol);
        Assert.Equal([new TransferExample("no", null, 0), new TransferExample("it 's dev .", null, 1)], task.Dev);
        Assert.Equal((2, 2), (task.Train.Count, task.Test.Count));
    }

    [Fact]
    public void ReadTransfer_Trec_ReadsCoarseClasses()
    {
        _folder.Write("TREC/train_5500.label", "NUM:dist How far : really ?\nABBR:exp What ?\n");
        _folder.Write("TREC/TREC_10.label", "LOC:city Where ?\n");
        TransferTask task = Open().ReadTransfer("TREC");
        Assert.Equal([new TransferExample("What ?", null, 0), new TransferExample("How far : really ?", null, 5)], task.Train);
        Assert.Equal([new TransferExample("Where ?", null, 4)], task.Test);
        Assert.Equal(6, task.ClassCount);
    }

    [Fact]
    public void ReadTransfer_Mrpc_SkipsHeaderWithByteOrderMark()
    {
        foreach (string part in new[] { "train", "test" })
        {
            _folder.Write($"MRPC/msr_paraphrase_{part}.txt", "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t7\t8\tA b .\tC .\r\n", new UTF8Encoding(true));
        }

        Assert.Equal([new TransferExample("A b .", "C .", 1)], Open().ReadTransfer("MRPC").Test);
    }

    [Fact]
    public void Read_FolderAboveDownstream_IsFound()
    {
        _folder.Write("downstream/SICK/SICK_trial.txt", "pair_ID\tsentence_A\tsentence_B\trelatedness_score\n1\ta\tb\t3\n");
        Assert.Single(Open().ReadSts("SICK-R", StsSplit.Dev).Pairs);
    }

    [Fact]
    public void Read_DamagedFiles_NamesFileAndLine()
    {
        _folder.Write("STS/STSBenchmark/sts-dev.csv", "a\tb\tc\td\t1\tx\ty\na\tb\tc\td\thigh\tx\ty\n");
        _folder.Write("STS/STSBenchmark/sts-test.csv", "a\tb\n");
        _folder.Write("TREC/train_5500.label", "WHAT:x why ?\n");
        _folder.Write("TREC/TREC_10.label", string.Empty);
        Assert.Contains("sts-dev.csv', line 2: expected a score such as 3.25, found 'high'", Error(() => Open().ReadSts("STS-B", StsSplit.Dev)), StringComparison.Ordinal);
        Assert.Contains("expected at least 7 columns with tabs between them, found 2", Error(() => Open().ReadSts("STS-B")), StringComparison.Ordinal);
        Assert.Contains("train_5500.label', line 1: expected a class (ABBR", Error(() => Open().ReadTransfer("TREC")), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingFiles_NamesThem()
    {
        Assert.Equal([Path.Combine("CR", "custrev.pos"), Path.Combine("CR", "custrev.neg")], Open().MissingTransferFiles("CR"));
        Assert.Contains("custrev.pos", Assert.Throws<FileNotFoundException>(() => Open().ReadTransfer("CR")).Message, StringComparison.Ordinal);
        Assert.Contains("STS12, STS13", Assert.Throws<ArgumentException>(() => Open().ReadSts("STS99")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Open().ReadSts("STS12", StsSplit.Dev));
        Assert.Throws<DirectoryNotFoundException>(() => new SentEvalFolder(Path.Combine(_folder.Path, "none")));
    }

    [SkippableFact]
    public void Read_RealData_HasTheKnownSizes()
    {
        SentEvalFolder folder = new(TestPaths.SharedData("senteval"));
        Assert.Equal([750, 750, 459, 750, 399], folder.ReadSts("STS12").Subsets.Select(subset => subset.Pairs.Count));
        Assert.Equal((1379, 1500), (folder.ReadSts("STS-B").Pairs.Count(), folder.ReadSts("STS-B", StsSplit.Dev).Pairs.Count()));
        Assert.Equal(10_662, folder.ReadTransfer("MR").Train.Count);
        Assert.Equal((5452, 500), (folder.ReadTransfer("TREC").Train.Count, folder.ReadTransfer("TREC").Test.Count));
        Assert.Equal((4076, 1725), (folder.ReadTransfer("MRPC").Train.Count, folder.ReadTransfer("MRPC").Test.Count));
        TransferTask sst = folder.ReadTransfer("SST2");
        Assert.Equal((67_349, 872, 1821), (sst.Train.Count, sst.Dev.Count, sst.Test.Count));
    }

    private static string Error(Action action) => Assert.Throws<SentEvalFormatException>(action).Message;

    private SentEvalFolder Open() => new(_folder.Path);
}
