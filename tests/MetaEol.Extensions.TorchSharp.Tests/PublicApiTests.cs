using MetaEol.Tests;
using MetaEol.Tests.Documentation;

namespace MetaEol.Extensions.TorchSharp.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(TorchSharpOptions).Assembly);

    [Fact]
    public void Reference_IsTheRecordedOne() => ApiReference.AssertRecorded(typeof(TorchSharpOptions).Assembly);
}
