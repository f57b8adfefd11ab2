using MetaEol.Tests;

namespace MetaEol.Llama.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(LlamaModel).Assembly);
}
