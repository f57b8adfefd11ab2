using MetaEol.Tests;

namespace MetaEol.AspNetCore.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(EmbeddingServerOptions).Assembly);
}
