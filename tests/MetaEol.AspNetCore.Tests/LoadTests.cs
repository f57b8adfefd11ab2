using MetaEol.Extensions;
using MetaEol.Tests;
using MetaEol.Tests.Load;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace MetaEol.AspNetCore.Tests;

/// <summary>A little of the load that <c>MetaEol.Benchmarks --load</c> puts on a server for a minute.</summary>
public sealed class LoadTests
{
    [Theory]
    [InlineData(1L << 22)]
    [InlineData(2000L)]
    public async Task ManyClients_GetTheVectorsOfTheirTexts_AndLeaveNothingBehind(long maxWaitingTokens)
    {
        await using WebApplication application = await ServerFixture.StartAsync(services => services.AddMetaEolEmbeddings(TestPaths.DemoModel, demo => demo.TemplateSet = Extensions.Prompting.TemplateSet.PromptEol), options =>
        {
            options.ApiKeys.Add("right");
            options.MaxWaitingTokens = maxWaitingTokens;
        });
        MetaEolEmbeddingGenerator generator = application.Services.GetRequiredService<MetaEolEmbeddingGenerator>();
        string[] texts = LoadRun.CreateTexts(40, seed: 3);
        GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(texts);
        Dictionary<string, float[]> expected = texts.Zip(vectors, (text, vector) => (text, vector)).ToDictionary(pair => pair.text, pair => pair.vector.Vector.ToArray());

        LoadReport report = await new LoadRun(new Uri(application.Urls.First()), "right", "demo", expected).RunAsync(new LoadOptions(Clients: 16, Requests: 5, TimeSpan.MaxValue));

        Assert.Empty(report.Wrong);
        Assert.True(report.Answered > 20, report.ToString());
        Assert.True(report.Refused > 0 && report.Cut > 0, report.ToString());
        EmbeddingGateway gateway = application.Services.GetRequiredService<EmbeddingGateway>();
        await Eventually.TrueAsync(() => gateway.Gate is { RunningTokens: 0, Waiting: (0, 0) });
    }
}
