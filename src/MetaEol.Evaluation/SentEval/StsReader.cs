using System.Globalization;
using System.Text;

namespace MetaEol.Evaluation.SentEval;

/// <summary>Reads the STS tasks in SentEval's layout.</summary>
internal static class StsReader
{
    private const int LongestQuote = 80;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>SentEval's subsets of each year, in its order; STS13 is without SMT, which its licence keeps out.</summary>
    private static readonly Dictionary<string, string[]> Subsets = new(StringComparer.Ordinal)
    {
        ["STS12"] = ["MSRpar", "MSRvid", "SMTeuroparl", "surprise.OnWN", "surprise.SMTnews"],
        ["STS13"] = ["FNWN", "headlines", "OnWN"],
        ["STS14"] = ["deft-forum", "deft-news", "headlines", "images", "OnWN", "tweet-news"],
        ["STS15"] = ["answers-forums", "answers-students", "belief", "headlines", "images"],
        ["STS16"] = ["answer-answer", "headlines", "plagiarism", "postediting", "question-question"],
    };

    /// <summary>The files that a task's split is read from, relative to the data folder; empty where the task has no such split.</summary>
    public static IReadOnlyList<string> Files(string task, StsSplit split) => (task, split) switch
    {
        ("STS-B", _) => [Path.Combine("STS", "STSBenchmark", split == StsSplit.Dev ? "sts-dev.csv" : "sts-test.csv")],
        ("SICK-R", _) => [Path.Combine("SICK", split == StsSplit.Dev ? "SICK_trial.txt" : "SICK_test_annotated.txt")],
        (_, StsSplit.Test) => [.. Subsets[task].SelectMany(subset => new[] { SubsetFile(task, "input", subset), SubsetFile(task, "gs", subset) })],
        _ => [],
    };

    public static StsTask Read(string folder, string task, StsSplit split) => task switch
    {
        "STS-B" => new StsTask(task, [new StsSubset(split == StsSplit.Dev ? "dev" : "test", ReadColumns(Path.Combine(folder, Files(task, split)[0]), header: false, 5, 6, 4))]),
        "SICK-R" => new StsTask(task, [new StsSubset(split == StsSplit.Dev ? "dev" : "test", ReadColumns(Path.Combine(folder, Files(task, split)[0]), header: true, 1, 2, 3))]),
        _ => new StsTask(task, [.. Subsets[task].Select(subset => ReadSubset(folder, task, subset))]),
    };

    private static string SubsetFile(string task, string kind, string subset) => Path.Combine("STS", $"{task}-en-test", $"STS.{kind}.{subset}.txt");

    private static StsSubset ReadSubset(string folder, string task, string subset)
    {
        string inputPath = Path.Combine(folder, SubsetFile(task, "input", subset)), scorePath = Path.Combine(folder, SubsetFile(task, "gs", subset));
        List<string> inputs = PythonText.SplitLines(ReadText(inputPath)), scores = PythonText.SplitLines(ReadText(scorePath));
        if (inputs.Count != scores.Count)
        {
            throw new SentEvalFormatException($"'{inputPath}' has {inputs.Count} lines and '{scorePath}' has {scores.Count}; each pair needs its score, or an empty line.");
        }

        List<SentencePair> pairs = [];
        for (int i = 0; i < inputs.Count; i++)
        {
            if (scores[i].Length == 0)
            {
                continue;
            }

            string[] columns = inputs[i].Split('\t');
            if (columns.Length < 2)
            {
                throw new SentEvalFormatException($"'{inputPath}', line {i + 1}: expected two sentences with a tab between them.");
            }

            pairs.Add(new SentencePair(Join(columns[0]), Join(columns[1]), Score(scores[i], scorePath, i)));
        }

        return new StsSubset(subset, pairs);
    }

    private static List<SentencePair> ReadColumns(string path, bool header, int first, int second, int score)
    {
        List<SentencePair> pairs = [];
        List<string> lines = [];
        using (StringReader reader = new(ReadText(path)))
        {
            while (reader.ReadLine() is { } line)
            {
                lines.Add(line);
            }
        }

        if (header && lines.Count > 0)
        {
            // The columns' order differs between the editions of SICK; where the header names them, it decides.
            string[] names = PythonText.Strip(lines[0]).Split('\t');
            (first, second, score) = (Column(names, "sentence_A", first), Column(names, "sentence_B", second), Column(names, "relatedness_score", score));
        }

        for (int i = header ? 1 : 0; i < lines.Count; i++)
        {
            string line = PythonText.Strip(lines[i]);
            if (line.Length == 0)
            {
                continue;
            }

            string[] columns = line.Split('\t');
            if (columns.Length <= Math.Max(score, Math.Max(first, second)))
            {
                throw new SentEvalFormatException($"'{path}', line {i + 1}: expected at least {Math.Max(score, Math.Max(first, second)) + 1} columns with tabs between them, found {columns.Length}.");
            }

            pairs.Add(new SentencePair(Join(columns[first]), Join(columns[second]), Score(columns[score], path, i)));
        }

        return pairs;
    }

    private static int Column(string[] names, string name, int otherwise)
    {
        int index = Array.FindIndex(names, candidate => string.Equals(candidate.Trim(), name, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? otherwise : index;
    }

    private static string Join(string sentence) => string.Join(' ', PythonText.Words(sentence));

    private static double Score(string text, string path, int line) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double score) && double.IsFinite(score)
            ? score
            : throw new SentEvalFormatException($"'{path}', line {line + 1}: expected a score such as 3.25, found '{(text.Length > LongestQuote ? text[..LongestQuote] + "…" : text)}'.");

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path, StrictUtf8);
        }
        catch (DecoderFallbackException exception)
        {
            throw new SentEvalFormatException($"'{path}' is not UTF-8.", exception);
        }
    }
}
