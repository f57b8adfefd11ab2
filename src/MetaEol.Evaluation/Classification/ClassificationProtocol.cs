namespace MetaEol.Evaluation.Classification;

/// <summary>
/// SentEval's three ways to train and test a classifier on frozen vectors (<c>senteval/tools/validation.py</c>), with its default configuration: 10 stratified folds
/// shuffled with seed 1111, weight decay chosen among 1e-5, 1e-4, 1e-3, 1e-2, accuracies rounded to two digits where SentEval rounds them.
/// </summary>
public sealed class ClassificationProtocol
{
    private const uint FoldSeed = 1111;
    private const double HeldOut = 0.05;
    private static readonly double[] WeightDecays = [1e-5, 1e-4, 1e-3, 1e-2];
    private readonly LogisticRegressionOptions _options;
    private readonly IProgress<double>? _progress;
    private readonly ParallelOptions _parallel;

    /// <summary>Creates the protocol.</summary>
    /// <param name="options">How each classifier is trained; its weight decay is not used. Null takes SentEval's defaults.</param>
    /// <param name="foldCount">Number of folds, at least 2; 10 is SentEval's default configuration, 5 its prototyping one.</param>
    /// <param name="threads">Most classifiers trained at once, at least 1; null takes the number of processors.</param>
    /// <param name="progress">Receives the share of classifiers trained, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the training.</param>
    public ClassificationProtocol(
        LogisticRegressionOptions? options = null, int foldCount = 10, int? threads = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(foldCount, 2);
        if (threads is { } count)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(threads));
        }

        _options = options ?? new LogisticRegressionOptions();
        FoldCount = foldCount;
        _progress = progress;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads ?? Environment.ProcessorCount, CancellationToken = cancellationToken };
    }

    /// <summary>Number of folds.</summary>
    public int FoldCount { get; }

    /// <summary>Nested cross-validation (<c>InnerKFoldClassifier</c>): each outer fold is tested by a classifier whose weight decay the inner folds chose.</summary>
    /// <param name="features">All features, <c>[examples × features]</c>.</param>
    /// <param name="labels">Their classes, from 0.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <exception cref="ArgumentException">There are too few examples for the folds, or features and labels do not match.</exception>
    public ClassificationResult Nested(FeatureMatrix features, IReadOnlyList<int> labels, int classCount)
    {
        int[] outer = StratifiedFolds.Assign([.. labels], FoldCount, FoldSeed);
        (int[] Train, int[] Test)[] splits = [.. Enumerable.Range(0, FoldCount).Select(fold => Split(outer, fold))];
        int[][] inner = [.. splits.Select(split => StratifiedFolds.Assign([.. split.Train.Select(row => labels[row])], FoldCount, FoldSeed))];
        double[,,] scores = new double[FoldCount, WeightDecays.Length, FoldCount];
        int total = (scores.Length + FoldCount), done = 0;
        Parallel.For(0, scores.Length, _parallel, index =>
        {
            (int outerFold, int decay, int innerFold) = (index / (WeightDecays.Length * FoldCount), index / FoldCount % WeightDecays.Length, index % FoldCount);
            (int[] trainOfFold, int[] testOfFold) = Split(inner[outerFold], innerFold);
            int[] train = [.. trainOfFold.Select(i => splits[outerFold].Train[i])], test = [.. testOfFold.Select(i => splits[outerFold].Train[i])];
            scores[outerFold, decay, innerFold] = FitAndScore(features, labels, train, test, classCount, WeightDecays[decay]);
            Report(ref done, total);
        });

        double[] devAccuracies = new double[FoldCount], testAccuracies = new double[FoldCount];
        Parallel.For(0, FoldCount, _parallel, fold =>
        {
            (double weightDecay, devAccuracies[fold]) = Best(decay => Enumerable.Range(0, FoldCount).Average(innerFold => scores[fold, decay, innerFold]));
            FeatureMatrix train = features.Select(splits[fold].Train), test = features.Select(splits[fold].Test);
            int[] trainLabels = [.. splits[fold].Train.Select(row => labels[row])], testLabels = [.. splits[fold].Test.Select(row => labels[row])];
            LogisticRegression model = LogisticRegression.Fit(train, trainLabels, HeldOut, classCount, Options(weightDecay), _parallel.CancellationToken);
            testAccuracies[fold] = Percent(model.Accuracy(test, testLabels));
            Report(ref done, total);
        });

        return new ClassificationResult(Math.Round(devAccuracies.Average(), 2), Math.Round(testAccuracies.Average(), 2));
    }

    /// <summary>Training and test examples (<c>KFoldClassifier</c>): cross-validation on the training examples chooses the weight decay.</summary>
    /// <param name="train">Training features, <c>[examples × features]</c>.</param>
    /// <param name="trainLabels">Their classes, from 0.</param>
    /// <param name="test">Test features.</param>
    /// <param name="testLabels">Their classes.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <exception cref="ArgumentException">There are too few examples for the folds, or features and labels do not match.</exception>
    public ClassificationResult TrainTest(FeatureMatrix train, IReadOnlyList<int> trainLabels, FeatureMatrix test, IReadOnlyList<int> testLabels, int classCount)
    {
        int[] folds = StratifiedFolds.Assign([.. trainLabels], FoldCount, FoldSeed);
        double[,] scores = new double[WeightDecays.Length, FoldCount];
        int total = scores.Length + 1, done = 0;
        Parallel.For(0, scores.Length, _parallel, index =>
        {
            (int decay, int fold) = (index / FoldCount, index % FoldCount);
            (int[] trainRows, int[] testRows) = Split(folds, fold);
            scores[decay, fold] = FitAndScore(train, trainLabels, trainRows, testRows, classCount, WeightDecays[decay]);
            Report(ref done, total);
        });

        (double weightDecay, double devAccuracy) = Best(decay => Enumerable.Range(0, FoldCount).Average(fold => scores[decay, fold]));
        LogisticRegression model = LogisticRegression.Fit(train, trainLabels, HeldOut, classCount, Options(weightDecay), _parallel.CancellationToken);
        Report(ref done, total);
        return new ClassificationResult(devAccuracy, Percent(model.Accuracy(test, testLabels)));
    }

    /// <summary>Training, development and test examples (<c>SplitClassifier</c>): the development examples choose the weight decay and end the training.</summary>
    /// <param name="train">Training features, <c>[examples × features]</c>.</param>
    /// <param name="trainLabels">Their classes, from 0.</param>
    /// <param name="dev">Development features.</param>
    /// <param name="devLabels">Their classes.</param>
    /// <param name="test">Test features.</param>
    /// <param name="testLabels">Their classes.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <exception cref="ArgumentException">Features and labels do not match.</exception>
    public ClassificationResult TrainDevTest(
        FeatureMatrix train, IReadOnlyList<int> trainLabels, FeatureMatrix dev, IReadOnlyList<int> devLabels, FeatureMatrix test, IReadOnlyList<int> testLabels, int classCount)
    {
        LogisticRegression[] models = new LogisticRegression[WeightDecays.Length];
        int done = 0;
        Parallel.For(0, models.Length, _parallel, decay =>
        {
            models[decay] = LogisticRegression.Fit(train, trainLabels, dev, devLabels, classCount, Options(WeightDecays[decay]), _parallel.CancellationToken);
            Report(ref done, models.Length);
        });

        // The final classifier is trained as the chosen one was, so it is that one.
        double[] accuracies = [.. models.Select(model => model.Accuracy(dev, devLabels))];
        (double weightDecay, double devAccuracy) = Best(decay => accuracies[decay]);
        return new ClassificationResult(devAccuracy, Percent(models[Array.IndexOf(WeightDecays, weightDecay)].Accuracy(test, testLabels)));
    }

    private static (int[] Train, int[] Test) Split(int[] folds, int fold) =>
        ([.. Enumerable.Range(0, folds.Length).Where(i => folds[i] != fold)], [.. Enumerable.Range(0, folds.Length).Where(i => folds[i] == fold)]);

    private static double Percent(double accuracy) => Math.Round(100 * accuracy, 2);

    private static (double WeightDecay, double Accuracy) Best(Func<int, double> accuracyOf)
    {
        double[] accuracies = [.. Enumerable.Range(0, WeightDecays.Length).Select(decay => Percent(accuracyOf(decay)))];
        int best = Array.IndexOf(accuracies, accuracies.Max());
        return (WeightDecays[best], accuracies[best]);
    }

    private double FitAndScore(FeatureMatrix features, IReadOnlyList<int> labels, int[] train, int[] test, int classCount, double weightDecay)
    {
        FeatureMatrix testFeatures = features.Select(test);
        int[] testLabels = [.. test.Select(row => labels[row])];
        LogisticRegression model = LogisticRegression.Fit(
            features.Select(train), [.. train.Select(row => labels[row])], testFeatures, testLabels, classCount, Options(weightDecay), _parallel.CancellationToken);
        return model.Accuracy(testFeatures, testLabels);
    }

    private LogisticRegressionOptions Options(double weightDecay) => _options with { WeightDecay = weightDecay };

    private void Report(ref int done, int total) => _progress?.Report((double)Interlocked.Increment(ref done) / total);
}
