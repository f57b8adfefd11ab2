using MetaEol.AspNetCore.Requests;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace MetaEol.AspNetCore.Models;

/// <summary>The models that endpoints serve, by name: those of registered generators, and MetaEOL's with other template sets.</summary>
internal sealed class ModelCatalog
{
    // What Ollama's clients append where no tag is given.
    private const string LatestTag = ":latest";

    private const string QueryRole = "query";

    private readonly IServiceProvider _services;
    private readonly EmbeddingServerOptions _options;
    private readonly object[] _serviceKeys;
    private readonly Lazy<ServedModel[]> _models;
    private readonly Lazy<ServedModel[]> _listed;

    /// <param name="services">The application's services.</param>
    /// <param name="options">The server's options.</param>
    /// <param name="serviceKeys">Keys of the generators; none for all that are registered.</param>
    public ModelCatalog(IServiceProvider services, EmbeddingServerOptions options, object[] serviceKeys)
    {
        _services = services;
        _options = options;
        _serviceKeys = serviceKeys;
        _models = new Lazy<ServedModel[]>(Create);
        _listed = new Lazy<ServedModel[]>(() => [.. _models.Value.Where(model => model.IsListed)]);
    }

    /// <summary>All that are listed, the default model first.</summary>
    /// <exception cref="InvalidOperationException">No generator is registered, or two have one name.</exception>
    public IReadOnlyList<ServedModel> Models => _listed.Value;

    /// <summary>The model of requests that name none.</summary>
    public ServedModel Default => Models[0];

    /// <summary>Finds a model.</summary>
    /// <param name="name">The name; null takes the default.</param>
    /// <exception cref="RequestFailureException">There is none of that name.</exception>
    public ServedModel Find(string? name)
    {
        if (name is null)
        {
            return Default;
        }

        string wanted = _options.Aliases.TryGetValue(name, out string? target) ? target : name;
        return TryFind(wanted)
            ?? (wanted.EndsWith(LatestTag, StringComparison.Ordinal) ? TryFind(wanted[..^LatestTag.Length]) : null)
            ?? throw new RequestFailureException(
                FailureKind.ModelNotFound, $"There is no model '{(name.Length <= 100 ? name : name[..100] + "…")}' here; there {(Models.Count == 1 ? "is" : "are")} {string.Join(", ", Models.Take(20).Select(model => $"'{model.Name}'"))}.", "model");
    }

    /// <summary>A model with another template set.</summary>
    /// <param name="model">The model.</param>
    /// <param name="set">The set's name.</param>
    /// <exception cref="RequestFailureException">It is not offered with it.</exception>
    public ServedModel FindSet(ServedModel model, string set) => TryFind($"{model.Name}:{set}")
        ?? throw new RequestFailureException(
            FailureKind.Invalid, $"'{model.Name}' has no prompts '{(set.Length <= 100 ? set : set[..100] + "…")}': leave it out, or write one of {string.Join(", ", _models.Value.Where(other => other.Generator == model.Generator && other != model).Select(other => $"'{other.Name[(model.Name.Length + 1)..]}'"))}.", "prompt_name");

    private ServedModel? TryFind(string name) => Array.Find(_models.Value, model => model.Name == name);

    private ServedModel[] Create()
    {
        List<(string? Key, IEmbeddingGenerator<string, Embedding<float>> Generator)> generators = [];
        if (_serviceKeys.Length > 0)
        {
            foreach (object key in _serviceKeys)
            {
                generators.Add((key as string, _services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key)));
            }
        }
        else
        {
            foreach (IEmbeddingGenerator<string, Embedding<float>> generator in _services.GetServices<IEmbeddingGenerator<string, Embedding<float>>>()
                .Concat(_services.GetKeyedServices<IEmbeddingGenerator<string, Embedding<float>>>(KeyedService.AnyKey)))
            {
                generators.Add((null, generator));
            }
        }

        if (generators.Count == 0)
        {
            throw new InvalidOperationException(
                "No IEmbeddingGenerator<string, Embedding<float>> is registered: add one to the services, for example with AddMetaEolEmbeddings(\"models/demo\").");
        }

        List<ServedModel> models = [];
        foreach ((string? key, IEmbeddingGenerator<string, Embedding<float>> generator) in generators)
        {
            string name = key ?? (generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelId ?? "default";
            if (models.Any(model => model.Name == name))
            {
                throw new InvalidOperationException(
                    $"Two registered generators are called '{name}': give each a ModelId of its own, or name their service keys where the endpoints are mapped; a generator with a key that is a string goes by that.");
            }

            AddNames(models, name, generator);
        }

        return [.. models];
    }

    /// <summary>A set that tells questions from documents is for documents under its own name.</summary>
    private static void AddQuestions(List<ServedModel> models, ServedModel documents)
    {
        if (documents.TemplateSet!.HasRoles)
        {
            models.Add(new ServedModel($"{documents.Name}:{QueryRole}", documents.Generator, documents.TemplateSet, TextRole.Query) { IsListed = documents.IsListed });
        }
    }

    private void AddNames(List<ServedModel> models, string name, IEmbeddingGenerator<string, Embedding<float>> generator)
    {
        ServedModel own = new(name, generator, null);
        models.Add(own);
        if (own.MetaEol is null)
        {
            return;
        }

        AddQuestions(models, own);
        foreach (string set in _options.TemplateSets)
        {
            TemplateSet templates = TemplateSet.Load(set);
            ServedModel model = new($"{name}:{templates.Name}", generator, templates) { IsListed = templates.Fingerprint != own.TemplateSet!.Fingerprint };
            models.Add(model);
            AddQuestions(models, model);
        }
    }
}
