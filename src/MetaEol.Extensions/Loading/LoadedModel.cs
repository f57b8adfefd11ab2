using MetaEol.Extensions.Batching;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Loading;

/// <summary>Everything a generator needs of a model while it runs; owns all of it.</summary>
internal sealed class LoadedModel : IDisposable
{
    /// <summary>Takes ownership of the encoder, and of the model where there is one.</summary>
    public LoadedModel(ITokenizer tokenizer, IPromptEncoder encoder, LlamaModel? model, MetaEolOptions options, ILogger logger)
    {
        Tokenizer = tokenizer;
        Encoder = encoder;
        Model = model;
        Prompts = new PromptTokenizer(tokenizer, encoder.Metadata, options, logger);
        Queue = new EncodeQueue(encoder, options.BatchTokens);
    }

    public ITokenizer Tokenizer { get; }

    public IPromptEncoder Encoder { get; }

    /// <summary>The model folder's content; null where encoder and tokenizer were given by the caller.</summary>
    public LlamaModel? Model { get; }

    public PromptTokenizer Prompts { get; }

    public EncodeQueue Queue { get; }

    public void Dispose()
    {
        // The queue waits for the encoder before it disposes it; only then may the weights be unmapped.
        Queue.Dispose();
        Model?.Dispose();
    }
}
