using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.ModelFiles;
using MetaEol.Llama.Tokenization;
using MetaEol.Llama.Weights;
using Microsoft.Extensions.Logging;

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

    /// <summary>The tokenizer. Its vocabulary may be larger than the model's: Hugging Face lets tokens be added that have no embedding, which the encoder refuses.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The weights.</summary>
    public LlamaWeights Weights { get; }

    /// <summary>32 hexadecimal digits that differ wherever configuration, weights or tokenizer do: those of <see cref="Weights"/> and <see cref="Tokenizer"/> in one.</summary>
    /// <exception cref="ObjectDisposedException">The model was disposed before it was asked for.</exception>
    public string Fingerprint
    {
        get
        {
            using ContentHash hash = new();
            hash.Append(Weights.Fingerprint);
            hash.Append(Tokenizer.Fingerprint);
            return hash.Finish();
        }
    }

    /// <summary>Loads a model folder in milliseconds: the weights are mapped, not read.</summary>
    /// <param name="folder">A folder with <c>config.json</c>, <c>tokenizer.json</c> or <c>tokenizer.model</c>, and safetensors weights.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidModelException">The folder's content is incomplete, damaged or not supported.</exception>
    public static LlamaModel Load(string folder) => Load(folder, TokenizerLoader.Load);

    /// <summary>Loads a model folder with a tokenizer of the caller's in place of the folder's own.</summary>
    /// <param name="folder">A folder with <c>config.json</c> and safetensors weights.</param>
    /// <param name="tokenizer">A tokenizer that gives the model's own token ids; it is not disposed with the model.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="tokenizer"/> is null.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidModelException">The folder's content is incomplete, damaged or not supported.</exception>
    public static LlamaModel Load(string folder, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return Load(folder, _ => tokenizer);
    }

    /// <summary>Creates an encoder on the CPU over this model's weights. It is the caller's to dispose, and works until the model is disposed.</summary>
    /// <param name="options">Options; null takes the defaults.</param>
    /// <param name="logger">Receives the plan of each pass at Debug.</param>
    /// <exception cref="NotSupportedException">The model is quantized, and the precision is another than 8 bits.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the precision; the message says which it has.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public IPromptEncoder CreateEncoder(CpuEncoderOptions? options = null, ILogger? logger = null) => new CpuPromptEncoder(Config, Weights, options, logger);

    /// <summary>Creates the model's output head, which tells the most probable next tokens. It is the caller's to dispose, and works until the model is disposed.</summary>
    /// <param name="threads">Number of threads that compute, 1 to <see cref="CpuEncoderOptions.MaximumThreads"/>; null takes the number of processors available to the process.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is outside its range.</exception>
    /// <exception cref="NotSupportedException">The folder holds no output head.</exception>
    public OutputHead CreateOutputHead(int? threads = null) => new(Config, Weights, threads);

    /// <summary>Gives the weights back; calls of encoders under way keep them mapped until they end, later ones throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => Weights.Dispose();

    private static LlamaModel Load(string folder, Func<string, ITokenizer> loadTokenizer)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        folder = Path.GetFullPath(folder);
        if (ModelFolder.FindFault(folder) is { } fault)
        {
            throw new DirectoryNotFoundException(fault);
        }

        LlamaConfig config = LlamaConfig.Load(folder);
        LlamaWeights weights = LlamaWeights.Load(folder, config);
        try
        {
            return new LlamaModel(folder, config, loadTokenizer(folder), weights);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }
}
