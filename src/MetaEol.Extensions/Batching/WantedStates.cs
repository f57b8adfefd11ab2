using MetaEol.Llama;

namespace MetaEol.Extensions.Batching;

/// <summary>What is wanted of a request's prompts: the same layers of all, or of each template's prompts one of its own; and token prepending.</summary>
internal sealed record WantedStates
{
    // [templates × layers of a prompt], or those of all.
    private readonly int[] _layers;

    // The different indices in order: what waits is compared under the queue's lock.
    private readonly int[] _different;
    private readonly int _templates;

    private WantedStates(int[] layers, int templates)
    {
        _layers = layers;
        _different = layers.Length == 1 ? layers : [.. layers.Distinct().Order()];
        _templates = templates;
    }

    /// <summary>Token prepending, or null.</summary>
    public TokenPrepending? Prepending { get; init; }

    /// <summary>How many states are wanted of each prompt.</summary>
    public int PerPrompt => _layers.Length / _templates;

    /// <summary>The wanted indices of every prompt; null where templates have their own.</summary>
    public int[]? OfAll => _templates == 1 ? _layers : null;

    /// <summary>The different indices, for people.</summary>
    public string Names => string.Join(',', _layers.Distinct());

    /// <summary>The same layers of every prompt.</summary>
    public static WantedStates Of(int[] layers) => new(layers, templates: 1);

    /// <summary>One layer for each template.</summary>
    public static WantedStates OfTemplates(int[] layers) => layers.Distinct().Count() == 1 ? new([layers[0]], templates: 1) : new(layers, layers.Length);

    /// <summary>One more layer of every prompt, as the last; this itself where that is the last already.</summary>
    public WantedStates And(int layer) => OfAll is { } all && all[^1] == layer ? this
        : new([.. Enumerable.Range(0, _templates).SelectMany(template => (IEnumerable<int>)[.. _layers.Skip(template * PerPrompt).Take(PerPrompt), layer])], _templates) { Prepending = Prepending };

    /// <summary>A wanted index.</summary>
    /// <param name="prompt">The prompt's place in its request, or its template's index.</param>
    /// <param name="position">Which of its indices.</param>
    public int LayerOf(int prompt, int position = 0) => _layers[(prompt % _templates * PerPrompt) + position];

    /// <summary>Whether requests may be encoded by one call without a prompt of the one running deeper for the other's sake.</summary>
    public bool MergesWith(WantedStates other) =>
        PerPrompt == other.PerPrompt && Prepending == other.Prepending && _different.AsSpan().SequenceEqual(other._different);

    /// <summary>The layers of some requests' prompts, behind one another.</summary>
    public static PromptBatch Batch(IReadOnlyList<ReadOnlyMemory<int>> prompts, IReadOnlyList<EncodeRequest> requests)
    {
        WantedStates first = requests[0].Wanted;
        int[] placeholders = first.Prepending is null ? [] : [.. requests.SelectMany(request => request.Placeholders)];
        if (first.OfAll is { } all && requests.All(request => request.Wanted.OfAll?.AsSpan().SequenceEqual(all) == true))
        {
            return new PromptBatch(prompts, all) { Prepending = first.Prepending, Placeholders = placeholders };
        }

        int[] layers =
        [
            .. requests.SelectMany(request => Enumerable.Range(0, request.Prompts.Count * request.Wanted.PerPrompt)
                .Select(i => request.Wanted.LayerOf(i / request.Wanted.PerPrompt, i % request.Wanted.PerPrompt))),
        ];
        return new PromptBatch(prompts, layers, first.PerPrompt) { Prepending = first.Prepending, Placeholders = placeholders };
    }
}
