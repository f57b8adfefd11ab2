using MetaEol.Extensions.TorchSharp.Devices;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>The weights of one decoder layer on its device: biases in the number type of the arithmetic, matrices, too, or in 8 bits, norms in float32.</summary>
internal sealed class DeviceLayer : IDisposable
{
    /// <summary>Uploads a layer.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The mapped weights, leased by the caller.</param>
    /// <param name="index">Index of the layer.</param>
    /// <param name="device">The device.</param>
    /// <param name="precision">Number type of the matrices.</param>
    public DeviceLayer(LlamaConfig config, LayerWeights weights, int index, torch.Device device, TorchPrecision precision)
    {
        torch.ScalarType type = TorchDevices.ScalarType(precision);
        Device = device;
        Window = config.SlidingWindows[index];
        Rotary = config.Rotary[index];
        BeforeAttentionNorm = WeightUploader.Upload(device, torch.ScalarType.Float32, weights.BeforeAttentionNorm);
        AfterAttentionNorm = WeightUploader.Upload(device, torch.ScalarType.Float32, weights.AfterAttentionNorm);
        BeforeMlpNorm = WeightUploader.Upload(device, torch.ScalarType.Float32, weights.BeforeMlpNorm);
        AfterMlpNorm = WeightUploader.Upload(device, torch.ScalarType.Float32, weights.AfterMlpNorm);
        QueryNorm = WeightUploader.Upload(device, torch.ScalarType.Float32, weights.QueryNorm);
        KeyNorm = WeightUploader.Upload(device, torch.ScalarType.Float32, weights.KeyNorm);
        QueryKeyValue = WeightUploader.Upload(device, precision, weights.Query, weights.Key, weights.Value);
        QueryKeyValueBias = WeightUploader.Upload(device, type, weights.QueryBias, weights.KeyBias, weights.ValueBias);
        AttentionOutput = WeightUploader.Upload(device, precision, weights.AttentionOutput);
        AttentionOutputBias = WeightUploader.Upload(device, type, weights.AttentionOutputBias);
        GateUp = WeightUploader.Upload(device, precision, weights.Gate, weights.Up);
        GateUpBias = WeightUploader.Upload(device, type, weights.GateBias, weights.UpBias);
        Down = WeightUploader.Upload(device, precision, weights.Down);
        DownBias = WeightUploader.Upload(device, type, weights.DownBias);
    }

    public torch.Device Device { get; }

    /// <summary>Sliding window in tokens, or null.</summary>
    public int? Window { get; }

    /// <summary>The rotary embedding, or null where the layer has no positions.</summary>
    public RotaryParameters? Rotary { get; }

    public torch.Tensor? BeforeAttentionNorm { get; }

    public torch.Tensor? AfterAttentionNorm { get; }

    public torch.Tensor? BeforeMlpNorm { get; }

    public torch.Tensor? AfterMlpNorm { get; }

    public torch.Tensor? QueryNorm { get; }

    public torch.Tensor? KeyNorm { get; }

    /// <summary><c>[heads·head_dim + 2 · kv_heads·head_dim × hidden]</c>.</summary>
    public DeviceMatrix QueryKeyValue { get; }

    public torch.Tensor? QueryKeyValueBias { get; }

    public DeviceMatrix AttentionOutput { get; }

    public torch.Tensor? AttentionOutputBias { get; }

    /// <summary><c>[2 · intermediate × hidden]</c>.</summary>
    public DeviceMatrix GateUp { get; }

    public torch.Tensor? GateUpBias { get; }

    public DeviceMatrix Down { get; }

    public torch.Tensor? DownBias { get; }

    public void Dispose()
    {
        foreach (IDisposable? tensor in (IDisposable?[])[
            BeforeAttentionNorm, AfterAttentionNorm, BeforeMlpNorm, AfterMlpNorm, QueryNorm, KeyNorm, QueryKeyValue, QueryKeyValueBias, AttentionOutput, AttentionOutputBias, GateUp, GateUpBias, Down, DownBias])
        {
            tensor?.Dispose();
        }
    }
}
