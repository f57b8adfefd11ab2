using MetaEol.Tests.Documentation;

namespace MetaEol.Samples.Tests;

public class CSharpSnippetTests
{
    public static TheoryData<string, int> Snippets => CSharpSnippets.Of("CommunityToolkit.VectorData.InMemory");

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_Compiles(string page, int line) => CSharpSnippets.AssertCompiles(page, line);
}
