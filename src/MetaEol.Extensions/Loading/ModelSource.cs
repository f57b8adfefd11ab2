using MetaEol.Llama;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Loading;

/// <summary>Where a generator's model comes from.</summary>
internal abstract class ModelSource
{
    /// <summary>The name the model goes by if the options give none.</summary>
    public abstract string DefaultModelId { get; }

    /// <summary>A hash that changes when the model's vectors change.</summary>
    public abstract string Fingerprint { get; }

    /// <summary>What the encoder will say about itself, read without the weights.</summary>
    public abstract PromptEncoderMetadata LoadMetadata();

    /// <summary>Loads the model; blocks.</summary>
    /// <param name="logger">The generator's logger.</param>
    public abstract LoadedModel Load(ILogger logger);
}
