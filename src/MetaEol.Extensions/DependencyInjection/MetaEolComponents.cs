using MetaEol.Llama;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>What an application or another package puts in the place of the built-in encoder and tokenizer; a named option.</summary>
internal sealed class MetaEolComponents
{
    public Func<EncoderContext, IPromptEncoder>? CreateEncoder { get; set; }

    /// <summary>Whether the encoder may do without <c>config.json</c> and weights in the model folder.</summary>
    public bool EncoderHasOwnFiles { get; set; }

    public Func<IServiceProvider?, string, ITokenizer>? CreateTokenizer { get; set; }
}
