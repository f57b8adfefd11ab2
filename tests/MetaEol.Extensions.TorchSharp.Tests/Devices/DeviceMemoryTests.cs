using MetaEol.Extensions.TorchSharp.Devices;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Tests.Devices;

public class DeviceMemoryTests
{
    [Fact]
    public void IsExhausted_LibtorchsOwnErrors_AreToldApart()
    {
        Exception memory = Record.Exception(() => torch.empty(1L << 50))!;
        Exception shape = Record.Exception(() => torch.nn.functional.linear(torch.ones(2, 3), torch.ones(4, 5)))!;
        Assert.True(DeviceMemory.IsExhausted(memory));
        Assert.False(DeviceMemory.IsExhausted(shape));
        Assert.True(DeviceMemory.IsExhausted(new System.Runtime.InteropServices.ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB.")));
    }

    [Fact]
    public void Run_MemoryForFewItems_HalvesAndRunsEachOnce()
    {
        int budget = 64;
        var done = new List<int>();
        var budgets = new List<int>();
        DeviceMemory.Run(
            20,
            ref budget,
            (begin, rows) => Math.Min(20, begin + rows),
            (begin, end) =>
            {
                if (end - begin > 5)
                {
                    throw new OutOfMemoryException();
                }

                done.AddRange(Enumerable.Range(begin, end - begin));
            },
            (rows, _) => budgets.Add(rows));
        Assert.Equal(Enumerable.Range(0, 20), done);

        // 64 and 32 are the same 20 items: trying them again would be in vain.
        Assert.Equal([16, 8, 4], budgets);
        Assert.Equal(4, budget);
    }

    [Fact]
    public void Run_OneItemTooLarge_FailsWithTheCause()
    {
        int budget = 8;
        var cause = new System.Runtime.InteropServices.ExternalException("CUDA out of memory.");
        var error = Assert.Throws<OutOfMemoryException>(() =>
            DeviceMemory.Run(3, ref budget, (begin, rows) => Math.Min(3, begin + rows), (begin, _) => throw cause, (_, _) => { }));
        Assert.Same(cause, error.InnerException);
    }

    [Fact]
    public void Run_OtherErrors_AreNotRetried()
    {
        int budget = 8;
        int passes = 0;
        Assert.Throws<InvalidOperationException>(() =>
            DeviceMemory.Run(3, ref budget, (begin, rows) => Math.Min(3, begin + rows), (_, _) => { passes++; throw new InvalidOperationException(); }, (_, _) => { }));
        Assert.Equal(1, passes);
    }
}
