using MetaEol.Extensions.DependencyInjection;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using Microsoft.Extensions.Logging;

namespace MetaEol.Extensions.Loading;

/// <summary>A model folder.</summary>
internal sealed class FolderModelSource : ModelSource
{
    private readonly ModelLocation _folder;
    private readonly MetaEolOptions _options;
    private readonly MetaEolComponents _components;
    private readonly IServiceProvider? _services;
    private readonly ILoggerFactory _loggerFactory;

    public FolderModelSource(MetaEolOptions options, MetaEolComponents components, IServiceProvider? services, ILoggerFactory loggerFactory)
    {
        _folder = ModelLocation.Find(options.ModelPath!, options.ModelPathBase);
        _options = options;
        _components = components;
        _services = services;
        _loggerFactory = loggerFactory;
    }

    public override string DefaultModelId => _folder.Name;

    public override PromptEncoderMetadata? LoadMetadata() =>
        _components.EncoderHasOwnFiles && !File.Exists(Path.Combine(_folder.Folder, "config.json")) ? null : PromptEncoderMetadata.Of(LlamaConfig.Load(_folder.Folder));

    public override Pipeline Load(ILogger logger)
    {
        var context = new EncoderContext(_services, _folder.Folder, _components.CreateTokenizer is { } create ? folder => create(_services, folder) : null);
        IPromptEncoder? encoder = null;
        try
        {
            encoder = _components.CreateEncoder?.Invoke(context)
                ?? context.Model.CreateEncoder(_options.Cpu, _loggerFactory.CreateLogger<CpuPromptEncoder>());
            return new Pipeline(context.Tokenizer, encoder, context.LoadedModel, _options, logger);
        }
        catch
        {
            encoder?.Dispose();
            context.LoadedModel?.Dispose();
            throw;
        }
        finally
        {
            context.Close();
        }
    }
}
