using MetaEol.Evaluation.Retrieval;
using MetaEol.Tests;

namespace MetaEol.Evaluation.Tests.Retrieval;

public sealed class BeirFolderTests : IDisposable
{
    private const string Corpus = """
        {"_id": "d1", "title": "One", "text": "First text."}

        {"_id": "d2", "text": "Second \u00e9 text.", "metadata": {"x": 1}}
        {"_id": 3, "title": null, "text": ""}
        """;

    private const string Queries = """
        {"_id": "q1", "text": "first?"}
        {"_id": "q2", "text": "none?"}
        {"_id": "q3", "text": "third?"}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Collection_GivesDocumentsAndJudgedQuestions()
    {
        Write(Corpus, Queries, "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td1\t0\nq3\t3\t1\nq3\td9\t1\nq9\td1\t1\n");

        BeirFolder collection = BeirFolder.Read(_folder.Path);

        Assert.Equal([new RetrievalDocument("d1", "One", "First text."), new RetrievalDocument("d2", "", "Second é text."), new RetrievalDocument("3", "", "")], collection.Documents);
        Assert.Equal(["q1", "q3"], collection.Queries.Select(query => query.Id));
        Assert.Equal(2, collection.Queries[0].Relevances["d1"]);
        Assert.Equal(2, collection.UnknownJudgements);
    }

    [Fact]
    public void Read_WithoutHeadingAndWithCarriageReturns_IsTheSame()
    {
        Write(Corpus.ReplaceLineEndings("\r\n"), Queries.ReplaceLineEndings("\r\n"), "q1\td1\t1\r\n");
        Assert.Equal("First text.", BeirFolder.Read(_folder.Path).Documents[0].Text);
        Assert.Single(BeirFolder.Read(_folder.Path).Queries);
    }

    [Theory]
    [InlineData("{", null, null, "Line 1 of", "corpus.jsonl")]
    [InlineData("[1]", null, null, "Line 1 of", "expected an object")]
    [InlineData("{\"_id\": \"a\"}", null, null, "has no text", "corpus.jsonl")]
    [InlineData("{\"text\": \"a\"}", null, null, "has no _id", "corpus.jsonl")]
    [InlineData("{\"_id\": \"a\", \"text\": [1]}", null, null, "text of kind Array", "corpus.jsonl")]
    [InlineData("{\"_id\": \"a\", \"text\": \"\\ud800\"}", null, null, "half of a surrogate pair", "corpus.jsonl")]
    [InlineData("{\"_id\": \"a\", \"\\ud800\": \"a\"}", null, null, "or a key, with half of a surrogate pair", "corpus.jsonl")]
    [InlineData("{\"_id\": \"a\", \"text\": \"x\"}\n\n{\"_id\": \"a\", \"text\": \"y\"}", null, null, "Line 3 of", "'a' of a line before")]
    [InlineData(null, "{\"_id\": \"q1\"}", null, "has no text", "queries.jsonl")]
    [InlineData(null, "", null, "is empty", "queries.jsonl")]
    [InlineData(null, null, "q1\td1\n", "Line 1 of", "test.tsv")]
    [InlineData(null, null, "q\td\ts\nq1\td1\tgood\n", "Line 2 of", "whole number")]
    [InlineData(null, null, "q1\td1\t1\nq1\td1\t2\n", "a second time", "test.tsv")]
    [InlineData(null, null, "q1\td1\t0\n", "No question", "relevant document")]
    public void Read_WrongLine_IsNamed(string? corpus, string? queries, string? judgements, params string[] expected)
    {
        Write(corpus ?? Corpus, queries ?? Queries, judgements ?? "q1\td1\t1\n");
        RetrievalFormatException exception = Assert.Throws<RetrievalFormatException>(() => BeirFolder.Read(_folder.Path));
        Assert.All(expected, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Read_MissingFileOrSplit_SaysWhatIsExpected()
    {
        Assert.Contains("corpus.jsonl", Assert.Throws<RetrievalFormatException>(() => BeirFolder.Read(_folder["none"])).Message, StringComparison.Ordinal);
        Write(Corpus, Queries, "q1\td1\t1\n");
        Assert.Contains("dev.tsv", Assert.Throws<RetrievalFormatException>(() => BeirFolder.Read(_folder.Path, "dev")).Message, StringComparison.Ordinal);
        Assert.Throws<RetrievalFormatException>(() => BeirFolder.Read(_folder.Path, "../test"));
    }

    [Fact]
    public void Read_EndlessLineOrOtherEncoding_IsRefused()
    {
        Write(new string('x', 17 << 20), Queries, "q1\td1\t1\n");
        Assert.Contains("longer than", Assert.Throws<RetrievalFormatException>(() => BeirFolder.Read(_folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder["corpus.jsonl"], [.. "{\"_id\": \"a\", \"text\": \""u8, 0xE9, .. "\"}"u8]);
        Assert.Contains("UTF-8", Assert.Throws<RetrievalFormatException>(() => BeirFolder.Read(_folder.Path)).Message, StringComparison.Ordinal);
    }

    private void Write(string corpus, string queries, string judgements)
    {
        _folder.Write("corpus.jsonl", corpus);
        _folder.Write("queries.jsonl", queries);
        _folder.Write("qrels/test.tsv", judgements);
    }
}
