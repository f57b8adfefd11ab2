using MetaEol.Tests;

namespace MetaEol.Evaluation.Tests;

public class PublicApiTests
{
    [Fact]
    public void PublicSurface_IsTheRecordedOne() => PublicSurface.AssertRecorded(typeof(EvaluationProgress).Assembly);
}
