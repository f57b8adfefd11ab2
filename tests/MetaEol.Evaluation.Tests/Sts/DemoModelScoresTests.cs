using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Sts;
using MetaEol.Tests;

namespace MetaEol.Evaluation.Tests.Sts;

public sealed class DemoModelScoresTests(DemoModel model) : IClassFixture<DemoModel>
{
    /// <summary>The model card's scores (models/demo/README.md).</summary>
    [SkippableTheory]
    [InlineData("STS-B", StsSplit.Test, 71.87)]
    [InlineData("STS-B", StsSplit.Dev, 78.36)]
    [InlineData("STS12", StsSplit.Test, 62.12)]
    public async Task EvaluateAsync_DemoModel_EqualsItsModelCard(string task, StsSplit split, double expected)
    {
        StsTask data = new SentEvalFolder(TestPaths.SharedData("senteval")).ReadSts(task, split);
        IReadOnlyList<StsScores> scores = await new StsEvaluator(model.Generator).EvaluateAsync([data]);
        Assert.InRange(scores[0].Spearman, expected - 0.1, expected + 0.1);
    }
}
