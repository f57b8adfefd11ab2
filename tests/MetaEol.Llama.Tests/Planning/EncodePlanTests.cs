using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Tests.Planning;

public class EncodePlanTests
{
    [Fact]
    public void Create_SharedBeginning_ComputesItOnce()
    {
        EncodePlan plan = EncodePlan.Create([Tokens(1, 2, 3, 4), Tokens(1, 2, 5), Tokens(1, 2, 3, 4)]);

        Assert.Equal(11, plan.TokensGiven);
        Assert.Equal(5, plan.TokensComputed);
        Assert.Equal(11 / 5.0, plan.SharingRatio);
        Assert.Equal([1, 2, 3, 4, 5], plan.Tokens.ToArray());
        Assert.Equal([3, 4, 3], plan.PromptRows.ToArray());
    }

    [Fact]
    public void Create_PromptThatIsAnothersBeginning_EndsInsideItsPath()
    {
        EncodePlan plan = EncodePlan.Create([Tokens(7, 8, 9), Tokens(7)]);

        Assert.Equal(3, plan.TokensComputed);
        Assert.Equal([2, 0], plan.PromptRows.ToArray());
    }

    [Fact]
    public void Create_WithoutSharing_KeepsEveryPromptApart()
    {
        EncodePlan plan = EncodePlan.Create([Tokens(1, 2), Tokens(1, 2), Tokens(1, 3)], sharePrefixes: false);

        Assert.Equal(6, plan.TokensComputed);
        Assert.Equal(1, plan.SharingRatio);
        Assert.Equal([1, 3, 5], plan.PromptRows.ToArray());
    }

    [Fact]
    public void Create_DifferentRotaryKeys_ShareNothing()
    {
        EncodePlan plan = EncodePlan.Create([Tokens(1, 2, 3), Tokens(1, 2)], rotaryKey: length => length);

        Assert.Equal(5, plan.TokensComputed);
    }

    [Fact]
    public void Create_EmptyPrompt_NamesIt()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => EncodePlan.Create([Tokens(1), Tokens()]));

        Assert.Contains("Prompt 1 has no tokens", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Create_RandomPrompts_EveryPathSpellsItsPromptAndNothingIsComputedTwice(int seed)
    {
        for (int round = 0; round < 50; round++)
        {
            ReadOnlyMemory<int>[] prompts = RandomPrompts.Create(new Random((seed * 1000) + round), vocabulary: 3, maximumCount: 60, maximumLength: 12);
            EncodePlan plan = EncodePlan.Create(prompts);

            AssertTree(plan);
            for (int p = 0; p < prompts.Length; p++)
            {
                Assert.Equal(prompts[p].ToArray(), PathTo(plan, plan.PromptRows[p]));
            }

            var distinct = new HashSet<string>();
            foreach (ReadOnlyMemory<int> prompt in prompts)
            {
                for (int length = 1; length <= prompt.Length; length++)
                {
                    distinct.Add(string.Join(',', prompt[..length].ToArray()));
                }
            }

            Assert.Equal(distinct.Count, plan.TokensComputed);
        }
    }

    private static void AssertTree(EncodePlan plan)
    {
        int row = 0;
        for (int s = 0; s < plan.Segments.Length; s++)
        {
            Segment segment = plan.Segments[s];
            Assert.Equal(row, segment.FirstRow);
            Assert.InRange(segment.Length, 1, int.MaxValue);
            Assert.InRange(segment.Parent, -1, s - 1);
            row += segment.Length;
            Assert.InRange(segment.EndRow, row, plan.TokensComputed);
            if (segment.Parent >= 0)
            {
                Segment parent = plan.Segments[segment.Parent];
                Assert.Equal(parent.Position + parent.Length, segment.Position);
                Assert.InRange(segment.EndRow, 0, parent.EndRow);
            }
            else
            {
                Assert.Equal(0, segment.Position);
            }
        }

        Assert.Equal(plan.TokensComputed, row);
    }

    private static int[] PathTo(EncodePlan plan, int row)
    {
        int s = plan.Segments.Length - 1;
        while (plan.Segments[s].FirstRow > row)
        {
            s--;
        }

        var path = new List<int>();
        for (int end = row + 1; s >= 0; s = plan.Segments[s].Parent)
        {
            Segment segment = plan.Segments[s];
            end = Math.Min(end, segment.FirstRow + segment.Length);
            path.InsertRange(0, plan.Tokens[segment.FirstRow..end].ToArray());
            end = int.MaxValue;
        }

        return [.. path];
    }

    private static ReadOnlyMemory<int> Tokens(params int[] tokens) => tokens;
}
