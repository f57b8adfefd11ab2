using MetaEol.Tests;
using MetaEol.Tests.Documentation;

namespace MetaEol.Docs.Tests;

public class CSharpSnippetTests
{
    public static TheoryData<string, int> Snippets => CSharpSnippets.Of(package: null);

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_Compiles(string page, int line) => CSharpSnippets.AssertCompiles(page, line);

    /// <summary>What is not compiled here is compiled elsewhere.</summary>
    [Fact]
    public void SnippetsThatNeedOtherPackages_AreCompiledByTestsOfTheSecondSolution()
    {
        foreach (string package in CSharpSnippets.Packages())
        {
            Assert.True(CSharpSnippets.SecondSolution.TryGetValue(package, out string? tests), $"No test compiles snippets that need '{package}'.");
            Assert.Contains($"CSharpSnippets.Of(\"{package}\")", string.Concat(Directory.EnumerateFiles(Path.Combine(TestPaths.Root, tests), "*.cs").Select(File.ReadAllText)), StringComparison.Ordinal);
        }
    }
}
