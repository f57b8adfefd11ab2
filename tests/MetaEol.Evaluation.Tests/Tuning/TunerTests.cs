using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Sts;
using MetaEol.Evaluation.Tuning;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Tests;
using Microsoft.Extensions.AI;

namespace MetaEol.Evaluation.Tests.Tuning;

public sealed class TunerTests : IDisposable
{
    private static readonly string[] Topics = ["music", "money", "dogs", "snow", "soup", "trains", "stars", "chess", "bread", "rivers", "painting", "rain"];

    private readonly TemporaryFolder _folder = new();
    private readonly MetaEolEmbeddingGenerator _generator;

    public TunerTests() => _generator = new MetaEolEmbeddingGenerator(new MetaEolOptions { ModelPath = TestPaths.DemoModel, CacheFolder = _folder.Path });

    public void Dispose()
    {
        _generator.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_SmallGrid_EqualsExhaustiveSearchBySingleRuns()
    {
        TuneData data = TuneData.FromPairs("pairs", Pairs(0), Pairs(1));
        TuneGrid grid = new()
        {
            Sets = [TemplateSet.MetaEol.Select("topic", "emotion"), TemplateSet.PromptEol, TemplateSet.Duo],
            Layers = [LayerSelector.Last, 2],
            Dimensions = [256, 64],
            Filters = [DimensionFilter.Spectral, DimensionFilter.Random(3)],
        };
        TuneResult result = await new Tuner(_generator).RunAsync(grid, data);
        Assert.Equal((2 + 2 + 1) * 2 * 3, result.Scores.Count);

        // Each candidate alone, as a user would run it.
        var alone = new List<(TuneCandidate Candidate, double Tokens, double Dev)>();
        foreach (TuneScore score in result.Scores.Append(result.Baseline))
        {
            Assert.Equal(await SpearmanAsync(score.Candidate, data.TestPairs), score.Test, 1e-6);
            double dev = await SpearmanAsync(score.Candidate, data.DevPairs);
            Assert.Equal(dev, score.Dev, 1e-6);
            alone.Add((score.Candidate, score.Tokens, dev));
        }

        alone.RemoveAt(alone.Count - 1);
        TuneCandidate[] front = [.. alone.Where(mine => !alone.Any(other => (other.Tokens < mine.Tokens && other.Dev >= mine.Dev - 1e-9) || (other.Tokens <= mine.Tokens && other.Dev > mine.Dev + 1e-9))).Select(item => item.Candidate)];
        Assert.NotEmpty(result.Front);
        Assert.All(result.Front, score => Assert.Contains(score.Candidate, front));
        Assert.Equal(front.Select(candidate => alone.First(item => item.Candidate == candidate).Tokens).Distinct().Order(), result.Front.Select(score => score.Tokens));
        Assert.Equal(alone.Max(item => item.Dev), result.Choose()!.Dev, 1e-6);
        double budget = result.Front[^1].Tokens - 1e-6;
        Assert.True(result.Front.Count == 1 || result.Choose(mostTokens: budget) == result.Front[^2]);
        Assert.Null(result.Choose(mostTokens: 0.001));
        Assert.Null(result.Choose(mostMilliseconds: 1e-12));
    }

    [Fact]
    public async Task Run_Costs_AreTokensBehindTheTemplatesBeginningsTimesDepth()
    {
        TuneData data = TuneData.FromPairs("pairs", Pairs(0), Pairs(1));
        TuneGrid grid = new() { Sets = [TemplateSet.PromptEol, TemplateSet.MetaEol], Layers = [LayerSelector.Last, 2], Dimensions = [256], TokenPrepending = false };
        TuneResult result = await new Tuner(_generator).RunAsync(grid, data);
        Assert.Equal(result.Scores[0].Tokens / 2, result.Scores[1].Tokens, 1e-9);
        Assert.InRange(result.Scores[0].Tokens, 5, 40);
        Assert.InRange(result.Scores[2].Tokens / result.Scores[0].Tokens, 6, 10);
        Assert.All(result.Scores, score => Assert.True(score.Milliseconds > 0));
        Assert.Equal(("metaeol", 4, 256), (result.Baseline.Candidate.Templates.Name, result.Baseline.Candidate.Layer, result.Baseline.Candidate.Dimensions));

        // The same candidate has no gain over itself, and the interval says so.
        TuneScore same = result.Scores.Single(score => score.Candidate.Templates.Name == "metaeol" && score.Candidate.Layer == 4);
        Assert.Equal((0, 0, 0), (result.Gain(same).Mean, result.Gain(same).Low, result.Gain(same).High));
    }

    [Fact]
    public async Task Run_Questions_RanksTheirPassagesInTheirRoles()
    {
        TuneQuestion[] questions = [.. Topics.Select(topic => new TuneQuestion($"Who knows about {topic}?", $"This is a text about {topic}."))];
        TuneData data = TuneData.FromQuestions("questions", questions, questions);
        TuneGrid grid = new() { Sets = [TemplateSet.Retrieval, TemplateSet.PromptEol], Layers = [LayerSelector.Last], Dimensions = [256, 32], Filters = [DimensionFilter.Random()], TokenPrepending = false };
        TuneResult result = await new Tuner(_generator).RunAsync(grid, data);
        Assert.Equal("MRR × 100", data.Metric);
        foreach (TuneScore score in result.Scores)
        {
            float[][] asked = await VectorsAsync(questions.Select(question => question.Question), score.Candidate.ToOptions(TextRole.Query));
            float[][] answers = await VectorsAsync(questions.Select(question => question.Passage), score.Candidate.ToOptions());
            double expected = 100 * asked.Select((vector, i) => 1.0 / (1 + answers.Count(answer => StsScorer.Cosine(vector, answer) > StsScorer.Cosine(vector, answers[i])))).Average();
            Assert.Equal(expected, score.Dev, 1e-6);
            Assert.Equal(expected, score.Test, 1e-6);
        }
    }

    [Fact]
    public void Grid_AllCombinations_LeavesOutWhatMakesNoDifference()
    {
        IReadOnlyList<TuneCandidate> candidates = new TuneGrid().Candidates(new Llama.PromptEncoderMetadata(64, 4, 100, 50));
        Assert.Equal(candidates.Count, candidates.Distinct().Count());

        // Layers 4, 3, 2 of three sets, and one with layers of its own; with and without prepending; all, and two sizes by two filters.
        Assert.Equal(((3 * 3) + 1) * 2 * 5, candidates.Count);
        Assert.All(candidates.Where(candidate => candidate.Dimensions == 64), candidate => Assert.Equal(DimensionFilter.Off, candidate.Filter));
        Assert.Throws<ArgumentException>(() => new TuneGrid { Dimensions = [65] }.Candidates(new Llama.PromptEncoderMetadata(64, 4, 100, 50)));
        Assert.Throws<ArgumentException>(() => new TuneGrid { Sets = [] }.Candidates(new Llama.PromptEncoderMetadata(64, 4, 100, 50)));
    }

    private async Task<double> SpearmanAsync(TuneCandidate candidate, IReadOnlyList<SentencePair> pairs)
    {
        StsTask task = new("STS-B", [new StsSubset("all", pairs)]);
        return (await new StsEvaluator(_generator, candidate.ToOptions()).EvaluateAsync([task]))[0].Spearman;
    }

    private async Task<float[][]> VectorsAsync(IEnumerable<string> texts, EmbeddingGenerationOptions options) => [.. (await _generator.GenerateAsync(texts, options)).Select(vector => vector.Vector.ToArray())];

    private static SentencePair[] Pairs(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 24).Select(i => new SentencePair($"She talks about {Topics[random.Next(12)]}.", i % 3 == 0 ? $"He reads a book on {Topics[random.Next(12)]}." : $"A text on {Topics[random.Next(12)]} and {Topics[random.Next(12)]}.", random.Next(50) / 10.0))];
    }
}
