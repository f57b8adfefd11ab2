using MetaEol.Tests.Documentation;

namespace MetaEol.Samples.Tests;

public class CSharpSnippetTests
{
    public static TheoryData<string, int> Snippets => CSharpSnippets.Needing("CommunityToolkit.VectorData.InMemory", "Microsoft.Extensions.AI.OpenAI", "OpenTelemetry.Extensions.Hosting");

    [Theory]
    [MemberData(nameof(Snippets))]
    public void Snippet_Compiles(string page, int line) => CSharpSnippets.AssertCompiles(page, line);
}
