using System.Diagnostics.CodeAnalysis;
using MetaEol.Llama;

namespace MetaEol.Extensions.Batching;

/// <summary>Requests that are encoded by one call.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has neither a timer nor a wait handle, and callers may cancel it while the encoding thread leaves it.")]
internal sealed class EncodeBatch
{
    private readonly CancellationTokenSource _cancellation = new();
    private int _wanted;

    public EncodeBatch(IReadOnlyList<EncodeRequest> requests)
    {
        Requests = requests;
        Input = WantedStates.Batch(requests.Count == 1 ? requests[0].Prompts : [.. requests.SelectMany(request => request.Prompts)], requests);
        _wanted = requests.Count;
    }

    public IReadOnlyList<EncodeRequest> Requests { get; }

    /// <summary>What the encoder is given.</summary>
    public PromptBatch Input { get; }

    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>One request's caller has left. True if nobody is left who wants the batch. Guarded by the queue's lock.</summary>
    public bool Leave() => --_wanted == 0;

    public void Cancel() => _cancellation.Cancel();
}
