using MetaEol.Extensions.TorchSharp.Decoder;
using MetaEol.Extensions.TorchSharp.Devices;
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
/// The weights are copied to the device when the encoder is made; what was mapped of the files for that can go back to the system afterwards. Each replica of the model has a thread that owns its devices; calls wait for the one that is free first.
/// A replica whose device is lost is taken out, and the others do its work.
/// The application chooses libtorch by its package reference: <c>TorchSharp-cpu</c>, <c>TorchSharp-cuda-windows</c> or <c>TorchSharp-cuda-linux</c>.
/// </remarks>
public sealed class TorchSharpPromptEncoder : IPromptEncoder
{
    private readonly ReplicaPool<TorchBackend> _replicas;
    private readonly LlamaWeights _weights;
    private readonly TorchPrecision _precision;
    private readonly bool _tf32;

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
        IReadOnlyList<DeviceName[]> replicas = options.Replicas;
        Metadata = PromptEncoderMetadata.Of(config) with { ConcurrentCalls = replicas.Count };
        _weights = weights;
        _precision = options.Precision;
        _tf32 = options.AllowTf32 && _precision is (TorchPrecision.Float32 or TorchPrecision.Int8);
        ILogger log = logger ?? NullLogger.Instance;
        _replicas = new ReplicaPool<TorchBackend>([.. replicas.Select(devices => (Func<TorchBackend>)(() => new TorchBackend(config, weights, options, devices, uploaded, log)))], log);
    }

    /// <inheritdoc/>
    public PromptEncoderMetadata Metadata { get; }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The weights were disposed before it was asked for.</exception>
    public string Fingerprint => $"libtorch {_precision}{(_tf32 ? " TF32" : "")} {_weights.Fingerprint}";

    string? IPromptEncoder.Precision => _precision.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">All devices are lost.</exception>
    /// <exception cref="InvalidModelException">A hidden state is not finite, because a weight is not or because it exceeds the range of the precision.</exception>
    /// <exception cref="OutOfMemoryException">A single prompt, or the weights of a layer that is asked for, do not fit the device's memory.</exception>
    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, ReadOnlySpan<int> layers, Span<float> hiddenStates, CancellationToken cancellationToken = default) =>
        Encode(new PromptBatch(prompts, layers), hiddenStates, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>All prompts run to the deepest layer that any of them wants.</remarks>
    /// <exception cref="InvalidOperationException">All devices are lost.</exception>
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
        _replicas.Run((backend, checkpoint) => backend.Encode(call, depth, checkpoint), cancellationToken);
        call.CopyTo(hiddenStates);
        if (_precision == TorchPrecision.Float16 && hiddenStates.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            throw new InvalidModelException("The model gives a hidden state that is not finite in Float16, whose range ends at 65504; take BFloat16 or Float32.");
        }

        EncodeChecks.CheckStates(_weights, hiddenStates);
    }

    /// <inheritdoc/>
    public EncoderHealth Health
    {
        get
        {
            (IReadOnlyList<string> losses, int left) = _replicas.State;
            return losses.Count == 0 ? EncoderHealth.Good : new EncoderHealth(left > 0, string.Join(" ", losses));
        }
    }

    /// <summary>What the first replica's thread runs, for tests.</summary>
    internal TorchBackend Backend => _replicas.Replicas[0];

    /// <summary>Ends running and waiting calls with <see cref="ObjectDisposedException"/> and frees the device's memory.</summary>
    public void Dispose() => _replicas.Dispose();
}
