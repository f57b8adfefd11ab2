using System.Security.Cryptography;
using System.Text;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Kernels;
using MetaEol.Llama.Quantization;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Quantization;

public sealed class ModelQuantizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Variants => [.. ModelVariants.All.Keys];

    private string Model => _folder["model"];

    private string Output => _folder["out"];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Quantize_AnyModel_GivesTheVectorsOfInt8ToTheBit(string name)
    {
        ModelVariants.All[name].Write(Model);
        ModelQuantizer.Quantize(Model, Output, new QuantizeOptions { ShardBytes = name.Length % 2 == 0 ? 50_000 : 4_000_000_000 });
        foreach (bool emitted in (bool[])[true, false])
        {
            Assert.Equal(Encode(Model, new CpuEncoderOptions { Precision = Precision.Int8, EmittedKernels = emitted }), Encode(Output, new CpuEncoderOptions { EmittedKernels = emitted }));
        }
    }

    [Fact]
    public void Quantize_DemoModel_GivesTheSameBytesOnEveryMachine()
    {
        ModelQuantizer.Quantize(TestPaths.DemoModel, Output, new QuantizeOptions { Threads = 1 });
        Assert.Equal("df5ad34c3288d51fcd28f116356e4ca5518f7162f9bf888448263684f860f75a", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Output, "model.safetensors")))));
        foreach (string copied in (string[])["config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "README.md"])
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(TestPaths.DemoModel, copied)), File.ReadAllBytes(Path.Combine(Output, copied)));
        }

        QuantizedModel other = ModelQuantizer.Quantize(TestPaths.DemoModel, _folder["other"], new QuantizeOptions { Threads = 3 });
        Assert.Equal(Files(Output), Files(_folder["other"]));
        Assert.Equal((1, other.Bytes), (other.Files.Count, other.WrittenBytes));
        Assert.InRange((double)other.Bytes / other.SourceBytes, 0.5, 0.75);
    }

    [Fact]
    public void Quantize_DemoModel_IsCloseToItsVectors()
    {
        ModelQuantizer.Quantize(TestPaths.DemoModel, Output);
        Assert.InRange(RelativeError.Of(Encode(Output, new CpuEncoderOptions()), Encode(TestPaths.DemoModel, new CpuEncoderOptions())), 1e-3, 2.5e-2);
    }

    [Fact]
    public void Load_Quantized_MultipliesWithTheMappedBytes()
    {
        new RandomModel { AttentionHeads = 6, HeadDimension = 16, HiddenSize = 96 }.Write(Model);
        ModelQuantizer.Quantize(Model, Output);
        using LlamaWeights original = LlamaWeights.Load(Model, LlamaConfig.Load(Model)), weights = LlamaWeights.Load(Output, LlamaConfig.Load(Output));
        Assert.True(weights.IsQuantized && !original.IsQuantized);
        Assert.NotEqual(original.Fingerprint, weights.Fingerprint);
        using var pool = new WorkerPool(1);
        foreach ((LayerWeights layer, LayerWeights source) in weights.Layers.Zip(original.Layers))
        {
            using var packed = new Int8Weights(new LinearWeights([layer.Query, layer.Key], [null, null]), pool);
            CheckPart(packed, 0, layer.Query);
            CheckPart(packed, 1, layer.Key);
            CheckRows(layer.Down, source.Down);
        }
    }

    [Fact]
    public void Quantize_Interrupted_GoesOnWithTheSameBytes()
    {
        new RandomModel { LayerCount = 5, TieWordEmbeddings = true }.Write(Model);
        var options = new QuantizeOptions { ShardBytes = 70_000 };
        QuantizedModel whole = ModelQuantizer.Quantize(Model, _folder["whole"], options);
        Assert.InRange(whole.Files.Count, 4, 20);
        for (int after = 1, reports = 0; ; after += 3, reports = 0)
        {
            using var cancellation = new CancellationTokenSource();
            try
            {
                var progress = new Immediate(_ =>
                {
                    if (++reports == after)
                    {
                        cancellation.Cancel();
                    }
                });
                QuantizedModel resumed = ModelQuantizer.Quantize(Model, Output, options, progress, cancellation.Token);
                Assert.InRange(resumed.WrittenBytes, 0, resumed.Bytes - 1);
                break;
            }
            catch (OperationCanceledException)
            {
                Assert.Throws<InvalidModelException>(() => LlamaWeights.Load(Output, LlamaConfig.Load(Output)));
            }
        }

        Assert.Equal(Files(_folder["whole"]), Files(Output));
    }

    [Fact]
    public void Quantize_OutputWithOtherFiles_RefusesAndKeepsThem()
    {
        new RandomModel().Write(Model);
        _folder.Write("out/letter.txt", "Dear Sir");
        Assert.Contains("is not empty", Assert.Throws<IOException>(() => ModelQuantizer.Quantize(Model, Output)).Message, StringComparison.Ordinal);
        Assert.Equal(["letter.txt"], Files(Output).Keys);
        Assert.Contains("is a file", Assert.Throws<IOException>(() => ModelQuantizer.Quantize(Model, _folder["out", "letter.txt"])).Message, StringComparison.Ordinal);
        Assert.Contains("is the model itself", Assert.Throws<ArgumentException>(() => ModelQuantizer.Quantize(Model, Model + Path.DirectorySeparatorChar)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Quantize_LeftByAnotherModel_Refuses()
    {
        new RandomModel().Write(Model);
        new RandomModel { Seed = 2 }.Write(_folder["second"]);
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => ModelQuantizer.Quantize(Model, Output, null, new Immediate(_ => cancellation.Cancel()), cancellation.Token));
        Assert.Contains("another model", Assert.Throws<IOException>(() => ModelQuantizer.Quantize(_folder["second"], Output)).Message, StringComparison.Ordinal);
        Assert.Contains("other options", Assert.Throws<IOException>(() => ModelQuantizer.Quantize(Model, Output, new QuantizeOptions { ShardBytes = 1 })).Message, StringComparison.Ordinal);
        ModelQuantizer.Quantize(Model, Output);
    }

    [Fact]
    public void Quantize_QuantizedOrNotFinite_Refuses()
    {
        new RandomModel().Write(Model);
        ModelQuantizer.Quantize(Model, Output);
        Assert.Contains("quantized already", Assert.Throws<InvalidModelException>(() => ModelQuantizer.Quantize(Output, _folder["again"])).Message, StringComparison.Ordinal);

        string file = Path.Combine(Model, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        using (SafetensorsFile safetensors = SafetensorsFile.Open(file))
        {
            BitConverter.TryWriteBytes(bytes.AsSpan((int)safetensors.Tensors["model.layers.2.mlp.up_proj.weight"].Offset + 400), float.NaN);
        }

        File.WriteAllBytes(file, bytes);
        Assert.Contains("model.layers.2.mlp.up_proj.weight", Assert.Throws<InvalidModelException>(() => ModelQuantizer.Quantize(Model, _folder["nan"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateEncoder_OfQuantized_TakesEightBitsOnly()
    {
        ModelQuantizer.Quantize(TestPaths.DemoModel, Output);
        using LlamaModel model = LlamaModel.Load(Output);
        foreach (Precision? precision in (Precision?[])[null, Precision.Int8, Precision.Fastest])
        {
            using IPromptEncoder encoder = model.CreateEncoder(new CpuEncoderOptions { Precision = precision });
            Assert.Equal($"cpu Int8 {model.Weights.Fingerprint}", encoder.Fingerprint);
        }

        foreach (Precision precision in (Precision[])[Precision.Float32, Precision.BFloat16])
        {
            Assert.Contains("stored in 8 bits", Assert.Throws<NotSupportedException>(() => model.CreateEncoder(new CpuEncoderOptions { Precision = precision })).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\"metaeol.int8\":\"1\"", "\"metaeol.int8\":\"2\"", "format '2'")]
    [InlineData("\"metaeol.int8\":\"1\"", "\"metaeol.Int8\":\"1\"", "config.json calls for [64, 64]")]
    [InlineData("model.layers.1.mlp.up_proj.weight_scale\"", "model.layers.1.mlp.up_proj.weight_scal_\"", "lack tensor 'model.layers.1.mlp.up_proj.weight_scale'")]
    [InlineData("\"model.layers.0.self_attn.q_proj.weight\":{\"dtype\":\"U8\",\"shape\":[2,16,48,4]", "\"model.layers.0.self_attn.q_proj.weight\":{\"dtype\":\"U8\",\"shape\":[2,48,16,4]", "config.json calls for [2, 16, 48, 4]")]
    [InlineData("\"model.layers.0.self_attn.q_proj.weight_scale\":{\"dtype\":\"F32\",", "\"model.layers.0.self_attn.q_proj.weight_scale\":{\"dtype\":\"I32\",", "expected F32, the type of scales")]
    [InlineData("\"model.layers.0.self_attn.q_proj.weight_scale\":{\"dtype\":\"F32\",\"shape\":[2,1,48]", "\"model.layers.0.self_attn.q_proj.weight_scale\":{\"dtype\":\"F32\",\"shape\":[1,2,48]", "config.json calls for [2, 1, 48]")]
    public void Load_DamagedHeader_SaysWhatIsWrong(string from, string to, string expected)
    {
        new RandomModel().Write(Model);
        ModelQuantizer.Quantize(Model, Output);
        string file = Path.Combine(Output, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        int at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(from));
        Assert.True(at > 0, Encoding.UTF8.GetString(bytes.AsSpan(0, 600)));
        Encoding.UTF8.GetBytes(to).CopyTo(bytes, at);
        File.WriteAllBytes(file, bytes);
        Assert.Contains(expected, Assert.Throws<InvalidModelException>(() => LlamaWeights.Load(Output, LlamaConfig.Load(Output))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_DamagedScale_NamesTheTensor()
    {
        new RandomModel().Write(Model);
        ModelQuantizer.Quantize(Model, Output);
        string file = Path.Combine(Output, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        using (SafetensorsFile safetensors = SafetensorsFile.Open(file))
        {
            BitConverter.TryWriteBytes(bytes.AsSpan((int)safetensors.Tensors["model.layers.1.mlp.gate_proj.weight_scale"].Offset), float.PositiveInfinity);
        }

        File.WriteAllBytes(file, bytes);
        Assert.Contains("model.layers.1.mlp.gate_proj.weight", Assert.Throws<InvalidModelException>(() => Encode(Output, new CpuEncoderOptions())).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static unsafe void CheckPart(Int8Weights packed, int part, WeightMatrix matrix)
    {
        Assert.Equal((WeightType.Int8, 0), (matrix.Type, (int)((nint)matrix.Data % 64)));
        Assert.True(packed.Numbers(part, 0, 0) == matrix.Data && packed.Scales(part, 0, 0) == matrix.Scales);
    }

    private static unsafe void CheckRows(WeightMatrix quantized, WeightMatrix original)
    {
        float[] row = new float[original.Columns], widened = new float[original.Columns];
        sbyte[] expected = new sbyte[original.Columns], numbers = new sbyte[original.Columns];
        float[] scales = new float[(original.Columns + quantized.BlockColumns - 1) / quantized.BlockColumns];
        for (int i = 0; i < original.Rows; i++)
        {
            original.ReadRow(i, row);
            quantized.ReadRow(i, widened);
            quantized.ReadRow(i, numbers, scales);
            for (int block = 0; block < scales.Length; block++)
            {
                int column = block * quantized.BlockColumns, count = Math.Min(quantized.BlockColumns, original.Columns - column);
                fixed (float* source = &row[column])
                fixed (sbyte* target = &expected[column])
                {
                    Assert.Equal(Int8Quantizer.Quantize(source, count, target, out _), scales[block]);
                }
            }

            Assert.Equal(expected, numbers);
            Assert.Equal(numbers.Select((number, column) => number * scales[column / quantized.BlockColumns]), widened);
        }
    }

    private static float[] Encode(string folder, CpuEncoderOptions options)
    {
        LlamaConfig config = LlamaConfig.Load(folder);
        using LlamaWeights weights = LlamaWeights.Load(folder, config);
        using var encoder = new CpuPromptEncoder(config, weights, options);
        ReadOnlyMemory<int>[] prompts = RandomPrompts.Create(new Random(5), Math.Min(config.VocabularySize, 300), 6, 20);
        float[] states = new float[prompts.Length * 2 * config.HiddenSize];
        encoder.Encode(prompts, [config.LayerCount - 1, config.LayerCount], states);
        return states;
    }

    private static SortedDictionary<string, string> Files(string folder) =>
        new(Directory.EnumerateFiles(folder).ToDictionary(path => Path.GetFileName(path)!, path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))), StringComparer.Ordinal);

    private sealed class Immediate(Action<QuantizeProgress> report) : IProgress<QuantizeProgress>
    {
        public void Report(QuantizeProgress value) => report(value);
    }
}
