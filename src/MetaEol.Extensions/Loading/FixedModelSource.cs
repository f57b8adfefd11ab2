using MetaEol.Llama;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Loading;

/// <summary>A tokenizer and an encoder that the caller made.</summary>
internal sealed class FixedModelSource(ITokenizer tokenizer, IPromptEncoder encoder, MetaEolOptions options) : ModelSource
{
    public override string DefaultModelId => "custom";

    // Nothing is known of the weights behind a caller's encoder; MetaEolOptions.ModelId is the caller's word for them.
    public override string Fingerprint => "custom";

    public override PromptEncoderMetadata LoadMetadata() => encoder.Metadata;

    public override LoadedModel Load(ILogger logger) => new(tokenizer, encoder, model: null, options, logger);
}
