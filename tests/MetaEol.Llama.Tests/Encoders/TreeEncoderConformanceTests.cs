using MetaEol.Llama.Configuration;
using MetaEol.Llama.Planning;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Encoders;

/// <summary>A backend of a page gets what every encoder promises from the planner: few rows a pass, and a cache that holds little.</summary>
public sealed class TreeEncoderConformanceTests : PromptEncoderConformance
{
    [Fact]
    public void Encode_TemplateOfEarlierCalls_ComputesTheTextAlone()
    {
        using var folder = new TemporaryFolder();
        new RandomModel().Write(folder.Path);
        var config = LlamaConfig.Load(folder.Path);
        using var weights = LlamaWeights.Load(folder.Path, config);
        using var encoder = new TreeEncoder(config, weights);
        int[] template = [.. Enumerable.Range(1, 30)];
        var rows = new List<int>();
        for (int text = 0; text < 3; text++)
        {
            int before = encoder.RowsComputed;
            encoder.Encode([(int[])[.. template, 100 + text, 3], (int[])[.. template, 200 + text, 3]], [config.LayerCount], new float[2 * config.HiddenSize]);
            rows.Add(encoder.RowsComputed - before);
        }

        Assert.Equal([34, 34, 4], rows);
        Assert.Equal(1, encoder.CachedPrefixes);
    }

    protected override IPromptEncoder CreateEncoder(LlamaConfig config, LlamaWeights weights) =>
        new TreeEncoder(config, weights, new EncodePlannerOptions { PassRows = 100, PrefixCacheBytes = 200_000 });
}
