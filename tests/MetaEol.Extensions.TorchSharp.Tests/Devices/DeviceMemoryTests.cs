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
}
