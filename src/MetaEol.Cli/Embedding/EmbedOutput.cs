using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MetaEol.Cli.Files;

namespace MetaEol.Cli.Embedding;

/// <summary>
/// An output that is written batch by batch, and has its name when it is whole. From its opening to its end it belongs to one process; after a crash at any moment
/// its files are those of the last batch that was finished.
/// </summary>
internal sealed class EmbedOutput : IDisposable
{
    private const int SampleBytes = 1 << 16, SharingViolation = unchecked((int)0x80070020);
    private readonly OutputPaths _paths;
    private readonly FileStream _stream;
    private readonly VectorWriter _writer;
    private readonly ListWriter _problems;
    private readonly ListWriter? _rows;

    private EmbedOutput(OutputPaths paths, FileStream stream, EmbedState state, bool hasRowList)
    {
        (_paths, _stream, State) = (paths, stream, state);
        _writer = new VectorWriter(stream, state.Format, state.Dimensions, state.Type);
        bool begun = state.Bytes > 0;
        _problems = new ListWriter(OutputPaths.Partial(paths.ProblemList), state.ProblemListBytes);
        HadRowList = state.RowListBytes is not null;
        _rows = hasRowList || HadRowList ? new ListWriter(OutputPaths.Partial(paths.RowList), state.RowListBytes ?? 0) : null;
        if (begun)
        {
            _writer.Continue(state.Bytes);
        }
        else
        {
            _stream.SetLength(0);
            _writer.Begin();
        }
    }

    /// <summary>How far it is.</summary>
    public EmbedState State { get; private set; }

    /// <summary>Whether an earlier run began the list of rows; else what it wrote is not in the list yet.</summary>
    public bool HadRowList { get; }

