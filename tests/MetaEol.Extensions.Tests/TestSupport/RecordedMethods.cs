using System.Text.Json;
using MetaEol.Extensions.Prompting;
using MetaEol.Tests;

namespace MetaEol.Extensions.Tests.TestSupport;

/// <summary>Results of methods on the golden models, recorded in float64.</summary>
internal static class RecordedMethods
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Every model that a method is recorded for.</summary>
    public static IEnumerable<string> ModelsOf(string method) => Directory.EnumerateFiles(TestPaths.Methods, $"{method}-*.json")
        .Select(file => Path.GetFileNameWithoutExtension(file)[(method.Length + 1)..])
        .Order(StringComparer.Ordinal);

    public static T Read<T>(string method, string model) =>
        JsonSerializer.Deserialize<T>(File.ReadAllBytes(Path.Combine(TestPaths.Methods, $"{method}-{model}.json")), Json)!;

    /// <summary>A generator over a golden model that is given token ids as its texts.</summary>
    public static MetaEolEmbeddingGenerator NewGenerator(string model, Action<MetaEolOptions>? configure = null) =>
        NewGeneratorOf(Path.Combine(TestPaths.Golden, model), configure);

    /// <summary>A generator over a model folder that is given token ids as its texts.</summary>
    public static MetaEolEmbeddingGenerator NewGeneratorOf(string folder, Action<MetaEolOptions>? configure = null)
    {
        var options = new MetaEolOptions { ModelPath = folder, CleanText = false, TemplateSet = new("ids", [new Template("{text}")]), Cpu = { Threads = 2 } };
        configure?.Invoke(options);
        return new MetaEolEmbeddingGenerator(options, createTokenizer: _ => new IdsTokenizer());
    }

    /// <summary>The token ids of a golden model's prompts.</summary>
    public static int[][] Prompts(string model) => JsonSerializer.Deserialize<int[][]>(File.ReadAllBytes(Path.Combine(TestPaths.Golden, model, "prompts.json")))!;

    public sealed record FilterFile(RecordedFilter[] Filters);

    public sealed record RecordedFilter(int K, int Start, double[][] Cosines, double[] Norms);

    public sealed record NextTokenFile(NextTokenPrompt[] Prompts);

    public sealed record NextTokenPrompt(int[] Ids, double[] Logits, SparseVector Sparse);

    public sealed record SparseVector(int[] Ids, double[] Weights);

    public sealed record LikelihoodFile(LikelihoodPair[] Pairs);

    public sealed record LikelihoodPair(int[] Prefix, int[] Continuation, double[] LogLikelihoods, double Mean);
}
