using System.Text.Json.Nodes;
using MetaEol.Llama.Tokenization;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>Options of tokenizer.json one at a time, as the source of Hugging Face's library defines them.</summary>
public sealed class TokenizerJsonTests
{
    private const string Split = """{ "type": "Split", "pattern": { "String": "," }, "behavior": "BEHAVIOR", "invert": INVERT }""";

    [Theory]
    [InlineData("Removed", "false", "a|b|c")]
    [InlineData("Isolated", "false", "a|,|,|b|,|c")]
    [InlineData("MergedWithPrevious", "false", "a,|,|b,|c")]
    [InlineData("MergedWithNext", "false", "a|,|,b|,c")]
    [InlineData("Contiguous", "false", "a|,,|b|,|c")]
    [InlineData("Removed", "true", ",|,|,")]
    [InlineData("MergedWithNext", "true", "a,|,|b,|c")]
    public void Encode_Split_KeepsTheBorders(string behavior, string invert, string expected) => Assert.Equal(
        expected, Words("a,,b,c", preTokenizer: Split.Replace("BEHAVIOR", behavior, StringComparison.Ordinal).Replace("INVERT", invert, StringComparison.Ordinal)));

    [Theory]
    [InlineData("Removed", "a|b|c")]
    [InlineData("Isolated", "a|,|,|b|-|_|c|<")]
    [InlineData("MergedWithPrevious", "a,|,|b-|_|c<")]
    [InlineData("MergedWithNext", "a|,|,b|-|_c|<")]
    [InlineData("Contiguous", "a|,,|b|-_|c|<")]
    public void Encode_Punctuation_SplitsAtIt(string behavior, string expected) =>
        Assert.Equal(expected, Words("a,,b-_c<", preTokenizer: $"{{ \"type\": \"Punctuation\", \"behavior\": \"{behavior}\" }}"));

    /// <summary>ASCII symbols, the general category P as of Unicode 8, and nothing else; recorded from the reference.</summary>
    [Theory]
    [InlineData("$+<=>^`|~!_¡§—‿、。〽𐄀\u166D\U000111C9", true)]
    [InlineData("€£×÷½ªa1 \n\u061D\u0A76\u2E43\u2E52\u2E5D\U00010EAD\U00011FFF\U0001E5FF", false)]
    public void Characters_Punctuation_AreThoseOfTheReference(string characters, bool expected) =>
        Assert.All(characters.EnumerateRunes(), rune => Assert.Equal(expected, Punctuation.Characters.Contains(rune.Value)));

