using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoding;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Loading;

/// <summary>A Hugging Face model folder.</summary>
internal sealed class FolderModelSource : ModelSource
{
    private readonly string _folder;
    private readonly CpuEncoderOptions _encoderOptions;
    private readonly MetaEolOptions _options;
    private readonly Func<LlamaModel, IPromptEncoder>? _createEncoder;
    private readonly Func<string, ITokenizer>? _createTokenizer;
    private readonly ILoggerFactory _loggerFactory;
    private readonly Lazy<string> _fingerprint;

    public FolderModelSource(
        MetaEolOptions options,
        Func<LlamaModel, IPromptEncoder>? createEncoder,
        Func<string, ITokenizer>? createTokenizer,
        ILoggerFactory loggerFactory)
    {
        _folder = Path.GetFullPath(options.ModelPath!);
        _options = options;
        _createEncoder = createEncoder;
        _createTokenizer = createTokenizer;
        _loggerFactory = loggerFactory;
        _fingerprint = new Lazy<string>(() => ModelFingerprint.Compute(_folder), LazyThreadSafetyMode.PublicationOnly);
        _encoderOptions = new CpuEncoderOptions
        {
            Threads = options.Threads ?? Environment.ProcessorCount,
            StepRows = options.MicroBatchTokens,
            PrefixCacheBytes = options.PrefixCacheBytes,
            Precision = options.Precision,
        };
    }

    public override string DefaultModelId => Path.GetFileName(Path.TrimEndingDirectorySeparator(_folder));

    public override string Fingerprint => _fingerprint.Value;

    public override PromptEncoderMetadata LoadMetadata() => PromptEncoderMetadata.Of(LlamaConfig.Load(_folder));

    public override LoadedModel Load(ILogger logger)
    {
        LlamaModel model = _createTokenizer is null ? LlamaModel.Load(_folder) : LlamaModel.Load(_folder, _createTokenizer(_folder));
        IPromptEncoder? encoder = null;
        try
        {
            encoder = _createEncoder?.Invoke(model)
                ?? model.CreateEncoder(_encoderOptions, _loggerFactory.CreateLogger<CpuPromptEncoder>());
            return new LoadedModel(model.Tokenizer, encoder, model, _options, logger);
        }
        catch
        {
            encoder?.Dispose();
            model.Dispose();
            throw;
        }
    }
}
