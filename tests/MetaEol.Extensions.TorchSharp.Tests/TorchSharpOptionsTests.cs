namespace MetaEol.Extensions.TorchSharp.Tests;

public class TorchSharpOptionsTests
{
    [Fact]
    public void Validate_Defaults_Pass() => new TorchSharpOptions().Validate();

    [Fact]
    public void Validate_WrongValues_AreNamedWithWhatToWrite()
    {
        AssertNames(new TorchSharpOptions { Device = " " }, "cuda:0");
        AssertNames(new TorchSharpOptions { FurtherDevices = ["cuda:1", "gpu"] }, "'gpu' is not a device");
        AssertNames(new TorchSharpOptions { Precision = (TorchPrecision)9 }, "BFloat16");
        AssertNames(new TorchSharpOptions { PassRows = 0 }, "PassRows is 0");
        AssertNames(new TorchSharpOptions { PrefixCacheBytes = -1 }, "PrefixCacheBytes is -1");
        AssertNames(new TorchSharpOptions { Threads = 0 }, "Threads is 0");
    }

    private static void AssertNames(TorchSharpOptions options, string part) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(options.Validate).Message);
}
