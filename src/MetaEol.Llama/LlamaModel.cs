using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;

namespace MetaEol.Llama;

/// <summary>A Hugging Face model folder: configuration, tokenizer and memory-mapped weights.</summary>
public sealed class LlamaModel : IDisposable
{
    private LlamaModel(string folder, LlamaConfig config, ITokenizer tokenizer, LlamaWeights weights)
    {
        Folder = folder;
        Config = config;
        Tokenizer = tokenizer;
        Weights = weights;
    }

    /// <summary>Full path of the folder the model was loaded from.</summary>
    public string Folder { get; }

    /// <summary>The configuration.</summary>
    public LlamaConfig Config { get; }

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The weights.</summary>
    public LlamaWeights Weights { get; }

    /// <summary>Loads a model folder.</summary>
    /// <param name="folder">A folder with <c>config.json</c>, <c>tokenizer.json</c> or <c>tokenizer.model</c>, and safetensors weights.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidModelException">The folder's content is incomplete, damaged or not supported.</exception>
    public static LlamaModel Load(string folder) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}
