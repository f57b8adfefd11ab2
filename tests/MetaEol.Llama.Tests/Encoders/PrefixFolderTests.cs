using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Encoders;

/// <summary>Prefixes on disk: encoders one after another and at once, on files as they should be and on damaged ones.</summary>
public sealed class PrefixFolderTests : IDisposable
{
    private const int TemplateTokens = 40;

    private readonly TemporaryFolder _folder = new();
    private readonly LlamaConfig _config;
    private readonly LlamaWeights _weights;

    public PrefixFolderTests()
    {
        new RandomModel().Write(_folder["model"]);
        _config = LlamaConfig.Load(_folder["model"]);
        _weights = LlamaWeights.Load(_folder["model"], _config);
    }

    private string Cache => _folder["cache"];

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Int8)]
    public void Encode_FirstCallOfALaterEncoder_IsThatOfAWarmOneToTheBit(Precision precision)
    {
        CpuEncoderOptions options = Options() with { Precision = precision };
        using var warm = new CpuPromptEncoder(_config, _weights, options);
        Encode(warm, 1);
        Encode(warm, 2);
        var logger = new ListLogger();
        using var later = new CpuPromptEncoder(_config, _weights, options, logger);
        Assert.Equal(Encode(warm, 3), Encode(later, 3));
        Assert.Contains(logger.Messages, message => message.Contains($" {2 * TemplateTokens} cached", StringComparison.Ordinal));
        using var other = new CpuPromptEncoder(_config, _weights, options with { PrefixCachePath = null, Precision = precision });
        Assert.InRange(RelativeError.Of(Encode(later, 4), Encode(other, 4)), 0, 1e-5);
    }

    [SkippableTheory]
    [InlineData("mkfifo")]
    [InlineData("ln", "-s", "/dev/zero")]
    public void Encode_FileThatIsNoRegularOne_IsNotWaitedForAndGoes(params string[] make)
    {
        Skip.If(OperatingSystem.IsWindows(), "Pipes and devices are Unix's.");
        Fill();
        string path = Files().First();
        File.Delete(path);
        using (System.Diagnostics.Process process = System.Diagnostics.Process.Start(make[0], [.. make[1..], path]))
        {
            process.WaitForExit();
        }

        var logger = new ListLogger();
        using CpuPromptEncoder encoder = TimeLimit.Run(() => new CpuPromptEncoder(_config, _weights, Options(), logger));
        Assert.NotEmpty(TimeLimit.Run(() => Encode(encoder, 3)));
        Assert.Contains(logger.Messages, message => message.Contains(path, StringComparison.Ordinal) && message.Contains("it is deleted", StringComparison.Ordinal));
    }

    [Fact]
    public void Encode_FileDamagedAnywhere_IsComputedAndWrittenAnew()
    {
        float[] expected;
        using (var plain = new CpuPromptEncoder(_config, _weights, Options() with { PrefixCachePath = null }))
        {
            expected = Encode(plain, 3);
        }

        Fill();
        Dictionary<string, byte[]> whole = Files().ToDictionary(path => path, File.ReadAllBytes);
        Assert.Equal(2, whole.Count);
        int length = whole.Values.First().Length;

        // Every field of the header, tokens, keys and values; then the length.
        int[] places = [0, 7, 8, 12, 16, 20, 24, 55, 56, 87, 88, 119, 128, 128 + (4 * TemplateTokens) - 1, 320, length / 2, length - 1];
        foreach (int place in places)
        {
            Check(bytes =>
            {
                bytes[place] ^= 0x40;
                return bytes;
            });
        }

        foreach (int cut in (int[])[0, 1, 127, 128, 200, length - 1])
        {
            Check(bytes => bytes[..cut]);
        }

        Check(bytes => [.. bytes, 0]);

        void Check(Func<byte[], byte[]> damage)
        {
            foreach ((string path, byte[] bytes) in whole)
            {
                File.WriteAllBytes(path, damage([.. bytes]));
            }

            using (var encoder = new CpuPromptEncoder(_config, _weights, Options()))
            {
                Assert.Equal(expected, Encode(encoder, 3));
                Encode(encoder, 4);
            }

            Assert.All(Files(), path => Assert.Equal(length, new FileInfo(path).Length));
            var logger = new ListLogger();
            using var later = new CpuPromptEncoder(_config, _weights, Options(), logger);
            Encode(later, 5);
            Assert.Contains(logger.Messages, message => message.Contains($" {2 * TemplateTokens} cached", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Encode_OtherModelOrPrecisionOrForeignFiles_AreLeftAlone()
    {
        Fill();
        string[] files = Files();
        _folder.Write(Path.Combine("cache", "notes.txt"), "mine");
        _folder.Write(Path.Combine(Path.GetDirectoryName(files[0])!, "notes.txt"), "mine");
        new RandomModel { Seed = 2 }.Write(_folder["second"]);
        using LlamaWeights second = LlamaWeights.Load(_folder["second"], _config);
        foreach ((LlamaWeights weights, Precision precision) in ((LlamaWeights, Precision)[])[(second, Precision.Float32), (_weights, Precision.Int8)])
        {
            var logger = new ListLogger();
            using var encoder = new CpuPromptEncoder(_config, weights, Options() with { Precision = precision }, logger);
            Encode(encoder, 1);
            Assert.Contains(logger.Messages, message => message.Contains(" 0 cached", StringComparison.Ordinal));
        }

        // A file of another model under the name of one of this.
        using (var other = new CpuPromptEncoder(_config, second, Options()))
        {
            Encode(other, 1);
            Encode(other, 2);
        }

        string foreign = Files().First(path => Path.GetDirectoryName(path) != Path.GetDirectoryName(files[0]) && Path.GetFileName(path) == Path.GetFileName(files[0]));
        File.Copy(foreign, files[0], overwrite: true);
        using var plain = new CpuPromptEncoder(_config, _weights, Options() with { PrefixCachePath = null });
        using var again = new CpuPromptEncoder(_config, _weights, Options());
        Assert.InRange(RelativeError.Of(Encode(again, 6), Encode(plain, 6)), 0, 1e-5);
        Assert.Equal("mine", File.ReadAllText(_folder["cache", "notes.txt"]));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Path.GetDirectoryName(files[0])!, "notes.txt")));
    }

    [Fact]
    public void Encode_SamePromptAgain_KeepsNoText()
    {
        using (var encoder = new CpuPromptEncoder(_config, _weights, Options()))
        {
            Encode(encoder, 1);
            Encode(encoder, 1);
        }

        Assert.Empty(Files());
    }

    [Fact]
    public void Encode_ManyEncodersAtOnce_AgreeAndLeaveWholeFiles()
    {
        using var plain = new CpuPromptEncoder(_config, _weights, Options() with { PrefixCachePath = null });
        float[][] expected = [.. Enumerable.Range(0, 4).Select(i => Encode(plain, i))];
        Parallel.For(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 6 }, _ =>
        {
            using var encoder = new CpuPromptEncoder(_config, _weights, Options());
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.InRange(RelativeError.Of(Encode(encoder, i), expected[i]), 0, 1e-5);
            }
        });

        Assert.Equal(2, Files().Length);
        Assert.Empty(Directory.GetFiles(Cache, "*.partial", SearchOption.AllDirectories));
        var logger = new ListLogger();
        using var later = new CpuPromptEncoder(_config, _weights, Options(), logger);
        Encode(later, 9);
        Assert.DoesNotContain(logger.Messages, message => message.Contains("damaged", StringComparison.Ordinal));
    }

    [Fact]
    public void Encode_NoRoomOrNoFolder_WorksWithout()
    {
        long one = PrefixKeysValues.BytesOf(TemplateTokens, _config.LayerCount, _config.KeyValueHeads * _config.HeadDimension);
        using (var encoder = new CpuPromptEncoder(_config, _weights, Options() with { PrefixCacheBytes = one + 1000 }))
        {
            Encode(encoder, 1);
            Encode(encoder, 2);
        }

        Assert.Single(Files());
        string file = _folder.Write("file", "no folder");
        var logger = new ListLogger();
        using (var encoder = new CpuPromptEncoder(_config, _weights, Options() with { PrefixCachePath = file }, logger))
        {
            Encode(encoder, 1);
            Encode(encoder, 2);
        }

        Assert.Contains(logger.Messages, message => message.Contains("cannot be used for keys and values", StringComparison.Ordinal));
        Assert.Equal("no folder", File.ReadAllText(file));
        Assert.Throws<ArgumentException>(() => new CpuPromptEncoder(_config, _weights, Options() with { PrefixCachePath = " " }));
    }

    public void Dispose()
    {
        _weights.Dispose();
        _folder.Dispose();
    }

    private CpuEncoderOptions Options() => new() { Threads = 2, PrefixCachePath = Cache };

    private string[] Files() => Directory.Exists(Cache) ? [.. Directory.GetFiles(Cache, "*.prefix", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];

    private void Fill()
    {
        using var encoder = new CpuPromptEncoder(_config, _weights, Options());
        Encode(encoder, 1);
        Encode(encoder, 2);
    }

    /// <summary>One text in two templates; texts differ from their first token on.</summary>
    private float[] Encode(CpuPromptEncoder encoder, int text)
    {
        int[] own = [.. Enumerable.Range(0, 9).Select(i => 200 + text + (i * 7 % 40))];
        ReadOnlyMemory<int>[] prompts = [.. Enumerable.Range(1, 2).Select(template => new ReadOnlyMemory<int>([.. Enumerable.Range(0, TemplateTokens).Select(i => (template * 50) + (i * 13 % 48)), .. own, 5, 6]))];
        float[] states = new float[prompts.Length * _config.HiddenSize];
        encoder.Encode(prompts, [_config.LayerCount], states);
        return states;
    }
}
