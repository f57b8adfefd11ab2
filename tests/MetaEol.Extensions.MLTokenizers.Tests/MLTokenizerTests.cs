using MetaEol.Llama;
using MetaEol.Llama.Tokenization;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Tokenizers;

namespace MetaEol.Extensions.MLTokenizers.Tests;

public class MLTokenizerTests
{
    private static readonly string ModelFile = Path.Combine(TestPaths.DemoModel, "tokenizer.model");

    [Fact]
    public void Encode_DemoModel_AgreesWithBuiltInForAThousandStrings()
    {
        MLTokenizer tokenizer = CreateDemo();
        ITokenizer builtIn = TokenizerLoader.Load(ModelFile).WithSpecialTokens(SpecialTokenHandling.PlainText);
        Assert.Equal(builtIn.VocabularySize, tokenizer.VocabularySize);
        var distinct = new HashSet<string>();
        foreach (string text in VariedText.Create(1_200, seed: 1).Where(distinct.Add).Take(1_000))
        {
            int[] expected = builtIn.Encode(text);
            Assert.True(expected.AsSpan().SequenceEqual(tokenizer.Encode(text)), $"'{text}': [{string.Join(' ', expected)}] expected, [{string.Join(' ', tokenizer.Encode(text))}] found.");
            Assert.Equal(builtIn.CountTokens(text), tokenizer.CountTokens(text));

            // Without the beginning of sentence: Hugging Face keeps the space that SentencePiece writes behind it, Microsoft.ML.Tokenizers does not.
            Assert.Equal(builtIn.Decode(expected.AsSpan(1)), tokenizer.Decode(expected.AsSpan(1)));
        }

        Assert.True(distinct.Count >= 1_000);
    }

    [Fact]
    public void GetIndexByTokenCount_AnyLimit_KeepsTheContractAndCutsWhereBuiltInDoes()
    {
        MLTokenizer tokenizer = CreateDemo();
        ITokenizer builtIn = TokenizerLoader.Load(ModelFile).WithSpecialTokens(SpecialTokenHandling.PlainText);
        foreach (string text in VariedText.Create(60, seed: 2))
        {
            int tokens = tokenizer.CountTokens(text);
            Assert.Equal(text.Length, tokenizer.GetIndexByTokenCount(text, tokens));
            Assert.Equal(0, tokenizer.GetIndexByTokenCount(text, 0));
            for (int limit = 0; limit <= tokens; limit += 3)
            {
                int index = tokenizer.GetIndexByTokenCount(text, limit);
                Assert.InRange(tokenizer.CountTokens(text[..index]), 0, limit);
                Assert.False(index > 0 && index < text.Length && char.IsLowSurrogate(text[index]) && char.IsHighSurrogate(text[index - 1]));

                // Both find a longest beginning; where a longer one has fewer tokens again, either may stop before it.
                Assert.InRange(Math.Abs(index - builtIn.GetIndexByTokenCount(text, limit)), 0, 12);
            }
        }
    }

    [Fact]
    public void GetIndexByTokenCount_MegabyteOfText_LooksAtItsBeginningOnly()
    {
        MLTokenizer tokenizer = CreateDemo();
        string text = string.Concat(Enumerable.Repeat("The cat sits on the mat. ", 40_000));
        int index = tokenizer.GetIndexByTokenCount(text, 100);
        Assert.InRange(index, 100, 1_000);
        Assert.InRange(tokenizer.CountTokens(text[..index]), 95, 100);
    }

    [Fact]
    public void Encode_BeginningOfSentence_ComesOnceHoweverItIsAskedFor()
    {
        int[] ids = Create(addBeginning: true).Encode("hello");
        Assert.Equal(1, ids[0]);
        Assert.NotEqual(1, ids[1]);
        Assert.Equal(ids[1..], Create(addBeginning: false).Encode("hello"));
        Assert.Equal(ids, Create(addBeginning: false, new MLTokenizerOptions { BeginningOfSentenceId = 1 }).Encode("hello"));
        Assert.Equal(ids, Create(addBeginning: true, new MLTokenizerOptions { BeginningOfSentenceId = 1 }).Encode("hello"));
        Assert.Equal(ids.Length - 1, Create(addBeginning: true).CountTokens("hello"));
    }

    [Fact]
    public void Encode_TokenizerThatAddsAnEnd_LeavesItOut()
    {
        using FileStream file = File.OpenRead(ModelFile);
        var tokenizer = new MLTokenizer(LlamaTokenizer.Create(file, addBeginOfSentence: true, addEndOfSentence: true));
        Assert.Equal(CreateDemo().Encode("hello"), tokenizer.Encode("hello"));
    }

    [Fact]
    public void Encode_LoneSurrogates_ReadAsReplacementCharacters()
    {
        MLTokenizer tokenizer = CreateDemo();
        Assert.Equal(tokenizer.Encode("a\uFFFDb🙂\uFFFD"), tokenizer.Encode("a\uD83Db🙂\uDE42"));
    }

