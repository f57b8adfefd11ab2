using MetaEol.Llama;

namespace MetaEol.Fuzz.Soak;

/// <summary>An encoder whose calls wait until they are let go, or cancelled, so that what is behind them in the queue waits for sure.</summary>
/// <param name="encoder">The encoder that computes; disposed with this one.</param>
/// <param name="gate">Lets the calls go.</param>
internal sealed class HeldEncoder(IPromptEncoder encoder, ManualResetEventSlim gate) : IPromptEncoder
{
    public PromptEncoderMetadata Metadata => encoder.Metadata;

    public string Fingerprint => encoder.Fingerprint;

    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default)
    {
        gate.Wait(cancellationToken);
        encoder.Encode(prompts, layers, hiddenStates, cancellationToken);
    }

    public void Dispose() => encoder.Dispose();
}
