namespace MetaEol.Llama.Planning;

/// <summary>A prefix whose keys and values an <see cref="IPrefixStore{TEntry}"/> kept from an earlier process.</summary>
/// <param name="Tokens">Its tokens, from position 0 on.</param>
/// <param name="RotaryKey">Rotary key of the prompts that it serves.</param>
/// <param name="Layers">Number of layers, from the first, whose keys and values are held.</param>
/// <param name="Entry">The keys and values.</param>
public sealed record RestoredPrefix<TEntry>(IReadOnlyList<int> Tokens, int RotaryKey, int Layers, TEntry Entry)
    where TEntry : class, IDisposable;
