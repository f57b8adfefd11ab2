using System.Diagnostics;
using MetaEol.AspNetCore.Load;
using MetaEol.AspNetCore.Requests;

namespace MetaEol.AspNetCore.Embedding;

/// <summary>Gives a request's texts to a generator in parts that take turns with those of others. The generator merges what waits in front of its encoder.</summary>
internal static class TextRunner
{
    // As many as a MetaEOL generator encodes in one call by default.
    private const long PartTokens = 8192;

    // The next part is tokenized while one is encoded.
    private const int PartsAtOnce = 2;

    /// <summary>Runs all texts.</summary>
    /// <typeparam name="T">What becomes of a text.</typeparam>
    /// <param name="call">The request.</param>
    /// <param name="prepared">Its texts.</param>
    /// <param name="work">Gives the results of some texts, in order.</param>
    /// <returns>One result for each text, in order.</returns>
    public static async Task<T[]> RunAsync<T>(EmbeddingCall call, PreparedTexts prepared, Func<string[], CancellationToken, Task<IReadOnlyList<T>>> work)
    {
        T[] results = new T[prepared.Texts.Length];
        long asked = Stopwatch.GetTimestamp();
        using GateRequest request = call.Gateway.Gate.Admit(call.Client, prepared.Tokens.Sum());
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
        Queue<Task> open = new();
        long begun = 0;
        try
        {
            foreach ((int first, int count, long tokens) in Parts(prepared.Tokens))
            {
                if (open.Count == PartsAtOnce)
                {
                    await open.Dequeue().ConfigureAwait(false);
                }

                GatePass pass = await EnterAsync(request, tokens, ends.Token).ConfigureAwait(false);
                if (begun == 0)
                {
                    begun = Stopwatch.GetTimestamp();
                    call.QueueTime = Stopwatch.GetElapsedTime(asked, begun);
                }

                open.Enqueue(RunPartAsync(pass, first, count, ends.Token));
            }

            while (open.Count > 0)
            {
                await open.Dequeue().ConfigureAwait(false);
            }
        }
        catch
        {
            await ends.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        finally
        {
            call.InferenceTime = begun == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(begun);
        }

        return results;

        async Task RunPartAsync(GatePass pass, int first, int count, CancellationToken cancellationToken)
        {
            using (pass)
            {
                string[] texts = prepared.Texts.Length == count ? prepared.Texts : prepared.Texts[first..(first + count)];
                IReadOnlyList<T> part;
                try
                {
                    part = await work(texts, cancellationToken).ConfigureAwait(false);
                }
                catch (ArgumentException e)
                {
                    throw await prepared.ExplainAsync(first, count, e, cancellationToken).ConfigureAwait(false);
                }

                if (part.Count != count)
                {
                    throw new RequestFailureException(FailureKind.Backend, $"The model gave {part.Count} results for {count} texts.");
                }

                for (int i = 0; i < count; i++)
                {
                    results[first + i] = part[i];
                }
            }
        }
    }

    private static async ValueTask<GatePass> EnterAsync(GateRequest request, long tokens, CancellationToken cancellationToken)
    {
        using Activity? span = ServerTelemetry.Source.StartActivity(ServerTelemetry.Wait);
        span?.SetTag("metaeol.tokens", tokens);
        return await request.EnterAsync(tokens, cancellationToken).ConfigureAwait(false);
    }

    private static IEnumerable<(int First, int Count, long Tokens)> Parts(long[] tokens)
    {
        int first = 0;
        long sum = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            if (i > first && sum + tokens[i] > PartTokens)
            {
                yield return (first, i - first, sum);
                (first, sum) = (i, 0);
            }

            sum += tokens[i];
        }

        if (tokens.Length > first)
        {
            yield return (first, tokens.Length - first, sum);
        }
    }
}
