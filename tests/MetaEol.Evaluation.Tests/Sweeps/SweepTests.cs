using MetaEol.Evaluation.SentEval;
using MetaEol.Evaluation.Sts;
using MetaEol.Evaluation.Sweeps;
using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;

namespace MetaEol.Evaluation.Tests.Sweeps;

public sealed class SweepTests(DemoModel model) : IClassFixture<DemoModel>
{
    private static readonly StsTask[] Tasks =
    [
        new("STS-B",
        [
            new StsSubset("test",
            [
                new("a man plays a guitar", "a man is playing the guitar", 5), new("a dog runs", "a cat sleeps", 0.5), new("the markets fell sharply", "shares dropped today", 4),
                new("a woman is cooking", "a dog runs", 0), new("children play in the park", "kids are playing outside", 4.5), new("a man plays a guitar", "a man plays chess", 1.5),
            ]),
        ]),
        new("SICK-R",
        [
            new StsSubset("test",
            [
                new("a cat sleeps", "a cat is asleep", 5), new("a red car", "the film was dull", 1), new("he reads a book", "a woman is cooking", 1.2), new("two boys swim", "two boys are in the water", 4),
            ]),
        ]),
    ];

    [Fact]
    public async Task LayerSweep_EveryLayer_EqualsEvaluatingItAlone()
    {
        List<double> done = [];
        IReadOnlyList<LayerScore> scores = await new LayerSweep(model.Generator).RunAsync(Tasks, progress: new Collect(done));
        Assert.Equal([0, 1, 2, 3, 4], scores.Select(score => score.Layer));
        foreach (LayerScore score in scores)
        {
            IReadOnlyList<StsScores> alone = await new StsEvaluator(model.Generator, new MetaEolEmbeddingGenerationOptions { Layer = score.Layer }).EvaluateAsync(Tasks);
            Assert.Equal(alone.Select(task => Math.Round(task.Spearman, 6)), score.Tasks.Select(task => Math.Round(task.Spearman, 6)));
            Assert.Equal(alone.Average(task => task.Spearman), score.Average, 6);
        }

        // One pass: every different text once, not once per layer.
        Assert.Equal(Tasks.SelectMany(task => task.Pairs).SelectMany(pair => new[] { pair.First, pair.Second }).Distinct().Count(), done[^1]);
    }

    [Fact]
    public async Task LayerSweep_ChosenLayers_CountFromTheEndToo()
    {
        IReadOnlyList<LayerScore> scores = await new LayerSweep(model.Generator, TemplateSet.PromptEol).RunAsync(Tasks, [-1, 2]);
        Assert.Equal([4, 2], scores.Select(score => score.Layer));
    }

    [Fact]
    public async Task TemplateSweep_Selections_EqualEvaluatingThemAlone()
    {
        TemplateSet set = TemplateSet.MetaEol.Select("topic", "emotion", "meaning");
        TemplateSweepResult result = await new TemplateSweep(model.Generator, set).RunAsync(Tasks);
        Assert.True(result.Exhaustive);
        Assert.Equal(["topic", "emotion"], result.InOrder[1].Templates);
        foreach (TemplateScore score in result.InOrder.Concat(result.Best))
        {
            Assert.Equal(await AverageAsync(set.Select([.. score.Templates])), score.Average, 6);
        }

        Assert.Equal([1, 2, 3], result.Best.Select(score => score.Templates.Count));
        foreach (string[] pair in new string[][] { ["topic", "emotion"], ["topic", "meaning"], ["emotion", "meaning"] })
        {
            Assert.InRange(await AverageAsync(set.Select(pair)), -100, result.Best[1].Average + 1e-9);
        }
    }

