using MetaEol.Llama.Configuration;
using MetaEol.Llama.Encoding;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Encoding;

public sealed class CpuPromptEncoderConformanceTests : PromptEncoderConformance
{
    protected override IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights) => new CpuPromptEncoder(config, weights, new CpuEncoderOptions { Threads = 2 });
}
