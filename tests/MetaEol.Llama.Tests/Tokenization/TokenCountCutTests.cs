using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>The contract of <see cref="ITokenizer.GetIndexByTokenCount"/>.</summary>
public sealed class TokenCountCutTests
{
    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer.model")]
    public void GetIndexByTokenCount_RandomTexts_KeepsTheContract(string file)
    {
        string lines = File.ReadAllText(Path.Combine(TestPaths.Root, "tests", "data", "tokenizer-lines.txt"));
        KeepsTheContract(TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, file)), new(5, lines), 150);
    }

    [SkippableTheory]
    [InlineData("llama3")]
    [InlineData("qwen2")]
    [InlineData("smollm2")]
    [InlineData("llama2-metaspace")]
    [InlineData("flags/byte-split-removed")]
    [InlineData("flags/byte-added-token-flags-nfc")]
    [InlineData("flags/spm-no-byte-fallback-fuse")]
    [InlineData("flags/spm-replace-regex")]
    public void GetIndexByTokenCount_OtherTokenizers_KeepsTheContract(string folder)
    {
        ITokenizer tokenizer = TokenizerLoader.Load(TestPaths.SharedData("tokenizers", folder));
        KeepsTheContract(tokenizer, new(6, File.ReadAllText(TestPaths.SharedData("corpus", "masc.txt")) + " <both> word <mask>  <r> "), 60);
    }

    [Fact]
    public void GetIndexByTokenCount_WordCompletedBehindTheCut_IsKept()
    {
        // "guit" has more tokens than "guitar", and a cut there would be shorter than it has to be.
        ITokenizer tokenizer = TokenizerLoader.Load(TestPaths.DemoModel);
        string text = "He plays the guitar and the drums in a small band every night";
        for (int count = 0; count <= tokenizer.CountTokens(text); count++)
        {
            int longest = Enumerable.Range(0, text.Length + 1).Last(index => tokenizer.CountTokens(text[..index]) <= count);

            Assert.Equal(longest, tokenizer.GetIndexByTokenCount(text, count));
        }
    }

    [Fact]
    public void GetIndexByTokenCount_LongText_CostsFewTokenizations()
    {
        ITokenizer tokenizer = TokenizerLoader.Load(TestPaths.DemoModel);
        string lines = File.ReadAllText(Path.Combine(TestPaths.Root, "tests", "data", "tokenizer-lines.txt"));
        string text = string.Concat(Enumerable.Repeat(lines, 1_000_000 / lines.Length));
        tokenizer.CountTokens(text);
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        int total = tokenizer.CountTokens(text);
        TimeSpan one = watch.Elapsed;
        watch.Restart();
        int index = tokenizer.GetIndexByTokenCount(text, total / 2);

        Assert.True(watch.Elapsed < (200 * one) + TimeSpan.FromSeconds(2), $"Cutting took {watch.Elapsed}, counting {one}.");
        Assert.True(tokenizer.CountTokens(text[..index]) <= total / 2);
        Assert.InRange(index, text.Length * 4 / 10, text.Length * 6 / 10);
    }

    private static void KeepsTheContract(ITokenizer tokenizer, RandomTexts texts, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string text = texts.Next() + texts.Next();
            text = i % 5 == 0 ? text + "\uD83D" + text : text;
            int total = tokenizer.CountTokens(text);
            foreach (int maximum in new[] { 0, 1, 2, total / 3, total / 2, total - 1, total, total + 1, int.MaxValue })
            {
                if (maximum < 0)
                {
                    continue;
                }

                int index = tokenizer.GetIndexByTokenCount(text, maximum);
                Assert.InRange(index, 0, text.Length);
                Assert.True(tokenizer.CountTokens(text[..index]) <= maximum);
                Assert.False(index > 0 && index < text.Length && char.IsSurrogatePair(text, index - 1));
                if (total <= maximum)
                {
                    Assert.Equal(text.Length, index);
                }
                else
                {
                    Assert.True(index < text.Length);
                    int next = index + (char.IsSurrogatePair(text, index) ? 2 : 1);
                    Assert.True(tokenizer.CountTokens(text[..next]) > maximum, $"The cut at {index} of '{text}' could be longer.");
                }
            }
        }
    }
}
