using System.Text;
using MetaEol.Tests;

namespace MetaEol.Fuzz.Targets;

/// <summary>Model folders of a few kilobytes.</summary>
internal static class SmallModel
{
    /// <summary>A model of two layers.</summary>
    public static RandomModel Llama { get; } = new()
    {
        VocabularySize = 300,
        HiddenSize = 16,
        IntermediateSize = 24,
        LayerCount = 2,
        AttentionHeads = 2,
        KeyValueHeads = 1,
        MaxPositionEmbeddings = 1024,
        Type = "BF16",
        TieWordEmbeddings = true,
    };

    /// <summary>Models of other families, as small.</summary>
    public static IReadOnlyList<RandomModel> All { get; } =
    [
        Llama,
        Llama with { Architecture = "Qwen2ForCausalLM", SlidingWindow = 8, MaxWindowLayers = 1, TieWordEmbeddings = false },
        Llama with { Architecture = "Qwen3ForCausalLM" },
        Llama with { Architecture = "Gemma2ForCausalLM", Keys = """{"query_pre_attn_scalar":8,"attn_logit_softcapping":50.0,"final_logit_softcapping":30.0,"hidden_activation":"gelu_pytorch_tanh"}""" },
        Llama with { Architecture = "GraniteForCausalLM", Keys = """{"embedding_multiplier":12.0,"attention_multiplier":0.0625,"residual_multiplier":0.22,"logits_scaling":8.0}""" },
    ];

    /// <summary>Values of <c>rope_scaling</c>.</summary>
    public static IReadOnlyList<string> RopeScalings { get; } =
    [
        """{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":256}""", """{"type":"linear","factor":2.0}""", """{"type":"dynamic","factor":4.0}""",
        """{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":256,"beta_fast":32,"beta_slow":1}""", """{"rope_type":"longrope","short_factor":[1,1,1,1],"long_factor":[2,2,2,2],"original_max_position_embeddings":256}""",
    ];

    /// <summary>The <c>config.json</c> of all models.</summary>
    public static IReadOnlyList<byte[]> Configs { get; } = [.. All.Select(model => Encoding.UTF8.GetBytes(model.CreateConfig().ToJsonString()))];

    /// <summary>The content of a model's <c>model.safetensors</c>.</summary>
    public static byte[] Weights(RandomModel model)
    {
        using var folder = new TemporaryFolder();
        model.CreateWeights().Write(folder.File("model.safetensors"));
        return File.ReadAllBytes(folder.File("model.safetensors"));
    }
}