    /// <summary>Opens an output, which no other process then can open; null if there is nothing left to do.</summary>
    /// <param name="path">The output.</param>
    /// <param name="wanted">What it is to be made from.</param>
    /// <param name="resume">Whether to go on with what an earlier run left.</param>
    /// <param name="force">Whether what is there may be replaced.</param>
    /// <param name="hasRowList">Whether it takes a list to tell which row is which.</param>
    /// <param name="finished">The state of an output that is finished already.</param>
    /// <exception cref="ToolException">There is something that must not be replaced, or cannot be continued.</exception>
    public static EmbedOutput? Open(string path, EmbedState wanted, bool resume, bool force, bool hasRowList, out EmbedState? finished)
    {
        OutputPaths paths = new(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileStream stream = Lock(paths);
        try
        {
            EmbedState? earlier = EmbedState.Read(paths.State);
            finished = null;
            if (force)
            {
                // What is there under the final name stays until there is something to take its place.
                Discard(paths, stream);
                earlier = null;
            }
            else if (!resume)
            {
                ThrowIfThere(paths, stream, earlier);
                Discard(paths, stream);
                earlier = null;
            }
            else if ((finished = FindFinished(paths, stream, earlier, wanted)) is not null)
            {
                Release(paths, stream);
                return null;
            }
            else
            {
                ThrowIfForeign(paths, stream, earlier, wanted);
            }

            if (earlier is null)
            {
                // The old remainder goes before the new state comes, so that the two are never taken for one run.
                stream.SetLength(0);
                stream.Flush(flushToDisk: true);
                wanted.Write(paths.State);
            }

            return new EmbedOutput(paths, stream, earlier ?? wanted, hasRowList);
        }
        catch
        {
            Release(paths, stream);
            throw;
        }
    }

    /// <summary>Adds a row to the list of rows, if there is one.</summary>
    public void List(long number, EmbedRow row) => _rows?.Write(json => RowJson.WriteOrigin(json, row, number));

    /// <summary>Writes a batch, and makes it last.</summary>
    /// <param name="items">Rows and problems, in the input's order.</param>
    /// <param name="vectors">The vectors of the rows.</param>
    public void Write(IReadOnlyList<EmbedItem> items, IReadOnlyList<ReadOnlyMemory<float>> vectors)
    {
        long rows = State.Rows, skipped = State.Skipped, cut = State.Cut;
        foreach (EmbedItem item in items)
        {
            if (item.Problem is { } problem)
            {
                long? row = item.Row is null ? null : rows;
                _problems.Write(json => Describe(json, problem, row));
                skipped += item.Row is null ? 1 : 0;
                cut += item.Row is null ? 0 : 1;
            }

            if (item.Row is { } whole)
            {
                _writer.Write(rows, whole, vectors[(int)(rows - State.Rows)].Span);
                List(rows, whole);
                rows++;
            }
        }

        InputPlace after = items[^1].After;
        Checkpoint(State with { Rows = rows, Skipped = skipped, Cut = cut, Texts = after.Texts, Passages = after.Passages });
    }

    /// <summary>Completes the output, and gives it its name.</summary>
    public void Finish()
    {
        _writer.End(State.Rows);
        Checkpoint(State with { Sample = Sample(_stream) });
        Publish(_paths, State);
    }

    /// <summary>Takes away what is written, where no later run could continue it.</summary>
    public void Abandon()
    {
        foreach (string path in new[] { _paths.Output, _paths.RowList, _paths.ProblemList })
        {
            File.Delete(OutputPaths.Partial(path));
        }

        File.Delete(_paths.State);
        Dispose();
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _problems.Dispose();
        _stream.Dispose();
    }

    private static void Describe(Utf8JsonWriter json, TextProblem problem, long? row)
    {
        if (row is { } number)
        {
            json.WriteNumber("row", number);
        }

        RowJson.WritePlace(json, problem.Record, problem.Passage);
        json.WriteString("action", problem.Action == ProblemAction.Cut ? "cut" : "skipped");
        json.WriteString("reason", $"{problem.Source}: {problem.Reason}");
        if (problem.Characters > 0)
        {
            json.WriteNumber("characters", problem.Characters);
            json.WriteNumber("kept", problem.Kept);
        }
    }

    /// <summary>First the content, then the state that vouches for it: what a crash leaves in between is cut off by the next run.</summary>
    private void Checkpoint(EmbedState state)
    {
        _stream.Flush(flushToDisk: true);
        _rows?.Flush();
        _problems.Flush();
        State = state with { Bytes = _stream.Length, RowListBytes = _rows?.Length, ProblemListBytes = _problems.Length };
        State.Write(_paths.State);
    }

    /// <summary>
    /// Gives files their final names, the output last: as long as it has not got its own, no other process can open it, and the next run does this again.
    /// </summary>
    private static void Publish(OutputPaths paths, EmbedState state)
    {
        Move(paths.RowList, state.RowListBytes > 0);
        Move(paths.ProblemList, state.ProblemListBytes > 0);
        if (File.Exists(paths.State))
        {
            File.Move(paths.State, paths.Description, overwrite: true);
        }

        Durable.FlushFolderOf(paths.Output);
        File.Move(OutputPaths.Partial(paths.Output), paths.Output, overwrite: true);
        Durable.FlushFolderOf(paths.Output);

        static void Move(string path, bool exists)
        {
            string partial = OutputPaths.Partial(path);
            if (exists && File.Exists(partial))
            {
                File.Move(partial, path, overwrite: true);
            }
            else if (!exists)
            {
                // A list of the output that was here before.
                File.Delete(path);
            }
        }
    }

    /// <summary>Opens the unfinished output for this process alone.</summary>
    private static FileStream Lock(OutputPaths paths)
    {
        string partial = OutputPaths.Partial(paths.Output);
        for (int attempt = 1; ; attempt++)
        {
            FileStream stream;
            try
            {
                // Windows moves an open file only if that was allowed at opening; it lets nobody else write all the same.
                stream = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None, bufferSize: 0);
            }
            catch (IOException exception) when (exception.HResult is LibC.AgainLinux or LibC.AgainMac or SharingViolation)
            {
                throw new ToolException($"'{paths.Output}' is being written by another process, which holds '{partial}'; wait for it, or give --out another name. ({exception.Message})", exception);
            }

            // Between opening and locking, the process that held it may have finished and given it its final name.
            if (new FileInfo(partial) is { Exists: true } there && there.Length == stream.Length)
            {
                return stream;
            }

            stream.Dispose();
            if (attempt == 3)
            {
                throw new ToolException($"'{partial}' cannot be opened: other processes open and finish it all the time.");
            }
        }
    }

