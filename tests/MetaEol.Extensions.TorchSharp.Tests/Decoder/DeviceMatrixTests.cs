using System.Runtime.InteropServices;
using MetaEol.Extensions.TorchSharp.Decoder;
using MetaEol.Extensions.TorchSharp.Devices;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Quantization;
using MetaEol.Llama.Weights;
using MetaEol.Tests;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Tests.Decoder;

public sealed class DeviceMatrixTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(172, "F32")]
    [InlineData(300, "BF16")]
    [InlineData(128, "F16")]
    public void Multiply_Int8_IsTheProductWithTheQuantizedWeights(int intermediate, string type)
    {
        using LlamaWeights weights = Write(new RandomModel { IntermediateSize = intermediate, Type = type }, _folder.Path);
        using DisposeScope scope = torch.NewDisposeScope();
        LayerWeights layer = weights.Layers[1];
        torch.Tensor inputs = torch.rand(5, intermediate);
        using DeviceMatrix down = WeightUploader.Upload(torch.CPU, TorchPrecision.Int8, layer.Down);
        torch.Tensor expected = torch.nn.functional.linear(inputs, Widen(layer.Down));
        Assert.InRange(Difference(expected, down.Multiply(inputs, null)), 0, 1e-6);

        // Some outputs of two matrices behind one another, with a bias.
        torch.Tensor others = torch.rand(3, 64);
        torch.Tensor bias = torch.rand(2 * intermediate);
        using DeviceMatrix gateUp = WeightUploader.Upload(torch.CPU, TorchPrecision.Int8, layer.Gate, layer.Up);
        expected = torch.nn.functional.linear(others, torch.cat([Widen(layer.Gate), Widen(layer.Up)]), bias).narrow(1, 20, intermediate);
        Assert.InRange(Difference(expected, gateUp.Multiply(others, bias, 20, intermediate)), 0, 1e-6);
    }

    [Fact]
    public void Multiply_WideMatrix_IsWidenedInPartsAndGivesTheSame()
    {
        // More than the 16 million numbers that are widened at once.
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor numbers = torch.randint(-127, 128, [70_000, 2, 128], torch.ScalarType.Int8);
        torch.Tensor scales = torch.rand(70_000, 2, 1);
        torch.Tensor inputs = torch.rand(2, 256);
        torch.Tensor expected = torch.nn.functional.linear(inputs, numbers.to(torch.ScalarType.Float32).mul_(scales).view(70_000, 256));
        using var matrix = new DeviceMatrix(numbers.DetachFromDisposeScope(), scales.DetachFromDisposeScope(), 256);
        Assert.InRange(Difference(expected, matrix.Multiply(inputs, null)), 0, 1e-6);
    }

    [Fact]
    public void Upload_ModelStoredInInt8_GivesTheStatesOfTheSameQuantizationInEveryPrecision()
    {
        string original = Path.Combine(_folder.Path, "original");
        string quantized = Path.Combine(_folder.Path, "quantized");
        using LlamaWeights weights = Write(new RandomModel(), original);
        ModelQuantizer.Quantize(original, quantized);
        var config = LlamaConfig.Load(quantized);
        using LlamaWeights stored = LlamaWeights.Load(quantized, config);
        float[] expected = Encode(config, weights, TorchPrecision.Int8);
        Assert.InRange(RelativeError.Largest(expected, Encode(config, stored, TorchPrecision.Int8), config.HiddenSize), 0, 1e-6);
        Assert.InRange(RelativeError.Largest(expected, Encode(config, stored, TorchPrecision.Float32), config.HiddenSize), 0, 1e-5);
        Assert.InRange(RelativeError.Largest(expected, Encode(config, stored, TorchPrecision.BFloat16), config.HiddenSize), 0, 5e-2);
    }

    [Fact]
    public void Bytes_Int8_AreAThirtySecondMoreThanAByteForEachWeight()
    {
        using LlamaWeights weights = Write(new RandomModel { HiddenSize = 256, IntermediateSize = 512, HeadDimension = 64 }, _folder.Path);
        var memory = new WeightMemory(weights, [torch.CPU], _ => null);
        long embedding = weights.TokenEmbedding.ByteCount;
        long elements = (memory.Bytes(TorchPrecision.Float32, 4) - embedding) / 4;
        Assert.Equal(elements + (elements / 32), memory.Bytes(TorchPrecision.Int8, 4) - embedding);
    }

    public void Dispose() => _folder.Dispose();

    private static LlamaWeights Write(RandomModel model, string folder)
    {
        Directory.CreateDirectory(folder);
        model.Write(folder);
        return LlamaWeights.Load(folder, LlamaConfig.Load(folder));
    }

    private static float[] Encode(LlamaConfig config, LlamaWeights weights, TorchPrecision precision)
    {
        using var encoder = new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1, Precision = precision });
        var states = new float[2 * config.HiddenSize];
        encoder.Encode([(int[])[1, 2, 3, 4], (int[])[1, 2, 9]], [config.LayerCount], states);
        return states;
    }

    /// <summary>The quantized matrix in float32, by a loop.</summary>
    private static torch.Tensor Widen(WeightMatrix matrix)
    {
        var numbers = new sbyte[matrix.Columns];
        var scales = new float[matrix.Columns];
        var widened = new float[matrix.Rows * matrix.Columns];
        for (int i = 0; i < widened.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, matrix.Columns);
            if (column == 0)
            {
                matrix.ReadRow(row, numbers, scales);
            }

            widened[i] = numbers[column] * scales[column / matrix.BlockColumns];
        }

        return torch.tensor(widened, [matrix.Rows, matrix.Columns]);
    }

    private static double Difference(torch.Tensor expected, torch.Tensor found) =>
        RelativeError.Largest(MemoryMarshal.Cast<byte, float>(expected.contiguous().bytes), MemoryMarshal.Cast<byte, float>(found.contiguous().bytes), (int)expected.shape[1]);
}
