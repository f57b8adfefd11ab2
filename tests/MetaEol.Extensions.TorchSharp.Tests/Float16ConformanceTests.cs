using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>f16 arithmetic with a float32 residual stream.</summary>
public class Float16ConformanceTests : PromptEncoderConformance
{
    protected override double Tolerance => 1e-2;

    protected override double ConsistencyTolerance => 5e-3;

    protected override IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights) =>
        new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1, Precision = TorchPrecision.Float16 });
}
