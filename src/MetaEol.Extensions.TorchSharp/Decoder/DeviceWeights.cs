using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>A model's weights on the devices: the token embedding on the first, then runs of layers, the final norm on the last.</summary>
internal sealed class DeviceWeights : IDisposable
{
    private readonly List<DeviceLayer> _layers = [];

    /// <summary>Uploads a model.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The mapped weights.</param>
    /// <param name="devices">The devices, that of the first layers first.</param>
    /// <param name="type">Number type of the arithmetic.</param>
    public DeviceWeights(LlamaConfig config, LlamaWeights weights, IReadOnlyList<torch.Device> devices, torch.ScalarType type)
    {
        using IDisposable lease = weights.Lease();

        // As stored: exact, and never larger than the file.
        TokenEmbedding = WeightUploader.Upload(devices[0], WeightUploader.TypeOf(weights.TokenEmbedding.Type), weights.TokenEmbedding);
        FinalNorm = WeightUploader.Upload(devices[^1], torch.ScalarType.Float32, weights.FinalNorm)!;
        try
        {
            for (int layer = 0; layer < config.LayerCount; layer++)
            {
                torch.Device device = devices[(int)((long)layer * devices.Count / config.LayerCount)];
                _layers.Add(new DeviceLayer(config, weights.Layers[layer], layer, device, type));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary><c>[vocabulary × hidden]</c>, in the number type of the file.</summary>
    public torch.Tensor TokenEmbedding { get; }

    /// <summary><c>[hidden]</c>, float32.</summary>
    public torch.Tensor FinalNorm { get; }

    public IReadOnlyList<DeviceLayer> Layers => _layers;

    public void Dispose()
    {
        _layers.ForEach(layer => layer.Dispose());
        _layers.Clear();
        TokenEmbedding.Dispose();
        FinalNorm.Dispose();
    }
}
