using MetaEol.Extensions.TorchSharp.Planning;
using MetaEol.Llama.Planning;

namespace MetaEol.Extensions.TorchSharp.Tests.Planning;

public class AttentionGroupTests
{
    [Fact]
    public void Create_AnyTree_EachQuerySeesItsAncestorsAndItselfOnce()
    {
        var random = new Random(3);
        List<int[]> prompts = [[1, 2, 3]];
        for (int i = 0; i < 150; i++)
        {
            int[] other = prompts[random.Next(prompts.Count)];
            prompts.Add([.. other.AsSpan(0, random.Next(other.Length) + 1), .. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(9))]);
        }

        prompts.Add([.. Enumerable.Range(0, 900)]);
        var rows = new PlanRows(EncodePlan.Create([.. prompts.Select(prompt => new ReadOnlyMemory<int>(prompt))]));
        int[] slots = [.. Enumerable.Range(0, rows.Count).Select(row => 5 + row)];
        int[] some = [.. Enumerable.Range(0, rows.Count).Where(_ => random.Next(7) == 0)];
        foreach (int[] queries in (int[][])[[.. Enumerable.Range(0, rows.Count)], some])
        {
            IReadOnlyList<AttentionGroup> groups = AttentionGroup.Create(rows, slots, queries);
            var seen = new Dictionary<int, int[]>();
            int firstPlace = 0;
            foreach (AttentionGroup group in groups)
            {
                Assert.Equal(0, group.Keys % 8);
                for (int i = 0; i < group.Queries.Length; i++)
                {
                    int block = i / group.Rows;
                    int[] visible = [.. Enumerable.Range(block * group.Keys, group.Keys)
                        .Where(key => group.KeyRows[key] <= group.QueryRows[i] && group.QueryRows[i] < group.KeyEnds[key]).Select(key => group.KeySlots[key] - 5).Order()];
                    Assert.Equal(queries[group.Queries[i]], group.QueryRows[i]);
                    if (group.Places[group.Queries[i]] == firstPlace + i)
                    {
                        seen.Add(group.Queries[i], visible);
                    }

                    Assert.NotEmpty(visible);
                }

                firstPlace += group.Queries.Length;
            }

            for (int query = 0; query < queries.Length; query++)
            {
                Assert.Equal(rows.Path(queries[query]).Order(), seen[query]);
            }
        }
    }
}
