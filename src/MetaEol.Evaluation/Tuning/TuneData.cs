using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MetaEol.Evaluation.SentEval;

namespace MetaEol.Evaluation.Tuning;

/// <summary>What candidates are tried on: pairs of texts with a score, or questions with the passage that answers each; a development part to choose by and a test part to report.</summary>
public sealed class TuneData
{
    /// <summary>Fewest pairs or questions of a part.</summary>
    public const int Fewest = 10;

    private TuneData(string name, IReadOnlyList<SentencePair> devPairs, IReadOnlyList<SentencePair> testPairs, IReadOnlyList<TuneQuestion> devQuestions, IReadOnlyList<TuneQuestion> testQuestions)
    {
        Name = name;
        (DevPairs, TestPairs, DevQuestions, TestQuestions) = (devPairs, testPairs, devQuestions, testQuestions);
        int dev = Math.Max(devPairs.Count, devQuestions.Count), test = Math.Max(testPairs.Count, testQuestions.Count);
        if (Math.Min(dev, test) < Fewest)
        {
            throw new ArgumentException($"'{name}' has {dev} to choose by and {test} to report on; at least {Fewest} of each are needed to tell anything.");
        }
    }

    /// <summary>The name of the data.</summary>
    public string Name { get; }

    /// <summary>Whether it is questions, whose score is the mean reciprocal rank of their passage × 100; else pairs, whose score is Spearman's correlation × 100.</summary>
    public bool IsQuestions => DevQuestions.Count > 0;

    /// <summary>What its scores are.</summary>
    public string Metric => IsQuestions ? "MRR × 100" : "Spearman × 100";

    /// <summary>The pairs to choose by; empty where it is questions.</summary>
    public IReadOnlyList<SentencePair> DevPairs { get; }

    /// <summary>The pairs to report on.</summary>
    public IReadOnlyList<SentencePair> TestPairs { get; }

    /// <summary>The questions to choose by; empty where it is pairs.</summary>
    public IReadOnlyList<TuneQuestion> DevQuestions { get; }

    /// <summary>The questions to report on.</summary>
    public IReadOnlyList<TuneQuestion> TestQuestions { get; }

    /// <summary>Pairs that come in two parts.</summary>
    /// <param name="name">The name of the data.</param>
    /// <param name="dev">The pairs to choose by, at least <see cref="Fewest"/>.</param>
    /// <param name="test">The pairs to report on, as many at least.</param>
    /// <exception cref="ArgumentException">There are too few.</exception>
    public static TuneData FromPairs(string name, IReadOnlyList<SentencePair> dev, IReadOnlyList<SentencePair> test) => new(name, dev, test, [], []);

    /// <summary>Questions that come in two parts.</summary>
    /// <param name="name">The name of the data.</param>
    /// <param name="dev">The questions to choose by, at least <see cref="Fewest"/>.</param>
    /// <param name="test">The questions to report on, as many at least.</param>
    /// <exception cref="ArgumentException">There are too few.</exception>
    public static TuneData FromQuestions(string name, IReadOnlyList<TuneQuestion> dev, IReadOnlyList<TuneQuestion> test) => new(name, [], [], dev, test);

    /// <summary>A task of SentEval's data folder that has a development and a test split.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="task">STS-B or SICK-R.</param>
    /// <exception cref="ArgumentException">The task has no development split.</exception>
    /// <exception cref="FileNotFoundException">A file of the task is missing.</exception>
    /// <exception cref="SentEvalFormatException">A file is not in SentEval's layout.</exception>
    public static TuneData FromSentEval(SentEvalFolder folder, string task = "STS-B")
    {
        ArgumentNullException.ThrowIfNull(folder);
        return FromPairs(task, [.. folder.ReadSts(task, StsSplit.Dev).Pairs], [.. folder.ReadSts(task, StsSplit.Test).Pairs]);
    }

    /// <summary>
    /// Reads the user's own data, a JSON object on each line: <c>{"first": "…", "second": "…", "score": 3.5}</c> for pairs, or <c>{"question": "…", "passage": "…"}</c> for questions. Half of them, chosen by a hash of their
    /// texts, is to choose by, and the other half to report on, so that the same line is in the same half whatever else is in the file.
    /// </summary>
    /// <param name="path">The file, UTF-8.</param>
    /// <exception cref="FormatException">A line is none of these, or differs in kind from the first.</exception>
    /// <exception cref="ArgumentException">There are too few.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TuneData ReadJsonLines(string path)
    {
        List<SentencePair>[] pairs = [[], []];
        List<TuneQuestion>[] questions = [[], []];
        foreach ((int index, string line) in File.ReadLines(path).Index())
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            string place = $"Line {index + 1} of '{path}'";
            JsonElement item = Parse(line, place);
            if (Text(item, "first") is { } first && Text(item, "second") is { } second && item.TryGetProperty("score", out JsonElement score) && score.ValueKind == JsonValueKind.Number && score.TryGetDouble(out double value) && double.IsFinite(value))
            {
                pairs[Half(first, second)].Add(new SentencePair(first, second, value));
            }
            else if (Text(item, "question") is { } question && Text(item, "passage") is { } passage)
            {
                questions[Half(question, passage)].Add(new TuneQuestion(question, passage));
            }
            else
            {
                throw new FormatException($"{place} is neither a pair (first, second and score) nor a question (question and passage).");
            }

            if (pairs.Sum(half => half.Count) > 0 && questions.Sum(half => half.Count) > 0)
            {
                throw new FormatException($"{place} is of another kind than those before it: a file holds pairs or questions.");
            }
        }

        string name = Path.GetFileName(path);
        return questions.Sum(half => half.Count) > 0 ? FromQuestions(name, questions[0], questions[1]) : FromPairs(name, pairs[0], pairs[1]);
    }

    private static JsonElement Parse(string line, string place)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new FormatException($"{place} is JSON of kind {document.RootElement.ValueKind}; expected an object.");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{place} is not JSON.", exception);
        }
    }

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Half(string first, string second) => SHA256.HashData(Encoding.UTF8.GetBytes($"{first}\0{second}"))[0] & 1;
}
