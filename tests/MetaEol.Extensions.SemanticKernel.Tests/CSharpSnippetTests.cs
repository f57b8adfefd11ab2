using MetaEol.Tests.Documentation;

namespace MetaEol.Extensions.SemanticKernel.Tests;

public class CSharpSnippetTests
{
    public static TheoryData<string, int> Snippets => CSharpSnippets.Needing("MetaEol.Extensions.SemanticKernel");

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_Compiles(string page, int line) => CSharpSnippets.AssertCompiles(page, line);
}
