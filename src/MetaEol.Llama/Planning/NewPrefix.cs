namespace MetaEol.Llama.Planning;

/// <summary>A prefix that a pass stores.</summary>
/// <param name="Entry">The entry to fill, for every layer up to the pass's depth. It belongs to the planner, which disposes it where the call fails.</param>
/// <param name="Runs">Where its tokens lie, from the first to the last.</param>
/// <typeparam name="TEntry">Keys and values of one cached prefix.</typeparam>
public sealed record NewPrefix<TEntry>(TEntry Entry, IReadOnlyList<PrefixRun> Runs)
    where TEntry : class, IDisposable;
