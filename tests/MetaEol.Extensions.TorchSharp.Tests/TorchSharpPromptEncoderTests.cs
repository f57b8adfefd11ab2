using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

public sealed class TorchSharpPromptEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LlamaConfig _config;
    private readonly LlamaWeights _weights;

    public TorchSharpPromptEncoderTests()
    {
        new RandomModel().Write(_folder.Path);
        _config = LlamaConfig.Load(_folder.Path);
        _weights = LlamaWeights.Load(_folder.Path, _config);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300_000)]
    public void Encode_ThousandCalls_LeavesNoTensorBehind(long prefixCacheBytes)
    {
        using var encoder = new TorchSharpPromptEncoder(_config, _weights, new TorchSharpOptions { Device = "cpu", Threads = 1, PrefixCacheBytes = prefixCacheBytes });
        var random = new Random(1);
        int[][] templates = [.. Enumerable.Range(0, 4).Select(_ => Tokens(random, 30))];

        // What a tensor more per call would be is seen by then; the cache has its entries, too.
        Call(100);
        long before = LiveTensors();
        Call(1000);
        Assert.Equal(before, LiveTensors());

        // Two tensors per layer and cached prefix; all else are weights, as many as before the first call.
        long LiveTensors() => encoder.Backend.LiveTensors - (2L * _config.LayerCount * encoder.Backend.Planner.CachedPrefixes);

        void Call(int count)
        {
            for (int call = 0; call < count; call++)
            {
                ReadOnlyMemory<int>[] prompts = [.. templates.Select(template => new ReadOnlyMemory<int>([.. template, .. Tokens(random, random.Next(1, 12))]))];
                encoder.Encode(prompts, [_config.LayerCount], new float[prompts.Length * _config.HiddenSize]);
                Assert.InRange(encoder.Backend.Planner.CachedBytes, 0, prefixCacheBytes);
            }
        }
    }

    [Fact]
    public void Encode_FailedAndCancelledCalls_LeaveNoTensorBehind()
    {
        using var encoder = new TorchSharpPromptEncoder(_config, _weights, new TorchSharpOptions { Device = "cpu", Threads = 1 });
        encoder.Encode([(int[])[1, 2, 3]], [4], new float[_config.HiddenSize]);
        long before = encoder.Backend.LiveTensors;
        for (int call = 0; call < 20; call++)
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(call % 5));
            try
            {
                encoder.Encode([Tokens(new Random(call), 900)], [4], new float[_config.HiddenSize], cancellation.Token);
            }
            catch (OperationCanceledException)
            {
            }
        }

        encoder.Encode([(int[])[1, 2, 3]], [4], new float[_config.HiddenSize]);
        Assert.Equal(before, encoder.Backend.LiveTensors);
    }

    [Fact]
    public void Encode_SameTemplatesAgain_ComesFromThePrefixCache()
    {
        using var encoder = new TorchSharpPromptEncoder(_config, _weights, new TorchSharpOptions { Device = "cpu", Threads = 1 });
        var random = new Random(1);
        int[] template = Tokens(random, 50);
        for (int call = 0; call < 2; call++)
        {
            encoder.Encode([(int[])[.. template, .. Tokens(random, 10)]], [4], new float[_config.HiddenSize]);
        }

        Assert.Equal(1, encoder.Backend.Planner.CachedPrefixes);
        Assert.True(encoder.Backend.Planner.CachedBytes >= 50L * 4 * 2 * 32 * 4);
    }

    [SkippableFact]
    public void Constructor_MissingDevice_NamesThePackage()
    {
        Skip.If(global::TorchSharp.torch.cuda.is_available(), "This machine has a CUDA device.");
        var error = Assert.Throws<InvalidOperationException>(() => new TorchSharpPromptEncoder(_config, _weights, new TorchSharpOptions { Device = "cuda:99" }));
        Assert.Contains("'cuda:99'", error.Message);
        Assert.Contains(OperatingSystem.IsWindows() ? "TorchSharp-cuda-windows" : "TorchSharp-cuda-linux", error.Message);
        Assert.DoesNotContain("Trace", error.Message);
    }

    [Fact]
    public void Constructor_UnknownDevice_IsNamedWithWhatToWrite()
    {
        var error = Assert.Throws<ArgumentException>(() => new TorchSharpPromptEncoder(_config, _weights, new TorchSharpOptions { Devices = ["cpu", "abacus"], Threads = 1 }));
        Assert.Contains("'abacus' is not a device; write auto, cpu, mps, cuda:0", error.Message);
    }

    [SkippableFact]
    public void Constructor_AutoWithoutGpuOrHalfPrecisionOnTheCpu_IsAWarning()
    {
        Skip.If(global::TorchSharp.torch.cuda.is_available() || global::TorchSharp.torch.mps_is_available(), "This machine has a GPU.");
        var log = new ListLogger();
        using (new TorchSharpPromptEncoder(_config, _weights, new TorchSharpOptions { Threads = 1, Precision = TorchPrecision.BFloat16 }, log))
        {
        }

        Assert.Contains(log.Warnings, message => message.Contains("'auto' found no GPU", StringComparison.Ordinal));
        Assert.Contains(log.Warnings, message => message.Contains("BFloat16 on the CPU is two to three times slower", StringComparison.Ordinal));
        log.Warnings.Clear();
        using (new TorchSharpPromptEncoder(_config, _weights, new TorchSharpOptions { Threads = 1, Device = "cpu" }, log))
        {
        }

        Assert.Empty(log.Warnings);
    }

    [Fact]
    public void Fingerprint_PrecisionAndTf32_AreNamed()
    {
        string[] fingerprints = [.. Enum.GetValues<TorchPrecision>().SelectMany(precision => ((bool[])[false, true]).Select(tf32 =>
        {
            using var encoder = new TorchSharpPromptEncoder(_config, _weights, new TorchSharpOptions { Device = "cpu", Threads = 1, Precision = precision, AllowTf32 = tf32 });
            return encoder.Fingerprint;
        }))];

        // TF32 changes nothing about the 16-bit types.
        Assert.Equal(6, fingerprints.Distinct().Count());
        Assert.Equal($"libtorch Int8 TF32 {_weights.Fingerprint}", fingerprints[^1]);
    }

    [Fact]
    public void Encode_NonFiniteWeight_IsNamed()
    {
        using var folder = new TemporaryFolder();
        new RandomModel().Write(folder.Path);
        string file = Path.Combine(folder.Path, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        int headerLength = (int)BitConverter.ToInt64(bytes);
        using (var header = System.Text.Json.JsonDocument.Parse(bytes.AsMemory(8, headerLength)))
        {
            int begin = header.RootElement.GetProperty("model.layers.2.mlp.up_proj.weight").GetProperty("data_offsets")[0].GetInt32();
            BitConverter.TryWriteBytes(bytes.AsSpan(8 + headerLength + begin), float.NaN);
        }

        File.WriteAllBytes(file, bytes);
        var config = LlamaConfig.Load(folder.Path);
        using var weights = LlamaWeights.Load(folder.Path, config);
        using var encoder = new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1 });
        var error = Assert.Throws<InvalidModelException>(() => encoder.Encode([(int[])[1, 2]], [4], new float[config.HiddenSize]));
        Assert.Contains("model.layers.2.mlp.up_proj.weight", error.Message);
        Assert.Contains("model.safetensors", error.Message);
    }

    public void Dispose()
    {
        _weights.Dispose();
        _folder.Dispose();
    }

    private int[] Tokens(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(_config.VocabularySize))];
}
