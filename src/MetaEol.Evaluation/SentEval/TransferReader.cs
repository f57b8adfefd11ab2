using System.Globalization;
using System.Text;

namespace MetaEol.Evaluation.SentEval;

/// <summary>Reads the transfer tasks in SentEval's layout, with its encodings (Latin-1 for all but SST2 and MRPC).</summary>
internal static class TransferReader
{
    private static readonly string[] TrecClasses = ["ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM"];

    /// <summary>The two files of a task with two classes; the first holds the examples labelled 1.</summary>
    private static readonly Dictionary<string, (string Folder, string One, string Zero)> BinaryFiles = new(StringComparer.Ordinal)
    {
        ["MR"] = ("MR", "rt-polarity.pos", "rt-polarity.neg"),
        ["CR"] = ("CR", "custrev.pos", "custrev.neg"),
        ["SUBJ"] = ("SUBJ", "subj.objective", "subj.subjective"),
        ["MPQA"] = ("MPQA", "mpqa.pos", "mpqa.neg"),
    };

    /// <summary>The files of a task, relative to the data folder.</summary>
    public static IReadOnlyList<string> Files(string task) => task switch
    {
        "SST2" => [Path.Combine("SST", "binary", "sentiment-train"), Path.Combine("SST", "binary", "sentiment-dev"), Path.Combine("SST", "binary", "sentiment-test")],
        "TREC" => [Path.Combine("TREC", "train_5500.label"), Path.Combine("TREC", "TREC_10.label")],
        "MRPC" => [Path.Combine("MRPC", "msr_paraphrase_train.txt"), Path.Combine("MRPC", "msr_paraphrase_test.txt")],
        _ => [Path.Combine(BinaryFiles[task].Folder, BinaryFiles[task].One), Path.Combine(BinaryFiles[task].Folder, BinaryFiles[task].Zero)],
    };

    public static TransferTask Read(string folder, string task)
    {
        string[] files = [.. Files(task).Select(file => Path.Combine(folder, file))];
        return task switch
        {
            "SST2" => new TransferTask(task, TransferProtocol.TrainDevTest, 2, Sort(ReadSst(files[0])), Sort(ReadSst(files[1])), Sort(ReadSst(files[2]))),
            "TREC" => new TransferTask(task, TransferProtocol.TrainTest, TrecClasses.Length, Sort(ReadTrec(files[0])), [], Sort(ReadTrec(files[1]))),
            "MRPC" => new TransferTask(task, TransferProtocol.TrainTest, 2, Sort(ReadMrpc(files[0])), [], Sort(ReadMrpc(files[1]))),
            _ => new TransferTask(task, TransferProtocol.NestedCrossValidation, 2, Sort([.. ReadBinary(files[0], 1), .. ReadBinary(files[1], 0)]), [], []),
        };
    }

    private static IEnumerable<Sample> ReadBinary(string path, int label) =>
        PythonText.SplitLines(File.ReadAllText(path, Encoding.Latin1)).Select(line => new Sample(PythonText.Words(line), null, label));

    private static List<Sample> ReadSst(string path) => ReadLines(path, Encoding.UTF8, skip: 0, (line, fail) =>
    {
        string[] columns = line.Split('\t');
        return columns.Length >= 2 && columns[1] is "0" or "1"
            ? new Sample(PythonText.Words(columns[0]), null, int.Parse(columns[1], CultureInfo.InvariantCulture))
            : throw fail("a sentence, a tab, and 0 or 1");
    });

    private static List<Sample> ReadTrec(string path) => ReadLines(path, Encoding.Latin1, skip: 0, (line, fail) =>
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal), space = colon < 0 ? -1 : line.IndexOf(' ', colon);
        int label = colon < 0 ? -1 : Array.IndexOf(TrecClasses, line[..colon]);
        return label >= 0 && space >= 0
            ? new Sample(PythonText.Words(line.AsSpan(space + 1)), null, label)
            : throw fail($"a class ({string.Join(", ", TrecClasses)}), a colon, a subclass, a space and a question");
    });

    private static List<Sample> ReadMrpc(string path) => ReadLines(path, Encoding.UTF8, skip: 1, (line, fail) =>
    {
        string[] columns = line.Split('\t');
        return columns.Length >= 5 && columns[0] is "0" or "1"
            ? new Sample(PythonText.Words(columns[3]), PythonText.Words(columns[4]), int.Parse(columns[0], CultureInfo.InvariantCulture))
            : throw fail("0 or 1, two ids and two sentences, with tabs between them");
    });

    private static List<Sample> ReadLines(string path, Encoding encoding, int skip, Func<string, Func<string, Exception>, Sample> parse)
    {
        List<Sample> samples = [];
        using StreamReader reader = new(path, encoding);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            string text = PythonText.Strip(line);
            if (number > skip && text.Length > 0)
            {
                int at = number;
                samples.Add(parse(text, expected => new SentEvalFormatException($"'{path}', line {at}: expected {expected}.")));
            }
        }

        return samples;
    }

    private static List<TransferExample> Sort(IEnumerable<Sample> samples) =>
    [
        .. samples
            .OrderBy(sample => sample.Words.Count).ThenBy(sample => sample.SecondWords?.Count ?? 0).ThenBy(sample => sample.Label)
            .Select(sample => new TransferExample(string.Join(' ', sample.Words), sample.SecondWords is { } second ? string.Join(' ', second) : null, sample.Label)),
    ];

    private readonly record struct Sample(List<string> Words, List<string>? SecondWords, int Label);
}
