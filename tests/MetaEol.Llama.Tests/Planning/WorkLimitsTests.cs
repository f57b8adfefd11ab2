using MetaEol.Llama.Planning;

namespace MetaEol.Llama.Tests.Planning;

public class WorkLimitsTests
{
    [Fact]
    public void CallTokens_AreSixteenStepsUnlessSet()
    {
        Assert.Equal(8192, new WorkLimits().CallTokens);
        Assert.Equal(160, new WorkLimits(StepRows: 10).CallTokens);
        Assert.Equal(5, new WorkLimits(StepRows: 10) { CallTokens = 5 }.CallTokens);
        Assert.Equal(16L * int.MaxValue, new WorkLimits(StepRows: int.MaxValue).CallTokens);
    }

    [Fact]
    public void Calls_CoverAllItemsInOrderWithinTheLimit()
    {
        long[] tokens = [3, 3, 3, 1, 12, 1, 9, 1, 10, 0, 0];
        var limits = new WorkLimits { CallTokens = 10 };
        Assert.Equal([(0, 4), (4, 1), (5, 2), (7, 1), (8, 3)], limits.Calls(tokens.Length, item => tokens[item]));
        Assert.Empty(limits.Calls(0, _ => 1));
    }

    [Fact]
    public void CallTakes_FirstRequestWhateverItsSize_AndOthersWithinTheLimit()
    {
        var limits = new WorkLimits { CallTokens = 10 };
        Assert.True(limits.CallTakes(0, 11));
        Assert.True(limits.CallTakes(4, 6));
        Assert.False(limits.CallTakes(4, 7));
        Assert.False(limits.CallTakes(11, 1));
    }
}
