namespace MetaEol.Llama.Planning;

/// <summary>What an encoder implements to get the prefix tree, the prefix cache and the cutting into passes from an <see cref="EncodePlanner{TEntry}"/>.</summary>
/// <typeparam name="TEntry">Keys and values of one cached prefix.</typeparam>
public interface IEncodeBackend<TEntry> : IPrefixStore<TEntry>
    where TEntry : class, IDisposable
{
    /// <summary>Computes the rows of a pass up to its depth, hands over the wanted states, and fills the new prefixes.</summary>
    /// <param name="pass">The pass.</param>
    void Run(PlannedPass<TEntry> pass);

    /// <summary>Whether an exception of <see cref="Run"/> says that memory ran out: the planner then empties the prefix cache and goes on with smaller passes.</summary>
    /// <param name="exception">The exception.</param>
    bool IsOutOfMemory(Exception exception) => false;
}
