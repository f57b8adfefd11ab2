using MetaEol.Evaluation.Classification;

namespace MetaEol.Evaluation.Tests.Classification;

public class ClassificationProtocolTests
{
    private static readonly LogisticRegressionOptions Quick = new() { LearningRate = 0.1, MaxEpochs = 40 };

    [Fact]
    public void Nested_SeparableClasses_TestsEveryFoldAtHundred()
    {
        (FeatureMatrix features, int[] labels) = Line(60, noise: 0);
        List<double> reports = [];
        ClassificationResult result = new ClassificationProtocol(Quick, foldCount: 3, threads: 1, new Collect(reports)).Nested(features, labels, 2);
        Assert.Equal(new ClassificationResult(100, 100), result);

        // Three outer folds, each with four weight decays on three inner folds, and one final classifier.
        Assert.Equal((3 * 4 * 3) + 3, reports.Count);
        Assert.Equal(1, reports[^1]);
    }

    [Fact]
    public void Nested_LabelsWithoutSense_StaysAtChance()
    {
        // If a test fold took part in its own classifier's training, 40 examples with 60 features would be learnt by heart.
        Random random = new(8);
        FeatureMatrix features = new(Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, 60).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray()));
        int[] labels = [.. Enumerable.Range(0, 40).Select(i => i % 2)];
        Assert.InRange(new ClassificationProtocol(Quick, foldCount: 5).Nested(features, labels, 2).TestAccuracy, 20, 80);
    }

    [Fact]
    public void TrainTest_AccuracyIsOfTheTestExamplesInPercent()
    {
        (FeatureMatrix train, int[] labels) = Line(60, noise: 0);
        FeatureMatrix test = new([[-1f], [-2f], [3f]]);
        ClassificationResult result = new ClassificationProtocol(Quick, foldCount: 3).TrainTest(train, labels, test, [0, 0, 0], 2);
        Assert.Equal(new ClassificationResult(100, 66.67), result);
    }

    [Fact]
    public void TrainDevTest_ChoosesByTheDevelopmentExamples()
    {
        (FeatureMatrix train, int[] labels) = Line(60, noise: 0);
        (FeatureMatrix dev, int[] devLabels) = Line(8, noise: 0);
        devLabels[0] = 1 - devLabels[0];
        FeatureMatrix test = new([[-1f], [2f]]);
        ClassificationResult result = new ClassificationProtocol(Quick).TrainDevTest(train, labels, dev, devLabels, test, [0, 1], 2);
        Assert.Equal(new ClassificationResult(87.5, 100), result);
    }

    [Fact]
    public void Nested_AnyThreadCount_GivesTheSameAccuracies()
    {
        (FeatureMatrix features, int[] labels) = Line(90, noise: 1.5);
        Assert.Equal(
            new ClassificationProtocol(Quick, 3, threads: 1).Nested(features, labels, 2),
            new ClassificationProtocol(Quick, 3, threads: 4).Nested(features, labels, 2));
    }

    private static (FeatureMatrix Features, int[] Labels) Line(int count, double noise)
    {
        Random random = new(6);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % 2)];
        return (new FeatureMatrix(labels.Select(label => new[] { (float)((label == 1 ? 1.5 : -1.5) + random.NextDouble() + (noise * (random.NextDouble() - 0.5) * 4)) })), labels);
    }

    private sealed class Collect(List<double> reports) : IProgress<double>
    {
        public void Report(double value) => reports.Add(value);
    }
}
