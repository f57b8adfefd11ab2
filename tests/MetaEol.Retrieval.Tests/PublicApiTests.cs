using MetaEol.Tests;

namespace MetaEol.Retrieval.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(SearchIndex).Assembly);
}
