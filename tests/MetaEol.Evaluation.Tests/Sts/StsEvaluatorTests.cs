using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Sts;

namespace MetaEol.Evaluation.Tests.Sts;

public class StsEvaluatorTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task EvaluateAsync_AnyBatchSize_EmbedsEachTextOnceAndScoresAlike(int batchSize)
    {
        Random random = new(2);
        StsTask[] tasks = [.. new[] { "STS12", "STS-B" }.Select(name => new StsTask(name,
            [.. Enumerable.Range(0, 2).Select(i => new StsSubset($"{i}", [.. Enumerable.Range(0, 60).Select(_ => new SentencePair($"{random.Next(90)}", $"{random.Next(90)}", random.Next(6)))]))]))];
        using FakeGenerator generator = new(Vector);
        List<EvaluationProgress> reports = [];
        IReadOnlyList<StsScores> scores = await new StsEvaluator(generator, batchSize: batchSize).EvaluateAsync(tasks, new Collect(reports));

        double[] similarities = [.. tasks.SelectMany(task => task.Pairs).Select(pair => StsScorer.Cosine(Vector(pair.First), Vector(pair.Second)))];
        Assert.Equivalent(StsScorer.Score(tasks, similarities), scores);
        Assert.Equal(generator.Texts.Distinct().Count(), generator.Texts.Count);
        Assert.Equal((generator.Texts.Count, generator.Texts.Count), (reports[^1].Done, reports[^1].Total));
    }

    [Fact]
    public async Task EvaluateAsync_UnrelatedPairs_KeepsBatchesSmall()
    {
        StsTask task = new("STS-B", [new StsSubset("test", [.. Enumerable.Range(0, 100).Select(i => new SentencePair($"a{i}", $"b{i}", i % 5))])]);
        using FakeGenerator generator = new(Vector);
        await new StsEvaluator(generator, batchSize: 10).EvaluateAsync([task]);
        Assert.All(generator.BatchSizes, size => Assert.InRange(size, 2, 11));
    }

    private static float[] Vector(string text)
    {
        Random random = new(text.Sum(c => c * 31) + text.Length);
        return [(float)random.NextDouble(), (float)random.NextDouble(), (float)random.NextDouble()];
    }

    private sealed class Collect(List<EvaluationProgress> reports) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => reports.Add(value);
    }
}
