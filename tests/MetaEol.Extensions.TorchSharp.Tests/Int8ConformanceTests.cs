using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>8-bit weights with float32 arithmetic.</summary>
public class Int8ConformanceTests : PromptEncoderConformance
{
    protected override double Tolerance => 6e-2;

    // The weights are the same in every call: what differs is rounding of float32.
    protected override double ConsistencyTolerance => 1e-5;

    protected override IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights) =>
        new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1, Precision = TorchPrecision.Int8 });
}
