using System.Text.Json.Nodes;
using MetaEol.Llama.Tokenization;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>Prompts of which a part comes from outside: special tokens in it are plain text, and nothing else is read otherwise.</summary>
public sealed class PlainTextRangeTests
{
    private const string Template = "This sentence : \"";
    private const string Rest = "\" means in one word:\"";

    public static TheoryData<string> Published => ["gpt2", "llama2-metaspace", "llama2-prepend", "llama3", "qwen2", "smollm2"];

    [SkippableTheory]
    [MemberData(nameof(Published))]
    public void Encode_RangeWithoutSpecialTokens_EqualsTheWholeReading(string folder) =>
        AssertHarmlessRanges(TestPaths.SharedData("tokenizers", folder), TestPaths.SharedData("tokenizers", folder, "expected.json"));

    [SkippableFact]
    public void Encode_RangeWithoutSpecialTokensOneOptionEach_EqualsTheWholeReading()
    {
        foreach (string folder in Directory.GetDirectories(TestPaths.SharedData("tokenizers", "flags")))
        {
            AssertHarmlessRanges(folder, Path.Combine(folder, "expected.json"));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Published))]
    public void Encode_SpecialTokenInRange_EqualsATokenizerThatLacksIt(string folder) => AssertPlainInRange(TestPaths.SharedData("tokenizers", folder));

    [SkippableFact]
    public void Encode_SpecialTokenInRangeOneOptionEach_EqualsATokenizerThatLacksIt()
    {
        foreach (string folder in Directory.GetDirectories(TestPaths.SharedData("tokenizers", "flags")))
        {
            AssertPlainInRange(folder);
        }
    }

    [Fact]
    public void Encode_SpecialTokenInRangeOfTheDemoModel_EqualsATokenizerThatLacksIt()
    {
        AssertPlainInRange(TestPaths.DemoModel);
        AssertPlainInRange(TestPaths.DemoModel, token => token["normalized"] = true);
        AssertPlainInRange(TestPaths.DemoModel, token => (token["lstrip"], token["rstrip"]) = (true, true));
    }

    /// <summary>The tokenizer.model alone is what Hugging Face's conversion of it is, in every range.</summary>
    [Fact]
    public void Encode_RangesOfASentencePieceModel_EqualThoseOfItsConversion()
    {
        ITokenizer json = TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, "tokenizer.json"));
        using TemporaryFile alone = new("tokenizer.model", File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, "tokenizer.model")));
        AssertSameRanges(json, TokenizerLoader.Load(alone.Folder));

        JsonObject normalized = JsonNode.Parse(File.ReadAllText(Path.Combine(TestPaths.DemoModel, "tokenizer.json")))!.AsObject();
        foreach (JsonNode? token in normalized["added_tokens"]!.AsArray())
        {
            token!["normalized"] = true;
        }

        const string Token = """{ "content": "TOKEN", "lstrip": false, "normalized": true, "rstrip": false, "single_word": false }""";
        File.WriteAllText(
            Path.Combine(alone.Folder, "tokenizer_config.json"),
            $"{{ \"bos_token\": {Token.Replace("TOKEN", "<s>", StringComparison.Ordinal)}, \"eos_token\": {Token.Replace("TOKEN", "</s>", StringComparison.Ordinal)}, \"unk_token\": {Token.Replace("TOKEN", "<unk>", StringComparison.Ordinal)} }}");
        AssertSameRanges(SmallTokenizer.Load(normalized), TokenizerLoader.Load(alone.Folder));
    }

    /// <summary>The second line marks the part from outside; tokens are single letters or ids in brackets.</summary>
    [Theory]
    [InlineData("a[S]a", "  ^^^", "a|[|S|]|a")]
    [InlineData("a[S]a", "    ^", "a|(S)|a")]
    [InlineData("a[S]a", "^    ", "a|(S)|a")]
    [InlineData("a[S]a", " ^   ", "a|[|S|]|a")]
    [InlineData("a[S]a", "   ^ ", "a|[|S|]|a")]
    [InlineData("[S][S]", "   ^^^", "(S)|[|S|]")]
    [InlineData("[S][S]", "^^^   ", "[|S|]|(S)")]
    [InlineData("[S][S]", "  ^^  ", "[|S|]|[|S|]")]
    [InlineData("[N]", "^^^", "(N)")]
    [InlineData("[S]", "", "(S)")]
    public void Encode_BordersOfTheRange_DecideWhatIsSpecial(string text, string marks, string expected) => Assert.Equal(expected, Tokens(Brackets(), text, marks));

    /// <summary>What comes from outside can neither make a token of the template's nor unmake one.</summary>
    [Theory]
    [InlineData("abc", "^  ", "a|(bc)")]
    [InlineData("abc", "  ^", "(ab)|c")]
    [InlineData("abc", "   ", "(ab)|c")]
    [InlineData("abcd", "   ^", "(abc)|d")]
    [InlineData("abcde", "   ^ ", "(abc)|d|e")]
    [InlineData("abcd", "    ", "(abcd)")]
    public void Encode_OverlappingTokens_AreThoseOutsideTheRange(string text, string marks, string expected)
    {
        ITokenizer tokenizer = text.Length > 3 ? Load(("ab", true), ("bc", true), ("abc", true), ("abcd", true)) : Load(("ab", true), ("bc", true));

        Assert.Equal(expected, Tokens(tokenizer, text, marks));
    }

    [Theory]
    [InlineData("""{ "rstrip": true }""", "[S]  a", "   ^^^", "(S)|a")]
    [InlineData("""{ "rstrip": true }""", "[S] [S] a", "   ^^^^^^", "(S)|[|S|]| |a")]
    [InlineData("""{ "lstrip": true }""", "a  [S]", "^^^   ", "a|(S)")]
    [InlineData("""{ "lstrip": true }""", "a [S] [S]", "^^^^^^   ", "a| |[|S|]|(S)")]
    [InlineData("""{ "single_word": true }""", "[S]a", "   ^", "[|S|]|a")]
    [InlineData("""{ "single_word": true }""", "[S] a", "   ^^", "(S)| |a")]
    [InlineData("""{ "single_word": true }""", "a[S]", "^   ", "a|[|S|]")]
    public void Encode_FlagsOfTokensBesideTheRange_HoldAsEver(string flags, string text, string marks, string expected)
    {
        ITokenizer tokenizer = Brackets(flags);

        Assert.Equal(expected, Tokens(tokenizer, text, marks));
        if (!text[marks.IndexOf('^', StringComparison.Ordinal)..marks.Length].Contains("[S]", StringComparison.Ordinal))
        {
            Assert.Equal(Tokens(tokenizer, text, ""), Tokens(tokenizer, text, marks));
        }
    }

    /// <summary>Every normalizer, with special tokens that are looked for behind it: the range moves with the text.</summary>
    [Theory]
    [InlineData("""{ "type": "Prepend", "prepend": "aa" }""")]
    [InlineData("""{ "type": "Replace", "pattern": { "String": "b" }, "content": "c" }""")]
    [InlineData("""{ "type": "Replace", "pattern": { "String": "b" }, "content": "ccc" }""")]
    [InlineData("""{ "type": "Replace", "pattern": { "Regex": "b+" }, "content": "" }""")]
    [InlineData("""{ "type": "Replace", "pattern": { "Regex": "x?" }, "content": "c" }""")]
    [InlineData("""{ "type": "Lowercase" }""")]
    [InlineData("""{ "type": "Strip" }""")]
    [InlineData("""{ "type": "NFC" }""")]
    [InlineData("""{ "type": "NFD" }""")]
    [InlineData("""{ "type": "NFKC" }""")]
    [InlineData("""{ "type": "NFKD" }""")]
    [InlineData("""{ "type": "Sequence", "normalizers": [ { "type": "NFKD" }, { "type": "Replace", "pattern": { "String": "a" }, "content": "bb" }, { "type": "Prepend", "prepend": "c" }, { "type": "Strip" } ] }""")]
    public void Encode_NormalizedSpecialTokens_ArePlainInTheRangeOnly(string normalizer)
    {
        const int Special = 100;
        JsonObject json = SmallTokenizer.Create();
        JsonObject vocabulary = [];
        foreach (char c in "abcfisq[] xe\u0301éﬁ\u00E7\u0327①1\u0307")
        {
            vocabulary[c.ToString()] = vocabulary.Count;
        }

        for (int i = vocabulary.Count; i < Special; i++)
        {
            vocabulary[$"unused{i}"] = i;
        }

        json["model"]!["vocab"] = vocabulary;
        json["model"]!["merges"] = new JsonArray();
        json["model"]!["unk_token"] = null;
        json["normalizer"] = JsonNode.Parse(normalizer);
        json["added_tokens"] = JsonNode.Parse("""[ { "id": 100, "content": "[s]", "special": true, "normalized": true } ]""");
        ITokenizer tokenizer = SmallTokenizer.Load(json);
        Random random = new(7);
        string[] parts = ["a", "b", "bb", "x", " ", "e\u0301", "é", "ﬁ", "\u0327", "\u0301", "①", "\u0130", "[", "]", "s"];
        for (int i = 0; i < 2000; i++)
        {
            string before = Next(), user = Next() + "[s]" + Next(), behind = Next();

            // A letter at each border: neither marks nor strings to be replaced reach over it.
            string text = $"[s]{before}i{user}i[s]i{behind}";
            int start = 3 + before.Length, end = start + user.Length + 2;

            // The same with a letter that makes no token, and that no normalizer treats otherwise.
            string harmless = $"[s]{before}i{user.Replace("[s]", "[q]", StringComparison.Ordinal)}i[s]i{behind}";
            int[] expected = [.. tokenizer.Encode(harmless).Select(id => id == vocabulary["q"]!.GetValue<int>() ? vocabulary["s"]!.GetValue<int>() : id)];
            Assert.Equal(expected, tokenizer.Encode(text, start..end));
            Assert.DoesNotContain(Special, tokenizer.Encode(text, ..));
            Assert.Equal(tokenizer.Encode(text), tokenizer.Encode(text, (end + 4)..));
        }

        string Next() => string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => parts[random.Next(parts.Length - 3)]));
    }

    [Theory]
    [InlineData("""{ "type": "Strip" }""")]
    [InlineData("""{ "type": "Sequence", "normalizers": [ { "type": "Strip" }, { "type": "Lowercase" }, { "type": "NFC" }, { "type": "Replace", "pattern": { "Regex": "x" }, "content": "" } ] }""")]
    public void Encode_RangeOfWhatIsStripped_HasNothingInIt(string normalizer)
    {
        JsonObject json = SmallTokenizer.Create();
        json["normalizer"] = JsonNode.Parse(normalizer);
        json["added_tokens"] = JsonNode.Parse("""[ { "id": 9, "content": "<s>", "special": true, "normalized": true } ]""");
        ITokenizer tokenizer = SmallTokenizer.Load(json);

        foreach (string text in new[] { "  <s>a  ", "é  <s>  ", "   " })
        {
            Assert.Equal(tokenizer.Encode(text), tokenizer.Encode(text, ..2));
            Assert.Equal(tokenizer.Encode(text), tokenizer.Encode(text, ^2..));
        }
    }

    [Fact]
    public void Encode_RangeOutsideTheText_Throws()
    {
        foreach (string file in new[] { "tokenizer.json", "tokenizer.model" })
        {
            ITokenizer tokenizer = TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, file));

            Assert.Throws<ArgumentNullException>(() => tokenizer.Encode(null!, 0..0));
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Encode("abc", 0..4));
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Encode("abc", 2..1));
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Encode("abc", ^4..));
            Assert.Equal(tokenizer.Encode(""), tokenizer.Encode("", ..));
            Assert.Equal(tokenizer.Encode("abc"), tokenizer.Encode("abc", 3..3));
        }
    }

    [Fact]
    public void Encode_RangeInThePlainReading_ChangesNothing()
    {
        foreach (string file in new[] { "tokenizer.json", "tokenizer.model" })
        {
            ITokenizer plain = TokenizerLoader.Load(Path.Combine(TestPaths.DemoModel, file)).WithSpecialTokens(SpecialTokenHandling.PlainText);

            Assert.Equal(plain.Encode("<s>a</s>"), plain.Encode("<s>a</s>", 0..3));
        }
    }

    private static void AssertHarmlessRanges(string folder, string expectedFile)
    {
        ITokenizer tokenizer = TokenizerLoader.Load(folder);
        string[] specials = [.. AddedTokens(folder).Where(token => token["special"]?.GetValue<bool>() == true).Select(token => token["content"]!.GetValue<string>())];
        Random random = new(3);
        int checkedRanges = 0;
        foreach (ExpectedCase item in ExpectedCase.Load(expectedFile))
        {
            string text = item.Text;
            int start = random.Next(text.Length + 1), end = random.Next(start, text.Length + 1);
            if (specials.Any(special => Occurrences(text, special).Any(at => at < end && at + special.Length > start)))
            {
                continue;
            }

            Assert.Equal(item.Ids, tokenizer.Encode(text, start..end));
            checkedRanges++;
        }

        Assert.True(checkedRanges > 5, $"{folder}: {checkedRanges} ranges");
    }

    /// <summary>Prompts with one special token in the part from outside and others around it, against the same tokenizer without that token.</summary>
    private static void AssertPlainInRange(string folder, Action<JsonNode>? edit = null)
    {
        List<JsonNode> specials = [.. AddedTokens(folder).Where(token => token["special"]?.GetValue<bool>() == true && token["content"]!.GetValue<string>().Length > 0)];
        ITokenizer tokenizer = Load(folder, edit, without: null);
        foreach (JsonNode inside in specials.Take(4))
        {
            string token = inside["content"]!.GetValue<string>();
            ITokenizer reference = Load(folder, edit, without: token);
            foreach (string outside in specials.Where(other => other != inside).Select(other => other["content"]!.GetValue<string>()).Take(3).Append(""))
            {
                if (outside.Contains(token, StringComparison.Ordinal) || token.Contains(outside, StringComparison.Ordinal) && outside.Length > 0)
                {
                    continue;
                }

                foreach (string user in new[] { token, $"a {token} b", $"{token}{token}", $" {token} ", $"word{token}s", $"é{token}中" })
                {
                    foreach ((string before, string behind) in new[] { ("", ""), (Template, Rest), ($"{outside}{Template}", Rest), (Template, $"{Rest}{outside}"), ($"{outside} ", $" {outside}a") })
                    {
                        string text = before + user + behind;
                        Assert.Equal(reference.Encode(text), tokenizer.Encode(text, before.Length..(before.Length + user.Length)));
                    }
                }
            }
        }
    }

    private static void AssertSameRanges(ITokenizer expected, ITokenizer actual)
    {
        Random random = new(5);
        string[] parts = ["<s>", "</s>", "<unk>", " ", "a", "word", "▁", "é", "中", "<", "s>", "\n"];
        for (int i = 0; i < 3000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => parts[random.Next(parts.Length)]));
            int start = random.Next(text.Length + 1), end = random.Next(start, text.Length + 1);

            Assert.Equal(expected.Encode(text, start..end), actual.Encode(text, start..end));
        }
    }

    private static IEnumerable<int> Occurrences(string text, string part)
    {
        for (int at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + 1, StringComparison.Ordinal))
        {
            yield return at;
        }
    }

    private static IEnumerable<JsonNode> AddedTokens(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer.json")))!["added_tokens"]!.AsArray().Select(token => token!);

    private static ITokenizer Load(string folder, Action<JsonNode>? edit, string? without)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer.json")))!;
        JsonArray kept = [];
        foreach (JsonNode? token in json["added_tokens"]!.AsArray())
        {
            JsonNode copy = token!.DeepClone();
            edit?.Invoke(copy);
            if (copy["content"]!.GetValue<string>() == without)
            {
                if (json["model"]!["vocab"]!.AsObject().ContainsKey(without))
                {
                    continue;
                }

                // Without an entry of its own it would leave its id to the next one.
                copy["content"] = "\uE000\uE001";
            }

            kept.Add(copy);
        }

        json["added_tokens"] = kept;
        return SmallTokenizer.Load(json);
    }

    /// <summary>A tokenizer of single characters with the special token [S] and the added token [N].</summary>
    private static ITokenizer Brackets(string flags = "{}") => Load(flags, ("[S]", true), ("[N]", false));

    private static ITokenizer Load(params (string Content, bool Special)[] tokens) => Load("{}", tokens);

    private static ITokenizer Load(string flags, params (string Content, bool Special)[] tokens)
    {
        JsonObject json = SmallTokenizer.Create();
        JsonObject vocabulary = [];
        foreach (char c in "abcde[]SN ")
        {
            vocabulary[c.ToString()] = vocabulary.Count;
        }

        json["model"]!["vocab"] = vocabulary;
        json["model"]!["merges"] = new JsonArray();
        JsonArray added = [];
        foreach ((string content, bool special) in tokens)
        {
            JsonObject token = JsonNode.Parse(flags)!.AsObject();
            (token["id"], token["content"], token["special"], token["normalized"]) = (vocabulary.Count + added.Count, content, special, false);
            added.Add(token);
        }

        json["added_tokens"] = added;
        json["decoder"] = JsonNode.Parse("""{ "type": "Fuse" }""");
        return SmallTokenizer.Load(json);
    }

    /// <summary>The tokens of a text, added ones in parentheses without their brackets.</summary>
    private static string Tokens(ITokenizer tokenizer, string text, string marks)
    {
        int start = marks.IndexOf('^', StringComparison.Ordinal), end = marks.LastIndexOf('^') + 1;
        int[] ids = start < 0 ? tokenizer.Encode(text) : tokenizer.Encode(text, start..end);
        return string.Join('|', ids.Select(id => tokenizer.Decode([id])).Select(token => token.Length > 1 ? $"({token.Trim('[', ']')})" : token));
    }
}
