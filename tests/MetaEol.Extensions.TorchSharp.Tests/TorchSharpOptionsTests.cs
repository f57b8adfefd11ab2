namespace MetaEol.Extensions.TorchSharp.Tests;

public class TorchSharpOptionsTests
{
    [Fact]
    public void Validate_Defaults_Pass() => new TorchSharpOptions().Validate();

    [Fact]
    public void Validate_WrongValues_AreNamedWithWhatToWrite()
    {
        AssertNames(new TorchSharpOptions { Device = " " }, "cuda:0");
        AssertNames(new TorchSharpOptions { Devices = ["cuda:1", "gpu"] }, "'gpu' is not a device");
        AssertNames(new TorchSharpOptions { Device = "cuda:0", Devices = ["cuda:1"] }, "Device is 'cuda:0', and Devices names cuda:1; write one of the two");
        AssertNames(new TorchSharpOptions { Devices = ["cuda:0", "cuda:1", "cuda:2"], DevicesPerReplica = 2 }, "DevicesPerReplica is 2 with 3 devices");
        AssertNames(new TorchSharpOptions { DevicesPerReplica = 0 }, "DevicesPerReplica is 0");
        AssertNames(new TorchSharpOptions { Precision = (TorchPrecision)9 }, "BFloat16");
        AssertNames(new TorchSharpOptions { PassRows = 0 }, "PassRows is 0");
        AssertNames(new TorchSharpOptions { PrefixCacheBytes = -1 }, "PrefixCacheBytes is -1");
        AssertNames(new TorchSharpOptions { Threads = 0 }, "Threads is 0");
    }

    [Fact]
    public void Replicas_DevicesThatFollowOneAnother_ShareAReplica()
    {
        Assert.Equal(["auto"], Names(new TorchSharpOptions()));
        Assert.Equal(["cuda:0", "cuda:1"], Names(new TorchSharpOptions { Devices = ["cuda", "CUDA:1"] }));
        Assert.Equal(["cuda:0+cuda:1", "cuda:2+cuda:3"], Names(new TorchSharpOptions { Devices = ["cuda:0", "cuda:1", "cuda:2", "cuda:3"], DevicesPerReplica = 2 }));

        static IEnumerable<string> Names(TorchSharpOptions options) => options.Replicas.Select(replica => string.Join("+", replica));
    }

    private static void AssertNames(TorchSharpOptions options, string part) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(options.Validate).Message);
}
