using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>Two replicas of the model with its layers split over two devices each (all of them the CPU: every machine has that).</summary>
public class ReplicasConformanceTests : PromptEncoderConformance
{
    protected override IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights) =>
        new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Devices = ["cpu", "cpu", "cpu", "cpu"], DevicesPerReplica = 2, Threads = 1, PrefixCacheBytes = 100_000 });
}
