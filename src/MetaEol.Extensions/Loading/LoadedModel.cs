using MetaEol.Llama;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Loading;

/// <summary>Everything a generator needs of a model while it runs; owns all of it.</summary>
internal sealed class LoadedModel : IDisposable
{
    /// <summary>Takes ownership of the encoder, and of the model where there is one.</summary>
    /// <exception cref="NotSupportedException">The tokenizer cannot do what the options ask for.</exception>
    public LoadedModel(ITokenizer tokenizer, IPromptEncoder encoder, LlamaModel? model, MetaEolOptions options, ILogger logger)
    {
        Tokenizer = tokenizer;
        Encoder = encoder;
        Model = model;
        Pipeline = new Pipeline(tokenizer, encoder, options, logger);
    }

    public ITokenizer Tokenizer { get; }

    public IPromptEncoder Encoder { get; }

    /// <summary>The model folder's content; null where the encoder was made without it.</summary>
    public LlamaModel? Model { get; }

    public Pipeline Pipeline { get; }

    public void Dispose()
    {
        // The pipeline waits for the encoder before it disposes it; only then may the weights be unmapped.
        Pipeline.Dispose();
        Model?.Dispose();
    }
}
