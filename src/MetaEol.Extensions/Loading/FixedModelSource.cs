using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Loading;

/// <summary>A tokenizer and an encoder that the caller made.</summary>
internal sealed class FixedModelSource(ITokenizer tokenizer, IPromptEncoder encoder, MetaEolOptions options) : ModelSource
{
    public override string DefaultModelId => encoder.Config.Architecture;

    // Nothing is known of the weights behind a caller's encoder; MetaEolOptions.ModelId is the caller's word for them.
    public override string Fingerprint => "custom";

    public override LlamaConfig LoadConfig() => encoder.Config;

    public override LoadedModel Load(ILogger logger) => new(tokenizer, encoder, model: null, options, logger);
}
