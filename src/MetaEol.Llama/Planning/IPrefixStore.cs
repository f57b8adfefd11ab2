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
}
