using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>The layers split over three devices (all of them the CPU: every machine has that), without a prefix cache.</summary>
public class SplitLayersConformanceTests : PromptEncoderConformance
{
    protected override IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights) =>
        new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Devices = ["cpu", "cpu", "cpu"], DevicesPerReplica = 3, Threads = 1, PrefixCacheBytes = 0 });
}
