namespace MetaEol.Extensions.TorchSharp.Caching;

/// <summary>A prefix that a pass stores: the beginning of one of its prompts, and the entry to fill.</summary>
internal readonly record struct NewPrefix(int Prompt, CachedPrefix Entry);
