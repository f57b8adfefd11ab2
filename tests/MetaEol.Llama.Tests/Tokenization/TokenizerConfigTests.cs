using System.Text;
using System.Text.Json.Nodes;
using MetaEol.Llama.Tokenization;

namespace MetaEol.Llama.Tests.Tokenization;

/// <summary>What tokenizer_config.json beside a tokenizer.json decides, as transformers 4.57 does it.</summary>
public sealed class TokenizerConfigTests
{
    private const string Begin = "<begin>";
    private const string End = "<end>";

    /// <summary>The post-processor of the file adds abc (6) before the text; the classes that set it anew take theirs in its place.</summary>
    [Theory]
    [InlineData(null, new[] { 6, 1 })]
    [InlineData("{}", new[] { 6, 1 })]
    [InlineData("""{ "tokenizer_class": null, "add_bos_token": false }""", new[] { 6, 1 })]
    [InlineData("""{ "tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": false }""", new[] { 6, 1 })]
    [InlineData("""{ "tokenizer_class": "Qwen2Tokenizer", "bos_token": "<begin>", "add_bos_token": true }""", new[] { 6, 1 })]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer" }""", new[] { 11, 1 })]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizerFast" }""", new[] { 11, 1 })]
    [InlineData("""{ "tokenizer_class": "CodeLlamaTokenizerFast", "add_eos_token": true }""", new[] { 11, 1, 12 })]
    [InlineData("""{ "tokenizer_class": "GemmaTokenizer", "bos_token": "<begin>" }""", new[] { 9, 1 })]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizerFast", "bos_token": "<begin>" }""", new[] { 9, 1 })]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizerFast", "bos_token": { "__type": "AddedToken", "content": "<begin>", "lstrip": false, "normalized": true, "rstrip": false, "single_word": false } }""", new[] { 9, 1 })]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "add_bos_token": true, "add_eos_token": false, "bos_token": "<begin>", "eos_token": "<end>" }""", new[] { 9, 1 })]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "add_bos_token": false, "add_eos_token": true, "bos_token": "<begin>", "eos_token": "<end>" }""", new[] { 1, 10 })]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "add_bos_token": null, "add_eos_token": null, "bos_token": "<begin>" }""", new[] { 1 })]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "add_bos_token": false, "bos_token": null, "eos_token": null }""", new[] { 1 })]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "bos_token": "b" }""", new[] { 2, 1 })]
    public void Encode_Class_DecidesWhoAddsTheTokensAround(string? config, int[] expected)
    {
        ITokenizer tokenizer = Load(config);

        Assert.Equal(expected, tokenizer.Encode("a"));
        Assert.Equal(expected, tokenizer.WithSpecialTokens(SpecialTokenHandling.PlainText).Encode("a"));
        Assert.Equal(1, tokenizer.CountTokens("a"));
    }

    /// <summary>Names and shapes of the files of DeepSeek-R1-Distill-Qwen, whose tokenizer.json adds no BOS.</summary>
    [Fact]
    public void Encode_BosOfTheSettingsAlone_IsAdded()
    {
        JsonObject json = SmallTokenizer.Create();
        json["added_tokens"] = JsonNode.Parse("""[ { "id": 9, "content": "<｜begin▁of▁sentence｜>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true } ]""");
        json["post_processor"] = JsonNode.Parse("""{ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false }""");
        const string Settings = """
            { "add_bos_token": true, "add_eos_token": false, "clean_up_tokenization_spaces": false, "legacy": true, "model_max_length": 16384, "unk_token": null,
              "bos_token": { "__type": "AddedToken", "content": "<｜begin▁of▁sentence｜>", "lstrip": false, "normalized": true, "rstrip": false, "single_word": false },
              "eos_token": { "__type": "AddedToken", "content": "<｜end▁of▁sentence｜>", "lstrip": false, "normalized": true, "rstrip": false, "single_word": false },
              "sp_model_kwargs": {}, "tokenizer_class": "LlamaTokenizerFast" }
            """;

        Assert.Equal([9, 6], Load(json, Settings).Encode("abc"));
        Assert.Equal([6], Load(json, null).Encode("abc"));
    }

    [Theory]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "bos_token": null }""", "'add_bos_token' is true (the default) but 'bos_token' is null")]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "add_bos_token": true, "bos_token": null }""", "'add_bos_token' is true but 'bos_token' is null")]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "add_eos_token": true, "eos_token": null }""", "'eos_token' is null")]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "bos_token": "<nothing>" }""", "'<nothing>'")]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "bos_token": 1 }""", "'bos_token' is 1")]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "bos_token": { "lstrip": true } }""", "'bos_token.content' is missing")]
    [InlineData("""{ "tokenizer_class": "LlamaTokenizer", "add_bos_token": "yes" }""", "'add_bos_token' is \"yes\"")]
    [InlineData("""{ "tokenizer_class": 1 }""", "'tokenizer_class' is 1")]
    [InlineData("""{ "added_tokens_decoder": [] }""", "'added_tokens_decoder' is []")]
    public void Load_SettingsThatCannotBe_SayWhat(string config, string expected)
    {
        string message = Assert.Throws<InvalidModelException>(() => Load(config)).Message;

        Assert.Contains("tokenizer_config.json", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    private static ITokenizer Load(string? config)
    {
        JsonObject json = SmallTokenizer.Create();
        JsonArray added = [];
        foreach (string token in new[] { Begin, End, "<s>", "</s>" })
        {
            added.Add(new JsonObject { ["id"] = 9 + added.Count, ["content"] = token, ["special"] = true, ["normalized"] = false });
        }

        json["added_tokens"] = added;
        json["post_processor"] = JsonNode.Parse("""
            { "type": "TemplateProcessing", "single": [ { "SpecialToken": { "id": "abc", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ],
              "special_tokens": { "abc": { "id": "abc", "ids": [ 6 ], "tokens": [ "abc" ] } } }
            """);
        return Load(json, config);
    }

    private static ITokenizer Load(JsonObject json, string? config)
    {
        using TemporaryFile file = new("tokenizer.json", Encoding.UTF8.GetBytes(json.ToJsonString()));
        if (config is not null)
        {
            File.WriteAllText(Path.Combine(file.Folder, "tokenizer_config.json"), config);
        }

        return TokenizerLoader.Load(file.Folder);
    }
}
