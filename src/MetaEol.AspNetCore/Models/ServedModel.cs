using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;
using Microsoft.Extensions.AI;

namespace MetaEol.AspNetCore.Models;

/// <summary>What a model name stands for: a generator, and for MetaEOL's the template set and the role of texts.</summary>
internal sealed class ServedModel
{
    private const int LeastOffered = 16;

    /// <param name="name">The name that clients ask for.</param>
    /// <param name="generator">What gives the vectors.</param>
    /// <param name="templateSet">The template set; null takes the generator's.</param>
    /// <param name="role">What the texts are, where the template set tells questions from documents; null takes documents.</param>
    public ServedModel(string name, IEmbeddingGenerator<string, Embedding<float>> generator, TemplateSet? templateSet, TextRole? role = null)
    {
        Name = name;
        Generator = generator;
        MetaEol = generator.GetService(typeof(MetaEolEmbeddingGenerator)) as MetaEolEmbeddingGenerator;
        TemplateSet = templateSet ?? MetaEol?.TemplateSet;
        Role = role;
        Templates = TemplateSet?.ForRole(role ?? TextRole.Document).Templates;
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

    /// <summary>The template set; null where the generator is not MetaEOL's.</summary>
    public TemplateSet? TemplateSet { get; }

    /// <summary>What the texts are, where the template set tells questions from documents; null for documents.</summary>
    public TextRole? Role { get; }

    /// <summary>The templates that texts are put into; null where the generator is not MetaEOL's.</summary>
    public IReadOnlyList<Template>? Templates { get; }

    /// <summary>What texts cost.</summary>
    public PromptCosts Costs { get; }

    /// <summary>Width of the vectors; null where the generator does not say.</summary>
    public int? Dimensions => (Generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelDimensions;

    /// <summary>Smaller widths that a page offers: halves, as long as they are of use; none where the generator is not MetaEOL's.</summary>
    public IReadOnlyList<int> SmallerDimensions
    {
        get
        {
            List<int> widths = [];
            for (int width = (MetaEol is null ? 0 : Dimensions ?? 0) / 2; width >= LeastOffered; width /= 2)
            {
                widths.Add(width);
            }

            return widths;
        }
    }

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
        : new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet, Role = Role, Layer = layer, Dimensions = dimensions };
}
