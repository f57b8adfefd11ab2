using MetaEol.Extensions.TorchSharp.Devices;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>A model's weights on the devices: the token embedding on the first, then runs of layers, the final norm on the last.</summary>
internal sealed class DeviceWeights : IDisposable
{
    private readonly List<DeviceLayer> _layers = [];
    private readonly LlamaConfig _config;
    private readonly LlamaWeights _weights;
    private readonly IReadOnlyList<torch.Device> _devices;
    private readonly TorchPrecision _precision;
    private readonly int _splitDepth;

    /// <summary>Uploads the token embedding, the final norm and the first layers of a model.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The mapped weights; those of further layers are read later.</param>
    /// <param name="devices">The devices, that of the first layers first.</param>
    /// <param name="precision">Number type of the matrices.</param>
    /// <param name="depth">Number of layers to upload and to split over the devices; those above come when they are asked for, to the last device.</param>
    public DeviceWeights(LlamaConfig config, LlamaWeights weights, IReadOnlyList<torch.Device> devices, TorchPrecision precision, int depth)
    {
        _config = config;
        _weights = weights;
        _devices = devices;
        _precision = precision;
        _splitDepth = depth;
        using IDisposable lease = weights.Lease();

        // As stored: exact, and never larger than the file.
        TokenEmbedding = WeightUploader.UploadAsStored(devices[0], weights.TokenEmbedding);
        FinalNorm = WeightUploader.Upload(devices[^1], torch.ScalarType.Float32, weights.FinalNorm)!;
        try
        {
            Upload(depth);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Uploads what is missing of the first <paramref name="depth"/> layers.</summary>
    public void Upload(int depth)
    {
        if (depth <= _layers.Count)
        {
            return;
        }

        using IDisposable lease = _weights.Lease();
        while (_layers.Count < depth)
        {
            int layer = _layers.Count;
            torch.Device device = _devices[WeightMemory.DeviceOf(layer, _splitDepth, _devices.Count)];
            _layers.Add(new DeviceLayer(_config, _weights.Layers[layer], layer, device, _precision));
        }
    }

    /// <summary><c>[vocabulary × hidden]</c>, in the number type of the file.</summary>
    public torch.Tensor TokenEmbedding { get; }

    /// <summary><c>[hidden]</c>, float32.</summary>
    public torch.Tensor FinalNorm { get; }

    /// <summary>The layers uploaded so far.</summary>
    public IReadOnlyList<DeviceLayer> Layers => _layers;

    public void Dispose()
    {
        _layers.ForEach(layer => layer.Dispose());
        _layers.Clear();
        TokenEmbedding.Dispose();
        FinalNorm.Dispose();
    }
}
