using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>Long words and long texts: right, and without quadratic work.</summary>
public sealed class LongTextTests
{
    /// <summary>Seconds for a million characters: it takes a fraction of one, quadratic merging would take hours.</summary>

    public static TheoryData<string> DemoFiles => ["tokenizer.json", "tokenizer.model"];

    [Theory]
    [MemberData(nameof(DemoFiles))]
    public void Encode_MillionCharactersWithoutSpace_IsFast(string file) => AssertFast(TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, file)));

    [SkippableTheory]
    [InlineData("llama3")]
    [InlineData("qwen2")]
    [InlineData("smollm2")]
    [InlineData("llama2-prepend")]
    public void Encode_MillionCharactersWithoutSpaceOtherTokenizers_IsFast(string folder) => AssertFast(TokenizerLoader.Load(TestPaths.SharedData("tokenizers", folder)));

    [Fact]
    public void Encode_LongWords_EqualsPlainMerging()
    {
        NaiveTokenizer naive = new(Path.Combine(TestPaths.DemoModel, "tokenizer.json"));
        ITokenizer json = TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, "tokenizer.json"));
        ITokenizer model = TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, "tokenizer.model")).WithSpecialTokens(SpecialTokenHandling.PlainText);
        Random random = new(31);
        foreach (int length in new[] { 23, 24, 25, 26, 100, 2000 })
        {
            foreach (string letters in new[] { "a", "th", "the", "etaoinshrdlu", ".", "= ", " " })
            {
                string word = string.Concat(Enumerable.Range(0, length).Select(i => letters[random.Next(2) == 0 ? i % letters.Length : random.Next(letters.Length)]));
                List<int> expected = naive.Encode(word);

                Assert.Equal(expected, json.Encode(word)[1..]);
                Assert.Equal(expected, model.Encode(word)[1..]);
            }
        }
    }

    [SkippableFact]
    public void Encode_LongWordsOfByteLevelTokenizer_EqualsPlainMerging()
    {
        string folder = TestPaths.SharedData("tokenizers", "llama3");
        NaiveTokenizer naive = new(Path.Combine(folder, "tokenizer.json"));
        ITokenizer tokenizer = TokenizerLoader.Load(folder);
        Random random = new(32);
        foreach (string letters in new[] { "a", "etaoinshrdlu", ".", "=-", "中文字符", "é" })
        {
            string word = string.Concat(Enumerable.Range(0, 2000).Select(_ => letters[random.Next(letters.Length)]));

            Assert.Equal(naive.Encode(word), tokenizer.Encode(word)[1..]);
        }
    }

    private static void AssertFast(ITokenizer tokenizer)
    {
        Random random = new(33);
        string letters = string.Concat(Enumerable.Range(0, 1_000_000).Select(_ => (char)('a' + random.Next(26))));
        foreach (string text in new[] { letters, new string('a', 1_000_000), new string(' ', 1_000_000), new string('中', 1_000_000), new string('.', 1_000_000) })
        {
            int[] ids = TimeLimit.Run(() => tokenizer.Encode(text));

            Assert.InRange(ids.Length, 2, 4_000_002);
        }
    }
}