    [Fact]
    public void Encode_PlainPartWithoutSpecialTokens_GivesTheIdsOfTheWhole()
    {
        using FileStream file = File.OpenRead(ModelFile);
        var tokenizer = new MLTokenizer(LlamaTokenizer.Create(file, specialTokens: new Dictionary<string, int> { ["<s>"] = 1, ["</s>"] = 2 }));

        Assert.Contains(2, tokenizer.Encode("one </s> two"));
        Assert.Equal(tokenizer.Encode("<s>one two</s>"), tokenizer.Encode("<s>one two</s>", 3..10));
        Assert.Equal(tokenizer.Encode("<s></s>"), tokenizer.Encode("<s></s>", 3..3));
        Assert.Equal(CreateDemo().Encode("one </s> two"), CreateDemo().Encode("one </s> two", ..));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Encode("a", 0..2));
    }

    [Theory]
    [InlineData("one </s> two", 0, 12, "</s>", 4)]
    [InlineData("one </s> two", 7, 12, "</s>", 4)]
    [InlineData("one </s> two", 0, 5, "</s>", 4)]
    [InlineData("</s><s>", 4, 5, "<s>", 4)]
    public void Encode_SpecialTokenInThePlainPart_IsRefusedByName(string text, int start, int end, string token, int at)
    {
        using FileStream file = File.OpenRead(ModelFile);
        var tokenizer = new MLTokenizer(LlamaTokenizer.Create(file, specialTokens: new Dictionary<string, int> { ["<s>"] = 1, ["</s>"] = 2 }));

        string message = Assert.Throws<NotSupportedException>(() => tokenizer.Encode(text, start..end)).Message;
        Assert.Contains($"'{token}' at {at}", message);
    }

    [Fact]
    public void Fingerprint_OtherTokens_IsAnother()
    {
        using FileStream again = File.OpenRead(ModelFile);
        var withTokens = new MLTokenizer(LlamaTokenizer.Create(again, specialTokens: new Dictionary<string, int> { ["<s>"] = 1 }));

        Assert.Equal(CreateDemo().Fingerprint, CreateDemo().Fingerprint);
        Assert.NotEqual(CreateDemo().Fingerprint, withTokens.Fingerprint);
        Assert.NotEqual(CreateDemo().Fingerprint, Create(addBeginning: false).Fingerprint);
    }

    [Fact]
    public void Constructor_BpeWithOwnBeginning_UsesItsId()
    {
        var vocabulary = new Dictionary<string, int> { ["<s>"] = 0, ["</s>"] = 1, ["a"] = 2, ["b"] = 3, ["ab"] = 4 };
        var options = new BpeOptions(vocabulary) { Merges = ["a b"], BeginningOfSentenceToken = "<s>", EndOfSentenceToken = "</s>" };
        var tokenizer = new MLTokenizer(BpeTokenizer.Create(options));
        Assert.Equal([0, 4], tokenizer.Encode("ab"));
        Assert.Equal(1, tokenizer.CountTokens("ab"));
        Assert.Equal(5, tokenizer.VocabularySize);
    }

    [Fact]
    public void Constructor_Tiktoken_NeedsTheSize()
    {
        using var ranks = new MemoryStream("YQ== 0\nYg== 1\nYWI= 2\n"u8.ToArray());
        var tiktoken = TiktokenTokenizer.Create(ranks, preTokenizer: null, normalizer: null);
        Assert.Contains("vocab_size", Assert.Throws<ArgumentException>(() => new MLTokenizer(tiktoken)).Message);
        var tokenizer = new MLTokenizer(tiktoken, new MLTokenizerOptions { VocabularySize = 4, BeginningOfSentenceId = 3 });
        Assert.Equal([3, 2, 0], tokenizer.Encode("aba"));
        Assert.Equal("aba", tokenizer.Decode([2, 0]));
    }

    [Fact]
    public void Constructor_WrongOptions_AreNamed()
    {
        Assert.Contains("999999", Assert.Throws<ArgumentException>(() => Create(true, new MLTokenizerOptions { BeginningOfSentenceId = 999999 })).Message);
        Assert.Contains("0", Assert.Throws<ArgumentException>(() => Create(true, new MLTokenizerOptions { VocabularySize = 0 })).Message);
    }

    [Fact]
    public void Decode_IdOutOfRange_IsNamed() =>
        Assert.Equal(-5, Assert.Throws<ArgumentOutOfRangeException>(() => CreateDemo().Decode([1, -5])).ActualValue);

    [Fact]
    public async Task UseMLTokenizer_Generator_GivesTheSameVectors()
    {
        await using ServiceProvider provider = new ServiceCollection().AddMetaEolEmbeddings(TestPaths.DemoModel)
            .UseMLTokenizer(folder =>
            {
                using FileStream file = File.OpenRead(Path.Combine(folder, "tokenizer.model"));
                return LlamaTokenizer.Create(file);
            }).Services.BuildServiceProvider();
        await using ServiceProvider plain = new ServiceCollection().AddMetaEolEmbeddings(TestPaths.DemoModel).Services.BuildServiceProvider();
        var generator = provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        Embedding<float> found = await generator.GenerateAsync("A cat sits on the mat.");
        Assert.IsType<MLTokenizer>(generator.GetService(typeof(ITokenizer)));
        Embedding<float> expected = await plain.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync("A cat sits on the mat.");
        Assert.Equal(expected.Vector.ToArray(), found.Vector.ToArray());
    }

    private static MLTokenizer CreateDemo() => Create(addBeginning: true);

    private static MLTokenizer Create(bool addBeginning, MLTokenizerOptions? options = null)
    {
        using FileStream file = File.OpenRead(ModelFile);
        return new MLTokenizer(LlamaTokenizer.Create(file, addBeginOfSentence: addBeginning), options);
    }
}
