using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MetaEol.Evaluation.Retrieval;

/// <summary>
/// A retrieval collection in BEIR's layout: <c>corpus.jsonl</c> and <c>queries.jsonl</c> with <c>_id</c>, <c>title</c> and <c>text</c>, and judgements in
/// <c>qrels/test.tsv</c> (or <c>dev</c>, <c>train</c>): query id, document id and relevance, divided by tabs, below a line of headings.
/// </summary>
public sealed class BeirFolder
{
    private const int MaxLineLength = 16 << 20;
    private const int LongestQuote = 80;

    private BeirFolder(string path, string split, IReadOnlyList<RetrievalDocument> documents, IReadOnlyList<RetrievalQuery> queries, int unknownJudgements)
    {
        Path = path;
        Split = split;
        Documents = documents;
        Queries = queries;
        UnknownJudgements = unknownJudgements;
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Which judgements were read.</summary>
    public string Split { get; }

    /// <summary>The documents, in the order of the file.</summary>
    public IReadOnlyList<RetrievalDocument> Documents { get; }

    /// <summary>The questions for which at least one document of the collection is relevant, in the order of the file.</summary>
    public IReadOnlyList<RetrievalQuery> Queries { get; }

    /// <summary>Judgements of documents or questions that are not in the collection; they are left out.</summary>
    public int UnknownJudgements { get; }

    /// <summary>Reads a collection.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="split">Which judgements: the name of a file in <c>qrels</c> without its ending.</param>
    /// <exception cref="RetrievalFormatException">A file is missing or not as described, an id stands twice, or no question has a relevant document.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static BeirFolder Read(string path, string split = "test")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(split);
        if (!Directory.Exists(path))
        {
            throw new RetrievalFormatException($"There is no folder '{path}'; expected one with corpus.jsonl, queries.jsonl and qrels/{split}.tsv.");
        }

        if (split.AsSpan().IndexOfAny(System.IO.Path.GetInvalidFileNameChars()) >= 0)
        {
            throw new RetrievalFormatException($"'{split}' is not the name of a split, such as test or dev.");
        }

        List<RetrievalDocument> documents = [];
        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach ((string where, JsonElement line) in Objects(System.IO.Path.Combine(path, "corpus.jsonl")))
        {
            RetrievalDocument document = new(Id(line, where, ids), Text(line, "title", where) ?? string.Empty, Text(line, "text", where) ?? throw Missing("text", where));
            documents.Add(document);
        }

        Dictionary<string, Dictionary<string, int>> judgements = ReadJudgements(System.IO.Path.Combine(path, "qrels", $"{split}.tsv"), ids, out int unknown);
        List<RetrievalQuery> queries = [];
        HashSet<string> queryIds = new(StringComparer.Ordinal);
        foreach ((string where, JsonElement line) in Objects(System.IO.Path.Combine(path, "queries.jsonl")))
        {
            string id = Id(line, where, queryIds);
            string text = Text(line, "text", where) ?? throw Missing("text", where);
            if (judgements.Remove(id, out Dictionary<string, int>? relevances) && relevances.Values.Any(relevance => relevance > 0) && !string.IsNullOrWhiteSpace(text))
            {
                queries.Add(new RetrievalQuery(id, text, relevances));
            }
        }

        unknown += judgements.Values.Sum(relevances => relevances.Count);
        return queries.Count > 0
            ? new BeirFolder(path, split, documents, queries, unknown)
            : throw new RetrievalFormatException($"No question of '{path}' has a relevant document in qrels/{split}.tsv.");
    }

