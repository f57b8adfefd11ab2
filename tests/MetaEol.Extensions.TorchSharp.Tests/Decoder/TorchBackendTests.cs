using MetaEol.Extensions.TorchSharp.Decoder;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;
using MetaEol.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Extensions.TorchSharp.Tests.Decoder;

public sealed class TorchBackendTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaConfig _config;
    private readonly LlamaWeights _weights;
    private readonly ReadOnlyMemory<int>[] _prompts;

    public TorchBackendTests()
    {
        new RandomModel().Write(_folder.Path);
        _config = LlamaConfig.Load(_folder.Path);
        _weights = LlamaWeights.Load(_folder.Path, _config);
        var random = new Random(1);
        _prompts = [.. Enumerable.Range(0, 12).Select(_ => new ReadOnlyMemory<int>([.. Enumerable.Range(0, 20).Select(_ => random.Next(_config.VocabularySize))]))];
    }

    [Fact]
    public void Encode_MemoryRunsOutMidway_GoesOnWithHalfAndGivesTheSameStates()
    {
        using TorchBackend undisturbed = Create();
        float[] expected = Encode(undisturbed, () => { });
        using TorchBackend encoder = Create();
        int layersRun = 0;
        float[] found = Encode(encoder, () =>
        {
            // In the third layer of the first and of the second pass.
            if (++layersRun is 3 or 6)
            {
                throw new OutOfMemoryException("CUDA out of memory.");
            }
        });
        Assert.InRange(RelativeError.Largest(expected, found, _config.HiddenSize), 0, 1e-5);

        // 240 rows: two passes given up, then passes of 60 rows, three prompts each.
        Assert.Equal(60, encoder.Planner.PassRows);
        Assert.Equal(6 + (4 * _config.LayerCount), layersRun);
    }

    [Fact]
    public void Encode_NoMemoryAtAll_FailsWithTheNumbers()
    {
        using TorchBackend encoder = Create();
        var error = Assert.Throws<OutOfMemoryException>(() => Encode(encoder, () => throw new OutOfMemoryException("CUDA out of memory.")));
        Assert.Contains("cpu", error.Message);
        Assert.Contains("20 tokens", error.Message);
        Assert.Contains("MB", error.Message);
        Assert.Equal(12 * _config.HiddenSize, Encode(encoder, () => { }).Length);
    }

    [Fact]
    public void Encode_MemoryRunsOut_GivesTheCachedTensorsBack()
    {
        using TorchBackend encoder = Create();
        int[] template = [.. Enumerable.Range(1, 30)];
        for (int text = 0; text < 2; text++)
        {
            Encode(encoder, () => { }, [(int[])[.. template, 100 + text]]);
        }

        long withPrefix = encoder.LiveTensors;
        Assert.Equal(1, encoder.Planner.CachedPrefixes);
        bool ranOut = false;
        Encode(encoder, () =>
        {
            if (!ranOut)
            {
                ranOut = true;
                throw new OutOfMemoryException("CUDA out of memory.");
            }
        });
        Assert.Equal(0, encoder.Planner.CachedPrefixes);
        Assert.Equal(withPrefix - (2 * _config.LayerCount), encoder.LiveTensors);
    }

    public void Dispose()
    {
        _weights.Dispose();
        _folder.Dispose();
    }

    private TorchBackend Create() => new(_config, _weights, new TorchSharpOptions { Device = "cpu", Threads = 1 }, NullLogger.Instance);

    private float[] Encode(TorchBackend encoder, Action checkpoint, ReadOnlyMemory<int>[]? prompts = null)
    {
        prompts ??= _prompts;
        var states = new float[prompts.Length * _config.HiddenSize];
        EncodeCall call = encoder.Planner.CreateCall(prompts, [4], states.Length);
        encoder.Encode(call, checkpoint);
        call.CopyTo(states);
        return states;
    }
}
