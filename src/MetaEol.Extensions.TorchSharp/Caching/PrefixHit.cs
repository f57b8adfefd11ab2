namespace MetaEol.Extensions.TorchSharp.Caching;

/// <summary>What the prefix cache holds of a prompt: its first <paramref name="Length"/> tokens, in <paramref name="Entry"/>; null and 0 for nothing.</summary>
internal readonly record struct PrefixHit(CachedPrefix? Entry, int Length);
