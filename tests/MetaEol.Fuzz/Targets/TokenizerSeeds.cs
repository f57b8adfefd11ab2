using System.Text;
using System.Text.Json.Nodes;
using MetaEol.Fuzz.Mutation;

namespace MetaEol.Fuzz.Targets;

/// <summary>Small tokenizers of all kinds that are supported.</summary>
internal static class TokenizerSeeds
{
    private static readonly string[] Words = ["a", "b", "c", "ab", "bc", "abc", " a", "▁a", "▁ab", "do", "dog", "dogs", "e", "n", "'t", "12"];

    /// <summary>The <c>tokenizer.json</c> of a few kinds: plain, byte-level, with byte fallback and Metaspace, with normalizers.</summary>
    public static IReadOnlyList<byte[]> Json { get; } = [Small(), ByteLevel(), ByteFallback(), Normalizing()];

    /// <summary>Texts that <c>tokenizer.json</c> files have in them.</summary>
    public static IReadOnlyList<string> JsonWords { get; } =
    [
        "BPE", "ByteLevel", "Metaspace", "Split", "Sequence", "Digits", "Punctuation", "Whitespace", "WhitespaceSplit", "Replace", "Prepend", "Strip", "NFC", "NFKC", "NFD", "NFKD", "Lowercase", "Nmt", "Precompiled", "BertNormalizer",
        "StripAccents", "TemplateProcessing", "ByteFallback", "Fuse", "BPEDecoder", "Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous", "always", "first", "never", "<0x41>", "<s>", "a b", "ab", "Ġ", "▁", "\\p{L}+", "(?:a|b)*", "[^\\s]", "\\s+(?!\\S)",
        .. PatternTarget.Words,
    ];

    /// <summary>Sections of <c>tokenizer.json</c> that take the place of others.</summary>
    public static IReadOnlyList<string> JsonValues { get; } =
    [
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""",
        """{"type":"Split","pattern":{"Regex":"\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)"},"behavior":"Isolated","invert":false}""", """{"type":"Split","pattern":{"String":"a"},"behavior":"MergedWithNext","invert":true}""",
        """{"type":"Replace","pattern":{"String":"a"},"content":"aa"}""", """{"type":"Replace","pattern":{"Regex":"a*"},"content":"b"}""", """{"type":"Prepend","prepend":"▁"}""", """{"type":"NFKC"}""", """{"type":"Lowercase"}""",
        """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Strip","strip_left":true,"strip_right":true}]}""", """{"type":"Digits","individual_digits":true}""", """{"type":"Punctuation","behavior":"Contiguous"}""",
        """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}""",
        """{"id":3,"content":" b","single_word":false,"lstrip":true,"rstrip":true,"normalized":true,"special":false}""", """{"id":1,"content":"<s>","single_word":true,"lstrip":false,"rstrip":false,"normalized":false,"special":true}""",
        """{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}""", """{"type":"BPEDecoder","suffix":"</w>"}""", """["a","b"]""",
    ];

    /// <summary>SentencePiece models: with and without bytes, settings and a map of characters.</summary>
    public static IReadOnlyList<byte[]> SentencePiece { get; } = [SentencePieceModel(bytes: false, map: []), SentencePieceModel(bytes: true, map: []), SentencePieceModel(bytes: false, map: SmallMap())];

    /// <summary>The settings beside a tokenizer.</summary>
    public static IReadOnlyList<byte[]> Settings { get; } =
    [
        Utf8("""
            {"add_bos_token":true,"add_eos_token":false,"add_prefix_space":true,"legacy":false,"tokenizer_class":"LlamaTokenizer","bos_token":"<s>","eos_token":{"content":"</s>","lstrip":false,"normalized":true},
             "unk_token":"<unk>","pad_token":null,"added_tokens_decoder":{"1":{"content":"<s>","lstrip":false,"normalized":false,"rstrip":false,"single_word":false,"special":true},"7":{"content":"ab","special":false,"lstrip":true}}}
            """),
        Utf8("""{"tokenizer_class":"PreTrainedTokenizerFast","bos_token":null,"eos_token":"</s>","clean_up_tokenization_spaces":false,"model_max_length":1000000000000000019884624838656}"""),
        Utf8("""{"tokenizer_class":"GemmaTokenizer","bos_token":"<s>","eos_token":"</s>","add_eos_token":true}"""),
    ];

    private static byte[] Small() => Build(Vocabulary(["<unk>", "a", "b", "c", "ab", "bc", "abc", "▁", " "]), ["a b", "b c", "ab c"], json => json["model"]!["unk_token"] = "<unk>");

    private static byte[] ByteLevel()
    {
        IEnumerable<string> letters = Enumerable.Range(0, 256).Select(b => ((char)(b is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? b : b + 256)).ToString()).Distinct();
        return Build(Vocabulary(["<|end|>", .. letters, "Ġa", "ab", "abc", "do", "dog", "12"]), ["Ġ a", "a b", "ab c", "d o", "do g", "1 2"], json =>
        {
            json["pre_tokenizer"] = JsonNode.Parse("""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""");
            json["decoder"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""");
            json["post_processor"] = JsonNode.Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|end|>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"<|end|>":{"id":"<|end|>","ids":[0],"tokens":["<|end|>"]}}}""");
            json["added_tokens"] = JsonNode.Parse("""[{"id":0,"content":"<|end|>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},{"id":263,"content":"<tool>","single_word":false,"lstrip":true,"rstrip":true,"normalized":true,"special":false}]""");
            json["model"]!["ignore_merges"] = true;
        });
    }

