using System.Runtime.InteropServices;
using MetaEol.Extensions.TorchSharp.Devices;
using MetaEol.Extensions.TorchSharp.Scheduling;
using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;
using Microsoft.Extensions.Logging;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>The encoder as the device's thread runs it: decodes the passes that the planner makes of a call, and copies the states back once.</summary>
internal sealed class TorchBackend : IEncodeBackend<CachedPrefix>, IReplica
{
    private readonly IReadOnlyList<torch.Device> _devices;
    private readonly DeviceWeights _weights;
    private readonly WeightMemory _memory;
    private readonly TorchDecoder _decoder;
    private readonly TorchPrecision _precision;
    private readonly ILogger _logger;
    private readonly long _bytesPerToken;

    /// <summary>The running call's states, still on the devices.</summary>
    private readonly List<(PlannedPass<CachedPrefix> Pass, int Index, torch.Tensor States)> _finished = [];

    /// <summary>Opens the devices and uploads the weights.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The mapped weights.</param>
    /// <param name="options">The options, checked.</param>
    /// <param name="devices">The devices of this replica, that of the first layers first.</param>
    /// <param name="depth">Number of layers to upload at once.</param>
    /// <param name="logger">Receives plans and warnings.</param>
    /// <param name="freeMemory">Free bytes of a device, where they are known; null asks the device.</param>
    public TorchBackend(LlamaConfig config, LlamaWeights weights, TorchSharpOptions options, IEnumerable<DeviceName> devices, int depth, ILogger logger, Func<torch.Device, long?>? freeMemory = null)
    {
        _devices = TorchDevices.Open(devices, options.Precision, logger);
        if (_devices.Any(device => device.type == DeviceType.CPU))
        {
            torch.set_num_threads(options.Threads ?? Environment.ProcessorCount);
        }

        if (options.AllowTf32)
        {
            torch.backends.cuda.matmul.allow_tf32 = true;
        }

        torch.ScalarType type = TorchDevices.ScalarType(options.Precision);
        _logger = logger;
        _precision = options.Precision;
        _bytesPerToken = 2L * config.KeyValueHeads * config.HeadDimension * (type == torch.ScalarType.Float32 ? 4 : 2);
        _memory = new WeightMemory(weights, _devices, freeMemory ?? WeightMemory.FreeOf);
        _memory.Check(_precision, depth);
        _weights = Upload(depth, () => new DeviceWeights(config, weights, _devices, _precision, depth));
        _decoder = new TorchDecoder(config, _weights, type);
        var planning = new EncodePlannerOptions
        {
            PassRows = options.PassRows,
            PrefixCacheBytes = options.PrefixCacheBytes,
            RotaryKey = length => RotaryFrequencies.LengthKey(config, length),
        };
        Planner = new EncodePlanner<CachedPrefix>(this, PromptEncoderMetadata.Of(config), planning, logger);
    }

    /// <summary>Number of layers whose weights are on the devices.</summary>
    public int UploadedLayers => _weights.Layers.Count;

    /// <summary>Plans the calls, and keeps the prefix cache.</summary>
    public EncodePlanner<CachedPrefix> Planner { get; }

    /// <summary>Tensors of the device's thread that existed after the last call: the weights and the prefix cache.</summary>
    public long LiveTensors { get; private set; }

    /// <inheritdoc/>
    public string Name => string.Join(" + ", _devices);

    /// <summary>Computes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="depth">The number of layers that it runs; missing ones are uploaded.</param>
    /// <param name="checkpoint">Called before each layer; throws if nobody waits for the result any more.</param>
    public void Encode(EncodeCall call, int depth, Action checkpoint)
    {
        if (depth > UploadedLayers)
        {
            Upload(depth, () =>
            {
                _weights.Upload(depth);
                return _weights;
            });
        }

        using DisposeScope scope = torch.NewDisposeScope();
        try
        {
            Planner.Run(call, checkpoint);
            foreach ((PlannedPass<CachedPrefix> pass, int index, torch.Tensor states) in _finished)
            {
                pass.Store(index, HostTransfer.ToHost(states));
            }
        }
        catch (OutOfMemoryException exception)
        {
            throw new OutOfMemoryException($"{Name}, where the weights have {WeightMemory.Format(_memory.Bytes(_precision, UploadedLayers))}: {exception.Message}", exception.InnerException);
        }
        finally
        {
            _finished.Clear();
        }

        scope.Dispose();
        LiveTensors = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
    }

    public long BytesOf(int tokens, int layers) => (long)tokens * layers * _bytesPerToken;

    public CachedPrefix Create(int tokens, int layers) => new(tokens, layers);

    public void Run(PlannedPass<CachedPrefix> pass)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        foreach ((int index, torch.Tensor states) in _decoder.Run(pass))
        {
            _finished.Add((pass, index, states.MoveToOuterDisposeScope()));
        }
    }

    /// <inheritdoc/>
    public bool IsLost(Exception error)
    {
        if (IsOutOfMemory(error) || error.GetBaseException() is not ExternalException)
        {
            return false;
        }

        try
        {
            // After an error of the hardware or the driver, nothing works on a CUDA device any more; after any other, this does.
            foreach (torch.Device device in _devices)
            {
                TorchDevices.TryOut(device, _precision);
            }

            return false;
        }
        catch (ExternalException)
        {
            return true;
        }
    }

    public bool IsOutOfMemory(Exception exception) => DeviceMemory.IsExhausted(exception);

    public void Dispose()
    {
        Planner.Dispose();
        _decoder.Dispose();
    }

    private DeviceWeights Upload(int depth, Func<DeviceWeights> upload)
    {
        try
        {
            DeviceWeights uploaded = upload();
            string size = WeightMemory.Format(_memory.Bytes(_precision, depth));
            TorchLog.Uploaded(_logger, depth, Name, _precision, size);
            return uploaded;
        }
        catch (Exception exception) when (DeviceMemory.IsExhausted(exception))
        {
            throw new OutOfMemoryException($"{_memory.Explain(_precision, depth)} {TorchDevices.ReasonOf(exception)}", exception);
        }
    }
}
