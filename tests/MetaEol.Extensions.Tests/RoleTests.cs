using MetaEol.Extensions.Prompting;
using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace MetaEol.Extensions.Tests;

/// <summary>Questions and documents in templates of their own.</summary>
public class RoleTests
{
    private static readonly TemplateSet Roles = new(
        "roles",
        [
            new Template("D \"{text}\":\"", "d", role: TextRole.Document), new Template("Q \"{text}\":\"", "q", role: TextRole.Query),
            new Template("Both \"{text}\":\"", "b"), new Template("Question \"{text}\":\"", "q2", layer: 2, role: TextRole.Query),
        ]);

    private static readonly MetaEolEmbeddingGenerationOptions AsQuery = new() { Role = TextRole.Query };

    [Fact]
    public async Task Generate_SetWithRoles_TakesTheTemplatesOfTheRole()
    {
        var encoder = new FakeEncoder();
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder, options => options.TemplateSet = Roles);
        float[] document = await FakeGenerator.VectorAsync(generator, "Text.");
        float[] query = await FakeGenerator.VectorAsync(generator, "Text.", AsQuery);
        Assert.Equal(["d", "b"], Roles.ForRole(TextRole.Document).Templates.Select(template => template.Name));
        Assert.Equal(["q", "b", "q2"], Roles.ForRole(TextRole.Query).Templates.Select(template => template.Name));
        FakeGenerator.AssertClose(FakeGenerator.Expected("Text.", encoder, 4, Roles.ForRole(TextRole.Document)), document);
        FakeGenerator.AssertClose(await FakeGenerator.VectorAsync(FakeGenerator.Create(new FakeEncoder(), options => options.TemplateSet = Roles.ForRole(TextRole.Query)), "Text."), query);
        Assert.NotEqual(document, query);
        Assert.Equal(document, await FakeGenerator.VectorAsync(generator, "Text.", new MetaEolEmbeddingGenerationOptions { Role = TextRole.Document }));
        Assert.Equal(3, (await generator.GenerateTemplateEmbeddingsAsync(["Text."], AsQuery)).TemplateSet.Templates.Count);
    }

    [Fact]
    public async Task Generate_SetWithoutRoles_IsTheSameInEveryRole()
    {
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder());
        Assert.Equal(await FakeGenerator.VectorAsync(generator, "Text."), await FakeGenerator.VectorAsync(generator, "Text.", AsQuery));
        Assert.Equal(await generator.GetFingerprintAsync(), await generator.GetFingerprintAsync(AsQuery));
        Assert.Same(TemplateSet.MetaEol, TemplateSet.MetaEol.ForRole(TextRole.Query));
    }

    [Fact]
    public async Task Fingerprint_NamesTheRole()
    {
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder(), options => options.TemplateSet = Roles);
        Assert.Contains("role=Document", await generator.GetCacheKeyValuesAsync());
        Assert.Contains("role=Query", await generator.GetCacheKeyValuesAsync(AsQuery));
        Assert.NotEqual(await generator.GetFingerprintAsync(), await generator.GetFingerprintAsync(AsQuery));
    }

    [Fact]
    public async Task QueryGenerator_FixesTheRole_AndLeavesTheModelToOthers()
    {
        var encoder = new FakeEncoder();
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(encoder, options => options.TemplateSet = Roles);
        float[] expected = await FakeGenerator.VectorAsync(generator, "Text.", AsQuery);
        IEmbeddingGenerator<string, Embedding<float>> queries = generator.AsQueryGenerator();
        Assert.Equal(expected, await FakeGenerator.VectorAsync(queries, "Text."));
        Assert.Equal(expected, await FakeGenerator.VectorAsync(queries, "Text.", new EmbeddingGenerationOptions { ModelId = "fake" }));
        Assert.Equal(
            await FakeGenerator.VectorAsync(generator, "Text.", new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.Retrieval, Role = TextRole.Query }),
            await FakeGenerator.VectorAsync(queries, "Text.", new MetaEolEmbeddingGenerationOptions { TemplateSet = TemplateSet.Retrieval }));
        Assert.Equal(await FakeGenerator.VectorAsync(generator, "Text."), await FakeGenerator.VectorAsync(generator.AsDocumentGenerator(), "Text."));
        Assert.Same(generator, queries.GetService<MetaEolEmbeddingGenerator>());
        Assert.Equal(TextRole.Query, queries.GetService(typeof(TextRole)));
        Assert.Same(queries, queries.GetService<IEmbeddingGenerator<string, Embedding<float>>>());
        Assert.Null(queries.GetService(typeof(TextRole), "key"));
        await Assert.ThrowsAsync<ArgumentException>(() => queries.GenerateAsync(["x"], new MetaEolEmbeddingGenerationOptions { Role = TextRole.Document }));

        queries.Dispose();
        Assert.Equal(0, encoder.Disposals);
        Assert.Equal(expected, await FakeGenerator.VectorAsync(generator, "Text.", AsQuery));
    }

    [Fact]
    public async Task QueryGenerator_LeavesTheCallersOptionsAlone()
    {
        using MetaEolEmbeddingGenerator generator = FakeGenerator.Create(new FakeEncoder(), options => options.TemplateSet = Roles);
        var options = new MetaEolEmbeddingGenerationOptions { Layer = 3 };
        await generator.AsQueryGenerator().GenerateAsync(["x"], options);
        Assert.Null(options.Role);
    }

    [Fact]
    public async Task AddRoleGenerators_RegistersBothOverOneModel()
    {
        int loads = 0;
        var services = new ServiceCollection();
        services.AddMetaEolEmbeddings(TestPaths.DemoModel, options => options.TemplateSet = Roles).WithFakes(loading: () => loads++).AddRoleGenerators();
        services.AddMetaEolEmbeddings(TestPaths.DemoModel, options => options.TemplateSet = Roles, "small").WithFakes(loading: () => loads++).AddRoleGenerators();
        await using ServiceProvider provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<MetaEolEmbeddingGenerator>();
        foreach ((string key, TextRole role) in new[] { ("query", TextRole.Query), ("document", TextRole.Document) })
        {
            var keyed = provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key);
            Assert.Same(keyed, provider.GetRequiredKeyedService<IEmbeddingGenerator>(key));
            Assert.Same(generator, keyed.GetService<MetaEolEmbeddingGenerator>());
            Assert.Equal(await FakeGenerator.VectorAsync(generator, "Text.", new MetaEolEmbeddingGenerationOptions { Role = role }), await FakeGenerator.VectorAsync(keyed, "Text."));
        }

        Assert.Equal(1, loads);
        Assert.Same(
            provider.GetRequiredKeyedService<MetaEolEmbeddingGenerator>("small"),
            provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("small:query").GetService<MetaEolEmbeddingGenerator>());
        Assert.Throws<ArgumentException>(() => services.AddMetaEolEmbeddings("x").AddRoleGenerators("a", "a"));
    }

    [Fact]
    public async Task GenerateSparse_SetWithRoles_TakesTheTemplatesOfTheRole()
    {
        using var generator = new MetaEolEmbeddingGenerator(new MetaEolOptions { ModelPath = TestPaths.DemoModel, TemplateSet = TemplateSet.Retrieval });
        TemplateSet queries = TemplateSet.Retrieval.ForRole(TextRole.Query);
        SparseEmbedding expected = (await generator.GenerateSparseAsync(["Who sings?"], new SparseEmbeddingOptions { TemplateSet = queries }))[0];
        SparseEmbedding found = (await generator.GenerateSparseAsync(["Who sings?"], new SparseEmbeddingOptions { Role = TextRole.Query }))[0];
        Assert.Equal(expected.TokenIds.ToArray(), found.TokenIds.ToArray());
        Assert.Equal(expected.Weights.ToArray(), found.Weights.ToArray());
        Assert.NotEqual(await generator.GetSparseFingerprintAsync(), await generator.GetSparseFingerprintAsync(new SparseEmbeddingOptions { Role = TextRole.Query }));
    }

    [Fact]
    public void Set_WithTemplatesForOneRoleOnly_IsRefused()
    {
        string message = Assert.Throws<ArgumentException>(() => new TemplateSet("half", [new Template("{text}", "a", role: TextRole.Query)])).Message;
        Assert.Contains("no template for role Document", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Template("{text}", role: (TextRole)7));
        Assert.Throws<ArgumentOutOfRangeException>(() => Roles.ForRole((TextRole)7));
    }

    [Fact]
    public void Select_KeepsRolesWhereBothAreServed()
    {
        Assert.True(Roles.Select("d", "q").HasRoles);
        Assert.True(Roles.Select("b", "q").HasRoles);
        Assert.False(Roles.Select("q").HasRoles);
        Assert.Equal(2, Roles.Select("q2").Templates[0].Layer!.Value.Index);
    }

    [Fact]
    public void Json_KeepsLayersAndRoles()
    {
        TemplateSet read = TemplateSet.FromJson(Roles.ToJson());
        Assert.Equal(Roles.Fingerprint, read.Fingerprint);
        Assert.Equal(Roles.Templates.Select(template => (template.Layer, template.Role)), read.Templates.Select(template => (template.Layer, template.Role)));
        Assert.All(TemplateSet.BuiltIn, set => Assert.Equal(set.Fingerprint, TemplateSet.FromJson(set.ToJson()).Fingerprint));
        foreach (string json in (string[])["\"75%\"", "-2", "0.75", "\"last\"", "24"])
        {
            TemplateSet set = TemplateSet.FromJson($$"""{ "name": "s", "templates": [ { "text": "{text}", "layer": {{json}} } ] }""");
            Assert.Equal(LayerSelector.Parse(json.Trim('"')), set.Templates[0].Layer);
        }
    }

    [Theory]
    [InlineData("\"layer\": \"deep\"", "'templates[0].layer' of the JSON text: 'deep' is not a layer")]
    [InlineData("\"layer\": true", "'templates[0].layer' of the JSON text is a JSON True")]
    [InlineData("\"layer\": 1.5", "is not a layer")]
    [InlineData("\"role\": \"questions\"", "write \"document\" or \"query\"")]
    [InlineData("\"role\": 1", "it must be a string")]
    public void Json_WrongLayerOrRole_IsNamed(string property, string expected)
    {
        string json = $$"""{ "name": "s", "templates": [ { "text": "{text}", {{property}} } ] }""";
        Assert.Contains(expected, Assert.Throws<FormatException>(() => TemplateSet.FromJson(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fingerprint_OfSetsWithoutLayersAndRoles_IsAsItWasBeforeThereWereAny()
    {
        Assert.Equal("a336c7372e6ce55409e201b0f64b52e1", TemplateSet.MetaEol.Fingerprint);
        Assert.Equal("319b3d780be21d83997c5ad3ed89b835", TemplateSet.PromptEol.Fingerprint);
    }
}