    [Fact]
    public async Task TemplateSweep_Ablations_EqualTemplateAndMetaTaskAlone()
    {
        TemplateSweepResult result = await new TemplateSweep(model.Generator).RunAsync(Tasks);
        Assert.Equal(8, result.Repeated.Count);
        Assert.Equal(Enumerable.Repeat("topic", 8), result.Repeated[0].Templates);
        Assert.Equal(await AverageAsync(TemplateSet.MetaEol.Select("topic")), result.Repeated[0].Average, 6);
        Assert.Equal(["text classification", "sentiment analysis", "paraphrase identification", "information extraction"], result.MetaTasks.Select(score => score.Name));
        Assert.Equal(await AverageAsync(TemplateSet.MetaEol.Select("verdict", "emotion")), result.MetaTasks[1].Average, 6);
        Assert.Equal(await AverageAsync(TemplateSet.MetaEol), result.InOrder[^1].Average, 6);
    }

    [Fact]
    public async Task TemplateSweep_Weights_Count()
    {
        TemplateSet weighted = new("weighted", [new Template("Say \"{text}\" in one word:\"", "a", weight: 5), new Template("The topic of \"{text}\" is:\"", "b")]);
        TemplateSweepResult result = await new TemplateSweep(model.Generator, weighted).RunAsync(Tasks);
        Assert.Equal(await AverageAsync(weighted), result.InOrder[1].Average, 6);
    }

    [Fact]
    public async Task TemplateSweep_LayersOfTheTemplates_Count()
    {
        TemplateSet own = new("own", [new Template("Say \"{text}\" in one word:\"", "a", layer: 2), new Template("The topic of \"{text}\" is:\"", "b")]);
        TemplateSweepResult result = await new TemplateSweep(model.Generator, own, 3).RunAsync(Tasks);
        IReadOnlyList<StsScores> expected = await new StsEvaluator(model.Generator, new MetaEolEmbeddingGenerationOptions { TemplateSet = own, Layer = 3 }).EvaluateAsync(Tasks);
        Assert.Equal(expected.Average(score => score.Spearman), result.InOrder[1].Average, 6);
        Assert.Equal(await AverageAsync(TemplateSet.Duo), (await new TemplateSweep(model.Generator, TemplateSet.Duo, 1).RunAsync(Tasks)).InOrder[1].Average, 6);
    }

    [Fact]
    public async Task Sweeps_SetWithRoles_TakeItsTemplatesForDocuments()
    {
        TemplateSet documents = TemplateSet.Retrieval.ForRole(TextRole.Document);
        Assert.Equal(await AverageAsync(documents), (await new TemplateSweep(model.Generator, TemplateSet.Retrieval).RunAsync(Tasks)).InOrder[^1].Average, 6);
        Assert.Equal(await AverageAsync(documents), (await new LayerSweep(model.Generator, TemplateSet.Retrieval).RunAsync(Tasks, [-1]))[0].Average, 6);
    }

    [Fact]
    public async Task TemplateSweep_ManyTemplates_AddsTheOneThatHelpsMost()
    {
        TemplateSet many = new("many", Enumerable.Range(0, TemplateSweep.MaxExhaustive + 1).Select(i => new Template($"Note {i}. This sentence : \"{{text}}\" means in one word:\"", $"t{i}")));
        TemplateSweepResult result = await new TemplateSweep(model.Generator, many).RunAsync(Tasks);
        Assert.False(result.Exhaustive);
        Assert.Equal(many.Templates.Count, result.Best.Count);
        Assert.Equal(result.Repeated.Max(score => score.Average), result.Best[0].Average, 9);
        Assert.Equal(result.Best[0].Templates, result.Best[1].Templates.Take(1));
        Assert.Equal(result.InOrder[^1].Average, result.Best[^1].Average, 9);
    }

    private async Task<double> AverageAsync(TemplateSet set) =>
        (await new StsEvaluator(model.Generator, new MetaEolEmbeddingGenerationOptions { TemplateSet = set }).EvaluateAsync(Tasks)).Average(task => task.Spearman);

    private sealed class Collect(List<double> reports) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => reports.Add(value.Done);
    }
}
