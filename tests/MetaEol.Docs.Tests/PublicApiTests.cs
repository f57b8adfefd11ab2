using System.Reflection;
using MetaEol.AspNetCore;
using MetaEol.Evaluation.Sts;
using MetaEol.Extensions;
using MetaEol.Llama;
using MetaEol.Retrieval;
using MetaEol.Tests;
using MetaEol.Tests.Documentation;

namespace MetaEol.Docs.Tests;

/// <summary>The pages of <c>docs/api</c>; those of the packages in the second solution are held by these packages' tests.</summary>
public class PublicApiTests
{
    private static readonly Assembly[] Libraries = [typeof(LlamaModel).Assembly, typeof(MetaEolEmbeddingGenerator).Assembly, typeof(SearchIndex).Assembly, typeof(StsEvaluator).Assembly, typeof(EmbeddingServerOptions).Assembly];

    public static TheoryData<string> Names => [.. Libraries.Select(library => library.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reference_IsTheRecordedOne(string library) => ApiReference.AssertRecorded(Libraries.Single(candidate => candidate.GetName().Name == library));

    [Fact]
    public void Reference_HasAPageForEveryLibrary()
    {
        string[] libraries = [.. Directory.EnumerateFiles(Path.Combine(TestPaths.Root, "src"), "PublicApi.txt", SearchOption.AllDirectories).Select(file => Path.GetFileName(Path.GetDirectoryName(file)!))];
        string index = File.ReadAllText(Path.Combine(TestPaths.Root, "docs", "api", "README.md"));
        Assert.NotEmpty(libraries);
        Assert.All(libraries, library => Assert.True(File.Exists(Path.Combine(TestPaths.Root, "docs", "api", $"{library}.md")), library));
        Assert.All(libraries, library => Assert.Contains($"({library}.md)", index, StringComparison.Ordinal));
    }
}
