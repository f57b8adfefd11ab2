namespace MetaEol.Evaluation.SentEval;

/// <summary>A SentEval data folder: SentEval's <c>data/downstream</c>, or its parent.</summary>
public sealed class SentEvalFolder
{
    /// <summary>Opens a folder; its files are read when a task is.</summary>
    /// <param name="path">The folder that holds <c>STS</c>, <c>SICK</c>, <c>MR</c>, ..., or one with a folder <c>downstream</c> that does.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public SentEvalFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"There is no SentEval data folder at '{path}'.");
        }

        string downstream = System.IO.Path.Combine(path, "downstream");
        Path = System.IO.Path.GetFullPath(Directory.Exists(downstream) ? downstream : path);
    }

    /// <summary>The seven STS tasks, in the order of the paper's tables.</summary>
    public static IReadOnlyList<string> StsTaskNames { get; } = ["STS12", "STS13", "STS14", "STS15", "STS16", "STS-B", "SICK-R"];

    /// <summary>The seven transfer tasks, in the order of the paper's tables.</summary>
    public static IReadOnlyList<string> TransferTaskNames { get; } = ["MR", "CR", "SUBJ", "MPQA", "SST2", "TREC", "MRPC"];

    /// <summary>Full path of the folder that holds the tasks.</summary>
    public string Path { get; }

    /// <summary>The files that reading an STS task would miss, as paths relative to <see cref="Path"/>; empty if the task can be read.</summary>
    /// <param name="task">One of <see cref="StsTaskNames"/>.</param>
    /// <param name="split">The part of the task.</param>
    /// <exception cref="ArgumentException"><paramref name="task"/> is not an STS task, or has no such split.</exception>
    public IReadOnlyList<string> MissingStsFiles(string task, StsSplit split = StsSplit.Test) => Missing(StsFiles(task, split));

    /// <summary>The files that reading a transfer task would miss, as paths relative to <see cref="Path"/>; empty if the task can be read.</summary>
    /// <param name="task">One of <see cref="TransferTaskNames"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="task"/> is not a transfer task.</exception>
    public IReadOnlyList<string> MissingTransferFiles(string task) => Missing(TransferFiles(task));

    /// <summary>Whether a task has a split of its own.</summary>
    /// <param name="task">One of <see cref="StsTaskNames"/>.</param>
    /// <param name="split">The part of the task.</param>
    public static bool HasSplit(string task, StsSplit split) => split == StsSplit.Test || task is "STS-B" or "SICK-R";

    /// <summary>Reads an STS task.</summary>
    /// <param name="task">One of <see cref="StsTaskNames"/>.</param>
    /// <param name="split">The part of the task.</param>
    /// <exception cref="ArgumentException"><paramref name="task"/> is not an STS task, or has no such split.</exception>
    /// <exception cref="FileNotFoundException">A file of the task is missing.</exception>
    /// <exception cref="SentEvalFormatException">A file is not in SentEval's layout.</exception>
    public StsTask ReadSts(string task, StsSplit split = StsSplit.Test)
    {
        ThrowIfMissing(task, StsFiles(task, split));
        return StsReader.Read(Path, task, split);
    }

    /// <summary>Reads a transfer task.</summary>
    /// <param name="task">One of <see cref="TransferTaskNames"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="task"/> is not a transfer task.</exception>
    /// <exception cref="FileNotFoundException">A file of the task is missing.</exception>
    /// <exception cref="SentEvalFormatException">A file is not in SentEval's layout.</exception>
    public TransferTask ReadTransfer(string task)
    {
        ThrowIfMissing(task, TransferFiles(task));
        return TransferReader.Read(Path, task);
    }

    private static IReadOnlyList<string> StsFiles(string task, StsSplit split)
    {
        ThrowIfUnknown(task, StsTaskNames);
        return HasSplit(task, split)
            ? StsReader.Files(task, split)
            : throw new ArgumentException($"{task} has no development split; STS-B and SICK-R have one.", nameof(split));
    }

    private static IReadOnlyList<string> TransferFiles(string task)
    {
        ThrowIfUnknown(task, TransferTaskNames);
        return TransferReader.Files(task);
    }

    private static void ThrowIfUnknown(string task, IReadOnlyList<string> known)
    {
        if (!known.Contains(task))
        {
            throw new ArgumentException($"'{task}' is not one of the tasks {string.Join(", ", known)}.", nameof(task));
        }
    }

    private string[] Missing(IReadOnlyList<string> files) => [.. files.Where(file => !File.Exists(System.IO.Path.Combine(Path, file)))];

    private void ThrowIfMissing(string task, IReadOnlyList<string> files)
    {
        if (Missing(files) is [var first, ..])
        {
            throw new FileNotFoundException($"{task} needs '{first}' in '{Path}', which is not there.", System.IO.Path.Combine(Path, first));
        }
    }
}
