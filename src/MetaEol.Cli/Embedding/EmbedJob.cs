using MetaEol.Cli.Display;
using MetaEol.Extensions;
using MetaEol.Extensions.SmallVectors;
using MetaEol.Llama;
using Microsoft.Extensions.AI;

namespace MetaEol.Cli.Embedding;

/// <summary>Checks the texts of an input, and embeds them batch by batch.</summary>
/// <param name="generator">Makes the vectors.</param>
/// <param name="options">Options of each request, or null.</param>
/// <param name="source">The texts.</param>
/// <param name="rows">Makes rows of them.</param>
/// <param name="batchSize">Rows per batch.</param>
/// <param name="terminal">Takes warnings.</param>
/// <param name="progress">Takes how far it is.</param>
internal sealed class EmbedJob(MetaEolEmbeddingGenerator generator, MetaEolEmbeddingGenerationOptions? options, TextSource source, RowReader rows, int batchSize, Terminal terminal, ProgressReport progress)
{
    private const int MostWarnings = 20;
    private int _warned;

    /// <summary>Rows written in this run.</summary>
    public long Embedded { get; private set; }

    /// <summary>Texts that are done, those of earlier runs included.</summary>
    public long Texts { get; private set; }

    /// <summary>Texts and passages that got no row in this run.</summary>
    public long Skipped { get; private set; }

    /// <summary>Texts and passages whose end was cut off in this run.</summary>
    public long Cut { get; private set; }

    /// <summary>Tokens of all prompts of this run.</summary>
    public long Tokens { get; private set; }

    /// <summary>Embeds what is not in a file yet.</summary>
    /// <exception cref="ToolException">A text cannot be embedded, and is not to be skipped or cut.</exception>
    public async Task ToFileAsync(EmbedOutput output, CancellationToken cancellationToken)
    {
        long before = output.State.Rows, total = before + await CheckAsync(output.State.Place, cancellationToken).ConfigureAwait(false);

        // Up to here a row was a text, or there would be a list that says otherwise.
        long listed = 0;
        Action<TextRecord>? list = output.HadRowList ? null : record => output.List(listed++, new EmbedRow(record, record.Text, null));
        await RunAsync(output.State.Place, list, output.Write, before, total, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        source.ThrowIfChanged();
        output.Finish();
    }

    /// <summary>Embeds all texts as JSON lines into a stream.</summary>
    /// <inheritdoc cref="ToFileAsync" path="/exception"/>
    public async Task ToStreamAsync(Stream stream, int dimensions, VectorType type, CancellationToken cancellationToken)
    {
        long total = source.IsStream ? 0 : await CheckAsync(default, cancellationToken).ConfigureAwait(false);
        VectorWriter writer = new(stream, OutputFormat.Jsonl, dimensions, type, printed: true);
        await RunAsync(
            default,
            null,
            (items, vectors) =>
            {
                int next = 0;
                foreach (EmbedItem item in items)
                {
                    Warn(item.Problem);
                    if (item.Row is { } row)
                    {
                        writer.Write(Embedded + next, row, vectors[next].Span);
                        next++;
                    }
                }

                stream.Flush();
            },
            0,
            total,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks at all texts before the first is embedded; gives the number of rows that there will be.</summary>
    private async Task<long> CheckAsync(InputPlace from, CancellationToken cancellationToken)
    {
        DecodingReport report = new();
        long count = 0, stops = 0;
        TextProblem? first = null;
        await foreach (EmbedItem item in rows.ReadAsync(from, null, report, cancellationToken).ConfigureAwait(false))
        {
            count += item.Row is null ? 0 : 1;
            if (item.Problem is { Action: ProblemAction.Stop } problem)
            {
                first ??= problem;
                stops++;
            }

            progress.Report("checking", item.Position, source.Length, item.After.Texts);
        }

        WarnOfEncoding(report);
        return first is null ? count : throw Stop(first, stops);
    }

    private async Task RunAsync(
        InputPlace from, Action<TextRecord>? passed, Action<IReadOnlyList<EmbedItem>, IReadOnlyList<ReadOnlyMemory<float>>> write, long done, long total, CancellationToken cancellationToken)
    {
        DecodingReport report = new();
        List<EmbedItem> batch = [];
        int waiting = 0;
        Texts = from.Texts;
        progress.Report("embedding", done, total, 0);
        await foreach (EmbedItem item in rows.ReadAsync(from, passed, report, cancellationToken).ConfigureAwait(false))
        {
            if (item.Problem is { Action: ProblemAction.Stop } problem)
            {
                await FlushAsync().ConfigureAwait(false);
                throw Stop(problem, 1);
            }

            batch.Add(item);
            waiting += item.Row is null ? 0 : 1;
            if (waiting == batchSize)
            {
                await FlushAsync().ConfigureAwait(false);
            }
        }

        await FlushAsync().ConfigureAwait(false);
        if (source.IsStream)
        {
            WarnOfEncoding(report);
        }

        async Task FlushAsync()
        {
            if (batch.Count == 0)
            {
                return;
            }

            cancellationToken.ThrowIfCancellationRequested();
            write(batch, waiting == 0 ? [] : await EmbedAsync(batch, cancellationToken).ConfigureAwait(false));
            Embedded += waiting;
            Skipped += batch.Count(item => item.Row is null);
            Cut += batch.Count(item => item is { Row: not null, Problem: not null });
            Texts = batch[^1].After.Texts;
            progress.Report("embedding", done + Embedded, total, Embedded);
            batch = [];
            waiting = 0;
        }
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(List<EmbedItem> batch, CancellationToken cancellationToken)
    {
        EmbedRow[] wanted = [.. batch.Where(item => item.Row is not null).Select(item => item.Row!)];
        try
        {
            return await EmbedAsync(wanted, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidModelException && wanted.Length > 1)
        {
            // Which text it was, the message counts from the batch's first; one by one they tell it.
            foreach (EmbedRow row in wanted)
            {
                await EmbedAsync([row], cancellationToken).ConfigureAwait(false);
            }

            throw;
        }
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(EmbedRow[] wanted, CancellationToken cancellationToken)
    {
        try
        {
            GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(wanted.Select(row => row.Text), options, cancellationToken).ConfigureAwait(false);
            Tokens += vectors.Usage?.InputTokenCount ?? 0;
            return [.. vectors.Select(vector => vector.Vector)];
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidModelException && wanted.Length == 1)
        {
            throw new ToolException($"{wanted[0].Record.Source}: {exception.Message}", exception);
        }
    }

    private void Warn(TextProblem? problem)
    {
        if (problem is not null)
        {
            _warned++;
            if (_warned <= MostWarnings)
            {
                terminal.Warn($"{problem.Source} {(problem.Action == ProblemAction.Cut ? "is cut" : "is left out")}: {problem.Reason}{(_warned == MostWarnings ? " Further ones are counted only." : string.Empty)}");
            }
        }
    }

    private void WarnOfEncoding(DecodingReport report)
    {
        if (report.Warning() is { } warning)
        {
            terminal.Warn(warning);
        }
    }

    private static ToolException Stop(TextProblem first, long count)
    {
        string more = count > 1 ? $" The same holds for {count - 1} more." : string.Empty;
        return first.Characters > 0
            ? new ToolException($"{first.Source} is too long: {first.Reason}{more} --on-error truncate cuts such texts, --on-error skip leaves them out, --split embeds their passages.")
            : new ToolException($"{first.Source}: {first.Reason}{more} --on-error skip leaves such texts out.");
    }
}
