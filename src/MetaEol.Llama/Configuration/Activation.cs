namespace MetaEol.Llama.Configuration;

/// <summary>The activation of the MLP's gate (<c>hidden_act</c>, or <c>hidden_activation</c> for the Gemmas).</summary>
public enum Activation
{
    /// <summary>x / (1 + e^-x) (<c>silu</c>, <c>swish</c>).</summary>
    Silu,

    /// <summary>½x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) (<c>gelu_pytorch_tanh</c>, <c>gelu_new</c>).</summary>
    GeluTanh,
}
