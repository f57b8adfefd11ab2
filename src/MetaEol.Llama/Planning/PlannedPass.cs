namespace MetaEol.Llama.Planning;

/// <summary>What an encoder computes at once: a prefix tree of prompts that are all different, in lexicographic order.</summary>
/// <typeparam name="TEntry">Keys and values of one cached prefix.</typeparam>
public sealed class PlannedPass<TEntry>
    where TEntry : class, IDisposable
{
    private readonly EncodeCall _call;
    private readonly int _firstPrompt;
    private readonly Action _checkpoint;

    internal PlannedPass(
        EncodeCall call, int firstPrompt, EncodePlan plan, IReadOnlyList<TEntry> cachedEntries, IReadOnlyList<NewPrefix<TEntry>> newPrefixes, Action checkpoint)
    {
        _call = call;
        _firstPrompt = firstPrompt;
        _checkpoint = checkpoint;
        Plan = plan;
        CachedEntries = cachedEntries;
        NewPrefixes = newPrefixes;
    }

    /// <summary>The tree. Its prompts' rows (<see cref="EncodePlan.PromptRows"/>) rise from prompt to prompt.</summary>
    public EncodePlan Plan { get; }

    /// <summary>The entries that hold the keys and values of cached segments: <see cref="Segment.CacheEntry"/> is an index into this. Each reaches <see cref="Depth"/>.</summary>
    public IReadOnlyList<TEntry> CachedEntries { get; }

    /// <summary>The prefixes to store.</summary>
    public IReadOnlyList<NewPrefix<TEntry>> NewPrefixes { get; }

    /// <summary>Number of decoder layers to run: the highest wanted index into <c>hidden_states</c>.</summary>
    public int Depth => _call.Depth;

    /// <summary>Whether the states at an index are wanted; those at <see cref="Depth"/> are.</summary>
    /// <param name="index">Index into <c>hidden_states</c>, <c>0 .. Depth</c>.</param>
    public bool IsWanted(int index) => _call.IsWanted(index);

    /// <summary>Ends the pass with an exception where nobody waits for its result any more; to be called before each unit of work, such as a layer.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The encoder is disposed.</exception>
    public void Checkpoint() => _checkpoint();

    /// <summary>Hands over the states of the prompts' last tokens at an index, at any time before the call's states are copied.</summary>
    /// <param name="index">A wanted index into <c>hidden_states</c>: the last one is after the final norm.</param>
    /// <param name="states"><c>[prompts of the plan × hidden]</c>, row-major.</param>
    /// <exception cref="ArgumentException">The states at this index are not wanted, or are not as many.</exception>
    public void Store(int index, ReadOnlySpan<float> states) => _call.Store(index, _firstPrompt, Plan.PromptRows.Length, states);
}
