using MetaEol.Extensions.Batching;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Extensions.Tests;

public class ViewBatchTests
{
    private static readonly TemplateSet Two = new("two", [new Template("{text}", "a"), new Template("{text}", "b")]);

    [Fact]
    public void Views_OfGroups_LieBehindOneAnother()
    {
        TokenizedPrompts prompts = TokenizedPrompts.OfGroups([[Ids(1)], [Ids(1, 2), Ids(3), Ids(4, 5, 6)], [Ids(7)]], contextTokens: 3);
        float[] states = [.. Enumerable.Range(0, 4 * 2 * 3).Select(i => (float)i)];
        var batch = new ViewBatch(prompts, first: 1, count: 2, WantedStates.Of([4, 2]), hiddenSize: 3, states);
        Assert.Equal((1, 2, 3, 7L), (batch.FirstItem, batch.ItemCount, batch.HiddenSize, batch.TokenCount));
        Assert.Equal([4, 2], batch.Layers);
        Assert.Equal((3, 1), (batch.PromptCount(0), batch.PromptCount(1)));
        Assert.Equal([0f, 1, 2], batch[0, 0].ToArray());
        Assert.Equal([9f, 10, 11], batch[0, 1, 1].ToArray());
        Assert.Equal([18f, 19, 20], batch[1, 0].ToArray());
        Assert.Equal(states[18..], batch.ViewsOf(1).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => batch[2, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch[-1, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch[1, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch[0, 0, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.ViewsOf(2));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Check_NotFinite_NamesTextTemplateAndDimension(float value)
    {
        TokenizedPrompts prompts = TokenizedPrompts.OfTexts([.. Enumerable.Repeat(Ids(1), 16)], new PromptSet([.. Enumerable.Repeat("a.", 8)], Two, clean: false));
        var batch = new ViewBatch(prompts, first: 7, count: 1, WantedStates.Of([0]), hiddenSize: 2, new float[] { 1, 2, 3, value });
        InvalidModelException e = Assert.Throws<InvalidModelException>(batch.ThrowIfFaulty);
        Assert.Contains("text 7 in template 'b'", e.Message);
        Assert.Contains("dimension 1", e.Message);
    }

    [Fact]
    public void Check_ZeroVector_NamesTextAndTemplate()
    {
        TokenizedPrompts prompts = TokenizedPrompts.OfTexts([.. Enumerable.Repeat(Ids(1), 16)], new PromptSet([.. Enumerable.Repeat("a.", 8)], Two, clean: false));
        var batch = new ViewBatch(prompts, first: 7, count: 1, WantedStates.Of([0]), hiddenSize: 2, new float[] { 0, 1, -0f, 0 });
        InvalidModelException e = Assert.Throws<InvalidModelException>(batch.ThrowIfFaulty);
        Assert.Contains("text 7 in template 'b' is the zero vector", e.Message);
    }

    [Fact]
    public void Check_NotFiniteStateOfAReadyPrompt_NamesItsGroup()
    {
        TokenizedPrompts prompts = TokenizedPrompts.OfGroups([[Ids(1)], [Ids(1), Ids(2)]], contextTokens: 3);
        var batch = new ViewBatch(prompts, first: 0, count: 2, WantedStates.Of([0, 1]), hiddenSize: 1, new float[] { 1, 2, 3, 4, 5, float.NaN });
        Assert.Contains("prompt 1 of group 1", Assert.Throws<InvalidModelException>(batch.ThrowIfFaulty).Message);
    }

    [Fact]
    public void Views_OfContinuations_AreOneBeforeEachTokenAndCostOnePath()
    {
        var texts = new PromptSet(["a", "b", "c"], Two.Select("a"), clean: false);
        TokenizedPrompts prompts = TokenizedPrompts.OfContinuations([Ids(1, 2, 3), Ids(4, 5, 6, 7), Ids(8, 9)], [1, 3, 1], texts);
        Assert.Equal((3, 2L, 3L, 1L, 6L), (prompts.ItemCount, prompts.TokensOf(0), prompts.TokensOf(1), prompts.TokensOf(2), prompts.TokenCount));
        Assert.Equal((2, 1, 1), (prompts.PromptCount(0), prompts.PromptCount(1), prompts.PromptCount(2)));
        Assert.Equal([[1], [1, 2], [4, 5, 6], [8]], prompts.Slice(0, 3).Select(prompt => prompt.ToArray()));
        var batch = new ViewBatch(prompts, first: 1, count: 2, WantedStates.Of([0]), hiddenSize: 1, new float[] { 1, float.NaN });
        Assert.Equal([7, 9], batch.NextTokens.ToArray());
        Assert.Equal(["b", "c"], [batch.Text(0), batch.Text(1)]);
        Assert.Contains("passage 2 before token 0 of the question", Assert.Throws<InvalidModelException>(batch.ThrowIfFaulty).Message);
    }

    private static ReadOnlyMemory<int> Ids(params int[] ids) => ids;
}
