using MetaEol.Llama.Configuration;

namespace MetaEol.Llama.Tests.Configuration;

public sealed class RopeScalingTests
{
    [Theory]
    [InlineData("\"rope_theta\": 500000", 500000)]
    [InlineData("\"rope_theta\": 500000, \"rope_scaling\": null", 500000)]
    [InlineData("\"rope_theta\": 500000, \"rope_scaling\": {}", 500000)]
    [InlineData("\"rope_theta\": 500000, \"rope_scaling\": { \"type\": \"default\" }", 500000)]
    [InlineData("\"rope_parameters\": { \"rope_type\": \"default\", \"rope_theta\": 1000000.0 }", 1000000)]
    [InlineData("\"rope_parameters\": { \"rope_theta\": 1000000.0 }", 1000000)]
    [InlineData("\"rope_theta\": 7, \"rope_parameters\": { \"rope_type\": \"default\", \"rope_theta\": 1000000.0 }", 1000000)]
    [InlineData("\"rope_theta\": 7, \"rope_parameters\": { \"rope_type\": \"default\" }", 7)]
    public void Parse_PlainRotary_HasThetaAndNoScaling(string keys, double theta)
    {
        LlamaConfig config = Parse(keys);

        Assert.Equal(theta, config.Rotary[0]!.Theta);
        Assert.Null(config.Rotary[0]!.Scaling);
    }

    [Theory]
    [InlineData("\"rope_scaling\": { \"type\": \"linear\", \"factor\": 4 }", RopeType.Linear)]
    [InlineData("\"rope_scaling\": { \"rope_type\": \"linear\", \"factor\": 4.0 }", RopeType.Linear)]
    [InlineData("\"rope_scaling\": { \"rope_type\": \"linear\", \"type\": \"linear\", \"factor\": 4.0 }", RopeType.Linear)]
    [InlineData("\"rope_scaling\": { \"rope_type\": null, \"type\": \"dynamic\", \"factor\": 4.0 }", RopeType.Dynamic)]
    [InlineData("\"rope_parameters\": { \"rope_type\": \"dynamic\", \"factor\": 4.0, \"rope_theta\": 10000.0 }", RopeType.Dynamic)]
    [InlineData("\"rope_scaling\": { \"type\": \"linear\", \"factor\": 4 }, \"rope_parameters\": { \"rope_type\": \"dynamic\", \"factor\": 9 }", RopeType.Linear)]
    public void Parse_LinearOrDynamic_IsReadFromOldAndNewKeys(string keys, RopeType type)
    {
        RopeScaling scaling = Parse(keys).Rotary[0]!.Scaling!;

        Assert.Equal((type, 4.0, 2048, 1.0), (scaling.Type, scaling.Factor, scaling.OriginalMaxPositionEmbeddings, scaling.AttentionFactor));
    }

    [Theory]
    [InlineData("\"original_max_position_embeddings\": 64", "", 64)]
    [InlineData("\"original_max_position_embeddings\": null", "", 2048)]
    [InlineData("\"rope_theta\": 500000", ", \"original_max_position_embeddings\": 128", 128)]
    public void Parse_Llama3_ReadsItsBands(string original, string top, int expected)
    {
        RopeScaling scaling = Parse(
            $$"""
            "rope_scaling": { "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.5, "high_freq_factor": 5, {{original}} }{{top}}
            """).Rotary[0]!.Scaling!;

        Assert.Equal(
            (RopeType.Llama3, 32.0, 1.5, 5.0, expected),
            (scaling.Type, scaling.Factor, scaling.LowFrequencyFactor, scaling.HighFrequencyFactor, scaling.OriginalMaxPositionEmbeddings));
    }

    [Theory]
    [InlineData("\"factor\": 4.0", 4, 1.138629436111989, 2048)]
    [InlineData("\"factor\": 1", 1, 1, 2048)]
    [InlineData("\"factor\": 4.0, \"original_max_position_embeddings\": 1024", 4, 1.138629436111989, 1024)]
    [InlineData("\"original_max_position_embeddings\": 512", 4, 1.138629436111989, 512)]
    [InlineData("\"factor\": 4.0, \"attention_factor\": 1.5", 4, 1.5, 2048)]
    [InlineData("\"factor\": 4.0, \"attention_factor\": null, \"mscale\": 1.0", 4, 1.138629436111989, 2048)]
    [InlineData("\"factor\": 4.0, \"mscale\": 0.707, \"mscale_all_dim\": 0", 4, 1.138629436111989, 2048)]
    [InlineData("\"factor\": 4.0, \"mscale\": 1.0, \"mscale_all_dim\": 0.5", 4, 1.0648216253695715, 2048)]
    [InlineData("\"factor\": 40, \"mscale\": 0.707, \"mscale_all_dim\": 0.707", 40, 1, 2048)]
    public void Parse_Yarn_ComputesTheAttentionFactor(string keys, double factor, double attentionFactor, int original)
    {
        RopeScaling scaling = Parse($$"""
            "rope_scaling": { "type": "yarn", {{keys}} }
            """).Rotary[0]!.Scaling!;

        Assert.Equal((RopeType.Yarn, factor, original), (scaling.Type, scaling.Factor, scaling.OriginalMaxPositionEmbeddings));
        Assert.Equal(attentionFactor, scaling.AttentionFactor, 1e-12);
        Assert.Equal((32.0, 1.0, true), (scaling.BetaFast, scaling.BetaSlow, scaling.Truncate));
    }

