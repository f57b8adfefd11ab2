using MetaEol.Extensions.TorchSharp.Decoder;
using MetaEol.Llama.Planning;

namespace MetaEol.Extensions.TorchSharp.Planning;

/// <summary>Where everything of a pass lies: what each row is, where it finds its keys, and which rows are the prompts' last.</summary>
internal sealed class BatchLayout
{
    public BatchLayout(PlannedPass<CachedPrefix> pass)
    {
        EncodePlan plan = pass.Plan;
        var tree = new TreeTokens(plan, [.. pass.CachedEntries.Select(prefix => prefix.Tokens)]);
        Prefixes = pass.CachedEntries;
        NewPrefixes = [.. pass.NewPrefixes.Select(prefix => (prefix.Entry, tree.SlotsOf(prefix.Runs)))];
        Tokens = plan.Tokens.ToArray();
        Positions = Array.ConvertAll(tree.OfRow, token => tree.Positions[token]);
        RotaryKeys = new int[Tokens.Length];
        foreach (Segment segment in plan.Segments)
        {
            RotaryKeys.AsSpan(segment.FirstRow, segment.IsCached ? 0 : segment.Length).Fill(segment.RotaryKey);
        }

        LastRows = plan.PromptRows.ToArray();
        AllGroups = AttentionGroup.Create(tree, tree.OfRow);
        LastGroups = AttentionGroup.Create(tree, Array.ConvertAll(LastRows, row => tree.OfRow[row]));
    }

    /// <summary>Token id of each row.</summary>
    public int[] Tokens { get; }

    /// <summary>Position of each row in its prompts.</summary>
    public int[] Positions { get; }

    /// <summary>Rotary key of each row: rows of different keys have different rotary frequencies.</summary>
    public int[] RotaryKeys { get; }

    /// <summary>The cached prefixes that the pass uses, in the order of their slots.</summary>
    public IReadOnlyList<CachedPrefix> Prefixes { get; }

    /// <summary>The prefixes that the pass stores, and the slots of their keys.</summary>
    public IReadOnlyList<(CachedPrefix Entry, int[] Slots)> NewPrefixes { get; }

    /// <summary>The row of each prompt's last token.</summary>
    public int[] LastRows { get; }

    /// <summary>The attention of all rows.</summary>
    public IReadOnlyList<AttentionGroup> AllGroups { get; }

    /// <summary>The attention of <see cref="LastRows"/> alone, for the last layer.</summary>
    public IReadOnlyList<AttentionGroup> LastGroups { get; }
}
