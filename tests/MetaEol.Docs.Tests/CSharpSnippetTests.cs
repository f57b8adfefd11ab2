using MetaEol.Tests;
using MetaEol.Tests.Documentation;

namespace MetaEol.Docs.Tests;

public class CSharpSnippetTests
{
    public static TheoryData<string, int> Snippets => CSharpSnippets.OfDefaultSolution();

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
            Assert.Contains($"\"{package}\"", File.ReadAllText(Path.Combine(TestPaths.Root, tests, "CSharpSnippetTests.cs")), StringComparison.Ordinal);
        }
    }
}
