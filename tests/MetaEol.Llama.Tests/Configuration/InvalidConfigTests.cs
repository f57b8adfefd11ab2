using MetaEol.Llama.Configuration;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Configuration;

public sealed class InvalidConfigTests
{
    [Theory]
    [InlineData("GemmaForCausalLM", "gemma")]
    [InlineData("MixtralForCausalLM", "mixtral")]
    [InlineData("PhimoeForCausalLM", "phimoe")]
    [InlineData("Gemma3ForConditionalGeneration", "gemma3")]
    [InlineData("Olmo3ForCausalLM", "olmo3")]
    [InlineData("GraniteMoeForCausalLM", "granitemoe")]
    [InlineData("LlamaForCausalLM", "llama4")]
    [InlineData("GPT2LMHeadModel", "gpt2")]
    public void Parse_OtherArchitecture_NamesItAndTheSupportedOnes(string architecture, string modelType)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(
            () => LlamaConfig.Parse($$"""{ "architectures": ["{{architecture}}"], "model_type": "{{modelType}}" }"""));

        Assert.Contains(architecture, exception.Message, StringComparison.Ordinal);
        Assert.Contains($"'{modelType}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, Gemma2ForCausalLM, Gemma3ForCausalLM", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "architectures")]
    [InlineData("{ \"architectures\": [\"LlamaForSequenceClassification\"] }", "'LlamaForSequenceClassification'")]
    [InlineData("{ \"model_type\": \"bert\" }", "'bert'")]
    [InlineData("{ \"architectures\": [] }", "architectures")]
    [InlineData("{ \"architectures\": \"LlamaForCausalLM\" }", "an array of strings")]
    [InlineData("{ \"architectures\": [1] }", "a string")]
    [InlineData("{ \"architectures\": [\"\\ud800\"] }", "valid Unicode")]
    public void Parse_NoUsableArchitecture_SaysWhatIsExpected(string json, string part)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => LlamaConfig.Parse(json));

        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocab_size", "0")]
    [InlineData("vocab_size", "4294967297")]
    [InlineData("hidden_size", "-64")]
    [InlineData("hidden_size", "64.5")]
    [InlineData("hidden_size", "1e300")]
    [InlineData("hidden_size", "\"64\"")]
    [InlineData("hidden_size", "[64]")]
    [InlineData("intermediate_size", "0")]
    [InlineData("num_hidden_layers", "0")]
    [InlineData("num_hidden_layers", "2147483647")]
    [InlineData("num_attention_heads", "0")]
    [InlineData("num_key_value_heads", "0")]
    [InlineData("num_key_value_heads", "64")]
    [InlineData("num_key_value_heads", "3")]
    [InlineData("head_dim", "0")]
    [InlineData("head_dim", "7")]
    [InlineData("head_dim", "1048576")]
    [InlineData("rms_norm_eps", "-1e-6")]
    [InlineData("rms_norm_eps", "1e400")]
    [InlineData("rms_norm_eps", "true")]
    [InlineData("max_position_embeddings", "0")]
    [InlineData("max_position_embeddings", "99999999999999999999")]
    [InlineData("tie_word_embeddings", "\"yes\"")]
    [InlineData("attention_bias", "1")]
    [InlineData("hidden_act", "\"gelu\"")]
    [InlineData("hidden_act", "3")]
    [InlineData("is_causal", "false")]
    [InlineData("use_bidirectional_attention", "true")]
    public void Parse_ImplausibleValue_NamesKeyAndValue(string key, string value)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(
            () => LlamaConfig.Parse($$"""{ "model_type": "llama", "{{key}}": {{value}} }"""));

        Assert.Contains($"'{key}'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(value, exception.Message, StringComparison.Ordinal);
        Assert.Contains("expected", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"num_attention_heads\": 3, \"hidden_size\": 64", "no multiple")]
    [InlineData("\"num_attention_heads\": 16, \"hidden_size\": 48", "even number")]
    [InlineData("\"num_attention_heads\": 16384, \"head_dim\": 16384", "is more than")]
    public void Parse_SizesThatDoNotFit_SaysWhy(string keys, string part)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => LlamaConfig.Parse($$"""{ "model_type": "llama", {{keys}} }"""));

        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"layer_types\": [\"full_attention\"]", "1 entries")]
    [InlineData("\"layer_types\": [\"full_attention\", \"chunked_attention\"]", "'chunked_attention'")]
    [InlineData("\"layer_types\": [\"sliding_attention\", \"full_attention\"]", "use_sliding_window")]
    [InlineData("\"use_sliding_window\": true, \"sliding_window\": 0", "'sliding_window'")]
    [InlineData("\"use_sliding_window\": true, \"sliding_window\": -1", "'sliding_window'")]
    [InlineData("\"use_sliding_window\": true, \"max_window_layers\": -1", "'max_window_layers'")]
    public void Parse_WrongWindows_SaysWhatIsExpected(string keys, string part)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(
            () => LlamaConfig.Parse($$"""{ "model_type": "qwen3", "num_hidden_layers": 2, {{keys}} }"""));

        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
        Assert.Contains("expected", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"quantization_config\": { \"quant_method\": \"gptq\", \"bits\": 4 }", "'gptq'")]
    [InlineData("\"quantization_config\": { \"load_in_4bit\": true }", "quantization_config")]
    [InlineData("\"compression_config\": { \"format\": \"int-quantized\" }", "'int-quantized'")]
    public void Parse_QuantizedWeights_NamesTheMethod(string keys, string part)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => LlamaConfig.Parse($$"""{ "model_type": "llama", {{keys}} }"""));

        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
        Assert.Contains("BF16", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{ \"model_type\": \"llama\"")]
    [InlineData("{ \"model_type\": \"llama\", }")]
    [InlineData("{ \"model_type\": \"llama\", \"rms_norm_eps\": NaN }")]
    [InlineData("{ \"model_type\": \"llama\" } trailing")]
    [InlineData("{ \"model_type\": \"llama\", \"hidden_size\": 64, \"hidden_size\": 128 }")]
    public void Parse_MalformedJson_Throws(string json)
    {
        Assert.Contains("config.json", Assert.Throws<InvalidModelException>(() => LlamaConfig.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_DeeplyNestedJson_Throws()
    {
        string json = "{\"a\":" + new string('[', 1_000_000) + new string(']', 1_000_000) + "}";

        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => LlamaConfig.Parse(json));

        Assert.True(exception.Message.Length < 1000);
    }

    [Fact]
    public void Parse_LongWrongValue_IsCutInTheMessage()
    {
        string json = $$"""{ "architectures": ["{{new string('x', 1_000_000)}}"] }""";

        Assert.True(Assert.Throws<InvalidModelException>(() => LlamaConfig.Parse(json)).Message.Length < 1000);
    }

    [Fact]
    public void Load_MissingOrUnreadableFile_NamesIt()
    {
        using var folder = new TemporaryFolder();
        AssertNamesFile(folder);

        Directory.CreateDirectory(folder.File("config.json"));
        AssertNamesFile(folder);

        Directory.Delete(folder.File("config.json"));
        File.WriteAllBytes(folder.File("config.json"), []);
        AssertNamesFile(folder);

        File.WriteAllBytes(folder.File("config.json"), [0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D]);
        AssertNamesFile(folder);

        File.WriteAllText(folder.File("config.json"), "{ \"model_type\": \"llama\", \"a\": \"" + new string(' ', 17 << 20) + "\" }");
        AssertNamesFile(folder);
    }

    [Fact]
    public void Load_NullOrEmptyFolder_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => LlamaConfig.Load(null!));
        Assert.Throws<ArgumentException>(() => LlamaConfig.Load(""));
    }

    private static void AssertNamesFile(TemporaryFolder folder) =>
        Assert.Contains(folder.File("config.json"), Assert.Throws<InvalidModelException>(() => LlamaConfig.Load(folder.Path)).Message, StringComparison.Ordinal);
}
