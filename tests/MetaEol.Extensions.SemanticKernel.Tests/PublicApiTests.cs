using MetaEol.Tests;

namespace MetaEol.Extensions.SemanticKernel.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(Microsoft.SemanticKernel.MetaEolKernelBuilderExtensions).Assembly);
}
