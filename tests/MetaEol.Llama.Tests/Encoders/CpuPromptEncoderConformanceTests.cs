using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoders;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Encoders;

public sealed class CpuPromptEncoderConformanceTests : PromptEncoderConformance
{
    protected override IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights) => new CpuPromptEncoder(config, weights, new CpuEncoderOptions { Threads = 2 });
}
