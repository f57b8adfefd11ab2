using MetaEol.Tests.Documentation;

namespace MetaEol.Extensions.TorchSharp.Tests;

public class CSharpSnippetTests
{
    public static TheoryData<string, int> Snippets => CSharpSnippets.Needing("MetaEol.Extensions.TorchSharp");

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_Compiles(string page, int line) => CSharpSnippets.AssertCompiles(page, line);
}
