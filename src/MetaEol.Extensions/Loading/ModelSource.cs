using MetaEol.Llama;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Loading;

/// <summary>Where a generator's model comes from.</summary>
internal abstract class ModelSource : IDisposable
{
    /// <summary>The name the model goes by if the options give none.</summary>
    public abstract string DefaultModelId { get; }

    /// <summary>What the encoder will say about itself, read without the weights; null where only the encoder knows.</summary>
    public abstract PromptEncoderMetadata? LoadMetadata();

    /// <summary>Encoder and tokenizer where they are known before anything is loaded.</summary>
    public virtual (IPromptEncoder Encoder, ITokenizer Tokenizer)? Ready => null;

    /// <summary>Loads the model; blocks.</summary>
    /// <param name="logger">The generator's logger.</param>
    public abstract Pipeline Load(ILogger logger);

    /// <summary>Frees what was never handed over to a pipeline.</summary>
    public virtual void Dispose()
    {
    }
}
