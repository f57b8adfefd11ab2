using System.Text.Encodings.Web;
using System.Text.Json;
using MetaEol.Extensions;
using MetaEol.Llama.Tokenization;
using MetaEol.Retrieval.Documents;
using MetaEol.Retrieval.Splitting;
using MetaEol.Tests;

namespace MetaEol.Retrieval.Tests;

/// <summary>
/// Natural questions over the quickstart's documents, in BEIR's layout in <c>tests/data/quickstart-questions</c>. Those of <c>dev</c> and <c>more</c> were looked at while the ranking was
/// made; those of <c>test</c> were only counted.
/// </summary>
public sealed class QuickstartQuestionsTests
{
    private const string RecordVariable = "METAEOL_RECORD_QUESTIONS";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string Folder = Path.Combine(TestPaths.Root, "tests", "data", "quickstart-questions");

    private static readonly string Documents = Path.Combine(TestPaths.Root, "samples", "01.Quickstart", "documents");

    [Fact]
    public void Corpus_IsThePassagesOfTheDocuments()
    {
        PassageSplitter splitter = new(TokenizerLoader.Load(TestPaths.DemoModel));
        string corpus = string.Concat(new DocumentFolder(Documents).SelectMany(splitter.Split).GroupBy(passage => (passage.Document, passage.Line)).SelectMany(line => line.Select(
            (passage, i) => JsonSerializer.Serialize(new { _id = Id(passage, i), title = passage.Heading, text = passage.Text }, Plain) + "\n")));
        string path = Path.Combine(Folder, "corpus.jsonl");
        if (Environment.GetEnvironmentVariable(RecordVariable) == "1")
        {
            File.WriteAllText(path, corpus);
        }

        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), corpus);
    }

    [Fact]
    public async Task Hybrid_DemoModel_FindsMostAndIsBetterThanItsParts()
    {
        using MetaEolEmbeddingGenerator generator = new(new MetaEolOptions { ModelPath = TestPaths.DemoModel });
        using SearchIndex index = new(generator, new SearchIndexOptions { MaxPassageTokens = 64 }); // As the quickstart has it.
        await index.UpdateAsync(new DocumentFolder(Documents));
        Dictionary<string, string> questions = File.ReadLines(Path.Combine(Folder, "queries.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(line => line.GetProperty("_id").GetString()!, line => line.GetProperty("text").GetString()!);
        foreach (string split in new[] { "dev", "more", "test" })
        {
            (string Question, string Passage)[] judged = [.. File.ReadLines(Path.Combine(Folder, "qrels", $"{split}.tsv")).Skip(1).Select(line => line.Split('\t')).Select(fields => (questions[fields[0]], fields[1]))];
            Assert.True(judged.Length >= 30);
            Dictionary<SearchMode, (double First, double Three)> found = [];
            foreach (SearchMode mode in Enum.GetValues<SearchMode>())
            {
                int first = 0, three = 0;
                foreach ((string question, string passage) in judged)
                {
                    IReadOnlyList<SearchResult> results = await index.SearchAsync(question, new SearchOptions { Top = 3, Mode = mode });
                    string[] ids = [.. results.Select(result => Id(result.Passage, 0))];
                    first += ids.FirstOrDefault() == Line(passage) ? 1 : 0;
                    three += ids.Contains(Line(passage)) ? 1 : 0;
                }

                found[mode] = (first / (double)judged.Length, three / (double)judged.Length);
            }

            string figures = string.Join(", ", found.Select(mode => $"{mode.Key} {mode.Value.First:0.00} {mode.Value.Three:0.00}"));
            Assert.True(found[SearchMode.Hybrid].First >= 0.7 && found[SearchMode.Hybrid].Three >= 0.8, $"{split}: {figures}");
            Assert.True(found[SearchMode.Hybrid].First > Math.Max(found[SearchMode.Words].First, found[SearchMode.Dense].First), $"{split}: {figures}");
        }
    }

    private static string Id(Passage passage, int piece) => $"{passage.Document}:{passage.Line}{(piece == 0 ? string.Empty : $"#{piece + 1}")}";

    private static string Line(string id) => id.Split('#')[0];
}
