using MetaEol.Extensions.Batching;
using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;

namespace MetaEol.Extensions.Tests;

public class TemplateEmbeddingsTests
{
    [Fact]
    public async Task Views_AreTextsByTemplatesByLayersFromOnePass()
    {
        var encoder = new FakeEncoder();
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder, options => options.CallTokens = 80);
        string[] texts = [.. Enumerable.Range(0, 12).Select(i => $"Text {i}.")];
        TemplateEmbeddings views = await generator.GenerateTemplateEmbeddingsAsync(texts, [LayerSelector.Last, 0, LayerSelector.FromDepth(0.5)]);
        Assert.Equal((12, 8), (views.TextCount, views.HiddenSize));
        Assert.Equal([4, 0, 2], views.Layers);
        Assert.Equal(12 * 2 * 3 * 8, views.Values.Length);
        Assert.Equal(12 * 2, encoder.Calls.Sum(call => call.Prompts.Count));
        var tokenizer = new FakeTokenizer();
        for (int text = 0; text < texts.Length; text++)
        {
            for (int t = 0; t < 2; t++)
            {
                int[] prompt = tokenizer.Encode(FakeGenerator.TwoTemplates.Templates[t].Format(texts[text]));
                for (int layer = 0; layer < 3; layer++)
                {
                    Assert.Equal(FakeEncoder.State(prompt, views.Layers[layer], 8), views[text, t, layer].ToArray());
                }
            }
        }
    }

    [Fact]
    public async Task Views_LayerAndTemplatesOfTheRequest_AreApplied()
    {
        var encoder = new FakeEncoder();
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder);
        var options = new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.PromptEol, Layer = 1 };
        TemplateEmbeddings views = await generator.GenerateTemplateEmbeddingsAsync(["a."], options);
        Assert.Equal([1], views.Layers);
        FakeGenerator.AssertClose(FakeGenerator.Expected("a.", encoder, 1, TemplateSet.PromptEol), views[0, 0]);
    }

    [Fact]
    public async Task Views_NoTexts_AreEmpty()
    {
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder());
        Assert.Equal(0, (await generator.GenerateTemplateEmbeddingsAsync([])).Values.Length);
    }

    [Fact]
    public async Task Views_OutsideTheDimensions_Throw()
    {
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder());
        TemplateEmbeddings views = await generator.GenerateTemplateEmbeddingsAsync(["a."]);
        Assert.Throws<ArgumentOutOfRangeException>(() => views[1, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => views[0, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => views[0, 0, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => views[-1, 0]);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => generator.GenerateTemplateEmbeddingsAsync(["a."], (IReadOnlyList<LayerSelector>)[]));
    }

    [Fact]
    public void Views_MoreThanOneArrayHolds_SayWhatToDo() =>
        Assert.Contains("fewer texts", Assert.Throws<ArgumentException>(() => new TemplateEmbeddings(100_000, TemplateSet.MetaEol, WantedStates.Of([0, 1, 2, 3]), 4096)).Message);

    [Fact]
    public async Task Explain_EncoderOfTheCallers_SaysWhatIsMissing()
    {
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder());
        Assert.Contains("model folder", (await Assert.ThrowsAsync<NotSupportedException>(() => generator.ExplainAsync("a."))).Message);
    }
}
