using MetaEol.Llama;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Extensions.TorchSharp.Tests;

/// <summary>Few rows per pass and a prefix cache that holds little: every call is cut into many passes, which use and drive out one another's prefixes.</summary>
public class SmallPassesConformanceTests : PromptEncoderConformance
{
    protected override IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights) =>
        new TorchSharpPromptEncoder(config, weights, new TorchSharpOptions { Device = "cpu", Threads = 1, PassRows = 24, PrefixCacheBytes = 100_000 });
}
