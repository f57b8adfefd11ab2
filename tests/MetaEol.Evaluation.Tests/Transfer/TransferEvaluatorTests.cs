using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Transfer;

namespace MetaEol.Evaluation.Tests.Transfer;

public class TransferEvaluatorTests
{
    [Fact]
    public async Task EvaluateAsync_RepeatedTexts_AreEmbeddedOnceAcrossTasks()
    {
        TransferExample[] examples = [.. Enumerable.Range(0, 2000).Select(i => new TransferExample($"text {i % 20}", null, i % 2))];
        using FakeGenerator generator = new(Vector);
        TransferEvaluator evaluator = new(generator, batchSize: 6, foldCount: 2);
        await evaluator.EvaluateAsync(new TransferTask("TREC", TransferProtocol.TrainTest, 2, examples, [], examples));
        TransferScore score = await evaluator.EvaluateAsync(new TransferTask("SST2", TransferProtocol.TrainDevTest, 2, examples, examples, examples[..10]));
        Assert.Equal(20, generator.Texts.Count);
        Assert.Equal((100, 100, 10), (score.DevAccuracy, score.Accuracy, score.TestCount));
    }

    [Fact]
    public async Task EvaluateAsync_NestedTask_TestsAllExamples()
    {
        TransferExample[] examples = [.. Enumerable.Range(0, 2000).Select(i => new TransferExample($"text {i}", null, i % 2))];
        using FakeGenerator generator = new(Vector);
        TransferScore score = await new TransferEvaluator(generator, foldCount: 2).EvaluateAsync(new TransferTask("MR", TransferProtocol.NestedCrossValidation, 2, examples, [], []));
        Assert.Equal(("MR", 100, 2000), (score.Task, score.Accuracy, score.TestCount));
    }

    [Fact]
    public async Task EvaluateAsync_PairTask_ClassifiesByDifferenceAndProduct()
    {
        // Neither sentence alone tells the class: only whether both are equal.
        TransferExample[] examples = [.. Enumerable.Range(0, 2000).Select(i => new TransferExample($"text {i % 4 / 2}", $"text {i % 2}", i % 4 / 2 == i % 2 ? 1 : 0))];
        using FakeGenerator generator = new(Vector);
        TransferScore score = await new TransferEvaluator(generator, foldCount: 2).EvaluateAsync(new TransferTask("MRPC", TransferProtocol.TrainTest, 2, examples, [], examples));
        Assert.Equal(100, score.Accuracy);
    }

    private static float[] Vector(string text) => [text[^1] % 2 == 0 ? 1f : -1f, 0.25f];
}
