using System.Globalization;
using System.Runtime.CompilerServices;
using MetaEol.Extensions;
using MetaEol.Llama;

namespace MetaEol.Cli.Embedding;

/// <summary>Makes the rows to embed from the texts of an input: splits them where that is asked for, and sees to it that each fits the model.</summary>
/// <param name="source">The texts.</param>
/// <param name="generator">Measures texts against the model.</param>
/// <param name="options">Options of each request, or null.</param>
/// <param name="split">Cuts a text into passages.</param>
/// <param name="splits">Whether texts are cut into passages.</param>
/// <param name="onError">What becomes of what does not fit, or cannot be read.</param>
internal sealed class RowReader(TextSource source, MetaEolEmbeddingGenerator generator, MetaEolEmbeddingGenerationOptions? options, Func<TextRecord, IReadOnlyList<TextPassage>> split, bool splits, OnError onError)
{
    // Enough to keep all processors busy, and few enough that the texts need little memory.
    private const int MostTexts = 512, MostCharacters = 1 << 20;

    /// <summary>The rows and problems behind a place, in the input's order.</summary>
    /// <param name="from">Where to begin.</param>
    /// <param name="passed">Is given each text before that place; null takes no interest in them.</param>
    /// <param name="report">Takes down what could not be decoded.</param>
    /// <param name="cancellationToken">Ends the wait for texts, and the work on them.</param>
    /// <exception cref="ToolException">There are fewer texts than the place says are done.</exception>
    public async IAsyncEnumerable<EmbedItem> ReadAsync(InputPlace from, Action<TextRecord>? passed, DecodingReport report, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using IEnumerator<TextRecord> records = source.Read(report).GetEnumerator();
        for (long text = 0; text < from.Texts; text++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!records.MoveNext())
            {
                throw new ToolException($"The input has fewer texts than the {from.Texts} that were embedded before; it has changed. --force starts over.");
            }

            passed?.Invoke(records.Current);
        }

        while (true)
        {
            List<(TextRecord Record, TextPassage? Passage)> parts = source.IsStream
                ? await Task.Run(() => Take(records, from), CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false)
                : Take(records, from);
            if (parts.Count == 0)
            {
                yield break;
            }

            (TextRecord Record, string Text)[] texts = [.. parts.Where(part => part.Record.Error is null).Select(part => (part.Record, part.Passage?.Text ?? part.Record.Text))];
            IReadOnlyList<TextFit> fitted = await MeasureAsync(texts, cancellationToken).ConfigureAwait(false);
            int next = 0;
            for (int i = 0; i < parts.Count; i++)
            {
                (TextRecord record, TextPassage? passage) = parts[i];
                bool last = i == parts.Count - 1 || parts[i + 1].Record != record;
                InputPlace after = last ? new InputPlace(record.Index + 1, 0) : new InputPlace(record.Index, passage!.Number + 1);
                yield return record.Error is { } error ? Unreadable(record, error, after) : Judge(record, passage, fitted[next++], after);
            }
        }
    }

    /// <summary>The next texts, or their passages.</summary>
    private List<(TextRecord Record, TextPassage? Passage)> Take(IEnumerator<TextRecord> records, InputPlace from)
    {
        List<(TextRecord Record, TextPassage? Passage)> parts = [];
        for (int characters = 0; parts.Count < MostTexts && characters < MostCharacters && records.MoveNext();)
        {
            TextRecord record = records.Current;
            characters += record.Text.Length;

            // A text whose first passages are done stays split, even if splitting has been turned off.
            int done = record.Index == from.Texts ? from.Passages : 0;
            if (record.Error is not null || (!splits && done == 0))
            {
                parts.Add((record, null));
                continue;
            }

            IReadOnlyList<TextPassage> passages = split(record);
            if (passages.Count == 0)
            {
                parts.Add((record with { Error = "there is nothing to read in it, so that it has no passages." }, null));
            }

            parts.AddRange(passages.Skip(done).Select(passage => (record, (TextPassage?)passage)));
        }

        return parts;
    }

    private async Task<IReadOnlyList<TextFit>> MeasureAsync((TextRecord Record, string Text)[] texts, CancellationToken cancellationToken)
    {
        try
        {
            return await generator.MeasureAsync(texts.Select(text => text.Text), options, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException) when (texts.Length > 1)
        {
            // Which text it was, the message counts from the first of these; one by one they tell it.
            foreach ((TextRecord Record, string Text) text in texts)
            {
                await MeasureAsync([text], cancellationToken).ConfigureAwait(false);
            }

            throw;
        }
        catch (ArgumentException exception)
        {
            throw new ToolException($"{texts[0].Record.Source}: {exception.Message}", exception);
        }
    }

    private EmbedItem Judge(TextRecord record, TextPassage? passage, TextFit fitted, InputPlace after)
    {
        string text = passage?.Text ?? record.Text;
        if (fitted.Length == text.Length)
        {
            return new EmbedItem(new EmbedRow(record, text, passage), null, after, record.Position);
        }

        ITokenizer tokenizer = (ITokenizer)generator.GetService(typeof(ITokenizer))!;
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"it has {tokenizer.CountTokens(text):N0} tokens, of which {tokenizer.CountTokens(text[..fitted.Length]):N0} fit the model's context of {ContextTokens():N0} beside the longest template.");
        ProblemAction action = onError switch { OnError.Skip => ProblemAction.Skipped, OnError.Truncate => ProblemAction.Cut, _ => ProblemAction.Stop };
        TextProblem problem = new(record, passage, action, reason, text.Length, action == ProblemAction.Cut ? fitted.Length : 0);
        return new EmbedItem(action == ProblemAction.Cut ? new EmbedRow(record, text[..fitted.Length], passage) : null, problem, after, record.Position);
    }

    private int ContextTokens() => ((PromptEncoderMetadata)generator.GetService(typeof(PromptEncoderMetadata))!).ContextTokens;

    private EmbedItem Unreadable(TextRecord record, string error, InputPlace after)
    {
        ProblemAction action = onError == OnError.Skip ? ProblemAction.Skipped : ProblemAction.Stop;
        return new EmbedItem(null, new TextProblem(record, null, action, error, 0, 0), after, record.Position);
    }
}
