namespace MetaEol.Llama.Weights;

/// <summary>The weights of one decoder layer. Norms and biases are widened to float32; matrices stay in the mapped file.</summary>
/// <remarks>
/// What a norm's weight is added to (<see cref="MetaEol.Llama.Configuration.LlamaConfig.NormOffset"/>) is added already. Where a model stores projections fused (<c>qkv_proj</c>, <c>gate_up_proj</c>), each
/// matrix here is its rows of the fused tensor.
/// </remarks>
public sealed class LayerWeights
{
    /// <summary>Weight of the norm before attention, <c>[hidden]</c>; null where the model has none.</summary>
    public float[]? BeforeAttentionNorm { get; init; }

    /// <summary>Weight of the norm of attention's output, <c>[hidden]</c>; null where the model has none.</summary>
    public float[]? AfterAttentionNorm { get; init; }

    /// <summary>Weight of the norm before the MLP, <c>[hidden]</c>; null where the model has none.</summary>
    public float[]? BeforeMlpNorm { get; init; }

    /// <summary>Weight of the norm of the MLP's output, <c>[hidden]</c>; null where the model has none.</summary>
    public float[]? AfterMlpNorm { get; init; }

    /// <summary><c>self_attn.q_proj.weight</c>, <c>[heads·head_dim × hidden]</c>.</summary>
    public required WeightMatrix Query { get; init; }

    /// <summary><c>self_attn.k_proj.weight</c>, <c>[kv_heads·head_dim × hidden]</c>.</summary>
    public required WeightMatrix Key { get; init; }

    /// <summary><c>self_attn.v_proj.weight</c>, <c>[kv_heads·head_dim × hidden]</c>.</summary>
    public required WeightMatrix Value { get; init; }

    /// <summary><c>self_attn.o_proj.weight</c>, <c>[hidden × heads·head_dim]</c>.</summary>
    public required WeightMatrix AttentionOutput { get; init; }

    /// <summary><c>self_attn.q_proj.bias</c>, or null.</summary>
    public float[]? QueryBias { get; init; }

    /// <summary><c>self_attn.k_proj.bias</c>, or null.</summary>
    public float[]? KeyBias { get; init; }

    /// <summary><c>self_attn.v_proj.bias</c>, or null.</summary>
    public float[]? ValueBias { get; init; }

    /// <summary><c>self_attn.o_proj.bias</c>, or null.</summary>
    public float[]? AttentionOutputBias { get; init; }

    /// <summary><c>self_attn.q_norm.weight</c>, <c>[head_dim]</c> or <c>[heads·head_dim]</c>, or null.</summary>
    public float[]? QueryNorm { get; init; }

    /// <summary><c>self_attn.k_norm.weight</c>, <c>[head_dim]</c> or <c>[kv_heads·head_dim]</c>, or null.</summary>
    public float[]? KeyNorm { get; init; }

    /// <summary><c>mlp.gate_proj.weight</c>, <c>[intermediate × hidden]</c>.</summary>
    public required WeightMatrix Gate { get; init; }

    /// <summary><c>mlp.up_proj.weight</c>, <c>[intermediate × hidden]</c>.</summary>
    public required WeightMatrix Up { get; init; }

    /// <summary><c>mlp.down_proj.weight</c>, <c>[hidden × intermediate]</c>.</summary>
    public required WeightMatrix Down { get; init; }

    /// <summary><c>mlp.gate_proj.bias</c>, or null.</summary>
    public float[]? GateBias { get; init; }

    /// <summary><c>mlp.up_proj.bias</c>, or null.</summary>
    public float[]? UpBias { get; init; }

    /// <summary><c>mlp.down_proj.bias</c>, or null.</summary>
    public float[]? DownBias { get; init; }
}
