namespace MetaEol.Extensions.Batching;

/// <summary>Prompts that wait to be encoded, or are being encoded.</summary>
internal sealed class EncodeRequest
{
    // Continuations must not run on the encoding thread: they are the callers' code.
    private readonly TaskCompletionSource<ReadOnlyMemory<float>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public EncodeRequest(IReadOnlyList<ReadOnlyMemory<int>> prompts, WantedStates wanted, IReadOnlyList<int>? placeholders = null)
    {
        Prompts = prompts;
        Wanted = wanted;
        Placeholders = placeholders ?? [];
        Place = new LinkedListNode<EncodeRequest>(this);
        ReadOnlyMemory<int> previous = default;
        foreach (ReadOnlyMemory<int> prompt in prompts)
        {
            TokenCount += prompt.Length - (prompt.Span.StartsWith(previous.Span) ? previous.Length : 0);
            previous = prompt;
        }
    }

    public IReadOnlyList<ReadOnlyMemory<int>> Prompts { get; }

    public WantedStates Wanted { get; }

    /// <summary>The positions of the prompts' placeholders, with token prepending.</summary>
    public IReadOnlyList<int> Placeholders { get; }

    /// <summary>Tokens of the prompts; one that goes on where the one before it ends counts for what it adds, since a beginning is computed once.</summary>
    public long TokenCount { get; }

    /// <summary>The place among those that wait, so that leaving takes no search. Guarded by the queue's lock.</summary>
    public LinkedListNode<EncodeRequest> Place { get; }

    /// <summary>The hidden states, <c>[prompts × layers × hidden]</c>.</summary>
    public Task<ReadOnlyMemory<float>> Result => _completion.Task;

    /// <summary>The batch that encodes this request, once one does. Guarded by the queue's lock.</summary>
    public EncodeBatch? Batch { get; set; }

    public bool TryComplete(ReadOnlyMemory<float> hiddenStates) => _completion.TrySetResult(hiddenStates);

    public bool TryFail(Exception exception) => _completion.TrySetException(exception);

    public bool TryCancel(CancellationToken cancellationToken) => _completion.TrySetCanceled(cancellationToken);
}
