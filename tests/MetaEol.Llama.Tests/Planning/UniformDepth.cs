using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Tests.Planning;

/// <summary>The prefix cache, asked for prompts that all run through as many layers.</summary>
internal static class UniformDepth
{
    public static PrefixHit[] Find(this PrefixCache<ArrayEntry> cache, SortedPrompts prompts, int layers) => cache.Find(prompts, Of(prompts, layers));

    public static List<AdmittedPrefix> Admit(this PrefixCache<ArrayEntry> cache, SortedPrompts prompts, PrefixHit[] hits, int layers) => cache.Admit(prompts, hits, Of(prompts, layers));

    private static int[] Of(SortedPrompts prompts, int layers) => [.. Enumerable.Repeat(layers, prompts.Count)];
}