    private static Dictionary<string, Dictionary<string, int>> ReadJudgements(string file, HashSet<string> documents, out int unknown)
    {
        Dictionary<string, Dictionary<string, int>> judgements = new(StringComparer.Ordinal);
        unknown = 0;
        foreach ((int number, string line) in Lines(file))
        {
            string[] fields = line.Split('\t');
            bool isHeading = number == 1 && fields.Length >= 3 && !int.TryParse(fields[2], NumberStyles.Integer, CultureInfo.InvariantCulture, out _);
            if (isHeading)
            {
                continue;
            }

            if (fields.Length != 3 || !int.TryParse(fields[2], NumberStyles.Integer, CultureInfo.InvariantCulture, out int relevance))
            {
                throw new RetrievalFormatException($"Line {number} of '{file}' is not: query id, tab, document id, tab, relevance as a whole number.");
            }

            if (!documents.Contains(fields[1]))
            {
                unknown++;
                continue;
            }

            if (!judgements.TryGetValue(fields[0], out Dictionary<string, int>? relevances))
            {
                judgements.Add(fields[0], relevances = new Dictionary<string, int>(StringComparer.Ordinal));
            }

            if (!relevances.TryAdd(fields[1], relevance) && relevances[fields[1]] != relevance)
            {
                throw new RetrievalFormatException($"Line {number} of '{file}' judges document '{fields[1]}' for query '{fields[0]}' a second time, otherwise.");
            }
        }

        return judgements;
    }

    private static IEnumerable<(string Where, JsonElement Object)> Objects(string file)
    {
        foreach ((int number, string line) in Lines(file))
        {
            string where = $"Line {number} of '{file}'";
            JsonElement element;
            try
            {
                using JsonDocument document = JsonDocument.Parse(line);
                element = document.RootElement.Clone();
            }
            catch (JsonException exception)
            {
                throw new RetrievalFormatException($"{where} is not JSON: {exception.Message.ReplaceLineEndings(" ")}", exception);
            }

            yield return element.ValueKind == JsonValueKind.Object
                ? (where, element)
                : throw new RetrievalFormatException($"{where} is JSON of kind {element.ValueKind}; expected an object with _id and text.");
        }
    }

    /// <summary>The lines of a file that are not blank, with their numbers; no longer than a document is.</summary>
    private static IEnumerable<(int Number, string Line)> Lines(string file)
    {
        FileInfo info = new(file);
        if (!info.Exists || info.Length == 0)
        {
            throw new RetrievalFormatException(info.Exists ? $"'{file}' is empty or no regular file." : $"There is no file '{file}'; expected corpus.jsonl, queries.jsonl and the judgements in qrels.");
        }

        using StreamReader reader = new(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
        StringBuilder line = new();
        char[] buffer = new char[1 << 16];
        int number = 1;
        for (int read; (read = ReadBlock(reader, buffer, file)) > 0;)
        {
            for (int start = 0; start < read;)
            {
                int length = buffer.AsSpan(start, read - start).IndexOf('\n');
                line.Append(buffer, start, length < 0 ? read - start : length);
                if (line.Length > MaxLineLength)
                {
                    throw new RetrievalFormatException($"Line {number} of '{file}' is longer than {MaxLineLength} characters.");
                }

                if (length < 0)
                {
                    break;
                }

                if (line.ToString().TrimEnd('\r') is var text && !string.IsNullOrWhiteSpace(text))
                {
                    yield return (number, text);
                }

                line.Clear();
                number++;
                start += length + 1;
            }
        }

        if (line.ToString().TrimEnd('\r') is var last && !string.IsNullOrWhiteSpace(last))
        {
            yield return (number, last);
        }
    }

    private static int ReadBlock(StreamReader reader, char[] buffer, string file)
    {
        try
        {
            return reader.Read(buffer);
        }
        catch (DecoderFallbackException exception)
        {
            throw new RetrievalFormatException($"'{file}' is not in UTF-8.", exception);
        }
    }

    private static string Id(JsonElement line, string where, HashSet<string> ids)
    {
        string id = Text(line, "_id", where) is { Length: > 0 } text ? text : throw Missing("_id", where);
        return ids.Add(id) ? id : throw new RetrievalFormatException($"{where} has the _id '{(id.Length > LongestQuote ? id[..LongestQuote] + "…" : id)}' of a line before.");
    }

    private static string? Text(JsonElement line, string name, string where)
    {
        try
        {
            return !line.TryGetProperty(name, out JsonElement value) ? null : value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => throw new RetrievalFormatException($"{where} has a {name} of kind {value.ValueKind}; expected a string."),
            };
        }
        catch (InvalidOperationException exception)
        {
            throw new RetrievalFormatException($"{where} has a {name}, or a key, with half of a surrogate pair.", exception);
        }
    }

    private static RetrievalFormatException Missing(string name, string where) => new($"{where} has no {name}.");
}
