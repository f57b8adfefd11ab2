namespace MetaEol.Llama.Configuration;

/// <summary>Where a layer's RMS norms stand; those after a block work on its output, before it is added to the residual stream.</summary>
public enum NormPlacement
{
    /// <summary>Before attention and before the MLP (Llama and most others).</summary>
    Before,

    /// <summary>After attention and after the MLP (OLMo 2).</summary>
    After,

    /// <summary>Before and after both (Gemma 2, Gemma 3).</summary>
    Around,
}
