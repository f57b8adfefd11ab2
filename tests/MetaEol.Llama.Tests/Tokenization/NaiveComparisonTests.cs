using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>Ids of random texts against <see cref="NaiveTokenizer"/>.</summary>
public sealed class NaiveComparisonTests
{
    private const int Texts = 1500;

    [Fact]
    public void Encode_DemoModel_EqualsPlainMerging()
    {
        string lines = File.ReadAllText(Path.Combine(TestPaths.Root, "tests", "data", "tokenizer-lines.txt"));
        Compare(Path.Combine(TestPaths.DemoModel, "tokenizer.json"), Path.Combine(TestPaths.DemoModel, "tokenizer.json"), new(1, lines), 1);
        Compare(Path.Combine(TestPaths.DemoModel, "tokenizer.model"), Path.Combine(TestPaths.DemoModel, "tokenizer.json"), new(2, lines), 1);
    }

    [SkippableTheory]
    [InlineData("gpt2", "movie_reviews.txt", 0)]
    [InlineData("llama2-metaspace", "masc.txt", 1)]
    [InlineData("llama2-prepend", "speeches.txt", 1)]
    [InlineData("llama3", "wikipedia.txt", 1)]
    [InlineData("qwen2", "product_reviews.txt", 0)]
    [InlineData("smollm2", "wikipedia.txt", 0)]
    public void Encode_PublishedTokenizerJson_EqualsPlainMerging(string folder, string corpus, int added)
    {
        string path = Path.Combine(TestPaths.SharedData("tokenizers", folder), "tokenizer.json");
        Compare(path, path, new(3, File.ReadAllText(TestPaths.SharedData("corpus", corpus))), added);
    }

    [SkippableFact]
    public void Encode_SentencePieceModel_EqualsPlainMerging() => Compare(
        TestPaths.SharedData("llama2", "tokenizer.model"),
        Path.Combine(TestPaths.SharedData("tokenizers", "llama2-prepend"), "tokenizer.json"),
        new(4, File.ReadAllText(TestPaths.SharedData("corpus", "masc.txt"))),
        1);

    private static void Compare(string path, string naivePath, RandomTexts texts, int added)
    {
        ITokenizer tokenizer = TokenizerLoader.Load(path).WithSpecialTokens(SpecialTokenHandling.PlainText);
        NaiveTokenizer naive = new(naivePath);
        for (int i = 0; i < Texts; i++)
        {
            string text = texts.Next();
            int[] ids = tokenizer.Encode(text);

            Assert.Equal(naive.Encode(text), ids[added..]);
            Assert.Equal(ids.Length - added, tokenizer.CountTokens(text));
        }
    }
}
