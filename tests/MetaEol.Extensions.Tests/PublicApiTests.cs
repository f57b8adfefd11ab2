using MetaEol.Tests;

namespace MetaEol.Extensions.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(MetaEolOptions).Assembly);
}
