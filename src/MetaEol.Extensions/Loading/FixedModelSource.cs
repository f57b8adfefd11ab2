using MetaEol.Llama;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Loading;

/// <summary>A tokenizer and an encoder that the caller made.</summary>
internal sealed class FixedModelSource(ITokenizer tokenizer, IPromptEncoder encoder, MetaEolOptions options) : ModelSource
{
    private volatile bool _handedOver;

    public override string DefaultModelId => "custom";

    public override (IPromptEncoder Encoder, ITokenizer Tokenizer)? Ready => (encoder, tokenizer);

    public override PromptEncoderMetadata LoadMetadata() => encoder.Metadata;

    public override Pipeline Load(ILogger logger)
    {
        var pipeline = new Pipeline(tokenizer, encoder, model: null, options, logger);
        _handedOver = true;
        return pipeline;
    }

    public override void Dispose()
    {
        if (!_handedOver)
        {
            encoder.Dispose();
        }

        base.Dispose();
    }
}
