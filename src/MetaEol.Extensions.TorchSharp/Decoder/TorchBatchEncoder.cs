using System.Runtime.InteropServices;
using MetaEol.Extensions.TorchSharp.Caching;
using MetaEol.Extensions.TorchSharp.Devices;
using MetaEol.Extensions.TorchSharp.Planning;
using MetaEol.Extensions.TorchSharp.Scheduling;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoding;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;
using Microsoft.Extensions.Logging;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Decoder;

/// <summary>The encoder as the device's thread runs it: cuts a call into passes, plans each, decodes it, and copies the states back once.</summary>
internal sealed class TorchBatchEncoder : IBatchEncoder
{
    private readonly LlamaConfig _config;
    private readonly IReadOnlyList<torch.Device> _devices;
    private readonly ILogger _logger;
    private readonly TorchDecoder _decoder;
    private readonly DevicePrefixCache _cache;
    private readonly long _weightBytes;
    private int _budget;

    /// <summary>Opens the devices and uploads the weights.</summary>
    public TorchBatchEncoder(LlamaConfig config, LlamaWeights weights, TorchSharpOptions options, ILogger logger)
    {
        _config = config;
        _logger = logger;
        _budget = options.MicroBatchTokens;
        _devices = TorchDevices.Open(options);
        if (_devices.Any(device => device.type == DeviceType.CPU))
        {
            torch.set_num_threads(options.Threads ?? Environment.ProcessorCount);
        }

        torch.ScalarType type = TorchDevices.ScalarType(options.Precision);
        int elementSize = type == torch.ScalarType.Float32 ? 4 : 2;
        _weightBytes = ModelSize.Bytes(weights, elementSize);
        _cache = new DevicePrefixCache(options.PrefixCacheBytes, 2L * config.KeyValueHeads * config.HeadDimension * elementSize);
        try
        {
            _decoder = new TorchDecoder(config, new DeviceWeights(config, weights, _devices, type), type);
        }
        catch (Exception exception) when (DeviceMemory.IsExhausted(exception))
        {
            throw new OutOfMemoryException($"{DeviceNames} cannot hold the model: its weights have {Megabytes(_weightBytes)} in {options.Precision}. Take BFloat16, or more devices.", exception);
        }

        TorchLog.Loaded(logger, DeviceNames, options.Precision, Megabytes(_weightBytes));
    }

    /// <summary>Tensors of the device's thread that existed after the last call: the weights and the prefix cache.</summary>
    public long LiveTensors { get; private set; }

    /// <summary>The prefix cache.</summary>
    public DevicePrefixCache Cache => _cache;

    private string DeviceNames => string.Join(", ", _devices);

    public float[] Encode(IReadOnlyList<ReadOnlyMemory<int>> prompts, int[] layers, Action checkpoint)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor states = torch.empty([prompts.Count, layers.Length, _config.HiddenSize], torch.ScalarType.Float32, _devices[0]);
        var batches = new MicroBatches(prompts, RotaryKey);
        try
        {
            DeviceMemory.Run(
                batches.Count,
                ref _budget,
                batches.Cut,
                (begin, end) => RunPass(prompts, batches.Order[begin..end].ToArray(), layers, states, checkpoint),
                (budget, exception) =>
                {
                    _cache.Clear();
                    TorchLog.MemoryExhausted(_logger, DeviceNames, budget, exception.Message);
                });
        }
        catch (OutOfMemoryException exception)
        {
            throw new OutOfMemoryException(
                $"{DeviceNames} ran out of memory with one prompt at a time: the longest has {prompts.Max(prompt => prompt.Length)} tokens, the weights have {Megabytes(_weightBytes)}, " +
                $"the prefix cache is empty. {exception.Message}",
                exception.InnerException);
        }

        float[] result = ToHost(states);
        scope.Dispose();
        LiveTensors = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        return result;
    }

    public void Dispose()
    {
        _cache.Dispose();
        _decoder.Dispose();
    }

    private void RunPass(IReadOnlyList<ReadOnlyMemory<int>> prompts, int[] order, int[] layers, torch.Tensor states, Action checkpoint)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ReadOnlyMemory<int>[] chosen = Array.ConvertAll(order, prompt => prompts[prompt]);
        var plan = EncodePlan.Create(chosen, rotaryKey: RotaryKey);
        int depth = layers.Max();
        _cache.BeginPass();
        PrefixHit[] hits = Array.ConvertAll(chosen, prompt => IsCacheable(prompt) ? _cache.Find(prompt.Span, depth) : default);
        var layout = BatchLayout.Create(plan, hits, out Func<int, int, int[]> pathSlots);
        TorchLog.Planned(_logger, plan, layout.Tokens.Length);

        // In order of the rotary key, the prompts of key 0 come first.
        List<NewPrefix> learned = _cache.Learn([.. chosen.TakeWhile(IsCacheable)], hits, depth);
        try
        {
            _decoder.Run(layout, layers, [.. learned.Select(prefix => (prefix.Entry, pathSlots(prefix.Prompt, prefix.Entry.Tokens.Length)))], states, order, checkpoint);
        }
        catch
        {
            learned.ForEach(prefix => prefix.Entry.Dispose());
            throw;
        }

        learned.ForEach(prefix => _cache.Add(prefix.Entry));
    }

    /// <summary>Keys of a prompt that dynamic rotary scaling stretches serve no prompt of another length.</summary>
    private bool IsCacheable(ReadOnlyMemory<int> prompt) => RotaryKey(prompt.Length) == 0;

    private int RotaryKey(int length) => RotaryFrequencies.LengthKey(_config, length);

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:0.#} MB");

    private static float[] ToHost(torch.Tensor states)
    {
        using torch.Tensor onHost = states.cpu();
        var result = new float[onHost.NumberOfElements];
        int rowLength = checked((int)(onHost.NumberOfElements / Math.Max(1, onHost.shape[0])));

        // Tensor.bytes spans at most 2 GB.
        int rowsAtOnce = Math.Max(1, (1 << 28) / rowLength);
        for (int row = 0; row < onHost.shape[0]; row += rowsAtOnce)
        {
            using torch.Tensor rows = onHost.narrow(0, row, Math.Min(rowsAtOnce, onHost.shape[0] - row));
            MemoryMarshal.Cast<byte, float>(rows.bytes).CopyTo(result.AsSpan((int)Math.Min((long)row * rowLength, int.MaxValue)));
        }

        return result;
    }
}
