using MetaEol.Extensions.Pooling;
using MetaEol.Extensions.Prompting;
using MetaEol.Llama;

namespace MetaEol.Extensions.Tests.Pooling;

public class MeanPoolingTests
{
    private static readonly Template[] Two = [new("{text}", "a"), new("{text}", "b")];

    [Fact]
    public void Pool_EqualWeights_IsPlainMean() => Assert.Equal([2f, -1f], MeanPooling.Pool([1, 0, 3, -2], Two, normalize: false, 0));

    [Fact]
    public void Pool_Weights_CountByTheirShare()
    {
        Template[] weighted = [new("{text}", "a", weight: 3), new("{text}", "b", weight: 1)];
        Assert.Equal([1.5f, -0.5f], MeanPooling.Pool([1, 0, 3, -2], weighted, normalize: false, 0));
    }

    [Fact]
    public void Pool_Normalize_HasNormOneAndTheSameDirection()
    {
        float[] vector = MeanPooling.Pool([6, 8, 6, 8], Two, normalize: true, 0);
        Assert.Equal(0.6f, vector[0], 1e-7f);
        Assert.Equal(0.8f, vector[1], 1e-7f);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pool_ViewsThatCancelEachOtherOut_IsAnError(bool normalize) =>
        Assert.Contains("zero vector", Assert.Throws<InvalidModelException>(() => MeanPooling.Pool([1, -1, -1, 1], Two, normalize, 0)).Message);

    [Fact]
    public void Pool_MeanTooSmallForFloat32_IsAnError() =>
        Assert.Throws<InvalidModelException>(() => MeanPooling.Pool([float.Epsilon, 0, -float.Epsilon, 0], [new("{text}", "a", weight: 5), new("{text}", "b", weight: 4)], normalize: false, 0));

    [Fact]
    public void Pool_LargeValues_DoNotOverflow() => Assert.Equal([2e38f, 2e38f], MeanPooling.Pool([2e38f, 2e38f, 2e38f, 2e38f], Two, normalize: false, 0));
}
