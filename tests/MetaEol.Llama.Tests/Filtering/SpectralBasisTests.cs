using System.Text.Json;
using MetaEol.Llama.Configuration;
using MetaEol.Llama.Filtering;
using MetaEol.Llama.Weights;
using MetaEol.Tests;

namespace MetaEol.Llama.Tests.Filtering;

public class SpectralBasisTests
{
    public static TheoryData<string> Recorded => [.. Directory.EnumerateFiles(TestPaths.Methods, "embedfilter-*.json").Select(file => Path.GetFileNameWithoutExtension(file)["embedfilter-".Length..]).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Compute_GoldenModel_HasTheRecordedSingularValuesAndProjectors(string model)
    {
        using JsonDocument recorded = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestPaths.Methods, $"embedfilter-{model}.json")));
        using LlamaWeights weights = Load(Path.Combine(TestPaths.Golden, model));
        SpectralBasis basis = SpectralBasis.Compute(weights, threads: 2);

        double[] singularValues = [.. recorded.RootElement.GetProperty("singular_values").EnumerateArray().Select(value => value.GetDouble())];
        Assert.Equal(singularValues.Length, basis.SingularValues.Count);
        for (int i = 0; i < singularValues.Length; i++)
        {
            Assert.Equal(1, basis.SingularValues[i] / singularValues[i], 1e-9);
        }

        foreach (JsonElement filter in recorded.RootElement.GetProperty("filters").EnumerateArray())
        {
            VectorFilter window = basis.Window(filter.GetProperty("start").GetInt32(), filter.GetProperty("k").GetInt32());
            double[] projector = [.. filter.GetProperty("projector").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetDouble())];
            int size = window.InputDimensions;
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j < size; j++)
                {
                    double found = Enumerable.Range(0, window.Dimensions).Sum(row => (double)window.Rows.Span[(row * size) + i] * window.Rows.Span[(row * size) + j]);
                    Assert.Equal(projector[(i * size) + j], found, 1e-6);
                }
            }
        }
    }

    [Fact]
    public void Compute_FewerTokensThanDimensions_HasAVectorForEachToken()
    {
        using var folder = new TemporaryFolder();
        new RandomModel { VocabularySize = 20, LayerCount = 1 }.Write(folder.Path);
        using LlamaWeights weights = Load(folder.Path);
        SpectralBasis basis = SpectralBasis.Compute(weights);
        Assert.Equal((20, 64), (basis.SingularValues.Count, basis.InputDimensions));
        Assert.Equal(20, basis.Window(0, 20).Dimensions);
        ArgumentOutOfRangeException exception = Assert.Throws<ArgumentOutOfRangeException>(() => basis.Window(11, 10));
        Assert.Contains("10 vectors from 11 on are not all in a basis of 20", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_HeadThatIsNotFiniteOrZero_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var model = new RandomModel { LayerCount = 1 };
        model.Write(folder.Path);
        long[] shape = [320, 64];
        model.CreateWeights().Remove("lm_head.weight").Add("lm_head.weight", "F32", shape, new float[320 * 64]).Write(folder.File("model.safetensors"));
        using (LlamaWeights zero = Load(folder.Path))
        {
            Assert.Contains("only zeros", Assert.Throws<InvalidModelException>(() => SpectralBasis.Compute(zero)).Message, StringComparison.Ordinal);
        }

        float[] values = [.. Enumerable.Repeat(1f, 320 * 64)];
        values[130] = float.NaN;
        model.CreateWeights().Remove("lm_head.weight").Add("lm_head.weight", "F32", shape, values).Write(folder.File("model.safetensors"));
        using LlamaWeights faulty = Load(folder.Path);
        Assert.Contains("lm_head.weight' of ", Assert.Throws<InvalidModelException>(() => SpectralBasis.Compute(faulty)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_ModelWithoutHead_SaysWhatToTakeInstead()
    {
        using var folder = new TemporaryFolder();
        var model = new RandomModel { LayerCount = 1 };
        model.Write(folder.Path);
        model.CreateWeights().Remove("lm_head.weight").Write(folder.File("model.safetensors"));
        using LlamaWeights weights = Load(folder.Path);
        Assert.Contains("random projection", Assert.Throws<NotSupportedException>(() => SpectralBasis.Compute(weights)).Message, StringComparison.Ordinal);
    }

    internal static LlamaWeights Load(string folder) => LlamaWeights.Load(folder, LlamaConfig.Load(folder));
}
