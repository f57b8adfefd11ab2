namespace MetaEol.Llama.Planning;

/// <summary>Where a backend keeps the keys and values of prefixes that outlive a call: arrays, tensors of a device. What is kept, and how long, the planner decides.</summary>
/// <typeparam name="TEntry">Keys and values of one prefix; the planner disposes it when it goes.</typeparam>
public interface IPrefixStore<TEntry>
    where TEntry : class, IDisposable
{
    /// <summary>Bytes of an entry.</summary>
    /// <param name="tokens">Number of tokens, at least 1.</param>
    /// <param name="layers">Number of decoder layers, from the first one, whose keys and values it holds; at least 1.</param>
    long BytesOf(int tokens, int layers);

    /// <summary>A new entry; a pass fills it (<see cref="PlannedPass{TEntry}.NewPrefixes"/>).</summary>
    /// <param name="tokens">Number of tokens, at least 1.</param>
    /// <param name="layers">Number of decoder layers, at least 1.</param>
    TEntry Create(int tokens, int layers);

    /// <summary>What earlier processes kept; asked for once, when the planner is created. By default nothing.</summary>
    IEnumerable<RestoredPrefix<TEntry>> Restore() => [];

    /// <summary>Whether a restored entry holds what was kept; asked before it is first used. By default true.</summary>
    /// <param name="entry">The entry.</param>
    bool IsIntact(TEntry entry) => true;

    /// <summary>Keeps an entry for later processes: one that different prompts share, filled. By default nothing is kept.</summary>
    /// <param name="tokens">Its tokens, from position 0 on.</param>
    /// <param name="rotaryKey">Rotary key of the prompts that it serves.</param>
    /// <param name="layers">Number of layers, from the first, whose keys and values it holds.</param>
    /// <param name="entry">The entry.</param>
    void Keep(ReadOnlySpan<int> tokens, int rotaryKey, int layers, TEntry entry)
    {
    }
}
