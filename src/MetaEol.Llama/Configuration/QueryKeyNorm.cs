namespace MetaEol.Llama.Configuration;

/// <summary>The RMS norm of queries and keys, before the rotary embedding.</summary>
public enum QueryKeyNorm
{
    /// <summary>None.</summary>
    None,

    /// <summary>Each head by itself; the weight has <c>head_dim</c> numbers (Qwen3, Gemma 3).</summary>
    PerHead,

    /// <summary>All heads of a token together; the weight has <c>heads · head_dim</c> numbers (OLMo 2).</summary>
    FullWidth,
}
