using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels.Emitted;
using MetaEol.Llama.Tests.Kernels;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Encoders;

[Collection(nameof(RunAlone))]
public sealed class CpuPrecisionTests : IDisposable
{
    private readonly LlamaModel _model = LlamaModel.Load(TestPaths.DemoModel);

    private static bool HasBFloat16 => Has(kernels => kernels.HasBFloat16);

    [SkippableFact]
    public void Encode_BFloat16OnTheDemoModel_IsWithinOnePercent()
    {
        Skip.IfNot(HasBFloat16, "This machine has no AVX512_BF16, or memory may not be made executable.");
        float[] exact = Encode(new CpuEncoderOptions());
        float[] rounded = Encode(new CpuEncoderOptions { Precision = Precision.BFloat16 });
        for (int i = 0; i < exact.Length; i += _model.Config.HiddenSize)
        {
            Assert.InRange(RelativeError.Of(rounded.AsSpan(i, _model.Config.HiddenSize), exact.AsSpan(i, _model.Config.HiddenSize)), 1e-5, 1e-2);
        }
    }

    [Fact]
    public void Encode_Int8WithAndWithoutEmittedKernels_IsTheSameBits() => Assert.Equal(
        Encode(new CpuEncoderOptions { Precision = Precision.Int8, EmittedKernels = false }),
        Encode(new CpuEncoderOptions { Precision = Precision.Int8 }));

    [Fact]
    public void Create_BFloat16WithoutEmittedKernels_SaysWhatThisMachineHas()
    {
        PlatformNotSupportedException exception = Assert.Throws<PlatformNotSupportedException>(
            () => _model.CreateEncoder(new CpuEncoderOptions { Precision = Precision.BFloat16, EmittedKernels = false }));
        Assert.Contains("the option EmittedKernels is off", exception.Message, StringComparison.Ordinal);
        Assert.Contains("This machine has Float32, Int8;", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WithoutEmittedKernels_LogsItOnce()
    {
        var logger = new ListLogger();
        using (IPromptEncoder encoder = _model.CreateEncoder(new CpuEncoderOptions { Precision = Precision.Int8, EmittedKernels = false }, logger))
        {
            float[] states = new float[2 * _model.Config.HiddenSize];
            encoder.Encode([(int[])[1], (int[])[2]], [3], states);
            encoder.Encode([(int[])[1], (int[])[2]], [3], states);
        }

        Assert.Single(logger.Messages, message => message.Contains("Kernels in machine code are not used: the option EmittedKernels is off", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.5, true, Precision.Int8)]
    [InlineData(0.05, false, Precision.Int8)]
    [InlineData(0.049, false, Precision.Float32)]
    [InlineData(0.009, true, Precision.Float32)]
    public void Create_Fastest_TakesWhatTheErrorAllows(double error, bool emitted, Precision expected) => CheckFastest(error, emitted, expected);

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.049)]
    public void Create_FastestWithinOnePercent_TakesBFloat16WhereItIs(double error) => CheckFastest(error, emitted: true, HasBFloat16 ? Precision.BFloat16 : Precision.Float32);

    [Fact]
    public void Create_OptionOutOfRange_SaysWhatIsKnown()
    {
        Assert.Contains("Float32, Int8, BFloat16, Fastest", Assert.Throws<ArgumentOutOfRangeException>(() => _model.CreateEncoder(new CpuEncoderOptions { Precision = (Precision)9 })).Message, StringComparison.Ordinal);
        foreach (double error in (double[])[0, -1, double.NaN])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => _model.CreateEncoder(new CpuEncoderOptions { FastestMaximumError = error }));
        }

        foreach (int threads in (int[])[0, CpuEncoderOptions.MaximumThreads + 1, int.MaxValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>("options.Threads", () => _model.CreateEncoder(new CpuEncoderOptions { Threads = threads }));
        }
    }

    [SkippableFact]
    public void EncodersCreatedUsedAndDisposed_ManyTimes_LeaveNoExecutableMemory()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Mappings are counted where the system lists them as files.");
        Skip.IfNot(Has(_ => true), "This machine has no emitted kernels.");
        float[] states = new float[_model.Config.HiddenSize];
        void Use(Precision precision)
        {
            using IPromptEncoder encoder = _model.CreateEncoder(new CpuEncoderOptions { Precision = precision, Threads = 1 });
            encoder.Encode([(int[])[1]], [0], states);
        }

        Use(Precision.Int8);
        int before = EmittedKernelsInMemory();
        for (int i = 0; i < 10_000; i++)
        {
            Use(Precision.Int8);
        }

        Assert.InRange(EmittedKernelsInMemory(), 0, before);
    }

    public void Dispose() => _model.Dispose();

    private static int EmittedKernelsInMemory() => File.ReadLines("/proc/self/maps").Count(line => line.Contains(" r-xp 00000000 00:00 0", StringComparison.Ordinal));

    private static bool Has(Func<EmittedKernels, bool> has)
    {
        bool created = EmittedKernels.TryCreate(out EmittedKernels? kernels, out _);
        using (kernels)
        {
            return created && has(kernels!);
        }
    }

    private void CheckFastest(double error, bool emitted, Precision expected)
    {
        var logger = new ListLogger();
        using IPromptEncoder encoder = _model.CreateEncoder(new CpuEncoderOptions { Precision = Precision.Fastest, FastestMaximumError = error, EmittedKernels = emitted }, logger);
        Assert.StartsWith($"cpu {expected}" + " ", encoder.Fingerprint);
        Assert.Single(logger.Messages, message => message.Contains($"Precision Fastest takes {expected}", StringComparison.Ordinal));
    }

    private float[] Encode(CpuEncoderOptions options)
    {
        ReadOnlyMemory<int>[] prompts = [.. WordPrompts()];
        using IPromptEncoder encoder = _model.CreateEncoder(options);
        float[] states = new float[prompts.Length * _model.Config.HiddenSize];
        encoder.Encode(prompts, [_model.Config.LayerCount], states);
        return states;
    }

    // Real words: on tokens at random the trained model says nothing in particular.
    private IEnumerable<ReadOnlyMemory<int>> WordPrompts()
    {
        string[] texts = ["A man plays a guitar.", "The committee postponed its decision until spring.", "Rain is expected in the north.", "2 + 2 = 4", "Where is the nearest station?"];
        foreach (string text in texts)
        {
            yield return _model.Tokenizer.Encode($"This sentence : \"{text}\" means in one word:\"");
        }
    }
}
