using System.Numerics.Tensors;

namespace MetaEol.Evaluation.Classification;

/// <summary>
/// SentEval's default classifier: multinomial logistic regression (its <c>MLP</c> with <c>nhid = 0</c>) on float32, trained by Adam with weight decay, that keeps the
/// weights of its best accuracy on development examples. Initial weights and order of the examples are PyTorch's and NumPy's for the seed.
/// </summary>
public sealed class LogisticRegression
{
    private const double Beta1 = 0.9, Beta2 = 0.999;
    private const float Epsilon = 1e-8f;
    private readonly int _classes, _features;

    /// <summary>The weights, <c>[classes × features]</c>, and behind them the biases, <c>[classes]</c>.</summary>
    private readonly float[] _parameters;

    private LogisticRegression(int classes, int features, uint seed)
    {
        _classes = classes;
        _features = features;
        _parameters = new float[(classes * features) + classes];

        // nn.Linear: weights, then biases, uniform within 1 / √features.
        NumpyRandom random = new(seed);
        float bound = (float)(1 / Math.Sqrt(features));
        for (int i = 0; i < _parameters.Length; i++)
        {
            _parameters[i] = random.NextTorchUniform(bound);
        }
    }

    /// <summary>Trains a classifier and keeps the weights that do best on the development examples.</summary>
    /// <param name="train">Training features, <c>[examples × features]</c>.</param>
    /// <param name="trainLabels">Their classes, each in <c>0 .. classCount - 1</c>.</param>
    /// <param name="dev">Development features.</param>
    /// <param name="devLabels">Their classes.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="options">Options; null takes the defaults.</param>
    /// <param name="cancellationToken">Checked before each pass over the examples.</param>
    /// <exception cref="ArgumentException">Labels and features do not match, or a label is out of range.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static LogisticRegression Fit(
        FeatureMatrix train, IReadOnlyList<int> trainLabels, FeatureMatrix dev, IReadOnlyList<int> devLabels, int classCount, LogisticRegressionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        ThrowIfMismatched(train, trainLabels, classCount, nameof(trainLabels));
        ThrowIfMismatched(dev, devLabels, classCount, nameof(devLabels));
        options ??= new LogisticRegressionOptions();
        return Train(new NumpyRandom(options.Seed), train, trainLabels, dev, devLabels, classCount, options, cancellationToken);
    }

    /// <summary>Trains a classifier with a random share of the examples held out as development examples (SentEval's <c>validation_split</c>).</summary>
    /// <param name="examples">Features, <c>[examples × features]</c>.</param>
    /// <param name="labels">Their classes, each in <c>0 .. classCount - 1</c>.</param>
    /// <param name="heldOut">The share held out, above 0 and below 1; SentEval's is 0.05. At least one example is.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="options">Options; null takes the defaults.</param>
    /// <param name="cancellationToken">Checked before each pass over the examples.</param>
    /// <exception cref="ArgumentException">Labels and features do not match, a label is out of range, or there are fewer than two examples.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static LogisticRegression Fit(
        FeatureMatrix examples, IReadOnlyList<int> labels, double heldOut, int classCount, LogisticRegressionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heldOut);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(heldOut, 1);
        ThrowIfMismatched(examples, labels, classCount, nameof(labels));
        if (examples.Rows < 2)
        {
            throw new ArgumentException("Holding examples out needs at least two.", nameof(examples));
        }

        options ??= new LogisticRegressionOptions();
        NumpyRandom random = new(options.Seed);
        int[] order = random.Permutation(examples.Rows);
        int devCount = Math.Max(1, (int)(heldOut * order.Length));
        int[] devRows = order[..devCount], trainRows = order[devCount..];
        return Train(
            random, examples.Select(trainRows), [.. trainRows.Select(row => labels[row])], examples.Select(devRows), [.. devRows.Select(row => labels[row])], classCount, options, cancellationToken);
    }

    /// <summary>The most probable class.</summary>
    /// <param name="features">One example's features.</param>
    /// <exception cref="ArgumentException">The number of features is not that of the training examples.</exception>
    public int Predict(ReadOnlySpan<float> features)
    {
        if (features.Length != _features)
        {
            throw new ArgumentException($"The classifier was trained on {_features} features, not {features.Length}.", nameof(features));
        }

        Span<float> logits = stackalloc float[_classes];
        Logits(features, logits);
        return TensorPrimitives.IndexOfMax(logits);
    }

    /// <summary>The share of examples whose most probable class is their own, 0 to 1.</summary>
    /// <param name="features">Features, <c>[examples × features]</c>.</param>
    /// <param name="labels">Their classes.</param>
    public double Accuracy(FeatureMatrix features, IReadOnlyList<int> labels)
    {
        int correct = 0;
        for (int i = 0; i < features.Rows; i++)
        {
            correct += Predict(features[i]) == labels[i] ? 1 : 0;
        }

        return (double)correct / features.Rows;
    }

    private static LogisticRegression Train(
        NumpyRandom random, FeatureMatrix train, IReadOnlyList<int> trainLabels, FeatureMatrix dev, IReadOnlyList<int> devLabels, int classCount, LogisticRegressionOptions options, CancellationToken cancellationToken)
    {
        LogisticRegression model = new(classCount, train.Columns, options.Seed);
        Adam adam = new(model._parameters.Length);
        float[] best = [.. model._parameters];
        double bestAccuracy = -1;
        for (int epoch = 0, misses = 0; epoch <= options.MaxEpochs; epoch += options.EpochsPerCheck)
        {
            for (int pass = 0; pass < options.EpochsPerCheck; pass++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                model.Pass(random.Permutation(train.Rows), train, trainLabels, adam, options);
            }

            double accuracy = model.Accuracy(dev, devLabels);
            if (accuracy > bestAccuracy)
            {
                bestAccuracy = accuracy;
                model._parameters.CopyTo(best, 0);
            }
            else if (misses++ >= options.Tenacity)
            {
                break;
            }
        }

        best.CopyTo(model._parameters, 0);
        return model;
    }

    private void Pass(int[] order, FeatureMatrix train, IReadOnlyList<int> labels, Adam adam, LogisticRegressionOptions options)
    {
        Span<float> gradient = adam.Gradient, logits = stackalloc float[_classes];
        for (int start = 0; start < order.Length; start += options.BatchSize)
        {
            ReadOnlySpan<int> batch = order.AsSpan(start, Math.Min(options.BatchSize, order.Length - start));
            gradient.Clear();
            foreach (int row in batch)
            {
                ReadOnlySpan<float> features = train[row];
                Logits(features, logits);
                TensorPrimitives.SoftMax(logits, logits);
                logits[labels[row]] -= 1;
                for (int c = 0; c < _classes; c++)
                {
                    // The loss is the mean over the batch.
                    float weight = logits[c] / batch.Length;
                    Span<float> ofClass = gradient.Slice(c * _features, _features);
                    TensorPrimitives.MultiplyAdd(features, weight, ofClass, ofClass);
                    gradient[(_classes * _features) + c] += weight;
                }
            }

            adam.Step(_parameters, options);
        }
    }

    private void Logits(ReadOnlySpan<float> features, Span<float> logits)
    {
        for (int c = 0; c < _classes; c++)
        {
            logits[c] = TensorPrimitives.Dot(features, _parameters.AsSpan(c * _features, _features)) + _parameters[(_classes * _features) + c];
        }
    }

    private static void ThrowIfMismatched(FeatureMatrix features, IReadOnlyList<int> labels, int classCount, string name)
    {
        if (labels.Count != features.Rows)
        {
            throw new ArgumentException($"There are {features.Rows} examples and {labels.Count} labels.", name);
        }

        for (int i = 0; i < labels.Count; i++)
        {
            if ((uint)labels[i] >= (uint)classCount)
            {
                throw new ArgumentException($"Label {i} is {labels[i]}; with {classCount} classes labels are 0 to {classCount - 1}.", name);
            }
        }
    }

    /// <summary>torch.optim.Adam.</summary>
    private sealed class Adam(int length)
    {
        private readonly float[] _first = new float[length], _second = new float[length], _scratch = new float[length];
        private int _steps;

        public float[] Gradient { get; } = new float[length];

        public void Step(float[] parameters, LogisticRegressionOptions options)
        {
            _steps++;
            TensorPrimitives.MultiplyAdd(parameters, (float)options.WeightDecay, Gradient, Gradient);
            TensorPrimitives.Multiply(_first, (float)Beta1, _first);
            TensorPrimitives.MultiplyAdd(Gradient, (float)(1 - Beta1), _first, _first);
            TensorPrimitives.Multiply(Gradient, Gradient, _scratch);
            TensorPrimitives.Multiply(_second, (float)Beta2, _second);
            TensorPrimitives.MultiplyAdd(_scratch, (float)(1 - Beta2), _second, _second);

            double step = options.LearningRate / (1 - Math.Pow(Beta1, _steps)), scale = 1 / Math.Sqrt(1 - Math.Pow(Beta2, _steps));
            TensorPrimitives.Sqrt(_second, _scratch);
            TensorPrimitives.Multiply(_scratch, (float)scale, _scratch);
            TensorPrimitives.Add(_scratch, Epsilon, _scratch);
            TensorPrimitives.Divide(_first, _scratch, _scratch);
            TensorPrimitives.MultiplyAdd(_scratch, (float)-step, parameters, parameters);
        }
    }
}
