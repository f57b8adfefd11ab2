namespace MetaEol.Evaluation.Classification;

/// <summary>Folds with each class's share in every fold, assigned as scikit-learn's <c>StratifiedKFold</c> does (version 0.22 and later).</summary>
public static class StratifiedFolds
{
    /// <summary>Assigns every example to the fold in which it is tested.</summary>
    /// <param name="labels">The class of each example, from 0.</param>
    /// <param name="foldCount">Number of folds, at least 2.</param>
    /// <param name="shuffleSeed">Seed of the shuffle within each class (<c>random_state</c>), or null to leave the order (<c>shuffle=False</c>).</param>
    /// <returns>For each example its fold, <c>0 .. foldCount - 1</c>.</returns>
    /// <exception cref="ArgumentException">No class has <paramref name="foldCount"/> examples, or a label is negative.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="foldCount"/> is below 2.</exception>
    public static int[] Assign(ReadOnlySpan<int> labels, int foldCount, uint? shuffleSeed = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(foldCount, 2);

        // Classes count in the order in which they first appear.
        List<int> classes = [];
        int[] encoded = new int[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            int index = labels[i] < 0 ? throw new ArgumentException($"Label {i} is {labels[i]}; labels start at 0.", nameof(labels)) : classes.IndexOf(labels[i]);
            if (index < 0)
            {
                index = classes.Count;
                classes.Add(labels[i]);
            }

            encoded[i] = index;
        }

        int[] counts = new int[classes.Count];
        Array.ForEach(encoded, label => counts[label]++);
        if (counts.All(count => count < foldCount))
        {
            throw new ArgumentException($"{foldCount} folds need a class with at least {foldCount} examples; the largest has {counts.DefaultIfEmpty().Max()}.", nameof(labels));
        }

        // Every fold takes each foldCount-th example of the labels in sorted order, which gives the counts per fold and class.
        int[] sorted = [.. encoded.Order()];
        int[,] allocation = new int[foldCount, classes.Count];
        for (int i = 0; i < sorted.Length; i++)
        {
            allocation[i % foldCount, sorted[i]]++;
        }

        NumpyRandom? random = shuffleSeed is { } seed ? new NumpyRandom(seed) : null;
        int[] folds = new int[labels.Length];
        for (int label = 0; label < classes.Count; label++)
        {
            int[] foldsOfClass = new int[counts[label]];
            int filled = 0;
            for (int fold = 0; fold < foldCount; fold++)
            {
                Array.Fill(foldsOfClass, fold, filled, allocation[fold, label]);
                filled += allocation[fold, label];
            }

            random?.Shuffle(foldsOfClass);
            int next = 0;
            for (int i = 0; i < encoded.Length; i++)
            {
                if (encoded[i] == label)
                {
                    folds[i] = foldsOfClass[next++];
                }
            }
        }

        return folds;
    }
}