    [Theory]
    [InlineData("""{ "type": "Punctuation" }""", "a,,b", "a|,|,|b")]
    [InlineData("""{ "type": "Sequence", "pretokenizers": [ { "type": "Punctuation", "behavior": "Contiguous" }, { "type": "Digits", "individual_digits": true } ] }""", "a,-12", "a|,-|1|2")]
    [InlineData("""{ "type": "Digits", "individual_digits": true }""", "a12٣½b", "a|1|2|٣|½|b")]
    [InlineData("""{ "type": "Digits" }""", "a12٣½b3", "a|12٣½|b|3")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true }""", "a  b", "▁a|▁|▁b")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false }""", "a b", "▁a▁b")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "first" }""", " a", "▁a")]
    [InlineData("""{ "type": "Metaspace", "replacement": "_", "str_rep": "_", "add_prefix_space": false }""", "a b", "a|_b")]
    [InlineData("""{ "type": "Sequence", "pretokenizers": [ { "type": "Digits", "individual_digits": true }, { "type": "Metaspace", "prepend_scheme": "first" } ] }""", "a1b", "▁a|1|b")]
    [InlineData("""{ "type": "Sequence", "pretokenizers": [ { "type": "Digits", "individual_digits": true }, { "type": "Metaspace", "prepend_scheme": "always" } ] }""", "a1b", "▁a|▁1|▁b")]
    [InlineData("""{ "type": "ByteLevel", "add_prefix_space": true, "use_regex": true }""", "a bc é", "Ġa|Ġbc|ĠÃ©")]
    [InlineData("""{ "type": "ByteLevel", "add_prefix_space": true }""", " a", "Ġa")]
    [InlineData("""{ "type": "ByteLevel", "add_prefix_space": false, "use_regex": false }""", "a bc", "aĠbc")]
    [InlineData("""{ "type": "Sequence", "pretokenizers": [ { "type": "ByteLevel", "add_prefix_space": false, "use_regex": false }, { "type": "Split", "pattern": { "String": "Ġ" }, "behavior": "Isolated" } ] }""", "a b", "a|Ġ|b")]
    public void Encode_PreTokenizer_GivesTheWords(string preTokenizer, string text, string expected) => Assert.Equal(expected, Words(text, preTokenizer: preTokenizer));

    [Theory]
    [InlineData("""{ "type": "Prepend", "prepend": "▁▁" }""", "a", "▁▁a")]
    [InlineData("""{ "type": "Replace", "pattern": { "String": "ab" }, "content": "x" }""", "aabab", "axx")]
    [InlineData("""{ "type": "Replace", "pattern": { "Regex": " {2,}" }, "content": "_" }""", "a  b c   d", "a_b c_d")]
    [InlineData("""{ "type": "Replace", "pattern": { "Regex": "x*" }, "content": "-" }""", "axb", "-a-b-")]
    [InlineData("""{ "type": "Lowercase" }""", "AÉİΣ𐐀", "aéi̇σ𐐨")]
    [InlineData("""{ "type": "Strip", "strip_left": true, "strip_right": false }""", " \u3000a ", "a ")]
    [InlineData("""{ "type": "Strip" }""", " a\u0085", "a")]
    [InlineData("""{ "type": "Sequence", "normalizers": [ { "type": "Prepend", "prepend": "é" }, { "type": "Strip" }, { "type": "NFC" } ] }""", " ", "é")]
    [InlineData("""{ "type": "Sequence", "normalizers": [ { "type": "Prepend", "prepend": "é" }, { "type": "Strip" }, { "type": "Replace", "pattern": { "Regex": "é" }, "content": "ab" } ] }""", " ", "ab")]
    [InlineData("""{ "type": "NFC" }""", "e\u0301\uFFFEe\u0301", "é\uFFFEé")]
    [InlineData("""{ "type": "NFD" }""", "é", "e\u0301")]
    [InlineData("""{ "type": "NFKC" }""", "ﬁ²\u00A0", "fi2 ")]
    [InlineData("""{ "type": "NFKD" }""", "ﬁé", "fie\u0301")]
    [InlineData("""{ "type": "Sequence", "normalizers": [ { "type": "Lowercase" }, { "type": "Prepend", "prepend": "X" } ] }""", "A", "Xa")]
    [InlineData("null", "A", "A")]
    public void Encode_Normalizer_ChangesTheText(string normalizer, string text, string expected) => Assert.Equal(expected, Words(text, normalizer: normalizer));

    [Fact]
    public void Encode_MetaspaceFirst_LooksAtTheStartOfTheTextAsGiven()
    {
        const string First = """{ "type": "Metaspace", "prepend_scheme": "first", "split": false }""";

        Assert.Equal("▁a|<x>|b", Words("a<x>b", preTokenizer: First, added: ["<x>"]));
        Assert.Equal("<x>|b", Words("<x>b", preTokenizer: First, added: ["<x>"]));
        Assert.Equal("▁-a", Words("a", normalizer: """{ "type": "Prepend", "prepend": "-" }""", preTokenizer: First));
        Assert.Equal("b", Words(" b", normalizer: """{ "type": "Strip" }""", preTokenizer: First));
    }

    [Theory]
    [InlineData("{}", "a<x>b", "a|<x>|b")]
    [InlineData("""{ "lstrip": true }""", "a \t<x> b", "a|<x>| b")]
    [InlineData("""{ "rstrip": true }""", "a <x> \nb", "a |<x>|b")]
    [InlineData("""{ "lstrip": true, "rstrip": true }""", " <x>  <x> ", "<x>|<x>")]
    [InlineData("""{ "single_word": true }""", "a<x> <x>", "a<x> |<x>")]
    [InlineData("""{ "single_word": true }""", "<x>é <x>\u200D <x>_ (<x>)", "<x>é <x>\u200D <x>_ (|<x>|)")]
    public void Encode_AddedToken_IsFoundAsItsFlagsSay(string flags, string text, string expected)
    {
        Assert.Equal(expected, Words(text, added: ["<x>"], flags: flags));
    }

    [Fact]
    public void Encode_AddedTokens_LeftmostThenLongestIsFound()
    {
        Assert.Equal("<x>b|<x>|c", Words("<x>b<x>c", added: ["<x>", "<x>b"]));
        Assert.Equal("ab|c", Words("abc", added: ["ab", "bc"]));
    }

    [Fact]
    public void Encode_NormalizedAddedToken_IsFoundInTheNormalizedText()
    {
        const string Lowercase = """{ "type": "Lowercase" }""";

        Assert.Equal("a|<x>|b", Words("A<X>B", normalizer: Lowercase, added: ["<X>"], flags: """{ "normalized": true }""", spelling: "<x>"));
        Assert.Equal("a<x>b", Words("A<x>B", normalizer: Lowercase, added: ["<X>"]));
    }

    [Fact]
    public void Encode_AddedTokenIds_AreThoseOfTheModelOrCountOn()
    {
        JsonObject json = SmallTokenizer.Create();
        json["added_tokens"] = JsonNode.Parse("""[ { "id": 70, "content": "b" }, { "id": 80, "content": "<x>" }, { "id": 5, "content": "<y>" } ]""");

        Assert.Equal([1, 2, 3, 9, 10], SmallTokenizer.Load(json).Encode("abc<x><y>"));
        Assert.Equal(11, SmallTokenizer.Load(json).VocabularySize);
    }

    [Theory]
    [InlineData("null", new[] { 6 })]
    [InlineData("""{ "type": "ByteLevel" }""", new[] { 6 })]
    [InlineData("""{ "type": "BertProcessing", "sep": [ "x", 3 ], "cls": [ "y", 2 ] }""", new[] { 2, 6, 3 })]
    [InlineData("""{ "type": "RobertaProcessing", "sep": [ "x", 3 ], "cls": [ "y", 2 ], "trim_offsets": true, "add_prefix_space": true }""", new[] { 2, 6, 3 })]
    [InlineData("""{ "type": "TemplateProcessing", "single": [ { "SpecialToken": { "id": "s", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ], "pair": [], "special_tokens": { "s": { "id": "s", "ids": [ 1, 7 ], "tokens": [ "a", "b" ] } } }""", new[] { 1, 7, 6 })]
    [InlineData("""{ "type": "Sequence", "processors": [ { "type": "ByteLevel" }, { "type": "TemplateProcessing", "single": [ { "Sequence": { "id": "A" } }, { "SpecialToken": { "id": "s" } } ], "special_tokens": { "s": { "ids": [ 2 ] } } } ] }""", new[] { 6, 2 })]
    public void Encode_PostProcessor_AddsItsTokens(string postProcessor, int[] expected)
    {
        ITokenizer tokenizer = SmallTokenizer.With("post_processor", postProcessor);

        Assert.Equal(expected, tokenizer.Encode("abc"));
        Assert.Equal(1, tokenizer.CountTokens("abc"));
    }

    [Theory]
    [InlineData("null", "▁ ab c")]
    [InlineData("""{ "type": "Fuse" }""", "▁abc")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always" }""", "abc")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁", "add_prefix_space": false, "prepend_scheme": "never" }""", " abc")]
    [InlineData("""{ "type": "Replace", "pattern": { "Regex": "[▁b]" }, "content": "-" }""", "-a-c")]
    [InlineData("""{ "type": "BPEDecoder", "suffix": "b" }""", "▁a c")]
    [InlineData("""{ "type": "Strip", "content": "a", "start": 2, "stop": 1 }""", "▁bc")]
    [InlineData("""{ "type": "Sequence", "decoders": [ { "type": "Replace", "pattern": { "String": "▁" }, "content": " " }, { "type": "Fuse" }, { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] }""", "abc")]
    public void Decode_Decoder_GivesTheText(string decoder, string expected) => Assert.Equal(expected, SmallTokenizer.With("decoder", decoder).Decode([7, 4, 3]));

    [Fact]
    public void Decode_ByteFallback_GivesTextOrReplacementCharacters()
    {
        JsonObject json = SmallTokenizer.Create();
        json["model"]!["vocab"] = JsonNode.Parse("""{ "<0xC3>": 0, "<0xA9>": 1, "x": 2, "<0xZZ>": 3 }""");
        json["model"]!["merges"] = new JsonArray();
        json["decoder"] = JsonNode.Parse("""{ "type": "ByteFallback" }""");
        ITokenizer tokenizer = SmallTokenizer.Load(json);

        Assert.Equal("éx", tokenizer.Decode([0, 1, 2]));
        Assert.Equal("\uFFFDx\uFFFD\uFFFD", tokenizer.Decode([0, 2, 1, 0]));
        Assert.Equal("<0xZZ>", tokenizer.Decode([3]));
    }

    [Fact]
    public void Decode_ByteLevel_GivesUtf8OrReplacementCharacters()
    {
        JsonObject json = SmallTokenizer.Create();
        json["model"]!["vocab"] = JsonNode.Parse("""{ "Ã": 0, "©": 1, "Ġx": 2, "中": 3 }""");
        json["model"]!["merges"] = new JsonArray();
        json["decoder"] = JsonNode.Parse("""{ "type": "ByteLevel" }""");
        ITokenizer tokenizer = SmallTokenizer.Load(json);

        Assert.Equal("é x中", tokenizer.Decode([0, 1, 2, 3]));
        Assert.Equal("\uFFFD x", tokenizer.Decode([0, 2]));
    }

    [Fact]
    public void Encode_WordAffixes_AreSetAndMerged()
    {
        JsonObject json = SmallTokenizer.Create();
        json["model"]!["vocab"] = JsonNode.Parse("""{ "<unk>": 0, "a": 1, "##b": 2, "##c</w>": 3, "ab": 4, "abc</w>": 5, "a</w>": 6 }""");
        json["model"]!["merges"] = JsonNode.Parse("""[ "a ##b", "ab ##c</w>" ]""");
        json["model"]!["continuing_subword_prefix"] = "##";
        json["model"]!["end_of_word_suffix"] = "</w>";
        ITokenizer tokenizer = SmallTokenizer.Load(json);

        Assert.Equal([5], tokenizer.Encode("abc"));
        Assert.Equal([6], tokenizer.Encode("a"));
        Assert.Equal([1, 0], tokenizer.Encode("aa"));
    }

    [Fact]
    public void Load_MergesBeforeVocabulary_AreRead()
    {
        JsonObject json = SmallTokenizer.Create();
        JsonObject model = json["model"]!.AsObject();
        JsonNode vocabulary = model["vocab"]!.DeepClone();
        model.Remove("vocab");
        model["vocab"] = vocabulary;

        Assert.Equal([6], SmallTokenizer.Load(json).Encode("abc"));
    }

    [Fact]
    public void Load_RepeatedMerge_TakesTheLaterRank()
    {
        JsonObject json = SmallTokenizer.Create();
        json["model"]!["merges"] = JsonNode.Parse("""[ "a b", "b c", "a b" ]""");

        Assert.Equal([1, 5], SmallTokenizer.Load(json).Encode("abc"));
    }

    /// <summary>The words that reach the model, seen through a vocabulary of single characters in which every word end shows: with unknown words as whole tokens.</summary>
    private static string Words(
        string text, string normalizer = "null", string preTokenizer = "null", string[]? added = null, string flags = "{}", string? spelling = null)
    {
        // Every stretch of the expected kinds of texts is a token of its own by ignore_merges; what is no token falls apart into characters with a mark at the end.
        JsonObject json = SmallTokenizer.Create();
        json["normalizer"] = JsonNode.Parse(normalizer);
        json["pre_tokenizer"] = JsonNode.Parse(preTokenizer);
        json["decoder"] = null;
        JsonObject vocabulary = [];
        foreach (string token in Alphabet)
        {
            vocabulary[token] = vocabulary.Count;
            vocabulary[token + "|"] = vocabulary.Count;
        }

        json["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray(), ["end_of_word_suffix"] = "|" };
        JsonArray tokens = [];
        foreach (string token in added ?? [])
        {
            JsonObject item = JsonNode.Parse(flags)!.AsObject();
            item["content"] = token;
            item["id"] = vocabulary.Count + tokens.Count;
            item["normalized"] ??= false;
            tokens.Add(item);
        }

        json["added_tokens"] = tokens;
        json["decoder"] = JsonNode.Parse("""{ "type": "Fuse" }""");
        ITokenizer tokenizer = SmallTokenizer.Load(json);
        List<string> words = [];
        bool open = false;
        foreach (int id in tokenizer.Encode(text))
        {
            string token = tokenizer.Decode([id]);
            bool isAdded = id >= vocabulary.Count;
            bool ends = !isAdded && token.Length > 1 && token.EndsWith('|');
            string content = ends ? token[..^1] : token;
            if (open && !isAdded)
            {
                words[^1] += content;
            }
            else
            {
                words.Add(isAdded ? spelling ?? content : content);
            }

            open = !isAdded && !ends;
        }

        return string.Join('|', words);
    }

    private static IEnumerable<string> Alphabet =>
        "abcdeAEBXfix,-_▁<>() \t\n\uFFFE\u0301\u0307\u200D\u0085\u3000123٣½²éÉσĠÃ©i".EnumerateRunes().Select(rune => rune.ToString()).Append("𐐨").Append("i̇"[..1]).Distinct();
}
