using MetaEol.Evaluation.Classification;

namespace MetaEol.Evaluation.Tests.Classification;

public class LogisticRegressionTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Fit_SeparableClasses_LearnsThem(int classes)
    {
        (FeatureMatrix features, int[] labels) = Blobs(classes, 3000, spread: 0.15);
        (FeatureMatrix test, int[] testLabels) = Blobs(classes, 400, spread: 0.15, seed: 9);
        LogisticRegression model = LogisticRegression.Fit(features, labels, 0.05, classes, new LogisticRegressionOptions { WeightDecay = 1e-5 });
        Assert.InRange(model.Accuracy(test, testLabels), 0.99, 1);
    }

    [Fact]
    public void Fit_NoisyClasses_ReachesTheBestPossibleAccuracy()
    {
        // Two normal distributions two standard deviations apart: no classifier is right in more than Φ(1) = 84.13 % of the cases.
        (FeatureMatrix features, int[] labels) = Gaussians(4000, 1);
        (FeatureMatrix test, int[] testLabels) = Gaussians(20_000, 2);
        LogisticRegression model = LogisticRegression.Fit(features, labels, 0.05, 2, new LogisticRegressionOptions { WeightDecay = 1e-4 });
        Assert.InRange(model.Accuracy(test, testLabels), 0.83, 0.85);
    }

    [Fact]
    public void Fit_UninformativeFeatures_FindsTheLargerClass()
    {
        Random random = new(5);
        float[][] rows = [.. Enumerable.Range(0, 1000).Select(_ => new[] { (float)random.NextDouble() - 0.5f })];
        int[] labels = [.. rows.Select((_, i) => i % 4 == 0 ? 1 : 0)];
        LogisticRegression model = LogisticRegression.Fit(new FeatureMatrix(rows), labels, 0.05, 2);
        Assert.InRange(model.Accuracy(new FeatureMatrix(rows), labels), 0.745, 0.76);
    }

    [Fact]
    public void Fit_SameSeed_GivesTheSameClassifier()
    {
        (FeatureMatrix features, int[] labels) = Gaussians(500, 1);
        (FeatureMatrix test, int[] _) = Gaussians(500, 2);
        int[] Predictions(uint seed)
        {
            LogisticRegression model = LogisticRegression.Fit(features, labels, 0.05, 2, new LogisticRegressionOptions { Seed = seed, MaxEpochs = 4 });
            return [.. Enumerable.Range(0, test.Rows).Select(i => model.Predict(test[i]))];
        }

        Assert.Equal(Predictions(1111), Predictions(1111));
        Assert.NotEqual(Predictions(1111), Predictions(1112));
    }

    [Fact]
    public void Fit_StrongWeightDecay_KeepsWeightsFromGrowing()
    {
        // One feature separates the classes weakly but always; decay so strong that no weight can grow leaves the biases, and these the larger class.
        float[][] rows = [.. Enumerable.Range(0, 900).Select(i => new[] { i % 3 == 0 ? 0.02f : -0.02f })];
        int[] labels = [.. rows.Select(row => row[0] > 0 ? 1 : 0)];
        FeatureMatrix features = new(rows);
        double free = LogisticRegression.Fit(features, labels, features, labels, 2, new LogisticRegressionOptions { LearningRate = 0.1 }).Accuracy(features, labels);
        double bound = LogisticRegression.Fit(features, labels, features, labels, 2, new LogisticRegressionOptions { LearningRate = 0.1, WeightDecay = 1 }).Accuracy(features, labels);
        Assert.Equal(1, free);
        Assert.Equal(2.0 / 3, bound, 6);
    }

    [Fact]
    public void Fit_MismatchedInput_Throws()
    {
        FeatureMatrix features = new([[1f], [2f]]);
        Assert.Throws<ArgumentException>(() => LogisticRegression.Fit(features, [0], 0.05, 2));
        Assert.Contains("Label 1 is 2", Assert.Throws<ArgumentException>(() => LogisticRegression.Fit(features, [0, 2], 0.05, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new FeatureMatrix([[1f], [float.NaN]]));
        Assert.Throws<ArgumentException>(() => new FeatureMatrix([[1f], [1f, 2f]]));
    }

    [Fact]
    public void Fit_Cancelled_Ends()
    {
        (FeatureMatrix features, int[] labels) = Gaussians(100, 1);
        Assert.Throws<OperationCanceledException>(() => LogisticRegression.Fit(features, labels, 0.05, 2, null, new CancellationToken(canceled: true)));
    }

    private static (FeatureMatrix Features, int[] Labels) Blobs(int classes, int count, double spread, int seed = 4)
    {
        Random random = new(seed);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % classes)];
        return (new FeatureMatrix(labels.Select(label => Enumerable.Range(0, 8).Select(j => (float)((j == label ? 1 : 0) + (spread * Normal(random)))).ToArray())), labels);
    }

    private static (FeatureMatrix Features, int[] Labels) Gaussians(int count, int seed)
    {
        Random random = new(seed);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % 2)];
        return (new FeatureMatrix(labels.Select(label => new[] { (float)(Normal(random) + (label == 1 ? 1 : -1)), (float)Normal(random) })), labels);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
