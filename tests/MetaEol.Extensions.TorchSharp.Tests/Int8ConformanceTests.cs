using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>8-bit weights with float32 arithmetic.</summary>
/// <remarks>The seeded models magnify rounding, as with bf16 (<see cref="BFloat16ConformanceTests"/>). That the error is no larger than the CPU encoder's is a test of <see cref="Int8ErrorTests"/>.</remarks>
public class Int8ConformanceTests : PromptEncoderConformance
{
    protected override double Tolerance => 1.2e-1;

    // The weights are the same in every call: what differs is rounding of float32.
    protected override double ConsistencyTolerance => 1e-5;

    protected override IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights) =>
        new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1, Precision = TorchPrecision.Int8 });
}