    /// <summary>Gives an output back that is not written; what locking it created goes.</summary>
    private static void Release(OutputPaths paths, FileStream stream)
    {
        if (stream.Length == 0 && !File.Exists(paths.State))
        {
            File.Delete(OutputPaths.Partial(paths.Output));
        }

        stream.Dispose();
    }

    private static void Discard(OutputPaths paths, FileStream stream)
    {
        File.Delete(paths.State);
        stream.SetLength(0);
        File.Delete(OutputPaths.Partial(paths.RowList));
        File.Delete(OutputPaths.Partial(paths.ProblemList));
    }

    private static void ThrowIfThere(OutputPaths paths, FileStream stream, EmbedState? earlier)
    {
        // A run that came to no row has left nothing that would be lost.
        if (earlier is null ? stream.Length > 0 : earlier.Rows > 0 || earlier.IsComplete)
        {
            string rows = earlier is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" ({earlier.Rows} rows)");
            throw new ToolException($"'{OutputPaths.Partial(paths.Output)}' holds what an interrupted run has done{rows}: --resume goes on with it, --force starts over.");
        }

        if (File.Exists(paths.Output))
        {
            throw new ToolException($"'{paths.Output}' is there already and is kept; --force replaces it, or give --out another name.");
        }
    }

    /// <summary>The state of an output that is finished, and is what is wanted; null if it is to be made or continued.</summary>
    private static EmbedState? FindFinished(OutputPaths paths, FileStream stream, EmbedState? earlier, EmbedState wanted)
    {
        EmbedState? description;
        if ((earlier ?? EmbedState.Read(paths.Description)) is { IsComplete: true } interrupted && (stream.Length > 0 || !File.Exists(paths.Output))
            && stream.Length == interrupted.Bytes && Sample(stream) == interrupted.Sample)
        {
            // Interrupted while the files got their names.
            Publish(paths, interrupted);
            description = interrupted;
        }
        else if (earlier is not null || stream.Length > 0 || !File.Exists(paths.Output))
        {
            return null;
        }
        else
        {
            description = EmbedState.Read(paths.Description)
                ?? throw new ToolException($"'{paths.Output}' is there already, and {Unreadable(paths.Description)} what it was made from; --force replaces it.");
            using FileStream output = File.OpenRead(paths.Output);
            if (output.Length != description.Bytes || Sample(output) != description.Sample)
            {
                throw new ToolException($"'{paths.Output}' is not what '{paths.Description}' tells of: it was changed or replaced since; --force makes it anew.");
            }
        }

        return description.DifferenceTo(wanted) is { Length: > 0 } difference
            ? throw new ToolException($"'{paths.Output}' is complete, but was made with other settings: {difference} changed. --force makes it anew.")
            : description;
    }

    private static void ThrowIfForeign(OutputPaths paths, FileStream stream, EmbedState? earlier, EmbedState wanted)
    {
        string partial = OutputPaths.Partial(paths.Output);
        if (earlier is null && stream.Length > 0)
        {
            throw new ToolException($"'{partial}' is there, and {Unreadable(paths.State)} what it was begun with; --force starts over.");
        }

        if (earlier is not null && earlier.DifferenceTo(wanted) is { Length: > 0 } difference)
        {
            throw new ToolException($"'{partial}' was begun with other settings: {difference} changed. Use the same again, or start over with --force.");
        }

        if (earlier is not null && stream.Length < earlier.Bytes)
        {
            throw new ToolException($"'{partial}' has {stream.Length} bytes and not the {earlier.Bytes} that its state tells of; --force starts over.");
        }
    }

    private static string Unreadable(string state) => File.Exists(state) ? $"'{state}' is damaged or was changed, so that nothing tells" : $"no '{state}' tells";

    /// <summary>A hash over beginning and end, by which a file that took the output's place is noticed.</summary>
    private static string Sample(FileStream stream)
    {
        byte[] buffer = new byte[(int)Math.Min(stream.Length, SampleBytes)];
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (long start in new[] { 0, Math.Max(0, stream.Length - SampleBytes) })
        {
            stream.Position = start;
            stream.ReadExactly(buffer);
            hash.AppendData(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
