using MetaEol.Evaluation.Retrieval;
using MetaEol.Retrieval;
using MetaEol.Tests;

namespace MetaEol.Evaluation.Tests.Retrieval;

public sealed class RetrievalEvaluatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evaluate_SmallCollection_ScoresEachMode()
    {
        _folder.Write("corpus.jsonl", string.Concat(Enumerable.Range(0, 30).Select(i => $"{{\"_id\": \"d{i}\", \"title\": \"t{i}\", \"text\": \"word{i} and other{i}.\\n\\nA second part{i}.\"}}\n")));
        _folder.Write("queries.jsonl", string.Concat(Enumerable.Range(0, 4).Select(i => $"{{\"_id\": \"q{i}\", \"text\": \"word{i}\"}}\n")));
        _folder.Write("qrels/test.tsv", "q0\td0\t1\nq1\td1\t2\nq2\td2\t1\nq2\td9\t1\nq3\td7\t1\n");

        // Vectors that always point to the wrong document.
        FakeGenerator generator = new(text => Enumerable.Range(0, 30).Select(i => text.Contains($"d{i} ", StringComparison.Ordinal) || text == $"word{(i + 1) % 30}" ? 1f : 0.01f).ToArray());
        using SearchIndex index = new(generator, new SearchIndexOptions { Fingerprint = "fake" });
        IReadOnlyList<RetrievalScores> scores = await new RetrievalEvaluator(index).EvaluateAsync(BeirFolder.Read(_folder.Path), [SearchMode.Words, SearchMode.Dense]);

        Assert.Equal([SearchMode.Words, SearchMode.Dense], scores.Select(score => score.Mode));

        // First for q0 and q1; one of two for q2; nothing for q3, whose document does not hold the word.
        double ofTwo = 1 / (1 + (1 / Math.Log2(3)));
        Assert.Equal([1, 1, ofTwo, 0], scores[0].Ndcg10ByQuery.Values.Select(value => Math.Round(value, 12)), new Close());
        Assert.Equal((2 + ofTwo) / 4, scores[0].Ndcg10.Mean, 12);
        Assert.Equal(0.75, scores[0].ReciprocalRank10.Mean, 12);
        Assert.Equal([0.625, 0.625, 0.625, 0.625], scores[0].Recall.Values);
        Assert.InRange(scores[0].Ndcg10.Mean, scores[0].Ndcg10.Low, scores[0].Ndcg10.High);
        Assert.Equal(1, scores[1].Recall[100]);
    }

    [Fact]
    public async Task Evaluate_Rerank_IsOneMoreRun()
    {
        _folder.Write("corpus.jsonl", string.Concat(Enumerable.Range(0, 6).Select(i => $"{{\"_id\": \"d{i}\", \"text\": \"The dog number {i} runs through the snow.\"}}\n")));
        _folder.Write("queries.jsonl", "{\"_id\": \"q\", \"text\": \"Which dog is number 4?\"}\n");
        _folder.Write("qrels/test.tsv", "q\td4\t1\n");
        using DemoModel model = new();
        using SearchIndex index = new(model.Generator);
        IReadOnlyList<RetrievalScores> scores = await new RetrievalEvaluator(index) { Rerank = 6 }.EvaluateAsync(BeirFolder.Read(_folder.Path), [SearchMode.Sparse]);
        Assert.Equal([(SearchMode.Sparse, 0), (SearchMode.Hybrid, 6)], scores.Select(score => (score.Mode, score.Rerank)));
        IReadOnlyList<SearchResult> expected = await index.SearchAsync("Which dog is number 4?", new SearchOptions { Top = 6, Rerank = 6 });
        int rank = 1 + expected.Select(result => result.Passage.Document).ToList().IndexOf("d4");
        Assert.Equal(1.0 / rank, scores[1].ReciprocalRank10.Mean, 9);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetrievalEvaluator(index) { Rerank = 101 });
    }

    [SkippableFact]
    public async Task Evaluate_Cranfield_HybridIsNoWorseThanItsParts()
    {
        // The demo model knows nothing of aerodynamics, so that the words must not suffer from it.
        Skip.IfNot(Environment.GetEnvironmentVariable("METAEOL_LONG_TESTS") == "1", "Takes minutes: set METAEOL_LONG_TESTS=1.");
        BeirFolder collection = BeirFolder.Read(TestPaths.SharedData("cranfield"));
        using DemoModel model = new();
        using SearchIndex index = new(model.Generator);
        IReadOnlyList<RetrievalScores> scores = await new RetrievalEvaluator(index).EvaluateAsync(collection, [SearchMode.Dense, SearchMode.Words, SearchMode.Hybrid, SearchMode.Sparse]);
        Assert.InRange(scores[3].Ndcg10.Mean, 0.15, 0.30);
        Assert.InRange(scores[1].Ndcg10.Mean, 0.36, 0.40);
        Assert.True(scores[2].Ndcg10.Mean >= Math.Max(scores[0].Ndcg10.Mean, scores[1].Ndcg10.Mean), $"{scores[0].Ndcg10.Mean:0.000} {scores[1].Ndcg10.Mean:0.000} {scores[2].Ndcg10.Mean:0.000}");
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-9;

        public int GetHashCode(double value) => 0;
    }
}
