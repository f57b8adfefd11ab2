using MetaEol.Tests;
using MetaEol.Tests.Documentation;

namespace MetaEol.Extensions.SemanticKernel.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(Microsoft.SemanticKernel.MetaEolKernelBuilderExtensions).Assembly);

    [Fact]
    public void Reference_IsTheRecordedOne() => ApiReference.AssertRecorded(typeof(Microsoft.SemanticKernel.MetaEolKernelBuilderExtensions).Assembly);
}
