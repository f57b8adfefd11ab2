using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(TorchSharpOptions).Assembly);
}
