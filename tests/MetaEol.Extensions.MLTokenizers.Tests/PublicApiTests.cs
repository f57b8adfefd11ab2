using MetaEol.Tests;
using MetaEol.Tests.Documentation;

namespace MetaEol.Extensions.MLTokenizers.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(MLTokenizer).Assembly);

    [Fact]
    public void Reference_IsTheRecordedOne() => ApiReference.AssertRecorded(typeof(MLTokenizer).Assembly);
}
