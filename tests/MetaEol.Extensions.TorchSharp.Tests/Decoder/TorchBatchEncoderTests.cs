using MetaEol.Extensions.TorchSharp.Decoder;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace MetaEol.Extensions.TorchSharp.Tests.Decoder;

public sealed class TorchBatchEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaConfig _config;
    private readonly LlamaWeights _weights;
    private readonly ReadOnlyMemory<int>[] _prompts;

    public TorchBatchEncoderTests()
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
        float[] expected = Create().Encode(_prompts, [4], () => { });
        using TorchBatchEncoder encoder = Create();
        int layersRun = 0;
        float[] found = encoder.Encode(_prompts, [4], () =>
        {
            // In the third layer of the first and of the second pass.
            if (++layersRun is 3 or 6)
            {
                throw new OutOfMemoryException("CUDA out of memory.");
            }
        });
        Assert.InRange(RelativeError.Largest(expected, found, _config.HiddenSize), 0, 1e-5);

        // 240 rows: two passes given up, then passes of 4096 / 2^n rows that hold less than all twelve prompts.
        Assert.True(layersRun > 6 + (2 * _config.LayerCount));
    }

    [Fact]
    public void Encode_NoMemoryAtAll_FailsWithTheNumbers()
    {
        using TorchBatchEncoder encoder = Create();
        var error = Assert.Throws<OutOfMemoryException>(() => encoder.Encode(_prompts, [4], () => throw new OutOfMemoryException("CUDA out of memory.")));
        Assert.Contains("cpu", error.Message);
        Assert.Contains("20 tokens", error.Message);
        Assert.Contains("MB", error.Message);
        Assert.Equal(12 * _config.HiddenSize, encoder.Encode(_prompts, [4], () => { }).Length);
    }

    public void Dispose()
    {
        _weights.Dispose();
        _folder.Dispose();
    }

    private TorchBatchEncoder Create() => new(_config, _weights, new TorchSharpOptions { Device = "cpu", Threads = 1 }, NullLogger.Instance);
}
