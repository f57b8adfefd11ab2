namespace MetaEol.Llama.Planning;

/// <summary>What the prefix cache holds of a prompt: the first <paramref name="Length"/> tokens' keys and values, in entry <paramref name="Entry"/>.</summary>
internal readonly record struct PrefixHit(int Entry, int Length)
{
    public static PrefixHit None => new(-1, 0);
}
