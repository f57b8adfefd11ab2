using MetaEol.Extensions.TorchSharp.Devices;

namespace MetaEol.Extensions.TorchSharp.Tests.Devices;

public class DeviceNameTests
{
    [Theory]
    [InlineData("auto", "auto")]
    [InlineData("CPU", "cpu")]
    [InlineData("cuda", "cuda:0")]
    [InlineData("Cuda:12", "cuda:12")]
    [InlineData("mps", "mps")]
    public void Parse_DeviceOfLibtorch_IsRead(string text, string expected) => Assert.Equal(expected, DeviceName.Parse(text).ToString());

    [Theory]
    [InlineData("abacus")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:first")]
    [InlineData("cuda:0:1")]
    [InlineData("cuda:99999999999")]
    [InlineData("cpu:0")]
    [InlineData("auto:0")]
    [InlineData(" ")]
    [InlineData(null)]
    public void Parse_AnythingElse_IsNone(string? text) => Assert.Null(DeviceName.Parse(text));
}
