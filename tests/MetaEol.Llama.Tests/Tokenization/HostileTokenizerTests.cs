using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>Tokenizers made to take all time or memory there is: each loads and works in time, or is refused with a sentence.</summary>
public sealed class HostileTokenizerTests
{
    private const string TooMuch = "grow without bound";

    private static readonly string ManyLetters = new('a', 1_000_000);

    [Theory]
    [InlineData("""{ "type": "Replace", "pattern": { "String": "a" }, "content": "aa" }""")]
    [InlineData("""{ "type": "Replace", "pattern": { "Regex": "a" }, "content": "aa" }""")]
    [InlineData("""{ "type": "Prepend", "prepend": "PREFIX" }""")]
    public void Encode_NormalizersThatDoubleTheText_AreStopped(string step)
    {
        string steps = string.Join(',', Enumerable.Repeat(step.Replace("PREFIX", new string('a', 300_000), StringComparison.Ordinal), 40));
        ITokenizer tokenizer = TimeLimit.Run(() => SmallTokenizer.With("normalizer", $"{{ \"type\": \"Sequence\", \"normalizers\": [ {steps} ] }}"));

        Assert.Contains(TooMuch, TimeLimit.Throws(() => tokenizer.Encode("abc")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_LongReplacement_IsStopped()
    {
        string step = $"{{ \"type\": \"Replace\", \"pattern\": {{ \"String\": \"a\" }}, \"content\": \"{new string('b', 1_000_000)}\" }}";
        ITokenizer tokenizer = TimeLimit.Run(() => SmallTokenizer.With("normalizer", step));

        Assert.Contains(TooMuch, TimeLimit.Throws(() => tokenizer.Encode(ManyLetters)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_FortyByteLevels_AreStopped()
    {
        string steps = string.Join(',', Enumerable.Repeat("""{ "type": "ByteLevel", "add_prefix_space": true, "use_regex": false }""", 40));
        ITokenizer tokenizer = TimeLimit.Run(() => SmallTokenizer.With("pre_tokenizer", $"{{ \"type\": \"Sequence\", \"pretokenizers\": [ {steps} ] }}"));

        Assert.Contains(TooMuch, TimeLimit.Throws(() => tokenizer.Encode("é é é")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("normalizer", "normalizers", """{ "type": "Lowercase" }""")]
    [InlineData("pre_tokenizer", "pretokenizers", """{ "type": "Digits" }""")]
    [InlineData("decoder", "decoders", """{ "type": "Fuse" }""")]
    public void Load_ThousandsOfSteps_AreRefused(string section, string list, string step)
    {
        string steps = string.Join(',', Enumerable.Repeat(step, 100_000));

        string message = TimeLimit.Throws(() => SmallTokenizer.With(section, $"{{ \"type\": \"Sequence\", \"{list}\": [ {steps} ] }}")).Message;

        Assert.Contains("has 100000 steps; at most 64", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_DecodersThatDoubleTheText_AreStopped()
    {
        string steps = string.Join(',', Enumerable.Repeat("""{ "type": "Replace", "pattern": { "String": "a" }, "content": "aa" }""", 40));
        ITokenizer tokenizer = SmallTokenizer.With("decoder", $"{{ \"type\": \"Sequence\", \"decoders\": [ {steps} ] }}");

        Assert.Contains(TooMuch, TimeLimit.Throws(() => tokenizer.Decode([1, 2, 3])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_ExpressionThatBacktracks_IsStopped()
    {
        ITokenizer tokenizer = SmallTokenizer.With("decoder", """{ "type": "Sequence", "decoders": [ { "type": "Fuse" }, { "type": "Replace", "pattern": { "Regex": "(a+)+$" }, "content": "" } ] }""");

        Assert.Contains("backtracks", TimeLimit.Throws(() => tokenizer.Decode([.. Enumerable.Repeat(1, 60), 2])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("continuing_subword_prefix")]
    [InlineData("end_of_word_suffix")]
    public void Load_LongAffix_IsRefused(string name) => Assert.Contains(
        name, TimeLimit.Throws(() => SmallTokenizer.With($"model.{name}", $"\"{new string('#', 1_000_000)}\"")).Message, StringComparison.Ordinal);

    /// <summary>A node for each character took 250 bytes for each of the file's.</summary>
    [Fact]
    public void Load_FiveMegabytesOfAddedTokens_TakeLittleMemory()
    {
        Random random = new(1);
        JsonArray tokens = [];
        for (int i = 0; i < 5000; i++)
        {
            string token = string.Create(1000, random, (characters, source) =>
            {
                for (int j = 0; j < characters.Length; j++)
                {
                    characters[j] = (char)('a' + source.Next(26));
                }
            });
            tokens.Add(new JsonObject { ["id"] = 100 + i, ["content"] = token, ["special"] = true, ["normalized"] = false });
        }

        JsonObject json = SmallTokenizer.Create();
        string last = tokens[^1]!["content"]!.GetValue<string>();
        json["added_tokens"] = tokens;
        byte[] content = Encoding.UTF8.GetBytes(json.ToJsonString());

        (ITokenizer tokenizer, long allocated) = TimeLimit.Run(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            ITokenizer loaded = SmallTokenizer.Load(content);
            return (loaded, GC.GetAllocatedBytesForCurrentThread() - before);
        });

        Assert.InRange(allocated, 0, 100L << 20);
        Assert.Equal([9 + 4999], tokenizer.Encode(last));
    }

    [Fact]
    public void Load_HundredsOfThousandsOfAddedTokens_AreRefused()
    {
        string tokens = string.Join(',', Enumerable.Range(0, 300_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{i},\"content\":\"t{i}\"}}")));

        Assert.Contains("at most", TimeLimit.Throws(() => SmallTokenizer.With("added_tokens", $"[{tokens}]")).Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever runs of white space tokens there are, the run in the text is searched once.</summary>
    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    [InlineData(true, true, true)]
    public void Encode_WhiteSpaceTokensThatStrip_TakeLinearTime(bool left, bool right, bool single)
    {
        JsonArray tokens = [];
        foreach (string content in new[] { " ", "  ", new string(' ', 5000), "\t", " a" })
        {
            tokens.Add(new JsonObject
            {
                ["id"] = 20 + tokens.Count,
                ["content"] = content,
                ["lstrip"] = left,
                ["rstrip"] = right,
                ["single_word"] = single,
                ["normalized"] = false,
                ["special"] = true,
            });
        }

        ITokenizer tokenizer = SmallTokenizer.With("added_tokens", tokens.ToJsonString());
        string white = string.Concat(Enumerable.Repeat(" \t", 500_000));

        Assert.NotEmpty(TimeLimit.Run(() => tokenizer.Encode(white)));
        Assert.NotEmpty(TimeLimit.Run(() => tokenizer.Encode(new string(' ', 1_000_000))));
        Assert.NotEmpty(TimeLimit.Run(() => tokenizer.Encode($"{white}a{white}")));
    }

    [Fact]
    public void Encode_LongTokenThatNearlyMatchesEverywhere_IsStopped()
    {
        string token = new string('a', 300_000) + "b";
        ITokenizer tokenizer = SmallTokenizer.With("added_tokens", $"[ {{ \"id\": 9, \"content\": \"{token}\", \"normalized\": false }} ]");

        Assert.Equal([9], TimeLimit.Run(() => tokenizer.Encode(token)));
        Assert.Contains(TooMuch, TimeLimit.Throws(() => tokenizer.Encode(ManyLetters)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_LongUserDefinedPiece_TakesNoQuadraticTime()
    {
        SmallSentencePieceModel model = new SmallSentencePieceModel { AddDummyPrefix = false }.Add("a", "c");
        model.Pieces.Add((new string('a', 300_000) + "b", 0, SmallSentencePieceModel.UserDefined));
        ITokenizer tokenizer = model.Load();

        foreach (ITokenizer reading in new[] { tokenizer, tokenizer.WithSpecialTokens(SpecialTokenHandling.PlainText) })
        {
            Assert.Equal([1, 5, 4], TimeLimit.Run(() => reading.Encode(model.Pieces[5].Text + "c")));
            Assert.Equal([1, 4, 4], TimeLimit.Run(() => reading.Encode("cc")));
            Assert.Contains(TooMuch, TimeLimit.Throws(() => reading.Encode(ManyLetters)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Encode_CharacterMapOfMegabytes_IsStopped()
    {
        ITokenizer tokenizer = new SmallSentencePieceModel { CharacterMap = SmallSentencePieceModel.CreateMap(("a", new string('b', 1_000_000))) }.Add("a", "b").Load();

        Assert.Contains(TooMuch, TimeLimit.Throws(() => tokenizer.Encode(ManyLetters)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xA9 })]
    [InlineData(new byte[] { (byte)'a', 0xE2, 0x96 })]
    public void Load_PieceWithAPartOfACharacter_IsRefused(byte[] piece)
    {
        ProtobufWriter model = new();
        model.Bytes(1, new ProtobufWriter().Text(1, "<unk>").Number(3, SmallSentencePieceModel.Unknown).ToArray());
        model.Bytes(1, new ProtobufWriter().Bytes(1, piece).Number(3, SmallSentencePieceModel.UserDefined).ToArray());
        model.Bytes(2, new ProtobufWriter().Number(3, 2).ToArray());

        Assert.Contains("piece 1 is not valid UTF-8", TimeLimit.Throws(() => SmallSentencePieceModel.Load(model.ToArray())).Message, StringComparison.Ordinal);
    }

    /// <summary>A character map is not checked as a whole: one that matches a part of a character gives odd ids, and nothing worse.</summary>
    [Theory]
    [InlineData(new byte[] { 0xC3 }, new byte[] { (byte)'a' })]
    [InlineData(new byte[] { 0xE4, 0xB8 }, new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x98 }, new byte[] { })]
    public void Encode_CharacterMapOfPartsOfCharacters_GivesIds(byte[] from, byte[] to)
    {
        foreach (bool bytes in new[] { false, true })
        {
            SmallSentencePieceModel model = new SmallSentencePieceModel { CharacterMap = SmallSentencePieceModel.CreateMap((from, to)) }.Add("a", "▁");
            ITokenizer tokenizer = (bytes ? model.AddBytes() : model).Load();
            foreach (string text in new[] { "é", "aé", "中", "中中é", "😀", "a😀a" })
            {
                int[] ids = TimeLimit.Run(() => tokenizer.Encode(text));

                Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
                Assert.NotNull(tokenizer.Decode(ids));
            }
        }
    }

    [Theory]
    [InlineData("""{ "model": { "type": "BPE", "vocab": { "a": 0, "b": 1, "a": 2 }, "merges": [] } }""", "'a' twice")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": { "a": 0, "\u0061": 2 }, "merges": [] } }""", "'a' twice")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [], "merges": [] } }""", "'model.merges' stands there twice")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [], "other": { "x": 1, "x": 2 } } }""", "'x'")]
    [InlineData("""{ "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [] }, "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [] } }""", "'model' stands there twice")]
    [InlineData("""{ "normalizer": null, "normalizer": null, "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [] } }""", "'normalizer' stands there twice")]
    [InlineData("""{ "normalizer": { "type": "NFC", "type": "NFD" }, "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [] } }""", "'type'")]
    [InlineData("""{ "truncation": { "x": 1, "x": 2 }, "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [] } }""", "'x'")]
    public void Load_KeyThatStandsTwice_IsRefusedWhereverItIs(string json, string expected)
    {
        string message = Assert.Throws<InvalidModelException>(() => SmallTokenizer.Load(Encoding.UTF8.GetBytes(json))).Message;

        Assert.Contains("tokenizer.json", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_LongNamesInErrors_AreCut()
    {
        string name = new('x', 1_000_000);
        foreach (Action load in new Action[]
        {
            () => SmallTokenizer.With("model.type", $"\"{name}\""),
            () => SmallTokenizer.With("model.vocab", $"{{ \"{name}\": -1 }}"),
            () => SmallTokenizer.With("model.merges", $"[ \"a {name}\" ]"),
            () => SmallTokenizer.With("model.merges", $"[ \"{name}\" ]"),
            () => SmallTokenizer.With("normalizer", $"{{ \"type\": \"{name}\" }}"),
            () => SmallTokenizer.With("pre_tokenizer", $"{{ \"type\": \"Split\", \"pattern\": {{ \"Regex\": \"{name}\" }}, \"behavior\": \"Isolated\" }}"),
            () => SmallTokenizer.With("post_processor", $"{{ \"type\": \"TemplateProcessing\", \"single\": [ {{ \"SpecialToken\": {{ \"id\": \"{name}\" }} }} ], \"special_tokens\": {{}} }}"),
            () => SmallTokenizer.With("decoder", $"{{ \"type\": \"Strip\", \"content\": \"{name}\", \"start\": 0, \"stop\": 0 }}"),
        })
        {
            Assert.InRange(TimeLimit.Throws(load).Message.Length, 10, 1500);
        }
    }
}
