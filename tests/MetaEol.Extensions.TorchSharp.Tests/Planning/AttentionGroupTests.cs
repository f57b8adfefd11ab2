using MetaEol.Extensions.TorchSharp.Planning;
using MetaEol.Llama.Planning;

namespace MetaEol.Extensions.TorchSharp.Tests.Planning;

public class AttentionGroupTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Create_AnyTree_EachQuerySeesItsAncestorsAndItselfOnce(bool cached)
    {
        var random = new Random(3);
        int[][] templates = [.. Enumerable.Range(1, 5).Select(i => Enumerable.Range(100 * i, 60).ToArray())];
        int[][] prompts = RandomPrompts(random, templates);
        var planner = new PassRecorder();
        for (int call = 0; call < 2 && cached; call++)
        {
            planner.Plan(templates.Select(template => (int[])[.. template, 5000 + call]));
        }

        PlannedPass<PassRecorder.Entry> pass = planner.Plan(prompts);
        Assert.Equal(cached ? templates.Length : 0, pass.CachedEntries.Count);
        EncodePlan plan = pass.Plan;
        var tree = new TreeTokens(plan, [.. pass.CachedEntries.Select(entry => entry.Tokens)]);
        int[] some = [.. Enumerable.Range(0, plan.TokensComputed).Where(_ => random.Next(7) == 0)];
        foreach (int[] rows in (int[][])[[.. Enumerable.Range(0, plan.TokensComputed)], some])
        {
            IReadOnlyList<AttentionGroup> groups = AttentionGroup.Create(tree, Array.ConvertAll(rows, row => tree.OfRow[row]));
            Dictionary<int, int[]> seen = VisibleSlots(groups, tree, rows);
            for (int query = 0; query < rows.Length; query++)
            {
                Assert.Equal(ExpectedSlots(pass, rows[query]), seen[query]);
            }
        }
    }

    [Fact]
    public void SlotsOf_NewPrefix_AreThoseOfItsTokens()
    {
        var planner = new PassRecorder();
        int[] template = [.. Enumerable.Range(1, 40)];
        for (int call = 0; call < 2; call++)
        {
            planner.Plan([[.. template[..20], 100 + call]]);
        }

        // The beginning is cached; what is to be stored reaches beyond it into rows.
        planner.Plan([[.. template, 200]]);
        PlannedPass<PassRecorder.Entry> pass = planner.Plan([[.. template, 201], [.. template, 202]]);
        var tree = new TreeTokens(pass.Plan, [.. pass.CachedEntries.Select(entry => entry.Tokens)]);
        NewPrefix<PassRecorder.Entry> prefix = Assert.Single(pass.NewPrefixes);

        Assert.Equal(20, Assert.Single(pass.CachedEntries).Tokens);
        Assert.Equal(40, prefix.Entry.Tokens);
        Assert.Equal(Enumerable.Range(0, 40), tree.SlotsOf(prefix.Runs));
    }

    private static int[][] RandomPrompts(Random random, int[][] templates)
    {
        List<int[]> prompts = [[1, 2, 3], .. templates.Select(template => template[..30])];
        for (int i = 0; i < 150; i++)
        {
            int[] other = random.Next(3) == 0 ? templates[random.Next(templates.Length)] : prompts[random.Next(prompts.Count)];
            prompts.Add([.. other.AsSpan(0, random.Next(other.Length) + 1), .. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(9))]);
        }

        prompts.Add([.. Enumerable.Range(2000, 900)]);
        return [.. prompts];
    }

    /// <summary>For each query the slots of the keys that its mask lets it see.</summary>
    private static Dictionary<int, int[]> VisibleSlots(IReadOnlyList<AttentionGroup> groups, TreeTokens tree, int[] rows)
    {
        var seen = new Dictionary<int, int[]>();
        int firstPlace = 0;
        foreach (AttentionGroup group in groups)
        {
            Assert.Equal(0, group.Keys % 8);
            for (int i = 0; i < group.Queries.Length; i++)
            {
                int block = i / group.Rows;
                int[] visible = [.. Enumerable.Range(block * group.Keys, group.Keys)
                    .Where(key => group.KeyTokens[key] <= group.QueryTokens[i] && group.QueryTokens[i] < group.KeyEnds[key]).Select(key => group.KeySlots[key]).Order()];
                Assert.Equal(tree.OfRow[rows[group.Queries[i]]], group.QueryTokens[i]);
                if (group.Places[group.Queries[i]] == firstPlace + i)
                {
                    seen.Add(group.Queries[i], visible);
                }

                Assert.NotEmpty(visible);
            }

            firstPlace += group.Queries.Length;
        }

        return seen;
    }

    /// <summary>The slots of a row's path, from the plan alone: those of the cached prefixes come first.</summary>
    private static IEnumerable<int> ExpectedSlots(PlannedPass<PassRecorder.Entry> pass, int row)
    {
        int cached = pass.CachedEntries.Sum(entry => entry.Tokens);
        var slots = new List<int>();
        foreach (Segment segment in pass.Plan.Segments)
        {
            if (segment.FirstRow <= row && row < segment.EndRow)
            {
                int first = segment.IsCached ? pass.CachedEntries.Take(segment.CacheEntry).Sum(entry => entry.Tokens) : cached + segment.FirstRow;
                slots.AddRange(Enumerable.Range(first, segment.IsCached ? segment.Length : Math.Min(segment.Length, row - segment.FirstRow + 1)));
            }
        }

        return slots.Order();
    }
}
