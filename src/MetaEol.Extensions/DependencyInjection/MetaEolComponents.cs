using MetaEol.Llama;

namespace MetaEol.Extensions.DependencyInjection;

/// <summary>What an application or another package puts in the place of the built-in encoder and tokenizer; a named option.</summary>
internal sealed class MetaEolComponents
{
    public Func<IServiceProvider, LlamaModel, IPromptEncoder>? CreateEncoder { get; set; }

    public Func<IServiceProvider, string, ITokenizer>? CreateTokenizer { get; set; }
}
