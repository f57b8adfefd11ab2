namespace MetaEol.Llama.Planning;

/// <summary>A prefix in the cache, or about to be.</summary>
/// <param name="id">Names it in a <see cref="PrefixHit"/>.</param>
/// <param name="tokens">Its tokens, from position 0 on.</param>
/// <param name="rotaryKey">Rotary key of the prompts that it serves.</param>
/// <param name="layers">Number of layers, from the first, whose keys and values are held.</param>
/// <param name="bytes">Bytes of the entry.</param>
/// <param name="entry">The keys and values.</param>
/// <param name="shared">Whether different prompts share it.</param>
internal sealed class StoredPrefix<TEntry>(int id, int[] tokens, int rotaryKey, int layers, long bytes, TEntry entry, bool shared)
{
    public int Id { get; } = id;

    public int[] Tokens { get; } = tokens;

    public int RotaryKey { get; } = rotaryKey;

    public int Layers { get; } = layers;

    public long Bytes { get; } = bytes;

    public TEntry Entry { get; } = entry;

    public bool Shared { get; } = shared;

    /// <summary>Whether it comes from an earlier process, and nobody has looked yet whether it is intact.</summary>
    public bool IsUnchecked { get; set; }

    /// <summary>The call that last used it.</summary>
    public long LastUsed { get; set; }
}
