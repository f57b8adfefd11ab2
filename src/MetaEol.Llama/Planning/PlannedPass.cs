namespace MetaEol.Llama.Planning;

/// <summary>What an encoder computes at once: a prefix tree of prompts that are all different, in lexicographic order.</summary>
/// <typeparam name="TEntry">Keys and values of one cached prefix.</typeparam>
public sealed class PlannedPass<TEntry>
    where TEntry : class, IDisposable
{
    private readonly EncodeCall _call;
    private readonly Action _checkpoint;
    private readonly Lazy<IReadOnlyList<PassStage<TEntry>>> _stages;

    internal PlannedPass(
        EncodeCall call,
        int firstPrompt,
        EncodePlan plan,
        IReadOnlyList<TEntry> cachedEntries,
        IReadOnlyList<(int Prompt, StoredPrefix<TEntry> Prefix)> newPrefixes,
        Action checkpoint)
    {
        _call = call;
        _checkpoint = checkpoint;
        Plan = plan;
        CachedEntries = cachedEntries;
        NewPrefixes = [.. newPrefixes.Select(item => new NewPrefix<TEntry>(item.Prefix.Entry, plan.RunsOf(item.Prompt, item.Prefix.Tokens.Length)))];
        _stages = new Lazy<IReadOnlyList<PassStage<TEntry>>>(() => PassStage<TEntry>.Cut(call, firstPrompt, this, newPrefixes));
        PassPrompts = [.. Enumerable.Range(firstPrompt, plan.PromptRows.Length)];
        foreach (int prompt in PassPrompts)
        {
            Depth = Math.Max(Depth, call.Stops[prompt]);
        }

        Placeholders = PlaceholderRows(call, PassPrompts, plan);
    }

    /// <summary>The tree. Its prompts' rows (<see cref="EncodePlan.PromptRows"/>) rise from prompt to prompt.</summary>
    public EncodePlan Plan { get; }

    /// <summary>The entries that hold the keys and values of cached segments: <see cref="Segment.CacheEntry"/> is an index into this. Each reaches as deep as the prompts below its segments.</summary>
    public IReadOnlyList<TEntry> CachedEntries { get; }

    /// <summary>The prefixes to store.</summary>
    public IReadOnlyList<NewPrefix<TEntry>> NewPrefixes { get; }

    /// <summary>Number of decoder layers to run: the highest index into <c>hidden_states</c> that is wanted of a prompt of this pass.</summary>
    public int Depth { get; }

    /// <summary>
    /// The pass cut by depth, for an encoder that does not run prompts further than they want (<see cref="EncodePlannerOptions.StopsEarly"/>): in each stage some prompts end. One stage where all want the same depth.
    /// </summary>
    public IReadOnlyList<PassStage<TEntry>> Stages => _stages.Value;

    /// <summary>Token prepending, or null.</summary>
    public TokenPrepending? Prepending => _call.Prepending;

    /// <summary>With <see cref="Prepending"/>, for each prompt that has a placeholder its row and the row of the prompt's last token. No two prompts share a placeholder's row.</summary>
    public IReadOnlyList<(int Row, int LastRow)> Placeholders { get; }

    /// <summary>The prompts' places in the call.</summary>
    internal int[] PassPrompts { get; }

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
    public void Store(int index, ReadOnlySpan<float> states) => _call.Store(index, PassPrompts, states);

    /// <summary>Where the placeholders of a plan's prompts lie: nobody shares the rows from there to a prompt's end, so that they lie behind one another.</summary>
    internal static (int Row, int LastRow)[] PlaceholderRows(EncodeCall call, int[] prompts, EncodePlan plan)
    {
        var rows = new List<(int Row, int LastRow)>();
        for (int i = 0; i < prompts.Length && call.Prepending is not null; i++)
        {
            if (call.Prompts.Placeholder(prompts[i]) is int place and >= 0)
            {
                int last = plan.PromptRows[i];
                rows.Add((last - (call.Prompts[prompts[i]].Length - 1 - place), last));
            }
        }

        return [.. rows];
    }
}
