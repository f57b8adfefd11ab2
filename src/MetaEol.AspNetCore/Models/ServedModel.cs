using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using Microsoft.Extensions.AI;

namespace MetaEol.AspNetCore.Models;

/// <summary>What a model name stands for: a generator, and for MetaEOL's the template set.</summary>
internal sealed class ServedModel
{
    public ServedModel(string name, IEmbeddingGenerator<string, Embedding<float>> generator, TemplateSet? templateSet)
    {
        Name = name;
        Generator = generator;
        MetaEol = generator.GetService(typeof(MetaEolEmbeddingGenerator)) as MetaEolEmbeddingGenerator;
        TemplateSet = templateSet ?? MetaEol?.TemplateSet;
        Costs = new PromptCosts(this);
    }

    /// <summary>The name that clients ask for.</summary>
    public string Name { get; }

    /// <summary>What gives the vectors, with whatever middleware is around it.</summary>
    public IEmbeddingGenerator<string, Embedding<float>> Generator { get; }

    /// <summary>The MetaEOL generator inside; null where it is another's.</summary>
    public MetaEolEmbeddingGenerator? MetaEol { get; }

    /// <summary>Whether it is among those that are listed: a name that stands for the same as a shorter one is not.</summary>
    public bool IsListed { get; init; } = true;

    /// <summary>The templates; null where the generator is not MetaEOL's.</summary>
    public TemplateSet? TemplateSet { get; }

    /// <summary>What texts cost.</summary>
    public PromptCosts Costs { get; }

    /// <summary>Width of the vectors; null where the generator does not say.</summary>
    public int? Dimensions => (Generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelDimensions;

    /// <summary>What the encoder says about itself; null where the generator is not MetaEOL's.</summary>
    public PromptEncoderMetadata? Encoder => MetaEol?.GetService(typeof(PromptEncoderMetadata)) as PromptEncoderMetadata;

    /// <summary>The tokenizer, once it is loaded; null before, and where there is none.</summary>
    public ITokenizer? Tokenizer => Generator.GetService(typeof(ITokenizer)) as ITokenizer;

    /// <summary>Whether the model can answer at once.</summary>
    public bool IsReady => MetaEol is null || MetaEol.GetService(typeof(IPromptEncoder)) is not null;

    /// <summary>Loads the model where it is not loaded yet.</summary>
    public Task LoadAsync(CancellationToken cancellationToken) => IsReady ? Task.CompletedTask : MetaEol!.LoadAsync(cancellationToken);

    /// <summary>Options of a request to the generator.</summary>
    /// <param name="layer">The layer; null takes the generator's.</param>
    /// <param name="dimensions">The width wanted; null takes the model's.</param>
    public EmbeddingGenerationOptions? Options(LayerSelector? layer = null, int? dimensions = null) => MetaEol is null
        ? dimensions is null ? null : new EmbeddingGenerationOptions { Dimensions = dimensions }
        : new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet, Layer = layer, Dimensions = dimensions };
}
