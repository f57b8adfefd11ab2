using System.Text;
using System.Text.Json.Nodes;
using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>A tokenizer.json is untrusted: whatever is in it, loading ends soon, in a tokenizer or in an exception that says what is wrong.</summary>
public sealed class DamagedTokenizerJsonTests
{
    [Fact]
    public void Load_SmallFile_Works() => Assert.Equal([6, 4, 0, 3], SmallTokenizer.Load(SmallTokenizer.Create()).Encode("abcabxc"));

    [Theory]
    [InlineData("added_tokens", "{}", "added_tokens")]
    [InlineData("added_tokens", "[ 1 ]", "added_tokens[0]")]
    [InlineData("added_tokens", "[ { \"id\": -1, \"content\": \"x\" } ]", "added_tokens[0].id")]
    [InlineData("added_tokens", "[ { \"id\": 2147483648, \"content\": \"x\" } ]", "2147483648")]
    [InlineData("added_tokens", "[ { \"id\": 1 } ]", "content")]
    [InlineData("added_tokens", "[ { \"id\": 1, \"content\": \"x\", \"lstrip\": 1 } ]", "lstrip")]
    [InlineData("normalizer", "{ \"type\": \"BertNormalizer\" }", "BertNormalizer", "NFC", "Prepend")]
    [InlineData("normalizer", "{ \"type\": \"Precompiled\" }", "Precompiled", "Supported are")]
    [InlineData("normalizer", "{ \"type\": \"Sequence\", \"normalizers\": [ { \"type\": \"Nmt\" } ] }", "normalizer.normalizers[0]", "Nmt")]
    [InlineData("normalizer", "{ \"type\": \"Replace\", \"pattern\": {}, \"content\": \"\" }", "normalizer.pattern", "Regex")]
    [InlineData("normalizer", "{ }", "normalizer.type")]
    [InlineData("normalizer", "3", "normalizer")]
    [InlineData("pre_tokenizer", "{ \"type\": \"Whitespace\" }", "Whitespace", "Metaspace", "Split")]
    [InlineData("pre_tokenizer", "{ \"type\": \"Metaspace\", \"replacement\": \"ab\" }", "replacement", "one character")]
    [InlineData("pre_tokenizer", "{ \"type\": \"Metaspace\", \"prepend_scheme\": \"last\" }", "last", "first")]
    [InlineData("pre_tokenizer", "{ \"type\": \"Split\", \"pattern\": { \"Regex\": \"(\" }, \"behavior\": \"Isolated\" }", "pre_tokenizer.pattern", "'('")]
    [InlineData("pre_tokenizer", "{ \"type\": \"Split\", \"pattern\": { \"Regex\": \"\\\\p{Thai}\" }, \"behavior\": \"Isolated\" }", "Thai", "Supported are")]
    [InlineData("pre_tokenizer", "{ \"type\": \"Split\", \"pattern\": { \"String\": \"a\" }, \"behavior\": \"Apart\" }", "Apart", "Isolated")]
    [InlineData("post_processor", "{ \"type\": \"Other\" }", "Other", "TemplateProcessing")]
    [InlineData("post_processor", "{ \"type\": \"TemplateProcessing\", \"single\": [ { \"SpecialToken\": { \"id\": \"<s>\" } } ], \"special_tokens\": {} }", "<s>")]
    [InlineData("post_processor", "{ \"type\": \"TemplateProcessing\", \"single\": [ { \"Sequence\": { \"id\": \"B\" } } ], \"special_tokens\": {} }", "Sequence A")]
    [InlineData("post_processor", "{ \"type\": \"RobertaProcessing\", \"sep\": [ \"</s>\", 4294967295 ], \"cls\": [ \"<s>\", 0 ] }", "post_processor.sep")]
    [InlineData("decoder", "{ \"type\": \"WordPiece\" }", "WordPiece", "ByteFallback")]
    [InlineData("decoder", "{ \"type\": \"Strip\", \"content\": \" \", \"start\": -1, \"stop\": 0 }", "decoder.start")]
    [InlineData("model.type", "\"Unigram\"", "Unigram", "BPE")]
    [InlineData("model.type", "\"WordPiece\"", "WordPiece", "BPE")]
    [InlineData("model.vocab", "[ [ \"a\", -1.5 ] ]", "model.vocab")]
    [InlineData("model.vocab", "{ \"a\": 2147483648 }", "2147483648")]
    [InlineData("model.vocab", "{ \"a\": -1 }", "-1")]
    [InlineData("model.vocab", "{ \"a\": 1.5 }", "1.5")]
    [InlineData("model.vocab", "{ \"a\": \"x\" }", "'a'")]
    [InlineData("model.vocab", "{ \"a\": 1, \"b\": 1, \"ab\": 2, \"c\": 3, \"bc\": 4, \"abc\": 5 }", "'a'", "'b'", "same id 1")]
    [InlineData("model.vocab", "null", "model.vocab")]
    [InlineData("model.merges", "[ \"a x\" ]", "model.merges[0]", "'x'")]
    [InlineData("model.merges", "[ \"a c\" ]", "model.merges[0]", "'ac'")]
    [InlineData("model.merges", "[ \"a b\", \"ab\" ]", "model.merges[1]", "one space")]
    [InlineData("model.merges", "[ [ \"a\" ] ]", "model.merges[0]")]
    [InlineData("model.merges", "[ [ \"a\", \"b\", \"c\" ] ]", "model.merges[0]")]
    [InlineData("model.merges", "[ 1 ]", "model.merges[0]")]
    [InlineData("model.merges", "\"a b\"", "model.merges")]
    [InlineData("model.dropout", "0.1", "dropout")]
    [InlineData("model.byte_fallback", "\"yes\"", "byte_fallback")]
    [InlineData("model", "{ \"type\": \"BPE\", \"merges\": [] }", "model.vocab", "missing")]
    [InlineData("model", "{ \"type\": \"BPE\", \"vocab\": {} }", "model.merges", "missing")]
    [InlineData("model", "[]", "model")]
    [InlineData("model", "null", "model")]
    public void Load_WrongOrUnsupportedSection_SaysWhatAndWhere(string section, string value, params string[] expected)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => SmallTokenizer.With(section, value));

        Assert.All(expected.Append("tokenizer.json"), part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{ \"model\": ")]
    [InlineData("{ \"model\": {} } trailing")]
    [InlineData("{ \"model\": { \"vocab\": { \"\\ud800\": 1 }, \"merges\": [] } }")]
    [InlineData("{ \"model\": { \"type\": \"\\udfff\" } }")]
    [InlineData("not json")]
    public void Load_NotATokenizer_Throws(string text) =>
        Assert.Throws<InvalidModelException>(() => SmallTokenizer.Load(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Load_DeepNesting_Throws()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"type\":\"Sequence\",\"normalizers\":[", 100_000));
        Assert.Throws<InvalidModelException>(() => SmallTokenizer.Load(Encoding.UTF8.GetBytes($"{{\"normalizer\":{deep}")));
        Assert.Throws<InvalidModelException>(() => SmallTokenizer.Load(Encoding.UTF8.GetBytes($"{{\"model\":{{\"extra\":{new string('[', 100_000)}")));
    }

    [Fact]
    public void Load_TruncatedFile_ThrowsAtEveryLength()
    {
        byte[] json = Encoding.UTF8.GetBytes(SmallTokenizer.Create().ToJsonString());
        for (int length = 0; length < json.Length; length++)
        {
            Assert.Throws<InvalidModelException>(() => SmallTokenizer.Load(json[..length]));
        }
    }

    [Fact]
    public void Load_DemoModelTruncated_Throws()
    {
        byte[] json = File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, "tokenizer.json"));
        for (int length = json.Length / 2; length < json.Length; length += json.Length / 20)
        {
            Assert.Throws<InvalidModelException>(() => SmallTokenizer.Load(json[..length]));
        }
    }

    [Fact]
    public void Load_RandomDamage_ThrowsOrGivesAWorkingTokenizer()
    {
        JsonObject source = SmallTokenizer.Create();
        source["normalizer"] = JsonNode.Parse("""{ "type": "Sequence", "normalizers": [ { "type": "Prepend", "prepend": "▁" }, { "type": "Replace", "pattern": { "Regex": " +" }, "content": "▁" } ] }""");
        source["pre_tokenizer"] = JsonNode.Parse("""{ "type": "Split", "pattern": { "Regex": "(?i:'s)|[^\\s\\p{L}]?\\p{L}+|\\s+(?!\\S)" }, "behavior": "MergedWithNext", "invert": false }""");
        source["added_tokens"] = JsonNode.Parse("""[ { "id": 9, "content": "<x>", "lstrip": true, "rstrip": true, "special": true, "normalized": false, "single_word": true } ]""");
        source["decoder"] = JsonNode.Parse("""{ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "first" }""");
        byte[] json = Encoding.UTF8.GetBytes(source.ToJsonString());
        Random random = new(11);
        int loaded = 0;
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = SmallTokenizer.Damage(json, random);
            try
            {
                ITokenizer tokenizer = SmallTokenizer.Load(damaged);
                int[] ids = tokenizer.Encode("abc <x> a's  bcab ▁x");
                Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
                tokenizer.Decode(ids);
                loaded++;
            }
            catch (InvalidModelException)
            {
                // A clear answer too.
            }
        }

        Assert.InRange(loaded, 1, 999);
    }

    [Fact]
    public void Load_LargestId_NeedsLittleMemory()
    {
        long before = GC.GetTotalAllocatedBytes(true);
        ITokenizer tokenizer = SmallTokenizer.With("model.vocab", $"{{ \"a\": 1, \"b\": 2, \"c\": 3, \"ab\": 4, \"bc\": 5, \"abc\": {(1 << 24) - 1} }}");

        Assert.Equal(1 << 24, tokenizer.VocabularySize);
        Assert.Equal([(1 << 24) - 1], tokenizer.Encode("abc"));
        Assert.True(GC.GetTotalAllocatedBytes(true) - before < 200L << 20);
    }

    [Fact]
    public void Encode_UnknownTokenMissing_SaysSo()
    {
        ITokenizer tokenizer = SmallTokenizer.With("model.unk_token", "\"<nothing>\"");

        Assert.Equal([6], tokenizer.Encode("abc"));
        Assert.Contains("<nothing>", Assert.Throws<InvalidModelException>(() => tokenizer.Encode("xyz")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_ExponentialExpression_ThrowsInsteadOfHanging()
    {
        ITokenizer tokenizer = SmallTokenizer.With("pre_tokenizer", """{ "type": "Split", "pattern": { "Regex": "(a+)+$" }, "behavior": "Isolated", "invert": false }""");

        Assert.Equal([1, 1, 1], tokenizer.Encode("aaa"));
        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => tokenizer.Encode(new string('a', 60) + "b"));
        Assert.Contains("(a+)+$", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoSuchFileOrFolder_SaysWhatIsExpected()
    {
        Assert.Throws<ArgumentNullException>(() => TokenizerLoader.Load(null!));
        Assert.Throws<ArgumentException>(() => TokenizerLoader.Load(""));
        Assert.Contains("tokenizer.json", Assert.Throws<InvalidModelException>(() => TokenizerLoader.Load("/no/such/folder")).Message, StringComparison.Ordinal);
        using TemporaryFile file = new("vocab.txt", [1]);
        Assert.Contains("tokenizer.model", Assert.Throws<InvalidModelException>(() => TokenizerLoader.Load(file.Folder)).Message, StringComparison.Ordinal);
        Assert.Contains(".json", Assert.Throws<InvalidModelException>(() => TokenizerLoader.Load(file.Path)).Message, StringComparison.Ordinal);
    }
}
