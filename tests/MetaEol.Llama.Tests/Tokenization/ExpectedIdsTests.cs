using System.Text;
using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>Ids of published tokenizers and of small ones with one option each, against Hugging Face's library. The files are third-party: read in place, skipped where missing.</summary>
public sealed class ExpectedIdsTests
{
    /// <summary>
    /// Here the reference puts a pending unknown token behind the byte tokens that follow it; its cases that other oracles dispute are optional.
    /// This implementation does the same, so they are asked for too.
    /// </summary>
    private const string SomeBytesMissing = "spm-byte-fallback-some-bytes-missing";

    [SkippableTheory]
    [InlineData("gpt2", "tokenizer.json")]
    [InlineData("llama2-metaspace", "tokenizer.json")]
    [InlineData("llama2-metaspace", "tokenizer.strings.json")]
    [InlineData("llama2-prepend", "tokenizer.json")]
    [InlineData("llama2-prepend", "tokenizer.arrays.json")]
    [InlineData("llama3", "tokenizer.json")]
    [InlineData("qwen2", "tokenizer.json")]
    [InlineData("smollm2", "tokenizer.json")]
    public void Encode_PublishedTokenizerJson_GivesTheIdsOfTheReference(string folder, string file)
    {
        ITokenizer tokenizer = TokenizerLoader.Load(Path.Combine(TestPaths.SharedData("tokenizers", folder), file));
        List<ExpectedCase> cases = ExpectedCase.Load(TestPaths.SharedData("tokenizers", folder, "expected.json"));

        Assert.Equal(1456, cases.Count);
        AssertIds(tokenizer, cases, item => item.Ids);
        AssertIds(tokenizer.WithSpecialTokens(SpecialTokenHandling.PlainText), cases, item => item.PlainIds, "plain");
    }

    [SkippableFact]
    public void Encode_SentencePieceModel_GivesTheIdsOfTheReference()
    {
        ITokenizer tokenizer = TokenizerLoader.Load(TestPaths.SharedData("llama2", "tokenizer.model"));
        List<ExpectedCase> cases = ExpectedCase.Load(TestPaths.SharedData("tokenizers", "llama2-sentencepiece", "expected.json"));

        Assert.Equal(1456, cases.Count);
        AssertIds(tokenizer.WithSpecialTokens(SpecialTokenHandling.PlainText), cases, item => item.Ids);
    }

    /// <summary>Hugging Face converts the model, in one of two ways that the settings name; the tokenizer.json beside the reference ids is what comes of it.</summary>
    [SkippableTheory]
    [InlineData("llama2-prepend", false)]
    [InlineData("llama2-prepend", true)]
    [InlineData("llama2-metaspace", true)]
    public void Encode_SentencePieceModelAlone_GivesTheIdsOfItsConversion(string folder, bool withSettings)
    {
        using TemporaryFile model = new("tokenizer.model", File.ReadAllBytes(TestPaths.SharedData("llama2", "tokenizer.model")));
        if (withSettings)
        {
            File.Copy(TestPaths.SharedData("tokenizers", folder, "tokenizer_config.json"), Path.Combine(model.Folder, "tokenizer_config.json"));
        }

        ITokenizer tokenizer = TokenizerLoader.Load(model.Folder);

        AssertIds(tokenizer, ExpectedCase.Load(TestPaths.SharedData("tokenizers", folder, "expected.json")), item => item.Ids);
    }

    [SkippableFact]
    public void Encode_OneOptionEach_GivesTheIdsOfTheReference()
    {
        string[] folders = Directory.GetDirectories(TestPaths.SharedData("tokenizers", "flags"));

        Assert.Equal(35, folders.Length);
        Assert.Contains(folders, folder => Path.GetFileName(folder) == SomeBytesMissing);
        foreach (string folder in folders)
        {
            // These files record the default reading only.
            AssertIds(TokenizerLoader.Load(folder), ExpectedCase.Load(Path.Combine(folder, "expected.json")), item => item.Ids, Path.GetFileName(folder));
        }
    }

    private static void AssertIds(ITokenizer tokenizer, List<ExpectedCase> cases, Func<ExpectedCase, int[]> expected, string name = "")
    {
        List<string> failures = [];
        foreach (ExpectedCase item in cases)
        {
            int[] ids = tokenizer.Encode(item.Text);
            if (!ids.AsSpan().SequenceEqual(expected(item)))
            {
                failures.Add(Describe(item, ids, expected(item)));
            }
        }

        Assert.True(failures.Count == 0, $"{name}: {failures.Count} of {cases.Count}: {string.Join('\n', failures.Take(5))}");
    }

    private static string Describe(ExpectedCase item, int[] actual, int[] expected)
    {
        StringBuilder escaped = new();
        foreach (char c in item.Text.Length > 80 ? item.Text[..80] : item.Text)
        {
            escaped.Append(c is >= ' ' and < (char)127 ? c.ToString() : $"\\u{(int)c:x4}");
        }

        int at = 0;
        while (at < actual.Length && at < expected.Length && actual[at] == expected[at])
        {
            at++;
        }

        return $"[{item.Category}{(item.IsDisputed ? ", disputed" : "")}] \"{escaped}\" at {at}: got {string.Join(' ', actual.Skip(at).Take(8))}, expected {string.Join(' ', expected.Skip(at).Take(8))}";
    }
}
