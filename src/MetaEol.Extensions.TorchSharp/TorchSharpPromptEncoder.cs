using MetaEol.Extensions.TorchSharp.Decoder;
using MetaEol.Extensions.TorchSharp.Scheduling;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Extensions.TorchSharp;

/// <summary>The encoder on libtorch: CUDA, MPS and CPU.</summary>
/// <remarks>
/// The weights are copied to the device when the encoder is made; what was mapped of the files for that can go back to the system afterwards. One thread owns the device; calls wait for it.
/// The application chooses libtorch by its package reference: <c>TorchSharp-cpu</c>, <c>TorchSharp-cuda-windows</c> or <c>TorchSharp-cuda-linux</c>.
/// </remarks>
public sealed class TorchSharpPromptEncoder : IPromptEncoder
{
    private readonly DeviceThread<TorchBackend> _thread;
    private readonly LlamaWeights _weights;
    private readonly TorchPrecision _precision;

    /// <summary>Opens the device and copies the weights to it; the weights are not disposed.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="options">Options; null takes the defaults.</param>
    /// <param name="logger">Receives the plan of each pass at Debug.</param>
    /// <param name="depth">
    /// Number of layers to copy at once: the highest index into <c>hidden_states</c> that will be asked for, <c>0 .. LayerCount</c>. Those above are copied at the first call that asks for them. Null: all.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">libtorch or a device is missing; the message names the package that brings it.</exception>
    /// <exception cref="OutOfMemoryException">The devices cannot hold the weights; the message says which precision or depth fits.</exception>
    public TorchSharpPromptEncoder(LlamaConfig config, LlamaWeights weights, TorchSharpOptions? options = null, ILogger? logger = null, int? depth = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        options ??= new TorchSharpOptions();
        options.Validate();
        int uploaded = depth ?? config.LayerCount;
        ArgumentOutOfRangeException.ThrowIfNegative(uploaded, nameof(depth));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(uploaded, config.LayerCount, nameof(depth));
        Metadata = PromptEncoderMetadata.Of(config);
        _weights = weights;
        _precision = options.Precision;
        _thread = new DeviceThread<TorchBackend>(() => new TorchBackend(config, weights, options, uploaded, logger ?? NullLogger.Instance));
    }

    /// <inheritdoc/>
    public PromptEncoderMetadata Metadata { get; }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The weights were disposed before it was asked for.</exception>
    public string Fingerprint => $"libtorch {_precision} {_weights.Fingerprint}";

    /// <inheritdoc/>
    /// <exception cref="InvalidModelException">A hidden state is not finite, because a weight is not or because it exceeds the range of the precision.</exception>
    /// <exception cref="OutOfMemoryException">A single prompt, or the weights of a layer that is asked for, do not fit the device's memory.</exception>
    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default) =>
        Encode(new PromptBatch(prompts, layers), hiddenStates, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>All prompts run to the deepest layer that any of them wants.</remarks>
    /// <exception cref="InvalidModelException">A hidden state is not finite, because a weight is not or because it exceeds the range of the precision.</exception>
    /// <exception cref="OutOfMemoryException">A single prompt, or the weights of a layer that is asked for, do not fit the device's memory.</exception>
    public void Encode(PromptBatch batch, Span<float> hiddenStates, CancellationToken cancellationToken = default)
    {
        EncodeCall call = Backend.Planner.CreateCall(batch, hiddenStates.Length);
        cancellationToken.ThrowIfCancellationRequested();
        if (call.IsEmpty)
        {
            return;
        }

        int depth = batch.DistinctLayers[^1];
        _thread.Run((backend, checkpoint) => backend.Encode(call, depth, checkpoint), cancellationToken);
        call.CopyTo(hiddenStates);
        if (_precision == TorchPrecision.Float16 && hiddenStates.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            throw new InvalidModelException("The model gives a hidden state that is not finite in Float16, whose range ends at 65504; take BFloat16 or Float32.");
        }

        EncodeChecks.CheckStates(_weights, hiddenStates);
    }

    /// <summary>What the device's thread runs, for tests.</summary>
    internal TorchBackend Backend => _thread.State;

    /// <summary>Ends running and waiting calls with <see cref="ObjectDisposedException"/> and frees the device's memory.</summary>
    public void Dispose() => _thread.Dispose();
}
