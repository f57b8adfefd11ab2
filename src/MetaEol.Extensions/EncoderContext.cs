using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Tokenization;

namespace MetaEol.Extensions;

/// <summary>
/// What an encoder is made from; valid while it is being made. Configuration, tokenizer and weights of the model folder are loaded when they are asked for, so
/// that an encoder with files of its own need not have them. What is loaded belongs to the generator.
/// </summary>
public sealed class EncoderContext
{
    private readonly Func<string, ITokenizer> _loadTokenizer;
    private ITokenizer? _tokenizer;
    private LlamaConfig? _config;
    private bool _closed;

    internal EncoderContext(IServiceProvider? services, string modelFolder, Func<string, ITokenizer>? createTokenizer)
    {
        Services = services;
        ModelFolder = modelFolder;
        _loadTokenizer = createTokenizer ?? TokenizerLoader.Load;
    }

    /// <summary>The application's services; null for a generator made without them.</summary>
    public IServiceProvider? Services { get; }

    /// <summary>Full path of the model folder.</summary>
    public string ModelFolder { get; }

    /// <summary>The tokenizer: the folder's own, or the one that stands in its place.</summary>
    /// <exception cref="InvalidModelException">The folder holds no tokenizer that can be used.</exception>
    /// <exception cref="InvalidOperationException">The encoder is made already.</exception>
    public ITokenizer Tokenizer => _tokenizer ??= WhileOpen(_loadTokenizer);

    /// <summary>What <c>config.json</c> says.</summary>
    /// <exception cref="InvalidModelException">The folder holds no configuration that can be used.</exception>
    /// <exception cref="InvalidOperationException">The encoder is made already.</exception>
    public LlamaConfig Config => _config ??= WhileOpen(LlamaConfig.Load);

    /// <summary>Configuration, tokenizer and memory-mapped weights; disposed with the generator, after the encoder.</summary>
    /// <exception cref="InvalidModelException">The folder's content is incomplete, damaged or not supported.</exception>
    /// <exception cref="InvalidOperationException">The encoder is made already.</exception>
    public LlamaModel Model => LoadedModel ??= WhileOpen(folder =>
    {
        // The configuration first: what is wrong with it says more than what follows from it.
        _ = Config;
        return LlamaModel.Load(folder, Tokenizer);
    });

    /// <summary>The model, if it was asked for.</summary>
    internal LlamaModel? LoadedModel { get; private set; }

    internal void Close() => _closed = true;

    private T WhileOpen<T>(Func<string, T> load) => !_closed
        ? load(ModelFolder)
        : throw new InvalidOperationException($"An {nameof(EncoderContext)} is valid while the encoder is being made: take what it needs of the model then.");
}