    [Fact]
    public void Parse_Yarn_ReadsItsRamp()
    {
        RopeScaling scaling = Parse("""
            "rope_scaling": { "rope_type": "yarn", "factor": 8, "beta_fast": 24.5, "beta_slow": 2, "truncate": false }
            """).Rotary[0]!.Scaling!;

        Assert.Equal((24.5, 2.0, false), (scaling.BetaFast, scaling.BetaSlow, scaling.Truncate));
    }

    [Theory]
    [InlineData("\"rope_theta\": 0", "rope_theta", "0")]
    [InlineData("\"rope_theta\": -10000", "rope_theta", "-10000")]
    [InlineData("\"rope_theta\": 1e999", "rope_theta", "1e999")]
    [InlineData("\"rope_theta\": \"10000\"", "rope_theta", "\"10000\"")]
    [InlineData("\"rope_scaling\": \"linear\"", "rope_scaling", "\"linear\"")]
    [InlineData("\"rope_scaling\": { \"factor\": 2 }", "rope_scaling.rope_type", "missing")]
    [InlineData("\"rope_scaling\": { \"type\": \"linear\" }", "rope_scaling.factor", "missing")]
    [InlineData("\"rope_scaling\": { \"type\": \"linear\", \"factor\": 0.5 }", "rope_scaling.factor", "0.5")]
    [InlineData("\"rope_scaling\": { \"type\": \"linear\", \"factor\": true }", "rope_scaling.factor", "true")]
    [InlineData("\"rope_scaling\": { \"type\": \"linear\", \"rope_type\": \"dynamic\", \"factor\": 2 }", "'dynamic'", "'linear'")]
    [InlineData("\"rope_scaling\": { \"type\": \"longrope\", \"short_factor\": [], \"long_factor\": [] }", "rope_scaling.short_factor", "64 numbers")]
    [InlineData("\"rope_scaling\": { \"type\": \"mrope\", \"mrope_section\": [16, 24, 24] }", "'mrope'", "'longrope'")]
    [InlineData("\"rope_scaling\": { \"type\": 7 }", "rope_scaling.type", "7")]
    [InlineData("\"rope_scaling\": { \"type\": \"llama3\", \"factor\": 8 }", "low_freq_factor", "missing")]
    [InlineData("\"rope_scaling\": { \"type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, \"high_freq_factor\": 4 }", "high_freq_factor", "low_freq_factor")]
    [InlineData("\"rope_scaling\": { \"type\": \"yarn\" }", "rope_scaling.factor", "missing")]
    [InlineData("\"rope_scaling\": { \"type\": \"yarn\", \"factor\": 2, \"attention_factor\": -1 }", "attention_factor", "-1")]
    [InlineData("\"rope_scaling\": { \"type\": \"yarn\", \"factor\": 2, \"beta_fast\": 1, \"beta_slow\": 2 }", "beta_fast", "beta_slow")]
    [InlineData("\"rope_scaling\": { \"type\": \"yarn\", \"factor\": 2, \"original_max_position_embeddings\": 0 }", "original_max_position_embeddings", "0")]
    [InlineData("\"rope_parameters\": { \"full_attention\": { \"rope_type\": \"default\" }, \"sliding_attention\": { \"rope_type\": \"default\" } }", "rope_parameters", "layer type")]
    [InlineData("\"partial_rotary_factor\": 0.5", "partial_rotary_factor", "0.5")]
    [InlineData("\"rope_parameters\": { \"rope_type\": \"default\", \"partial_rotary_factor\": 0.25 }", "rope_parameters.partial_rotary_factor", "0.25")]
    [InlineData("\"rope_scaling\": { \"type\": \"dynamic\", \"factor\": 2 }, \"head_dim\": 2", "dynamic", "at least 4")]
    public void Parse_WrongRotaryParameters_NamesKeyAndValue(string keys, string name, string value)
    {
        InvalidModelException exception = Assert.Throws<InvalidModelException>(() => Parse(keys));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.Contains(value, exception.Message, StringComparison.Ordinal);
        Assert.Contains("config.json", exception.Message, StringComparison.Ordinal);
    }

    private static LlamaConfig Parse(string keys) => LlamaConfig.Parse($$"""{ "architectures": ["LlamaForCausalLM"], "model_type": "llama", {{keys}} }""");
}
