using MetaEol.Extensions.TorchSharp.Caching;
using MetaEol.Llama.Planning;

namespace MetaEol.Extensions.TorchSharp.Planning;

/// <summary>Where everything of a pass lies: which rows are computed, where each finds its keys, and which rows are the prompts' last.</summary>
/// <remarks>
/// Three numberings: a <em>plan row</em> is a token of the prefix tree in depth-first order; a <em>row</em> is a plan row that is computed because no cached
/// prefix holds it; a <em>slot</em> is a place among a layer's keys: those of the cached prefixes first, then those of the rows.
/// </remarks>
internal sealed class BatchLayout
{
    private BatchLayout(PlanRows planRows, IReadOnlyList<CachedPrefix> prefixes, int[] slots, int[] rows, int[] lastPlanRows, int[] lastOfPrompt)
    {
        Prefixes = prefixes;
        Tokens = Array.ConvertAll(rows, row => planRows.Tokens[row]);
        Positions = Array.ConvertAll(rows, row => planRows.Positions[row]);
        RotaryKeys = Array.ConvertAll(rows, row => planRows.RotaryKeys[row]);
        int firstRowSlot = prefixes.Sum(prefix => prefix.Tokens.Length);
        LastRows = Array.ConvertAll(lastPlanRows, row => slots[row] - firstRowSlot);
        LastOfPrompt = lastOfPrompt;
        AllGroups = AttentionGroup.Create(planRows, slots, rows);
        LastGroups = AttentionGroup.Create(planRows, slots, lastPlanRows);
    }

    /// <summary>Token id of each row.</summary>
    public int[] Tokens { get; }

    /// <summary>Position of each row in its prompts.</summary>
    public int[] Positions { get; }

    /// <summary>Rotary key of each row: rows of different keys have different rotary frequencies.</summary>
    public int[] RotaryKeys { get; }

    /// <summary>The cached prefixes that the pass uses, in the order of their slots.</summary>
    public IReadOnlyList<CachedPrefix> Prefixes { get; }

    /// <summary>The rows that end a prompt, in order.</summary>
    public int[] LastRows { get; }

    /// <summary>For each prompt, the index of its last token in <see cref="LastRows"/>.</summary>
    public int[] LastOfPrompt { get; }

    /// <summary>The attention of all rows.</summary>
    public IReadOnlyList<AttentionGroup> AllGroups { get; }

    /// <summary>The attention of <see cref="LastRows"/> alone, for the last layer.</summary>
    public IReadOnlyList<AttentionGroup> LastGroups { get; }

    /// <summary>Lays a plan out.</summary>
    /// <param name="plan">The prefix tree of the pass's prompts, made without a cache.</param>
    /// <param name="hits">For each prompt, what the prefix cache holds of it.</param>
    /// <param name="pathSlots">Gives, for a prompt and a length, the slots of that beginning's tokens: what a new cache entry copies.</param>
    public static BatchLayout Create(EncodePlan plan, IReadOnlyList<PrefixHit> hits, out Func<int, int, int[]> pathSlots)
    {
        var planRows = new PlanRows(plan);
        int[] promptRows = plan.PromptRows.ToArray();
        var prefixes = new List<CachedPrefix>();
        int[] slots = CachedSlots(planRows, promptRows, hits, prefixes);

        int[] rows = [.. Enumerable.Range(0, slots.Length).Where(row => slots[row] < 0)];
        int nextSlot = prefixes.Sum(prefix => prefix.Tokens.Length);
        foreach (int row in rows)
        {
            slots[row] = nextSlot++;
        }

        int[] lastPlanRows = [.. promptRows.Distinct().Order()];
        int[] lastOfPrompt = Array.ConvertAll(promptRows, row => Array.BinarySearch(lastPlanRows, row));
        pathSlots = (prompt, length) => Array.ConvertAll(planRows.Path(promptRows[prompt])[..length], row => slots[row]);
        return new BatchLayout(planRows, prefixes, slots, rows, lastPlanRows, lastOfPrompt);
    }

    /// <summary>For each plan row its slot in a cached prefix, or -1.</summary>
    private static int[] CachedSlots(PlanRows planRows, int[] promptRows, IReadOnlyList<PrefixHit> hits, List<CachedPrefix> prefixes)
    {
        var slots = new int[planRows.Count];
        Array.Fill(slots, -1);
        var firstSlots = new Dictionary<CachedPrefix, int>();
        int nextFirst = 0;
        for (int prompt = 0; prompt < hits.Count; prompt++)
        {
            if (hits[prompt].Entry is not { } entry)
            {
                continue;
            }

            if (!firstSlots.TryGetValue(entry, out int first))
            {
                first = nextFirst;
                firstSlots.Add(entry, first);
                prefixes.Add(entry);
                nextFirst += entry.Tokens.Length;
            }

            for (int row = promptRows[prompt]; row >= 0; row = planRows.Parents[row])
            {
                if (planRows.Positions[row] < hits[prompt].Length)
                {
                    slots[row] = first + planRows.Positions[row];
                }
            }
        }

        // A prompt that is another one's beginning may end within that one's cached prefix; its last token is computed all the same.
        foreach (int row in promptRows)
        {
            slots[row] = -1;
        }

        return slots;
    }
}
