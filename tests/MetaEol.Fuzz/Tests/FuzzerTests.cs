using System.Text;
using MetaEol.Fuzz.Mutation;
using MetaEol.Fuzz.Running;

namespace MetaEol.Fuzz.Tests;

/// <summary>The fuzzer finds what it is for, and its inputs can be made again.</summary>
public class FuzzerTests
{
    [Theory]
    [InlineData("fine", null)]
    [InlineData("aF", null)]
    [InlineData("aE", "Exception")]
    [InlineData("aD", "Difference")]
    [InlineData("aL", "Exception")]
    [InlineData("aM", "Memory")]
    [InlineData("aH", "Hang")]
    [InlineData("aS", "Crash")]
    public void Run_Fault_IsFoundAndTheNextInputRuns(string input, string? kind)
    {
        using FaultyTarget target = new();
        using WorkerProcess worker = new(target, seed: 1);
        Assert.Equal(kind, worker.Run(Encoding.UTF8.GetBytes(input))?.Kind.ToString());
        Assert.Null(worker.Run("fine"u8.ToArray()));
    }

    [Fact]
    public void Campaign_FindsFaultsAndMakesThemSmall()
    {
        TargetReport report = Campaign.Run("faulty", seed: 1, TimeSpan.MaxValue, inputs: 400, patience: TimeSpan.FromSeconds(5));
        FoundInput exception = Assert.Single(report.Found, found => found.Finding.Kind == FindingKind.Exception && found.Finding.Key.Contains(nameof(InvalidOperationException), StringComparison.Ordinal));
        Assert.Equal("E"u8.ToArray(), exception.Input);
        Assert.True(report.Inputs > exception.Index);
    }

    [Fact]
    public void Inputs_FollowFromTargetSeedAndNumber()
    {
        foreach (string name in FuzzTargets.Names)
        {
            using FuzzTarget target = FuzzTargets.Create(name), again = FuzzTargets.Create(name);
            Assert.Equal(name, target.Name);
            byte[][] inputs = [.. Enumerable.Range(0, 20).Select(i => target.Create(new FuzzRandom(name, 5, i)))];
            Assert.Equal(inputs, Enumerable.Range(0, 20).Select(i => again.Create(new FuzzRandom(name, 5, i))));
            Assert.True(inputs.DistinctBy(Convert.ToBase64String).Count() > 10, name);
        }
    }

    [Fact]
    public void Minimize_KeepsWhatItIsAbout()
    {
        byte[] smallest = Minimizer.Minimize("a long text with xyz in it"u8.ToArray(), input => Encoding.UTF8.GetString(input).Contains('x', StringComparison.Ordinal), TimeSpan.FromSeconds(10));
        Assert.Equal("x"u8.ToArray(), smallest);
    }

    [Fact]
    public void JsonTree_WritesWhatItReads()
    {
        const string Json = """{"a":[1,2.50,"x\u0000é",{"b":null}],"c":{},"d":[]}""";
        Assert.Equal(Json, Encoding.UTF8.GetString(JsonTree.Parse(Encoding.UTF8.GetBytes(Json)).ToBytes()));
    }
}
