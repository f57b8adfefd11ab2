namespace MetaEol.Llama;

/// <summary>
/// Runs prompts through a decoder and gives the hidden states of each prompt's last token. Implementations are safe to call from many threads at once
/// (calls may wait for one another); disposal is idempotent.
/// </summary>
public interface IPromptEncoder : IDisposable
{
    /// <summary>What this encoder says about itself.</summary>
    PromptEncoderMetadata Metadata { get; }

    /// <summary>
    /// A short text that differs wherever the hidden states differ: it names the backend, the precision, and the weights. Two encoders of the same fingerprint
    /// give the same hidden states, but for rounding.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>How the encoder is. An encoder that either works or throws need not say.</summary>
    EncoderHealth Health => EncoderHealth.Good;

    /// <summary>The arithmetic of this encoder, such as <c>float32</c> or <c>int8</c>: what its measurements are tagged with. Null where it does not say.</summary>
    string? Precision => null;

    /// <summary>Computes the hidden states of each prompt's last token.</summary>
    /// <param name="prompts">Token ids of each prompt, BOS included; every prompt has at least one token, each in <c>0 .. vocabulary - 1</c>.</param>
    /// <param name="layers">
    /// Indices into Hugging Face's <c>hidden_states</c>, each in <c>0 .. LayerCount</c>, in any order: 0 = embeddings, n = output of decoder layer n before the
    /// final norm, LayerCount = output of the last layer after the final norm.
    /// </param>
    /// <param name="hiddenStates">Receives the states: <c>[prompts × layers × hidden]</c>, row-major float32, of exactly that length.</param>
    /// <param name="cancellationToken">Checked before each unit of work (a layer of a step).</param>
    /// <exception cref="ArgumentException">A prompt is empty, an id or layer is out of range, or <paramref name="hiddenStates"/> has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The encoder is disposed, or becomes so during the call.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default);

    /// <summary>Computes the hidden states of prompts that may want layers of their own, or token prepending.</summary>
    /// <remarks>An encoder that does not implement it computes all wanted layers of all prompts in one call, and refuses token prepending.</remarks>
    /// <param name="batch">The prompts and what is wanted of each.</param>
    /// <param name="hiddenStates">Receives the states: <c>[prompts × layers of a prompt × hidden]</c>, row-major float32, of exactly that length.</param>
    /// <param name="cancellationToken">Checked before each unit of work.</param>
    /// <exception cref="NotSupportedException">The encoder does not do token prepending.</exception>
    /// <inheritdoc cref="Encode(IReadOnlyList{ReadOnlyMemory{int}}, ReadOnlySpan{int}, Span{float}, CancellationToken)" path="/exception"/>
    void Encode(PromptBatch batch, Span<float> hiddenStates, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.EncodeBy(this, hiddenStates, cancellationToken);
    }
}
