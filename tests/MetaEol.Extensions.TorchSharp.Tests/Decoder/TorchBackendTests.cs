using MetaEol.Extensions.TorchSharp.Decoder;
using MetaEol.Extensions.TorchSharp.Devices;
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

    [Fact]
    public void Encode_DeeperThanUploaded_UploadsTheRestAndGivesTheSameStates()
    {
        using TorchBackend whole = Create();
        using TorchBackend some = Create(depth: 2);
        Assert.Equal(_config.LayerCount, whole.UploadedLayers);
        Assert.Equal(2, some.UploadedLayers);
        foreach (int layer in (int[])[0, 2, 4, 1])
        {
            Assert.InRange(RelativeError.Largest(Encode(whole, () => { }, layer: layer), Encode(some, () => { }, layer: layer), _config.HiddenSize), 0, 1e-6);
            Assert.Equal(layer is 4 or 1 ? _config.LayerCount : 2, some.UploadedLayers);
        }
    }

    [Fact]
    public void Constructor_LayersUpToADepth_KeepNoTensorOfTheOthers()
    {
        using TorchBackend some = Create(depth: 1);
        long[] live = [.. ((int[])[1, 2, 4]).Select(layer =>
        {
            // Prompts that share nothing, so that nothing is cached.
            Encode(some, () => { }, [_prompts[layer]], layer);
            return some.LiveTensors;
        })];
        Assert.True(live[1] > live[0]);
        Assert.Equal(live[1] + (2 * (live[1] - live[0])), live[2]);
    }

    [Theory]
    [InlineData(4, 700_000L, "the precision BFloat16 (0.", "(Layer 3)")]
    [InlineData(4, 300_000L, "the first 1 layers in Float32 (Layer 1)", "")]
    [InlineData(4, 1_000L, "What fits: more devices.", "")]
    [InlineData(2, 400_000L, "The first 2 of 4 layers", "the precision BFloat16")]
    public void Constructor_MemoryIsTooSmall_SaysWhatFitsAndUploadsNothing(int depth, long bytes, string part, string other)
    {
        var error = Assert.Throws<OutOfMemoryException>(() => Create(depth, _ => bytes));
        Assert.Contains(part, error.Message);
        Assert.Contains(other, error.Message);
        Assert.Contains("cpu has ", error.Message);
    }

    [Fact]
    public void Constructor_MemoryIsJustEnough_Fits()
    {
        long bytes = new WeightMemory(_weights, [global::TorchSharp.torch.CPU], _ => null).Bytes(TorchPrecision.Float32, 4);
        Create(4, _ => bytes).Dispose();
        Assert.Throws<OutOfMemoryException>(() => Create(4, _ => bytes - 1));

        // Half of the layers on each of two devices, with the token embedding on the first; they are one device here.
        Assert.Throws<OutOfMemoryException>(() => Create(4, _ => bytes - 1, devices: 2));
    }

    [Fact]
    public void IsLost_ErrorsOfWorkingDevices_AreTheWorks()
    {
        using TorchBackend encoder = Create();
        Assert.False(encoder.IsLost(new System.Runtime.InteropServices.ExternalException("CUDA error: an illegal memory access was encountered")));
        Assert.False(encoder.IsLost(new InvalidOperationException("broken")));
    }

    public void Dispose()
    {
        _weights.Dispose();
        _folder.Dispose();
    }

    private TorchBackend Create(int depth = 4, Func<global::TorchSharp.torch.Device, long?>? freeMemory = null, int devices = 1) =>
        new(_config, _weights, new TorchSharpOptions { Threads = 1 }, Enumerable.Repeat(DeviceName.Parse("cpu")!.Value, devices), depth, NullLogger.Instance, freeMemory);

    private float[] Encode(TorchBackend encoder, Action checkpoint, ReadOnlyMemory<int>[]? prompts = null, int layer = 4)
    {
        prompts ??= _prompts;
        var states = new float[prompts.Length * _config.HiddenSize];
        EncodeCall call = encoder.Planner.CreateCall(prompts, [layer], states.Length);
        encoder.Encode(call, layer, checkpoint);
        call.CopyTo(states);
        return states;
    }
}
