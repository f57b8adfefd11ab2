using MetaEol.Tests;

namespace MetaEol.Extensions.MLTokenizers.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(MLTokenizer).Assembly);
}
