using MetaEol.Cli.Display;
using MetaEol.Extensions;
using Microsoft.Extensions.AI;

namespace MetaEol.Cli.Embedding;

/// <summary>Embeds the texts of a source batch by batch into a file that appears under its name when it is whole.</summary>
internal sealed class EmbedJob(MetaEolEmbeddingGenerator generator, TextSource source, OutputFormat format, int batchSize, ProgressReport progress)
{
    /// <summary>Texts embedded in this run.</summary>
    public long Embedded { get; private set; }

    /// <summary>Texts that an earlier run had embedded.</summary>
    public long Resumed { get; private set; }

    /// <summary>Tokens of all prompts of this run.</summary>
    public long Tokens { get; private set; }

    /// <exception cref="ToolException">An unfinished output cannot be continued with this input or these options.</exception>
    public async Task ToFileAsync(string path, bool resume, CancellationToken cancellationToken)
    {
        string partial = $"{path}.partial", statePath = $"{partial}.json";
        EmbedState state = new(await generator.GetFingerprintAsync(cancellationToken).ConfigureAwait(false), source.Identity, format, batchSize);
        EmbedState? earlier = resume && File.Exists(partial) ? EmbedState.Read(statePath) : null;
        if (earlier is not null && earlier != state)
        {
            throw new ToolException($"'{partial}' was begun with other settings: {earlier.DifferenceTo(state)} changed. Use the same again, or leave out --resume to start over.");
        }

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        if (earlier is null)
        {
            // The old remainder goes before the new state comes, so that the two are never taken for one run.
            File.Delete(partial);
            state.Write(statePath);
        }

        int dimensions = generator.Metadata.DefaultModelDimensions ?? throw new ToolException("The model's configuration cannot be read.");
        FileStream stream = new(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        await using (stream.ConfigureAwait(false))
        {
            VectorWriter writer = new(stream, format, dimensions);
            if (earlier is not null && stream.Length > 0)
            {
                Resumed = writer.Continue(batchSize);
            }
            else
            {
                writer.Begin();
            }

            await RunAsync(writer, () => stream.Flush(flushToDisk: true), cancellationToken).ConfigureAwait(false);
            writer.End(Resumed + Embedded);
            stream.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
        File.Delete(statePath);
    }

    public async Task ToStreamAsync(Stream stream, CancellationToken cancellationToken)
    {
        VectorWriter writer = new(stream, OutputFormat.Jsonl, generator.Metadata.DefaultModelDimensions ?? throw new ToolException("The model's configuration cannot be read."));
        await RunAsync(writer, stream.Flush, cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(VectorWriter writer, Action flush, CancellationToken cancellationToken)
    {
        foreach (TextRecord[] batch in Batches())
        {
            cancellationToken.ThrowIfCancellationRequested();
            GeneratedEmbeddings<Embedding<float>> vectors;
            try
            {
                vectors = await generator.GenerateAsync(batch.Select(record => record.Text), cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch (ArgumentException exception)
            {
                throw new ToolException($"From {batch[0].Source} on, text 0 being that one: {exception.Message} --truncate cuts what is too long.", exception);
            }

            for (int i = 0; i < batch.Length; i++)
            {
                writer.Write(Resumed + Embedded + i, batch[i], vectors[i].Vector.Span);
            }

            flush();
            Embedded += batch.Length;
            Tokens += vectors.Usage?.InputTokenCount ?? 0;
            progress.Report("embedding", batch[^1].Position, source.Length, Embedded);
        }
    }

    private IEnumerable<TextRecord[]> Batches()
    {
        using IEnumerator<TextRecord> records = source.Read().GetEnumerator();
        for (long skipped = 0; skipped < Resumed; skipped++)
        {
            if (!records.MoveNext())
            {
                throw new ToolException($"The input has fewer texts than the {Resumed} that were embedded before; it has changed. Leave out --resume to start over.");
            }
        }

        List<TextRecord> batch = new(batchSize);
        while (records.MoveNext())
        {
            batch.Add(records.Current);
            if (batch.Count == batchSize)
            {
                yield return [.. batch];
                batch.Clear();
            }
        }

        if (batch.Count > 0)
        {
            yield return [.. batch];
        }
    }
}