    private static byte[] ByteFallback() =>
        Build(Vocabulary(["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"), "▁", "a", "b", "c", "d", "o", "▁a", "ab", "▁ab"]), ["▁ a", "a b", "▁a b"], json =>
        {
            json["normalizer"] = JsonNode.Parse("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""");
            json["decoder"] = JsonNode.Parse("""{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}""");
            json["added_tokens"] = JsonNode.Parse("""[{"id":1,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}]""");
            json["model"]!["byte_fallback"] = true;
            json["model"]!["fuse_unk"] = true;
            json["model"]!["unk_token"] = "<unk>";
        });

    private static byte[] Normalizing() => Build(Vocabulary(["<unk>", .. "abcdefghijklmnopqrstuvwxyz0123456789'▁ ".Select(c => c.ToString()), "ab", "▁a"]), ["a b", "▁ a"], json =>
    {
        json["normalizer"] = JsonNode.Parse("""{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Lowercase"},{"type":"Strip","strip_left":true,"strip_right":false},{"type":"Replace","pattern":{"Regex":"[^a-z0-9 ']"},"content":""}]}""");
        json["pre_tokenizer"] = JsonNode.Parse("""{"type":"Sequence","pretokenizers":[{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true},{"type":"Digits","individual_digits":true},{"type":"Punctuation","behavior":"Isolated"}]}""");
        json["decoder"] = JsonNode.Parse("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""");
        json["model"]!["unk_token"] = "<unk>";
    });

    private static byte[] Build(JsonObject vocabulary, string[] merges, Action<JsonNode> edit)
    {
        JsonNode json = JsonNode.Parse("""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,"pre_tokenizer":null,"post_processor":null,"decoder":null,
             "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":false}}
            """)!;
        json["model"]!["vocab"] = vocabulary;
        json["model"]!["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]);
        edit(json);
        return Utf8(json.ToJsonString());
    }

    private static JsonObject Vocabulary(IEnumerable<string> tokens)
    {
        var vocabulary = new JsonObject();
        foreach (string token in tokens)
        {
            vocabulary.Add(token, vocabulary.Count);
        }

        return vocabulary;
    }

    private static byte[] SentencePieceModel(bool bytes, byte[] map)
    {
        const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Byte = 6;
        List<ProtobufField> model = [Piece("<unk>", 0, Unknown), Piece("<s>", 0, Control), Piece("</s>", 0, Control), Piece("<tool>", 0, UserDefined)];
        model.AddRange(Enumerable.Range(0, bytes ? 256 : 0).Select(b => Piece($"<0x{b:X2}>", 0, Byte)));
        model.AddRange(Words.Select((word, i) => Piece(word, -i, Normal)));
        model.Add(Message(2, [Number(3, 2), Number(24, 0), Number(35, bytes ? 1 : 0), Number(43, -1)]));
        model.Add(Message(3, [Text(1, "seed"), Bytes(2, map), Number(3, 1), Number(4, 0), Number(5, 1)]));
        List<byte> output = [];
        model.ForEach(field => field.Write(output));
        return [.. output];
    }

    // One rule, of "ﬁ" to "fi", as a double array: each unit's place is that of the node before it, shifted by its offset and label.
    private static byte[] SmallMap()
    {
        uint[] units = new uint[1024];
        int node = 0;
        foreach (byte label in Encoding.UTF8.GetBytes("ﬁ"))
        {
            units[node] |= 1u << 10;
            node ^= 1 ^ label;
            units[node] |= label;
        }

        units[node] |= (1u << 10) | 0x100;
        units[node ^ 1] = 0x8000_0000;
        return [.. BitConverter.GetBytes(4 * units.Length), .. units.SelectMany(BitConverter.GetBytes), .. "fi\0"u8];
    }

    private static ProtobufField Piece(string text, float score, int type) => Message(1, [Text(1, text), new((2 << 3) | 5, BitConverter.GetBytes(score)), Number(3, type)]);

    private static ProtobufField Message(ulong number, IReadOnlyList<ProtobufField> fields) => new((number << 3) | 2, [], fields);

    private static ProtobufField Text(ulong number, string text) => Bytes(number, Encoding.UTF8.GetBytes(text));

    private static ProtobufField Bytes(ulong number, byte[] bytes)
    {
        List<byte> content = [];
        ProtobufField.WriteVarint(content, (ulong)bytes.Length);
        return new((number << 3) | 2, [.. content, .. bytes]);
    }

    private static ProtobufField Number(ulong number, long value)
    {
        List<byte> content = [];
        ProtobufField.WriteVarint(content, (ulong)value);
        return new(number << 3, [.. content]);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
