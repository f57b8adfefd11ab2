namespace MetaEol.Llama.Planning;

/// <summary>How work is cut: the one place that says so, for the queue in front of an encoder and for every encoder.</summary>
/// <remarks>
/// Work is cut three times, by what is scarce there. An encoder <em>call</em> is cut by prompt tokens, which is what others wait for. A call is cut into
/// <em>passes</em> over the weights by the bytes that its rows need for the whole of a pass. A layer of a pass is computed in <em>steps</em> of rows, whose
/// projections have to stay near the processor.
/// </remarks>
/// <param name="StepRows">Most token rows that a layer computes at once, at least 1.</param>
/// <param name="PassBytes">Most bytes of what a pass keeps for each of its rows, at least 1; a single prompt is never cut.</param>
public sealed record WorkLimits(int StepRows = 512, long PassBytes = 256L << 20)
{
    private const int StepsPerCall = 16;

    /// <summary>
    /// Most prompt tokens of one encoder call: enough to keep the matrix products busy, and few enough that a short request does not wait long behind others.
    /// Requests that wait are merged, and large ones cut, to calls of at most so many; a single text is never cut. At least 1; 16 steps unless it is set.
    /// </summary>
    public long CallTokens { get; init; } = (long)StepsPerCall * StepRows;

    /// <summary>Cuts a request into calls of at most <see cref="CallTokens"/>: the first item of each, and how many it has.</summary>
    /// <param name="items">Number of items that are never cut: texts with all their prompts. 0 or more.</param>
    /// <param name="tokens">The prompt tokens of an item.</param>
    public IEnumerable<(int First, int Count)> Calls(int items, Func<int, long> tokens)
    {
        for (int first = 0, count; first < items; first += count)
        {
            count = CountWithin(first, items, CallTokens, tokens);
            yield return (first, count);
        }
    }

    /// <summary>Whether a call of <paramref name="tokens"/> prompt tokens takes a request of <paramref name="more"/>; an empty one takes any.</summary>
    /// <param name="tokens">Prompt tokens of the call so far, 0 or more.</param>
    /// <param name="more">Prompt tokens of the request, 0 or more.</param>
    public bool CallTakes(long tokens, long more) => tokens == 0 || tokens + more <= CallTokens;

    /// <summary>Most rows of a pass, at least 1.</summary>
    /// <param name="bytesPerRow">Bytes that an encoder keeps for each row for the whole of a pass, at least 1.</param>
    public int PassRows(long bytesPerRow) => (int)Math.Clamp(PassBytes / bytesPerRow, 1, Array.MaxLength);

    /// <summary>The steps of <paramref name="rows"/> rows: the first row of each, and how many it has.</summary>
    /// <param name="rows">Number of rows, 0 or more.</param>
    public IEnumerable<(int First, int Count)> Steps(int rows)
    {
        for (int first = 0; first < rows; first += StepRows)
        {
            yield return (first, Math.Min(StepRows, rows - first));
        }
    }

    /// <summary>How many items, from <paramref name="first"/> on, cost at most <paramref name="limit"/> together; at least one, whatever it costs.</summary>
    /// <param name="first">Index of the first item.</param>
    /// <param name="end">One past the last item; more than <paramref name="first"/>.</param>
    /// <param name="limit">The most that they may cost.</param>
    /// <param name="cost">The cost of an item, 0 or more.</param>
    public static int CountWithin(int first, int end, long limit, Func<int, long> cost)
    {
        ArgumentNullException.ThrowIfNull(cost);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(first, end);
        int next = first + 1;
        for (long total = cost(first); next < end && (total += cost(next)) <= limit; next++)
        {
        }

        return next - first;
    }
}
