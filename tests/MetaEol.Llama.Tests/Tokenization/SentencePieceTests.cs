using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>SentencePiece models with one option each, and damaged ones.</summary>
public sealed class SentencePieceTests
{
    [Fact]
    public void Encode_Scores_DecideTheOrderOfMerging()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel().Add("▁", "a", "b", "c", "bc", "ab", "▁ab");

        Assert.Equal(Ids(model, "<s>", "▁", "a", "bc"), model.Load().Encode("abc"));
        Assert.Equal(Ids(model, "<s>", "▁ab"), model.Load().Encode("ab"));
    }

    [Fact]
    public void Encode_EqualScores_MergeLeftmostFirst()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { AddDummyPrefix = false }.Add("a", "b");
        model.Pieces.AddRange([("aa", -9, 1), ("ab", -9, 1)]);

        Assert.Equal(Ids(model, "<s>", "aa", "a"), model.Load().Encode("aaa"));
        Assert.Equal(Ids(model, "<s>", "aa", "b"), model.Load().Encode("aab"));
    }

    [Fact]
    public void Encode_UserDefinedPiece_IsFoundFirstAndNeverMerged()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { AddDummyPrefix = false }.Add("a", "b", "c", "ab", "cab", "bc");
        model.Pieces.AddRange([("bc", 0, 4), ("b", 0, 4)]);
        model.Pieces.RemoveAt(model.Id("bc"));
        model.Pieces.RemoveAt(model.Id("b"));

        Assert.Equal(Ids(model, "<s>", "a", "bc", "a", "b"), model.Load().Encode("abcab"));
    }

    [Fact]
    public void Encode_UnusedPiece_ComesApartAgain()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { AddDummyPrefix = false }.Add("a", "b", "c");
        model.Pieces.AddRange([("ab", -4, 5), ("abc", -5, 1), ("abca", -6, 5)]);
        ITokenizer tokenizer = model.Load();

        Assert.Equal(Ids(model, "<s>", "a", "b"), tokenizer.Encode("ab"));
        Assert.Equal(Ids(model, "<s>", "abc", "a"), tokenizer.Encode("abca"));
    }

    [Fact]
    public void Encode_UnknownCharacters_AreFusedOrBytes()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { AddDummyPrefix = false }.Add("a", "▁");
        Assert.Equal(Ids(model, "<s>", "a", "<unk>", "a", "<unk>", "▁", "<unk>"), model.Load().Encode("aééaé é"));

        model.AddBytes();
        Assert.Equal(Ids(model, "<s>", "a", "<0xC3>", "<0xA9>", "▁"), model.Load().Encode("aé "));
    }

    [Fact]
    public void Encode_ControlPieceInText_IsFoundOrPlainText()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { AddDummyPrefix = false }.Add("<", "s", ">", "/");

        Assert.Equal(Ids(model, "<s>", "<s>", "s", "</s>"), model.Load().Encode("<s>s</s>"));
        Assert.Equal(Ids(model, "<s>", "<", "s", ">"), model.Load().WithSpecialTokens(SpecialTokenHandling.PlainText).Encode("<s>"));
    }

    /// <summary>The flags as Hugging Face's conversion has them, each with the settings that set it.</summary>
    [Theory]
    [InlineData(null, "x <s> x", "▁|x|▁|<s>|▁|▁|x")]
    [InlineData(null, "<unk>x</s>", "<unk>|▁|x|</s>")]
    [InlineData("""{ "legacy": true }""", "x<s>", "▁|x|<s>")]
    [InlineData("""{ "legacy": false }""", "x <s> x", "▁|x|▁|<s>|▁|x")]
    [InlineData("""{ "legacy": false }""", " x", "▁|x")]
    [InlineData("""{ "legacy": false }""", "<s>x", "<s>|x")]
    [InlineData("""{ "add_prefix_space": false }""", "x<s>x", "x|<s>|x")]
    [InlineData("""{ "add_prefix_space": null }""", "x", "x")]
    [InlineData("""{ "add_bos_token": null }""", "x<s>x", "▁|x|<s>|▁|x", false)]
    [InlineData("""{ "bos_token": { "content": "<s>", "lstrip": true, "rstrip": true, "normalized": false } }""", "x <s> x", "▁|x|<s>|▁|x")]
    [InlineData("""{ "bos_token": { "content": "<s>", "single_word": true, "normalized": false } }""", "x<s> <s>", "▁|x|<|s|>|▁|<s>")]
    [InlineData("""{ "bos_token": { "content": "<s>", "normalized": true } }""", "<s>x <s>", "▁<s>|x|▁<s>")]
    [InlineData("""{ "bos_token": "<s>", "added_tokens_decoder": { "1": { "content": "<s>", "lstrip": true, "normalized": false, "special": true } } }""", "x <s>", "▁|x|<s>")]
    [InlineData("""{ "eos_token": "x" }""", "<s>x</s>y", "<s>|x|</s>|▁|y")]
    [InlineData("""{ "unk_token": null }""", "<unk>", "▁|<|u|n|k|>")]
    [InlineData("""{ "pad_token": "y" }""", "xy", "▁|x|y")]
    public void Encode_AddedTokens_FollowTheSettings(string? config, string text, string expected, bool hasBos = true)
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel().Add("▁", "x", "y", "<", "s", ">", "/", "u", "n", "k");
        string[] pieces = [.. expected.Split('|').Select(piece => piece.Length > 1 ? piece.TrimStart('▁') : piece)];

        Assert.Equal(Ids(model, hasBos ? ["<s>", .. pieces] : pieces), model.Load(config).Encode(text));
    }

    [Fact]
    public void Encode_OldSpecialTokensMap_GoesBeforeSettingsWithoutAddedTokens()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel().Add("▁", "x");
        using TemporaryFile file = new("tokenizer.model", model.ToBytes());
        File.WriteAllText(Path.Combine(file.Folder, "special_tokens_map.json"), """{ "bos_token": { "content": "x", "lstrip": false } }""");
        Assert.Equal(Ids(model, "x"), TokenizerLoader.Load(file.Folder).Encode(""));

        File.WriteAllText(Path.Combine(file.Folder, "tokenizer_config.json"), """{ "bos_token": "</s>" }""");
        Assert.Equal(Ids(model, "x"), TokenizerLoader.Load(file.Folder).Encode(""));

        File.WriteAllText(Path.Combine(file.Folder, "tokenizer_config.json"), """{ "bos_token": "</s>", "added_tokens_decoder": {} }""");
        Assert.Equal(Ids(model, "</s>"), TokenizerLoader.Load(file.Folder).Encode(""));
    }

    [Fact]
    public void Encode_UserDefinedPiece_PartsTheTextAsAnAddedToken()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel().Add("▁", "x");
        model.Pieces.Add(("<u>", 0, SmallSentencePieceModel.UserDefined));
        ITokenizer tokenizer = model.Load();

        Assert.Equal(Ids(model, "<s>", "▁", "x", "<u>", "▁", "x"), tokenizer.Encode("x<u>x"));
        Assert.Equal(Ids(model, "<s>", "▁", "x", "<u>", "x"), tokenizer.WithSpecialTokens(SpecialTokenHandling.PlainText).Encode("x<u>x"));
    }

    [Theory]
    [InlineData(true, false, true, "  a  b ", new[] { "▁", "▁", "▁", "a", "▁", "▁", "b", "▁" })]
    [InlineData(false, false, true, " a", new[] { "▁", "a" })]
    [InlineData(true, true, true, "  a  b ", new[] { "▁", "a", "▁", "b" })]
    [InlineData(false, true, true, "  a  b ", new[] { "a", "▁", "b" })]
    [InlineData(true, true, true, "   ", new string[0])]
    [InlineData(true, false, false, "a b", new[] { " ", "a", " ", "b" })]
    public void Encode_WhiteSpaceOptions_AreApplied(bool dummy, bool remove, bool escape, string text, string[] expected)
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { AddDummyPrefix = dummy, RemoveExtraWhiteSpace = remove, EscapeWhiteSpace = escape }
            .Add("a", "b", "▁", " ");

        Assert.Equal(Ids(model, ["<s>", .. expected]), model.Load().Encode(text));
    }

    [Fact]
    public void Encode_WhiteSpaceAsSuffix_SetsTheDummySpaceBehind()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { WhiteSpaceAsSuffix = true }.Add("a", "▁", "a▁");
        ITokenizer tokenizer = model.Load();

        Assert.Equal(Ids(model, "<s>", "a▁", "a▁"), tokenizer.Encode("a a"));
        Assert.Equal("a a", tokenizer.Decode(tokenizer.Encode("a a").AsSpan(1)));
    }

    [Fact]
    public void Encode_CharacterMap_ReplacesTheLongestSequence()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { AddDummyPrefix = false, CharacterMap = SmallSentencePieceModel.CreateMap(("ﬁ", "fi"), ("\t", " "), ("é", "e"), ("e\u0301", "E"), ("x", "")) }
            .Add("f", "i", "▁", "e", "E", "a");

        Assert.Equal(Ids(model, "<s>", "f", "i", "▁", "e", "E", "a", "e"), model.Load().Encode("ﬁ\tée\u0301xae"));
    }

    [Theory]
    [InlineData(null, new[] { 1 }, new int[0])]
    [InlineData("{}", new[] { 1 }, new int[0])]
    [InlineData("{ \"add_bos_token\": false }", new int[0], new int[0])]
    [InlineData("{ \"add_eos_token\": true }", new[] { 1 }, new[] { 2 })]
    [InlineData("{ \"bos_token\": \"</s>\" }", new[] { 2 }, new int[0])]
    [InlineData("{ \"bos_token\": { \"content\": \"<s>\", \"lstrip\": false } }", new[] { 1 }, new int[0])]
    [InlineData("{ \"bos_token\": null, \"add_eos_token\": true, \"eos_token\": \"a\" }", new int[0], new[] { 3 })]
    public void Encode_Configuration_SaysWhichTokensAreAround(string? config, int[] before, int[] behind)
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { AddDummyPrefix = false }.Add("a");

        Assert.Equal([.. before, 3, .. behind], model.Load(config).Encode("a"));
        Assert.Equal(1, model.Load(config).CountTokens("a"));
    }

    [Theory]
    [InlineData("{ \"bos_token\": \"<begin>\" }", "<begin>")]
    [InlineData("{ \"add_bos_token\": 1 }", "add_bos_token")]
    [InlineData("{ \"bos_token\": 1 }", "bos_token")]
    [InlineData("[]", "tokenizer_config.json")]
    [InlineData("{", "tokenizer_config.json")]
    public void Load_WrongConfiguration_SaysWhat(string config, string expected) => Assert.Contains(
        expected, Assert.Throws<InvalidModelException>(() => new SmallSentencePieceModel().Add("a").Load(config)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1, "Unigram")]
    [InlineData(3, "Word")]
    [InlineData(4, "Char")]
    [InlineData(77, "77")]
    public void Load_OtherModelType_SaysWhatIsSupported(int type, string expected)
    {
        string message = Assert.Throws<InvalidModelException>(() => new SmallSentencePieceModel { ModelType = type }.Add("a").Load()).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("BPE", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ImpossiblePieces_Throws()
    {
        Throws(model => model.Pieces.Clear());
        Throws(model => model.Pieces.RemoveAt(0));
        Throws(model => model.Pieces.Add(("a", 0, 1)));
        Throws(model => model.Pieces.Add(("", 0, 1)));
        Throws(model => model.Pieces.Add(("x", float.NaN, 1)));
        Throws(model => model.Pieces.Add(("x", 0, 9)));
        Throws(model => model.Pieces.Add(("x", 0, 2)));
        Throws(model => model.Pieces.Add(("<0xZZ>", 0, 6)));
        Throws(model => model.ByteFallback = true);
        Throws(model => model.CharacterMap = [1, 2, 3]);
        Throws(model => model.CharacterMap = [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0, 0]);

        static void Throws(Action<SmallSentencePieceModel> change)
        {
            SmallSentencePieceModel model = new SmallSentencePieceModel().Add("a", "b");
            change(model);
            Assert.Throws<InvalidModelException>(() => model.Load());
        }
    }

    [Fact]
    public void Load_AbsurdLengths_Throws()
    {
        foreach (ulong length in new[] { 5UL, 1UL << 31, 1UL << 32, ulong.MaxValue })
        {
            Assert.Throws<InvalidModelException>(() => SmallSentencePieceModel.Load(new ProtobufWriter().Varint(10).Varint(length).ToArray()));
        }

        Assert.Throws<InvalidModelException>(() => SmallSentencePieceModel.Load([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
        Assert.Throws<InvalidModelException>(() => SmallSentencePieceModel.Load([]));
        Assert.Throws<InvalidModelException>(() => SmallSentencePieceModel.Load("not a model"u8.ToArray()));
    }

    [Fact]
    public void Load_RandomDamage_ThrowsOrGivesAWorkingTokenizer()
    {
        SmallSentencePieceModel source = new SmallSentencePieceModel { CharacterMap = SmallSentencePieceModel.CreateMap(("é", "e"), ("x", "yy")) }.Add("▁", "a", "b", "ab", "▁ab");
        source.Pieces.AddRange([("c", 0, 4), ("ba", -20, 5)]);
        byte[] content = source.ToBytes();
        Random random = new(12);
        int loaded = 0;
        for (int i = 0; i < 1000; i++)
        {
            try
            {
                ITokenizer tokenizer = SmallSentencePieceModel.Load(SmallTokenizer.Damage(content, random));
                int[] ids = tokenizer.Encode("ab ba  cé xab\u0001😀");
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
    public void Load_DemoModelTruncated_ThrowsOrKeepsItsPieces()
    {
        byte[] content = File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, "tokenizer.model"));
        for (int length = 0; length < content.Length; length += 997)
        {
            Assert.Throws<InvalidModelException>(() => SmallSentencePieceModel.Load(content[..length]));
        }
    }

    private static int[] Ids(SmallSentencePieceModel model, params string[] pieces) => [.. pieces.Select(model.Id)];
}
