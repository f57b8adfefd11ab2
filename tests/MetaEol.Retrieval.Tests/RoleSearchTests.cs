using MetaEol.Extensions;
using MetaEol.Extensions.Prompting;
using MetaEol.Tests;
using Microsoft.Extensions.AI;

namespace MetaEol.Retrieval.Tests;

/// <summary>Questions and passages of an index in templates of their own.</summary>
public sealed class RoleSearchTests : IDisposable
{
    private static readonly SearchDocument[] Documents = [new("a.txt", "The singer has a beautiful voice."), new("b.txt", "A dog runs through the snow."), new("c.txt", "Investors sold their shares.")];

    private readonly MetaEolEmbeddingGenerator _generator = new(new MetaEolOptions { ModelPath = TestPaths.DemoModel, TemplateSet = TemplateSet.Retrieval, Cpu = { Threads = 2 } });

    public void Dispose() => _generator.Dispose();

    [Fact]
    public async Task SparseSearch_SetWithRoles_EmbedsPassagesAsDocumentsAndTheQuestionAsQuery()
    {
        const string question = "Which dog runs in the snow?";
        using SearchIndex index = new(_generator, new SearchIndexOptions { Sparse = true });
        await index.UpdateAsync(Documents);
        IReadOnlyList<SearchResult> found = await index.SearchAsync(question, new SearchOptions { Mode = SearchMode.Sparse, Top = 3 });
        Assert.NotEmpty(found);
        foreach (SearchResult result in found)
        {
            // Weights are rounded, and may be rounded otherwise in another batch.
            double expected = (await _generator.GenerateSparseAsync([question], new SparseEmbeddingOptions { Role = TextRole.Query }))[0].Dot((await _generator.GenerateSparseAsync([result.Passage.EmbeddedText]))[0]);
            Assert.InRange(result.Score, expected * 0.95, expected * 1.05);
        }
    }

    [Fact]
    public async Task Search_SetWithoutRoles_GivesTheGeneratorNoOptions()
    {
        using var plain = new MetaEolEmbeddingGenerator(new MetaEolOptions { ModelPath = TestPaths.DemoModel, TemplateSet = TemplateSet.PromptEol, Cpu = { Threads = 2 } });
        var seen = new List<EmbeddingGenerationOptions?>();
        using SearchIndex index = new(new OptionsRecorder(plain, seen), new SearchIndexOptions { Sparse = false });
        await index.UpdateAsync(Documents);
        await index.SearchAsync("Who sings?");
        Assert.NotEmpty(seen);
        Assert.All(seen, Assert.Null);

        using SearchIndex withRoles = new(new OptionsRecorder(_generator, seen), new SearchIndexOptions { Sparse = false });
        seen.Clear();
        await withRoles.UpdateAsync(Documents);
        await withRoles.SearchAsync("Who sings?");
        Assert.Equal(
            [TextRole.Document, TextRole.Query],
            seen.Select(options => ((MetaEolEmbeddingGenerationOptions)options!).Role!.Value).Distinct().Order());
        Assert.Equal(TextRole.Query, ((MetaEolEmbeddingGenerationOptions)seen[^1]!).Role);
    }

    private sealed class OptionsRecorder(IEmbeddingGenerator<string, Embedding<float>> inner, List<EmbeddingGenerationOptions?> seen) : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
    {
        public override Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            seen.Add(options);
            return base.GenerateAsync(values, options, cancellationToken);
        }
    }
}
